"""The figures: every function makes one, and in a notebook each carries words."""

import base64
import re

import matplotlib.image
import numpy as np
import pytest
import torch

from course import History, load_mnist, plotting


@pytest.fixture(scope="module")
def digits():
    return load_mnist().test_images[:12]


def history(epochs=3, *names):
    made = History()
    for epoch in range(1, epochs + 1):
        made.add(dict.fromkeys(names or ("loss", "test_loss"), 1 / epoch))
    return made


def figures(digits):
    labels = torch.arange(12) % 10
    return {
        "image_grid": plotting.image_grid(digits, columns=5),
        "reconstructions": plotting.reconstructions(digits[:4], digits[4:8], title="Both"),
        "interpolation": plotting.interpolation([digits[:6], digits[6:]], labels=["a", "b"]),
        "loss_curve": plotting.loss_curve(history()),
        "loss_curve_log": plotting.loss_curve(history(30), log=True),
        "latent_scatter": plotting.latent_scatter(torch.randn(12, 32), labels),
        "latent_scatter_2d": plotting.latent_scatter(torch.randn(12, 2), labels),
    }


def pixels(tag, tmp_path):
    data = re.search(r"base64,([^\"]+)\"", tag).group(1)
    file = tmp_path / "figure.png"
    file.write_bytes(base64.b64decode(data))
    return matplotlib.image.imread(file)


def test_every_figure_becomes_an_image_with_its_words_and_a_background_of_its_own(digits, tmp_path):
    for name, figure in figures(digits).items():
        tag = plotting.image_tag(figure, f'The "{name}" <figure>')
        assert f'alt="The &quot;{name}&quot; &lt;figure&gt;"' in tag
        image = pixels(tag, tmp_path)
        assert image.shape[0] > 100, name
        assert image.shape[1] > 100, name
        assert image[0, 0, :3].tolist() == [1, 1, 1], f"{name}: paper shows on a dark page too"
        assert image[..., 3].min() == 1, f"{name}: nothing is transparent"
        assert image[..., :3].min() < 0.5, f"{name}: something is drawn"


def test_the_same_figure_gives_the_same_bytes(digits):
    assert plotting.image_tag(plotting.image_grid(digits), "x") == plotting.image_tag(
        plotting.image_grid(digits), "x"
    )


def test_digits_stand_where_they_belong(digits):
    sheet = plotting.reconstructions(digits[:3], digits[3:6]).axes[0].images[0].get_array()
    assert sheet.shape == (58, 88)
    np.testing.assert_array_equal(sheet[:28, 60:], digits[2].view(28, 28))
    np.testing.assert_array_equal(sheet[30:, :28], digits[3].view(28, 28))


def test_figures_leave_their_inputs_alone_and_take_tensors_with_gradients(digits):
    codes = torch.randn(12, 4, requires_grad=True)
    before = digits.clone()
    plotting.latent_scatter(codes, torch.arange(12) % 10)
    plotting.image_grid(digits * codes.sum())
    assert torch.equal(digits, before)
    assert codes.requires_grad


def test_a_scatter_tells_classes_apart_without_colour():
    axes = plotting.latent_scatter(torch.randn(20, 2), torch.arange(20) % 10).axes[0]
    assert [text.get_text() for text in axes.texts] == [str(digit) for digit in range(10)]
    shapes = {collection.get_paths()[0].vertices.tobytes() for collection in axes.collections}
    assert len(shapes) == 10


def test_the_scatter_shows_the_directions_of_largest_variance():
    generator = torch.Generator().manual_seed(0)
    codes = torch.randn(500, 6, generator=generator) * torch.tensor([0.1, 5.0, 0.1, 2.0, 0.1, 0.1])
    axes = plotting.latent_scatter(codes, torch.zeros(500, dtype=torch.int64)).axes[0]
    x, y = axes.collections[0].get_offsets().T
    assert abs(np.corrcoef(x, codes[:, 1])[0, 1]) > 0.99
    assert abs(np.corrcoef(y, codes[:, 3])[0, 1]) > 0.99
    assert "86%" in axes.get_xlabel()


def test_identical_codes_can_be_drawn():
    plotting.image_tag(plotting.latent_scatter(torch.ones(5, 8), torch.arange(5)), "all in one place")


def test_a_loss_curve_tells_its_lines_apart_without_colour_and_names_their_ends():
    axes = plotting.loss_curve(history(4)).axes[0]
    assert len({line.get_linestyle() for line in axes.lines}) == 2
    assert [text.get_text() for text in axes.get_legend().texts] == ["training 0.25", "test 0.25"]


def test_a_history_of_several_quantities_gets_a_panel_for_each():
    figure = plotting.loss_curve(history(2, "reconstruction", "kl", "test_kl"))
    assert [axes.get_ylabel() for axes in figure.axes] == ["reconstruction", "kl"]


def test_a_history_of_one_epoch_is_visible():
    assert plotting.loss_curve(history(1)).axes[0].lines[0].get_marker() == "o"


def test_a_figure_without_words_is_refused(digits):
    with pytest.raises(ValueError, match="alt"):
        plotting.show(plotting.image_grid(digits), alt=" ")


def test_showing_in_a_plain_script_is_quiet(digits, capsys):
    assert plotting.show(plotting.image_grid(digits), alt="Twelve digits.") is None
    assert capsys.readouterr() == ("", "")
