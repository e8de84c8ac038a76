"""What is measured of a set of digits, beside real ones."""

from __future__ import annotations

import math

import torch

from autograder.metrics import measure, real_floor
from course import load_mnist


def test_real_digits_against_real_digits_are_the_floor() -> None:
    floor = real_floor(2000, seed=0)
    assert floor.count == 2000
    assert floor.frechet_distance < 0.5
    assert abs(floor.kernel_distance) < 0.02
    assert min(floor.precision, floor.recall, floor.density, floor.coverage) > 0.9
    assert floor.class_entropy > math.log(10) - 0.02
    assert floor.copied == 0


def test_looked_up_training_digits_are_copies() -> None:
    found = measure(load_mnist().train_images[:500], seed=0)
    assert (found.copied, found.near, found.nearest_distance) == (1, 1, 0)


def test_the_same_samples_and_seed_give_the_same_quality() -> None:
    samples = torch.rand(300, 784, generator=torch.Generator().manual_seed(1))
    assert measure(samples, seed=3) == measure(samples, seed=3)
