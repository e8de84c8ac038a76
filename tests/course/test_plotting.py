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


def kl_history(*values):
    made = History()
    for value in values:
        made.add({"kl": value, "test_kl": value})
    return made


def figures(digits):
    labels = torch.arange(12) % 10
    return {
        "image_grid": plotting.image_grid(digits, columns=5),
        "reconstructions": plotting.reconstructions(digits[:4], digits[4:8], title="Both"),
        "interpolation": plotting.interpolation([digits[:6], digits[6:]], labels=["a", "b"]),
        "loss_curve": plotting.loss_curve(history()),
        "loss_curve_log": plotting.loss_curve(history(30), log=True),
        "side_by_side": plotting.side_by_side(
            {"left": [digits[:3], digits[3:6]], "right": [digits[:5], digits[5:10]]}, labels=["a", "b"]
        ),
        "curves": plotting.curves({"KL": {"beta 1": [1.0, 2.0], "beta 4": [0.5, 0.6]}, "MSE": {"VAE": [1]}}),
        "kl_evolution": plotting.kl_evolution(kl_history(3, 20, 21, 20), batches=[0, 30, 20, 20]),
        "kl_per_dimension": plotting.kl_per_dimension(torch.rand(8), torch.rand(8)),
        "latent_plane": plotting.latent_plane(
            torch.randn(12, 2), labels, digits[:9].view(3, 3, 784), torch.tensor([-1.0, 0.0, 1.0])
        ),
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


def test_panels_side_by_side_name_their_rows_once(digits):
    figure = plotting.side_by_side({"AE": [digits[:3]], "VAE": [digits[3:5]]}, labels=["0 to 6"])
    left, right = figure.axes
    assert [left.get_title(), right.get_title()] == ["AE", "VAE"]
    assert [text.get_text() for text in left.get_yticklabels()] == ["0 to 6"]
    assert [text.get_text() for text in right.get_yticklabels()] == [""]
    np.testing.assert_array_equal(right.images[0].get_array()[:, 30:], digits[4].view(28, 28))


def test_curves_tell_up_to_five_lines_apart_without_colour_and_name_their_ends():
    lines = {f"beta {n}": [float(n), 1.0 + n] for n in range(5)}
    axes = plotting.curves({"KL": lines}).axes[0]
    dashes = {
        (line.get_linestyle(), line._dash_pattern[1] and tuple(line._dash_pattern[1])) for line in axes.lines
    }
    assert len(dashes) == 5
    assert [text.get_text() for text in axes.get_legend().texts] == [f"beta {n} {n + 1}" for n in range(5)]
    assert axes.get_title(loc="left") == "KL"


def test_the_kl_is_marked_where_it_settles():
    axes = plotting.kl_evolution(kl_history(3, 12, 20, 21, 20)).axes[0]
    assert "settles in epoch 3" in [text.get_text() for text in axes.texts]
    assert [3, 3] in [list(line.get_xdata()) for line in axes.lines]


def test_a_kl_of_nothing_can_be_drawn():
    plotting.image_tag(plotting.kl_evolution(kl_history(0.0, 0.0), batches=[0.0, 0.0]), "KL of zero")


def test_dimensions_are_sorted_by_their_kl_and_the_inactive_ones_look_different():
    kl, variance = torch.tensor([0.001, 2.0, 1.0]), torch.tensor([0.002, 0.9, 0.8])
    top, bottom = plotting.kl_per_dimension(kl, variance).axes
    assert [round(bar.get_height(), 3) for bar in top.patches] == [2.0, 1.0, 0.001]
    assert [bool(bar.get_hatch()) for bar in top.patches] == [False, False, True]
    assert [text.get_text() for text in top.get_legend().texts] == ["active: 2", "not active: 1"]
    assert max(bottom.lines[0].get_ydata()) == pytest.approx(0.9)


def test_where_all_dimensions_are_active_the_legend_says_no_more():
    top, _ = plotting.kl_per_dimension(torch.rand(4), torch.ones(4)).axes
    assert [text.get_text() for text in top.get_legend().texts] == ["active: 4"]


def test_the_decoded_plane_stands_upright(digits):
    z = torch.tensor([-1.0, 1.0])
    decoded = digits[:4].view(2, 2, 784)  # decoded[i, j] belongs to (z[j], z[i])
    _, right = plotting.latent_plane(torch.randn(12, 2), torch.arange(12) % 10, decoded, z).axes
    sheet = right.images[0].get_array()
    np.testing.assert_array_equal(sheet[28:, :28], digits[0].view(28, 28))  # low, low: at the bottom left
    np.testing.assert_array_equal(sheet[:28, 28:], digits[3].view(28, 28))  # high, high: at the top right
    assert right.get_yticklabels()[0].get_text() == "\u22121.0"
    assert right.get_yticks()[0] > right.get_yticks()[-1]
