"""Copies of known images are found, honest samples are not accused."""

from __future__ import annotations

import pytest
import torch

from autograder.metrics.copies import Known, copied
from autograder.metrics.quality import digits
from autograder.outcomes.heldout import heldout_digits
from course import load_mnist
from solutions.make_digit_features import blur


def share(samples: torch.Tensor) -> float:
    return copied(digits().known.nearest(samples.view(-1, 784)))


@pytest.fixture(scope="module")
def known() -> torch.Tensor:
    """500 training digits."""
    data = load_mnist()
    return data.train_images[torch.randperm(10_000, generator=torch.Generator().manual_seed(0))[:500]]


def test_looked_up_digits_are_copies(known: torch.Tensor) -> None:
    assert share(known) == 1
    assert share(load_mnist().test_images[:500]) == 1


def test_copies_under_a_little_noise_are_copies(known: torch.Tensor) -> None:
    noise = torch.randn(known.shape, generator=torch.Generator().manual_seed(0))
    assert share((known + 0.05 * noise).clamp(0, 1)) > 0.9


@pytest.mark.parametrize("other", [0.01, 0.1])
def test_copies_with_a_little_of_another_digit_are_copies(known: torch.Tensor, other: float) -> None:
    assert share((1 - other) * known + other * known.roll(1, 0)) > 0.9


def test_softened_and_faded_copies_are_copies(known: torch.Tensor) -> None:
    assert share(blur(known.view(-1, 1, 28, 28), 0.5)) > 0.9
    assert share(0.9 * known) > 0.9


def test_one_copy_in_ten_is_a_tenth(known: torch.Tensor) -> None:
    assert share(torch.cat([known[:50], heldout_digits()[0][:450]])) == pytest.approx(0.1)


@pytest.mark.parametrize("sigma", [0.0, 0.5, 1.0, 2.0])
def test_digits_that_nobody_was_given_are_no_copies_sharp_or_soft(sigma: float) -> None:
    images = heldout_digits()[0]
    assert share(blur(images.view(-1, 1, 28, 28), sigma) if sigma else images) == 0


def test_blends_of_two_digits_and_mean_images_are_no_copies(known: torch.Tensor) -> None:
    assert share((known + known.roll(1, 0)) / 2) < 0.01
    assert share(known.mean(0, keepdim=True)) == 0


def test_distances_are_exact_for_copies_and_never_too_small(known: torch.Tensor) -> None:
    samples = torch.cat([known[:50], heldout_digits()[0][:50], torch.rand(50, 784)])
    found = digits().known.nearest(samples)
    every = torch.cdist(samples.double(), digits().known.images.double())
    exact = every.topk(2, largest=False, sorted=True).values
    assert found[:50, 0].tolist() == [0.0] * 50
    assert (found >= exact - 1e-5).all()
    assert (found[50:] <= 1.1 * exact[50:]).all()


def test_images_of_several_channels_are_searched_too() -> None:
    images = torch.rand(40, 3 * 8 * 8, generator=torch.Generator().manual_seed(0))
    assert copied(Known.make(images, (3, 8, 8)).nearest(images[:9] * 0.99)) == 1
