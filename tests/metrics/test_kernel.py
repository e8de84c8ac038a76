"""The kernel distance (KID) of two sets of features."""

from __future__ import annotations

import pytest
import torch

from autograder.metrics.kernel import kernel_distance


def normal(count: int, dim: int, seed: int) -> torch.Tensor:
    return torch.randn(count, dim, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def by_loops(a: torch.Tensor, b: torch.Tensor) -> float:
    def k(x: torch.Tensor, y: torch.Tensor) -> float:
        return (float(sum(p * q for p, q in zip(x.tolist(), y.tolist(), strict=True))) / len(x) + 1) ** 3

    def within(rows: torch.Tensor) -> float:
        pairs = [(i, j) for i in range(len(rows)) for j in range(len(rows)) if i != j]
        return sum(k(rows[i], rows[j]) for i, j in pairs) / len(pairs)

    across = sum(k(x, y) for x in a for y in b) / (len(a) * len(b))
    return within(a) + within(b) - 2 * across


@pytest.mark.parametrize(("n", "m", "dim"), [(2, 2, 1), (7, 12, 3), (15, 10, 20)])
def test_it_equals_the_sum_over_all_pairs(n: int, m: int, dim: int) -> None:
    a, b = normal(n, dim, 0), normal(m, dim, 1) * 2 + 1
    assert kernel_distance(a, b) == pytest.approx(by_loops(a, b), rel=1e-9)


def test_samples_of_one_distribution_are_0_apart_on_average() -> None:
    found = torch.tensor(
        [kernel_distance(normal(40, 4, 2 * i), normal(30, 4, 2 * i + 1)) for i in range(300)]
    )
    assert abs(float(found.mean())) < 4 * float(found.std()) / 300**0.5
    assert float(found.min()) < 0  # unbiased, so that it can be


def test_it_is_symmetric() -> None:
    a, b = normal(30, 5, 0), normal(20, 5, 1) + 0.3
    assert kernel_distance(a, b) == pytest.approx(kernel_distance(b, a))


def test_it_grows_as_a_set_moves_away() -> None:
    a, b = normal(200, 5, 0), normal(200, 5, 1)
    found = [kernel_distance(a, b + move) for move in (0, 0.5, 1, 2)]
    assert found == sorted(found)


def test_one_row_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2 rows"):
        kernel_distance(normal(1, 3, 0), normal(5, 3, 1))
