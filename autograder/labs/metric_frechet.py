"""Judges `frechet_distance`: on ordinary sets, and where the root of A B is numerically hard."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from autograder.labs.judge import Judge
from autograder.labs.metric_answers import (
    Numbers,
    explain,
    is_complex,
    judge_side_effects,
    need_repeatable,
    read_numbers,
)
from autograder.labs.metric_frechet_slips import SLIPS
from autograder.labs.probing import Answer, Raised, Step, T, call
from autograder.metrics.frechet import Gaussian, between, fit

NAMES = ("distance",)
CHECK = "matches_definition"

# How far an answer may be off, as a share of Tr(A) + Tr(B). Where A B is singular, float32 gives the eigenvalues
# that should be 0 up to some 1e-7 of the largest, and their roots add up. Measured over 25 draws: right float32
# styles (eigenvalues of A B, symmetric form, sqrtm, real part, clamp or absolute value) are off by at most 7e-4 in
# sets of up to 20 features, in uncentred float32 covariances 1e-3; on ordinary sets by 2e-6, and by 1e-5 where
# 1e-6 is added to the diagonals.
ORDINARY, HARD = 1e-3, 5e-3
RELATIVE = 1e-3  # of the distance itself, where the means are far apart


@dataclass(frozen=True)
class Sets:
    """Two sets of features, and what is special about them."""

    told: str
    a: torch.Tensor  # (N, D)
    b: torch.Tensor  # (M, D)
    slack: float = HARD

    def expected(self, ddof: int = 1) -> float:
        return between(_gaussian(self.a, ddof), _gaussian(self.b, ddof))

    def fits(self, got: float) -> bool:
        """Whether it is the distance with covariances over N, or over N - 1 (of both sets)."""
        return any(self._near(got, ddof) for ddof in (0, 1))

    def _near(self, got: float, ddof: int) -> bool:
        size = sum(float(_gaussian(x, ddof).root.square().sum()) for x in (self.a, self.b))
        expected = self.expected(ddof)
        return math.isfinite(got) and abs(got - expected) <= self.slack * size + RELATIVE * expected


def _gaussian(x: torch.Tensor, ddof: int) -> Gaussian:
    fitted = fit(x)
    return Gaussian(fitted.mean, fitted.root * math.sqrt((len(x) - 1) / (len(x) - ddof)))


def judge_frechet_distance(j: Judge) -> None:
    """Ordinary sets say which formula it is; then come those on which right formulas break down."""
    ordinary = _ordinary(j)
    answers, got = _ordinary_answers(j, ordinary)
    if all(sets.fits(distance) for sets, (distance,) in zip(ordinary, got, strict=True)):
        j.passed(CHECK, "It is |mu_a - mu_b|^2 + Tr(A + B - 2 (A B)^(1/2)).")
        answers += _judge_hard(j, _hard(j))
    else:
        _name(j, ordinary, got)
    judge_side_effects(j, answers)


# Sets ------------------------------------------------------------------------------------------


def _draw(j: Judge, n: int, d: int, *, scale: float = 1.0, far: float = 0.0, spread: float = 0.6) -> torch.Tensor:  # fmt: skip
    """`n` points `(n, d)` of a turned, stretched Gaussian whose mean is some `far` spreads from 0."""
    turn = torch.linalg.qr(j.normal(d, d)).Q
    stretch = torch.exp(torch.linspace(spread, -spread, d))
    points: torch.Tensor = (j.normal(n, d) * stretch @ turn.T + far * (0.5 + j.uniform(d))) * scale
    return points


def _ordinary(j: Judge) -> list[Sets]:
    """Far more samples than features, means away from 0; the second pair of equal size."""
    sizes = ((60, 45, 5, 1.0), (40, 40, 4, 3.0), (50, 80, 6, 0.4))
    pairs = []
    for n, m, d, scale in sizes:
        a, b = _draw(j, n, d, scale=scale, far=2.0), _draw(j, m, d, scale=1.4 * scale, far=1.0)
        pairs.append(Sets("", a, b, ORDINARY))
    return pairs


def _hard(j: Judge) -> list[Sets]:
    deep, wide = _draw(j, 40, 7, far=1.0), _draw(j, 5, 9, far=1.0)
    a, b = _draw(j, 40, 8, far=1.0), _draw(j, 30, 8, far=1.5)
    a[:, [1, 4]], b[:, [1, 6]] = 2.0, -0.5
    few = "with fewer samples than features"
    return [
        Sets(few, _draw(j, 5, 12), _draw(j, 40, 12, far=0.5)),
        Sets(few, _draw(j, 6, 20, far=0.5), _draw(j, 7, 20)),
        Sets("with as many samples as features", _draw(j, 16, 16), _draw(j, 17, 16, far=0.4)),
        Sets("of two samples", _draw(j, 2, 6), _draw(j, 2, 6, far=0.5)),
        Sets("where some features are constant", a, b),
        Sets("that are equal", deep, deep.clone()),
        Sets("that are equal, with fewer samples than features", wide, wide.clone()),
        Sets("whose means are far from 0", _draw(j, 50, 6) + 30, _draw(j, 40, 6) + 31),
        Sets("of small values", _draw(j, 50, 5, scale=0.05), _draw(j, 60, 5, scale=0.05, far=0.5)),
        Sets("of large values, with fewer samples than features", _draw(j, 5, 10, scale=100.0), _draw(j, 6, 10, scale=80.0, far=0.5)),
    ]  # fmt: skip


# Asking ----------------------------------------------------------------------------------------


def _steps(j: Judge, pairs: Sequence[Sets]) -> tuple[list[Step], dict[str, torch.Tensor]]:
    tensors = {f"{side}{i}": x for i, sets in enumerate(pairs) for side, x in (("a", sets.a), ("b", sets.b))}
    steps = [call("frechet_distance", T(f"a{i}"), T(f"b{i}"), seed=j.new_seed()) for i, _ in enumerate(pairs)]
    return steps, tensors


def _ordinary_answers(j: Judge, pairs: list[Sets]) -> tuple[list[Answer], list[Numbers]]:
    steps, tensors = _steps(j, pairs)
    try:
        answers = j.ask(steps, tensors)
    except Raised:  # the covariance between samples only fits where both sets have equally many
        middle = [pairs[1]]
        got = [read_numbers(j, answer, NAMES) for answer in j.ask(*_steps(j, middle))]
        found = explain(SLIPS, [(middle[0].a, middle[0].b)], got, _same)
        if found is None:
            raise
        raise j.stop(CHECK, found.message, misconception=found.name) from None
    if any(map(is_complex, answers)):
        raise j.stop(CHECK, "It returns a complex number, even on ordinary sets: take the real part of the root before it is returned.",
                     misconception="distance-complex")  # fmt: skip
    return answers, [read_numbers(j, answer, NAMES) for answer in answers]


def _same(got: Sequence[Numbers], expected: Sequence[Numbers]) -> bool:
    return all(
        math.isfinite(g) and abs(g - e) <= 1e-6 + RELATIVE * abs(e)
        for (g,), (e,) in zip(got, expected, strict=True)
    )


def _name(j: Judge, ordinary: list[Sets], got: list[Numbers]) -> None:
    found = explain(SLIPS, [(sets.a, sets.b) for sets in ordinary], got, _same)
    if found is not None:
        j.fail(CHECK, found.message, severity=found.severity, misconception=found.name)
        return
    if not all(math.isfinite(distance) for (distance,) in got):
        j.fail(CHECK, "On ordinary sets it is NaN or infinite: is the root taken entry by entry, where some are negative?",
               misconception="distance-nan")  # fmt: skip
        return
    need_repeatable(j, *_steps(j, ordinary), got, NAMES)
    expected = [sets.expected() for sets in ordinary]
    factors = [distance / right for (distance,), right in zip(got, expected, strict=True)]
    if all(f > 0 and abs(f / factors[0] - 1) < 3e-3 for f in factors):
        j.fail(CHECK, f"Right but for a constant: your value is {factors[0]:.4g} times the distance.", severity="near", misconception="constant-factor")  # fmt: skip
        return
    i = next(i for i, sets in enumerate(ordinary) if not sets.fits(got[i][0]))
    n, m, d = len(ordinary[i].a), len(ordinary[i].b), ordinary[i].a.shape[1]
    j.fail(CHECK, f"On sets of {n} and {m} samples with {d} features your value is {got[i][0]:.5g}; it should be {expected[i]:.5g}.")  # fmt: skip


def _judge_hard(j: Judge, pairs: list[Sets]) -> list[Answer]:
    """The formula is right; does it also come out where A B is singular? At most one finding for all of them."""
    check = "hard_sets"
    try:
        answers = j.ask(*_steps(j, pairs))
    except Raised as error:
        if error.info.get("memory"):
            raise
        told = f"{error.info.get('type')}: {error.info.get('message')}"
        j.fail(check, f"Right on ordinary sets, but it raises where there are fewer samples than features, or features that are constant "
               f"({told}). Such covariances have no inverse and no Cholesky root, and of their eigenvalues that should be 0 rounding "
               "makes some negative; a square root they have.",
               severity="near", misconception="needs-full-rank")  # fmt: skip
        return []
    for sets, answer in zip(pairs, answers, strict=True):
        if is_complex(answer):
            j.fail(check, f"Right on ordinary sets, but complex on sets {sets.told}: rounding makes an eigenvalue of A B that should be 0 "
                   "negative, and the root of that is imaginary. Keep the real part alone.",
                   severity="near", misconception="distance-complex")  # fmt: skip
            return answers
        (distance,) = read_numbers(j, answer, NAMES)
        if not math.isfinite(distance):
            j.fail(check, f"Right on ordinary sets, but {distance} on sets {sets.told}: rounding makes an eigenvalue that should be 0 "
                   "negative, and its root is NaN. Look at the eigenvalues before you take their roots.",
                   severity="near", misconception="distance-nan")  # fmt: skip
            return answers
        if not sets.fits(distance):
            j.fail(check, f"Right on ordinary sets, but on sets {sets.told} your value is {distance:.5g}; it should be {sets.expected():.5g}.",
                   severity="near", misconception="distance-inexact")  # fmt: skip
            return answers
    j.passed(check, "It stays right with fewer samples than features, constant features and equal sets.")
    return answers
