"""The tests of noise on noise of known kinds."""

from __future__ import annotations

import pytest
import torch

from autograder.labs.gaussian import draw_fault
from autograder.labs.noise import chi_squared_tail, kolmogorov_distance, noise_fault

SHAPES = ((1, 1), (1, 5), (5, 1), (2, 3), (42, 6), (96, 16), (400, 6), (2048, 16), (16, 512))


@pytest.mark.parametrize("shape", SHAPES)
def test_right_noise_of_any_shape_has_no_fault(shape):
    generator = torch.Generator().manual_seed(sum(shape))
    assert {noise_fault(torch.randn(shape, generator=generator)) for _ in range(100)} == {None}


def test_other_noise_is_called_by_its_fault():
    torch.manual_seed(5)
    row, column = torch.randn(16), torch.randn(2048, 1)
    noises = {
        "none": torch.zeros(2048, 16),
        "rows-share": row.expand(2048, 16),
        "dims-share": column.expand(2048, 16),
        "one-draw": torch.full((2048, 16), 0.3),
        "mean": torch.rand(2048, 16),
        "scale": 0.9 * torch.randn(2048, 16),
        "shape": (torch.rand(2048, 16) - 0.5) * 12**0.5,
        "dependent": torch.randn(1024, 16).repeat(2, 1),
    }
    assert {name: noise_fault(noise) for name, noise in noises.items()} == {name: name for name in noises}


def test_the_chi_squared_tail_is_that_of_the_law():
    # 2 * P(X > 40) for 20 degrees of freedom: 2 * exp(-20) * sum of 20^k / k! for k < 10
    terms = [20.0**k / torch.exp(torch.lgamma(torch.tensor(k + 1.0))).item() for k in range(10)]
    expected = 2 * torch.exp(torch.tensor(-20.0)).item() * sum(terms)
    assert chi_squared_tail(40.0, 20) == pytest.approx(expected, rel=1e-5)


def test_the_distance_of_one_value_at_the_middle_is_a_half():
    assert kolmogorov_distance(torch.zeros(1)) == pytest.approx(0.5)


def test_a_draw_is_known_by_its_wrong_sigma():
    torch.manual_seed(2)
    mu, logvar = 2 * torch.randn(500, 8), torch.randn(500, 8) - 1
    z = mu + torch.exp(logvar) * torch.randn(500, 8)
    fault = draw_fault(z, mu, logvar)
    assert fault is not None
    assert fault.name == "std-is-variance"
