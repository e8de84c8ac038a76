"""Precision, recall, density and coverage."""

from __future__ import annotations

import pytest
import torch

from autograder.metrics.neighbours import neighbourhoods


def normal(count: int, dim: int, seed: int) -> torch.Tensor:
    return torch.randn(count, dim, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def by_loops(real: list[torch.Tensor], fake: list[torch.Tensor], k: int) -> tuple[float, float, float, float]:
    def radii(points: list[torch.Tensor]) -> list[float]:
        others = [
            [float((p - q).norm()) for j, q in enumerate(points) if j != i] for i, p in enumerate(points)
        ]
        return [sorted(distances)[k - 1] for distances in others]

    around_real, around_fake = radii(real), radii(fake)
    apart = [[float((r - f).norm()) for f in fake] for r in real]
    n, m = range(len(real)), range(len(fake))
    precision = sum(any(apart[i][j] <= around_real[i] for i in n) for j in m) / len(fake)
    recall = sum(any(apart[i][j] <= around_fake[j] for j in m) for i in n) / len(real)
    density = sum(apart[i][j] <= around_real[i] for i in n for j in m) / (k * len(fake))
    coverage = sum(min(apart[i]) <= around_real[i] for i in n) / len(real)
    return precision, recall, density, coverage


@pytest.mark.parametrize(("n", "m", "dim", "k"), [(30, 40, 2, 3), (50, 25, 10, 5), (6, 6, 3, 5)])
def test_they_equal_their_definitions_in_loops(n: int, m: int, dim: int, k: int) -> None:
    real, fake = normal(n, dim, 0), normal(m, dim, 1) * 1.5 + 0.4
    found = neighbourhoods(real, fake, k)
    expected = by_loops(list(real), list(fake), k)
    assert (found.precision, found.recall, found.density, found.coverage) == pytest.approx(expected, rel=1e-9)


def test_a_set_against_itself_is_perfect() -> None:
    x = normal(100, 4, 0)
    found = neighbourhoods(x, x)
    assert (found.precision, found.recall, found.coverage) == (1, 1, 1)
    assert found.density == pytest.approx(1.2)  # each point lies in k + 1 balls, its own among them


def test_sets_far_apart_have_nothing_of_each_other() -> None:
    found = neighbourhoods(normal(50, 4, 0), normal(50, 4, 1) + 100)
    assert (found.precision, found.recall, found.density, found.coverage) == (0, 0, 0, 0)


def test_samples_at_one_place_are_precise_and_cover_little() -> None:
    real = normal(200, 3, 0)
    found = neighbourhoods(real, real[:1].expand(50, 3))
    assert found.precision == 1
    assert found.recall < 0.1
    assert found.coverage < 0.2


def test_samples_spread_too_wide_recall_all_and_are_not_precise() -> None:
    found = neighbourhoods(normal(200, 8, 0), normal(200, 8, 1) * 4)
    assert found.recall > 0.9
    assert found.precision < 0.3


def test_values_do_not_depend_on_order_or_on_where_the_origin_is() -> None:
    real, fake = normal(60, 5, 0), normal(60, 5, 1)
    found = neighbourhoods(real.flip(0) + 7, fake.roll(5, 0) + 7)
    assert found == neighbourhoods(real, fake)


def test_no_more_rows_than_neighbours_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 5 rows"):
        neighbourhoods(normal(5, 3, 0), normal(50, 3, 1))
