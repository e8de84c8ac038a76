"""Judges `precision_recall`, on points of which none lies nearly on the edge of a ball."""

from __future__ import annotations

import torch

from autograder.labs.judge import Judge
from autograder.labs.metric_precision_slips import SLIPS, euclidean, radii, true_pair
from autograder.labs.metric_shares import (
    DEFAULT_K,
    MARGIN,
    OTHER_DEFAULTS,
    Case,
    Share,
    draw_telling,
    draw_until,
    judge_share,
)

SHARE = Share(
    ("precision", "recall"),
    "the share of samples in a ball of the real points, and of real points in a ball of the samples",
    true_pair,
    SLIPS,
    last="k",
    default=DEFAULT_K,
)
# How many real points, samples and dimensions; k, None for the default; whether k is given by keyword.
CALLS = (
    (28, 20, 3, None, False),
    (16, 24, 2, 3, True),
    (24, 24, 4, 2, False),
    (6, 20, 3, None, False),  # as few as the default allows
    (30, 12, 2, 1, True),
    (20, 18, 3, 4, False),
)


def judge_precision_recall(j: Judge) -> None:
    """Sets of different sizes, dimensions and k; both partly outside of each other."""
    judge_share(j, SHARE, draw_telling(SHARE, lambda: _cases(j)))


def _cases(j: Judge) -> list[Case]:
    cases = []
    for n, m, d, k, keyword in CALLS:
        reach = DEFAULT_K if k is None else k

        def draw(n: int = n, m: int = m, d: int = d) -> tuple[torch.Tensor, ...]:
            return _real(j, n, d), _fake(j, m, d)

        def clear(
            real: torch.Tensor, fake: torch.Tensor, k: int = reach, plain: bool = k is None and n > 10
        ) -> bool:
            return _clear(real, fake, k) and not (
                plain and any(true_pair(real, fake, o) == true_pair(real, fake, k) for o in OTHER_DEFAULTS)
            )

        cases.append(Case(draw_until(draw, clear), k, keyword))
    return cases


def _real(j: Judge, n: int, d: int) -> torch.Tensor:
    """A close cluster and a wide one, so that radii differ, off the origin, so that angles do not tell distances."""
    wide = (j.uniform(n, 1) < 0.5).float()
    return j.normal(n, d) * (0.4 + 1.2 * wide) + 2.0 * wide + 0.5


def _fake(j: Judge, n: int, d: int) -> torch.Tensor:
    """Most near the wide cluster, some between, some far outside."""
    return j.normal(n, d) * (0.3 + 2.5 * j.uniform(n, 1)) + 2.4 + 0.8 * j.normal(1, d)


def _clear(real: torch.Tensor, fake: torch.Tensor, k: int) -> bool:
    """No distance is nearly a radius, and neither share is near 0 or 1, where many mistakes agree with the truth."""
    real, fake = real.double(), fake.double()
    apart = euclidean(real, fake)
    edges = (radii(real, k)[:, None], radii(fake, k)[None])
    telling = k + 1 == len(real) or all(0.15 < share < 0.95 for share in true_pair(real, fake, k))
    return telling and all(bool(((apart / edge - 1).abs() > MARGIN).all()) for edge in edges)
