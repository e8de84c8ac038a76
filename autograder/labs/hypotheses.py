"""Diagnosis by hypothesis: which known wrong formula gives just these numbers?"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from autograder.labs.judge import Severity


@dataclass(frozen=True)
class Hypothesis:
    """A known wrong implementation of a function of tensors."""

    name: str  # stable name of the misconception
    formula: Callable[..., torch.Tensor]
    message: str
    severity: Severity = "wrong"


def diagnose(
    hypotheses: Sequence[Hypothesis], inputs: Sequence[tuple[torch.Tensor, ...]], got: Sequence[float]
) -> Hypothesis | None:
    """The hypothesis that alone explains every value, within float32 rounding; None if none or several do."""
    fitting: dict[str, Hypothesis] = {}
    for hypothesis in hypotheses:
        expected = [float(hypothesis.formula(*(t.double() for t in tensors))) for tensors in inputs]
        if all(_equal(g, e) for g, e in zip(got, expected, strict=True)):
            fitting[hypothesis.name] = hypothesis
    return next(iter(fitting.values())) if len(fitting) == 1 else None


def constant_factor(got: Sequence[float], expected: Sequence[float]) -> float | None:
    """The one factor between all values and the truth, if there is one (other than 1)."""
    if any(abs(e) < 1e-12 or not math.isfinite(g) for g, e in zip(got, expected, strict=True)):
        return None
    factors = [g / e for g, e in zip(got, expected, strict=True)]
    middle = factors[0]
    if middle != 0 and all(abs(f / middle - 1) < 1e-3 for f in factors) and abs(middle - 1) > 1e-3:
        return middle
    return None


def _equal(got: float, expected: float) -> bool:
    return math.isfinite(got) and abs(got - expected) <= 1e-6 + 1e-3 * abs(expected)
