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


@dataclass(frozen=True)
class Scaled:
    """A known wrong formula with a second mistake: the wrong sign, or a constant factor."""

    hypothesis: Hypothesis
    factor: float  # never 1

    @property
    def message(self) -> str:
        """What the hypothesis says, then the second mistake."""
        size = abs(self.factor)
        words = ["its sign is flipped"] if self.factor < 0 else []
        words += [f"it is multiplied by {size:.4g}"] if abs(size - 1) > 1e-3 else []
        return f"{self.hypothesis.message} Besides, {' and '.join(words)}."


def diagnose_scaled(
    hypotheses: Sequence[Hypothesis],
    inputs: Sequence[tuple[torch.Tensor, ...]],
    got: Sequence[float],
    truth: Sequence[float],
) -> Scaled | None:
    """The hypothesis that, times one constant, alone explains every value; None if none or several do.

    What is itself a multiple of the truth says no more than the constant does, and is passed over.
    """
    fitting: dict[str, Scaled] = {}
    if len(got) < 3:
        return None
    for hypothesis in hypotheses:
        values = [float(hypothesis.formula(*(t.double() for t in tensors))) for tensors in inputs]
        if _ratio(values, truth) is not None:
            continue
        factor = _ratio(got, values)
        if factor is None or abs(factor - 1) <= 1e-3:
            continue
        known = fitting.get(hypothesis.name)  # of two that differ by a factor, the one that needs less of it
        if known is None or abs(math.log(abs(factor))) < abs(math.log(abs(known.factor))):
            fitting[hypothesis.name] = Scaled(hypothesis, factor)
    return next(iter(fitting.values())) if len(fitting) == 1 else None


def constant_shift(got: Sequence[float], expected: Sequence[float]) -> float | None:
    """The one number that is added to the truth everywhere, if there is one (other than 0)."""
    shifts = [g - e for g, e in zip(got, expected, strict=True)]
    if len(shifts) < 3 or not all(map(math.isfinite, shifts)):
        return None
    middle = sum(shifts) / len(shifts)
    rounding = 1e-6 + 1e-5 * max(map(abs, expected))
    spread = max(expected) - min(expected)  # a truth that hardly moves tells nothing
    if (
        all(abs(s - middle) <= rounding for s in shifts)
        and abs(middle) > 10 * rounding
        and spread > 30 * rounding
    ):
        return middle
    return None


def _ratio(got: Sequence[float], expected: Sequence[float]) -> float | None:
    """The one factor between all values, 1 and negative ones included; None if there is none."""
    if any(
        abs(e) < 1e-12 or not (math.isfinite(g) and math.isfinite(e))
        for g, e in zip(got, expected, strict=True)
    ):
        return None
    factors = [g / e for g, e in zip(got, expected, strict=True)]
    middle = factors[0]
    return middle if middle != 0 and all(abs(f / middle - 1) < 1e-3 for f in factors) else None


def constant_factor(got: Sequence[float], expected: Sequence[float]) -> float | None:
    """The one factor between all values and the truth, if there is one (other than 1)."""
    factor = _ratio(got, expected)
    return factor if factor is not None and abs(factor - 1) > 1e-3 else None


def _equal(got: float, expected: float) -> bool:
    return math.isfinite(got) and abs(got - expected) <= 1e-6 + 1e-3 * abs(expected)
