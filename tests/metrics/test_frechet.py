"""The Frechet distance of two sets of features."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.metrics.frechet import Gaussian, between, fit, frechet_distance


def features(count: int, dim: int, seed: int) -> torch.Tensor:
    """Correlated features `(count, dim)` around a mean."""
    g = torch.Generator().manual_seed(seed)
    mix = torch.randn(dim, dim, generator=g, dtype=torch.float64)
    mean = torch.randn(dim, generator=g, dtype=torch.float64)
    return torch.randn(count, dim, generator=g, dtype=torch.float64) @ mix + mean


def by_eigenvalues(a: torch.Tensor, b: torch.Tensor) -> float:
    """The same from the covariances themselves, and the eigenvalues of their product."""
    x, y = a.numpy(), b.numpy()
    A, B = np.cov(x.T), np.cov(y.T)
    root = np.sqrt(np.linalg.eigvals(A @ B).astype(complex)).real.sum()
    return float(((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(A) + np.trace(B) - 2 * root)


@pytest.mark.parametrize(("n", "m", "dim"), [(60, 90, 3), (500, 400, 48), (200, 2000, 16)])
def test_it_equals_the_formula_with_the_eigenvalues_of_the_product(n: int, m: int, dim: int) -> None:
    a, b = features(n, dim, 0), features(m, dim, 1)
    assert frechet_distance(a, b) == pytest.approx(by_eigenvalues(a, b), rel=1e-9)


def test_it_is_known_for_gaussians_with_independent_dimensions() -> None:
    # |mu_a - mu_b|^2 + sum (sigma_a - sigma_b)^2
    zero, one = torch.zeros(2).double(), torch.ones(2).double()
    a, b = Gaussian(zero, torch.diag(one)), Gaussian(one * 3, torch.diag(one * 2))
    assert between(a, b) == pytest.approx(2 * 9 + 2 * 1)


def test_in_one_dimension_it_is_that_of_means_and_deviations() -> None:
    a, b = features(50, 1, 0), features(70, 1, 1)
    expected = (a.mean() - b.mean()) ** 2 + (a.std() - b.std()) ** 2
    assert frechet_distance(a, b) == pytest.approx(float(expected))


@settings(deadline=None, max_examples=30)
@given(n=st.integers(2, 40), m=st.integers(2, 40), dim=st.integers(1, 30), seed=st.integers(0, 99))
def test_it_is_symmetric_never_negative_and_0_for_equal_sets(n: int, m: int, dim: int, seed: int) -> None:
    a, b = features(n, dim, seed), features(m, dim, seed + 1)
    there, back = frechet_distance(a, b), frechet_distance(b, a)
    assert math.isfinite(there)
    assert there >= 0
    assert there == pytest.approx(back, rel=1e-9, abs=1e-9)
    size = float(a.square().sum())
    assert frechet_distance(a, a) <= 1e-13 * size
    assert frechet_distance(a, a.flip(0)) <= 1e-13 * size


def test_moving_a_set_adds_the_square_of_the_move() -> None:
    a = features(100, 6, 0)
    assert frechet_distance(a, a + 2) == pytest.approx(6 * 4)


def test_twice_the_scale_is_four_times_the_distance() -> None:
    a, b = features(100, 6, 0), features(80, 6, 1)
    assert frechet_distance(2 * a, 2 * b) == pytest.approx(4 * frechet_distance(a, b))


def test_two_rows_in_many_dimensions_are_enough() -> None:
    a, b = features(2, 48, 0), features(2, 48, 1)
    # Rank 1 on both sides: the trace of the root is |cos of the angle| times both lengths.
    u, v = (a[0] - a[1]) / 2**0.5, (b[0] - b[1]) / 2**0.5
    expected = (a.mean(0) - b.mean(0)).square().sum() + u @ u + v @ v - 2 * (u @ v).abs()
    assert frechet_distance(a, b) == pytest.approx(float(expected))


def test_a_dimension_that_never_changes_does_no_harm() -> None:
    a, b = features(100, 5, 0), features(100, 5, 1)
    flat = torch.ones(100, 1)
    assert frechet_distance(torch.cat([a, flat], 1), torch.cat([b, flat], 1)) == pytest.approx(
        frechet_distance(a, b)
    )


def test_constant_sets_are_apart_by_their_distance() -> None:
    assert frechet_distance(torch.zeros(9, 4), torch.ones(9, 4)) == pytest.approx(4)


def test_float32_features_are_computed_in_float64() -> None:
    a = features(100, 4, 0).float()
    far = a.double() + 1e6  # in float32 the covariance would drown in the mean
    assert frechet_distance(far, a.double() + 1e6) == pytest.approx(0, abs=1e-6)
    assert fit(a).root.dtype == torch.float64


@pytest.mark.parametrize("bad", [torch.zeros(1, 4), torch.full((9, 4), math.nan), torch.zeros(9)])
def test_what_has_no_covariance_is_refused(bad: torch.Tensor) -> None:
    with pytest.raises(ValueError, match=r"covariance|NaN"):
        frechet_distance(bad, torch.zeros(9, 4))
