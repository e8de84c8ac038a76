"""Sharpness, spectra and rises, and the figures that set models beside each other."""

import math

import pandas as pd
import pytest
import torch
import torch.nn.functional as F

from course import largest_rise, load_mnist, plotting, sharpness, spectrum


@pytest.fixture(scope="module")
def digits():
    return load_mnist().test_images[:40]


def waves(cycles, side=32):
    """A picture of vertical stripes, `cycles` per pixel."""
    row = torch.cos(2 * math.pi * cycles * torch.arange(side))
    return row.expand(1, 3, side, side)


def test_blurred_pictures_are_less_sharp_and_noise_is_sharper(digits):
    pictures = digits.view(-1, 1, 28, 28)
    blurred = F.avg_pool2d(pictures, 3, stride=1, padding=1).flatten(1)
    assert (sharpness(blurred) < sharpness(digits)).all()
    assert sharpness(torch.rand(40, 784)).min() > sharpness(digits).max()


def test_only_waves_finer_than_five_pixels_count():
    assert sharpness(waves(1 / 4)).item() == pytest.approx(1)
    assert sharpness(waves(1 / 8)).item() == pytest.approx(0, abs=1e-9)


def test_a_picture_of_one_colour_has_no_detail():
    assert sharpness(torch.full((2, 784), 0.7)).tolist() == pytest.approx([0, 0], abs=1e-6)


def test_bytes_and_numbers_in_another_range_are_as_sharp(digits):
    as_bytes = (digits * 255).round().to(torch.uint8)
    torch.testing.assert_close(sharpness(as_bytes), sharpness(as_bytes / 255 * 2 - 1))
    assert sharpness(as_bytes).dtype == torch.float64


def test_a_wave_stands_at_its_frequency_in_the_spectrum():
    frequency, power = spectrum(waves(1 / 4), rings=14)
    assert frequency[power.argmax()] == pytest.approx(0.25, abs=0.02)
    assert power.sort().values[-2] < 1e-9 * power.max()


def test_a_curve_that_only_falls_has_not_risen():
    assert largest_rise([5.0, 3.0, 3.0, 1.0]) == 0


def test_the_largest_rise_is_measured_from_the_best_value_before_it():
    assert largest_rise([10.0, 4.0, 5.0, 2.0, 3.0, 1.0]) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="No values"):
        largest_rise([])


def figures(digits):
    art = torch.rand(15, 3, 64, 64) * 2 - 1
    table = pd.DataFrame(
        {"cost": [0.01, 20.0, 3.0], "worth": [0.2, math.nan, 0.1]}, index=["AE", "VAE", "GAN"]
    )
    return {
        "rows": plotting.picture_rows(
            {"digits": digits, "bytes": (digits * 255).to(torch.uint8), "art": art}
        ),
        "few": plotting.picture_rows({"art": art[:3]}, columns=5),
        "counts": plotting.distance_by_count([10, 100], {"AE": [3.0, 2.0], "real": [1.0, 0.1]}),
        "balls": plotting.neighbourhoods(torch.randn(30, 2), torch.randn(25, 2) + 1, k=3),
        "coverage": plotting.coverage_of_models(
            {"AE": torch.tensor([5, 0, 90]), "GAN": torch.tensor([30, 40, 50])},
            {"AE": "012", "GAN": ["grids", "waves", "drips"]},
        ),
        "maps": plotting.latent_maps(
            {"AE": torch.randn(40, 2), "VAE": torch.randn(40, 2)}, torch.arange(40) % 10
        ),
        "spectra": plotting.spectra({"digits": {"real": spectrum(digits)}, "art": {"GAN": spectrum(art)}}),
        "trade-offs": plotting.trade_offs(table, [("cost", "worth"), ("worth", "cost")], log=["cost"]),
    }


def test_every_figure_becomes_an_image_with_its_words(digits):
    for name, figure in figures(digits).items():
        tag = plotting.image_tag(figure, f"What {name} shows")
        assert f'alt="What {name} shows"' in tag
        assert len(tag) > 5_000, name


def test_digits_are_ink_on_paper_and_paintings_keep_their_colours(digits):
    art = torch.zeros(1, 3, 64, 64)
    art[:, 0], art[:, 1:] = 1, -1  # red
    figure = plotting.picture_rows({"digit": digits[:1], "painting": art}, columns=1)
    ink, painting = (axes.images[0].get_array() for axes in figure.axes)
    assert ink[0, 0].tolist() == [255, 255, 255]  # a corner of a digit is paper
    assert painting[0, 0].tolist() == [255, 0, 0]


def test_the_balls_count_what_precision_and_recall_count():
    real = torch.tensor([[0.0, 0], [1, 0], [0, 1], [1, 1]])
    fake = torch.tensor([[0.5, 0.5], [9, 9], [9, 10], [10, 9]])
    left, right = plotting.neighbourhoods(real, fake, k=1).axes
    assert left.get_title(loc="left").startswith("precision 0.25")
    assert right.get_title(loc="left").startswith(
        "recall 1.00"
    )  # the ball of the sample in the middle is huge
    names = [text.get_text() for text in left.get_legend().get_texts()]
    assert names == ["samples inside: 1", "samples outside: 3"]


def test_a_mode_below_a_tenth_of_its_fair_share_is_called_missing():
    counts = {"AE": torch.tensor([100, 100, 100, 2])}
    axes = plotting.coverage_of_models(counts, {"AE": "0123"}).axes[0]
    assert axes.get_title(loc="left") == "AE: 3 of 4"
    assert [text.get_text() for text in axes.texts] == ["missing"]


def test_a_model_without_one_of_the_two_values_is_left_out_of_a_trade_off(digits):
    figure = figures(digits)["trade-offs"]
    assert [text.get_text() for text in figure.axes[0].texts] == ["AE", "GAN"]
    assert figure.axes[0].get_xscale() == "log"
    assert figure.axes[1].get_xscale() == "linear"
