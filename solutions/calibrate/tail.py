"""How likely is a right run beyond the threshold? An extreme-value fit of the tail, with a bootstrap bound.

Above a high quantile u, exceedances of nearly any distribution follow a generalised Pareto distribution
(Pickands 1975; Balkema & de Haan 1974), so P(X > t) = P(X > u) * P(excess > t - u) also where no run went.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

TAIL = 0.1  # share of the values that the fit is made of
RESAMPLES = 400


@dataclass(frozen=True)
class Tail:
    """Probability that a right run lies beyond a threshold."""

    measured: int  # values beyond it
    runs: int  # values in all
    fitted: float  # by the fit of the tail
    upper95: float  # upper end of the fit's 95 % bootstrap interval (one-sided)


def exceedance(groups: Sequence[Sequence[float]], threshold: float, *, seed: int = 0) -> Tail:
    """The probability of a value above `threshold`.

    Args:
        groups: values that belong together (of one network); the bootstrap draws whole groups, for values
            of one network are not independent.
    """
    values = np.concatenate([np.asarray(group, dtype=float) for group in groups])
    dice = np.random.default_rng(seed)
    again = []
    for _ in range(RESAMPLES):
        chosen = dice.integers(0, len(groups), len(groups))
        again.append(fit(np.concatenate([np.asarray(groups[i], dtype=float) for i in chosen]), threshold))
    return Tail(
        measured=int((values > threshold).sum()),
        runs=len(values),
        fitted=fit(values, threshold),
        upper95=float(np.quantile(again, 0.95)),
    )


def fit(values: np.ndarray, threshold: float) -> float:
    """P(X > threshold) by a generalised Pareto distribution above the quantile 1 - TAIL."""
    level = float(np.quantile(values, 1 - TAIL))
    excess = values[values > level] - level
    if threshold <= level or len(excess) < 10:
        return float((values > threshold).mean())
    shape, _, scale = stats.genpareto.fit(excess, floc=0)
    if (
        shape < 0
    ):  # such a fit says that the tail ends; we do not trust it so far, and take an exponential one
        shape, scale = 0.0, float(excess.mean())
    return float(len(excess) / len(values) * stats.genpareto.sf(threshold - level, shape, 0, scale))
