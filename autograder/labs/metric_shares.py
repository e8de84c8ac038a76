"""Judges metrics that are shares of points: given cases where nothing hangs on a tie, the numbers are exact."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from autograder.labs.judge import Judge
from autograder.labs.metric_answers import (
    Numbers,
    Slip,
    all_same,
    explain,
    in_words,
    judge_side_effects,
    need_repeatable,
    read_numbers,
)
from autograder.labs.probing import Step, T, call

CHECK = "matches_definition"
# Relative distance from a tie at least. Right float32 styles were measured to be off by less than 1e-5 on the cases
# drawn here (the largest, of `torch.cdist` and of |x|^2 + |y|^2 - 2 x y): every decision is theirs to get right.
MARGIN = 1e-3
DEFAULT_K = 5
TRIES = 5000
OTHER_DEFAULTS = (1, 3, 4, 6, 10)  # a call that leaves k out can tell 5 from these


@dataclass(frozen=True)
class Share:
    """A metric of points that gives one share or two."""

    names: tuple[str, ...]  # of the numbers
    definition: str  # for the message of a pass
    truth: Callable[..., Numbers]
    slips: Sequence[Slip]
    last: str  # the last argument, a number
    default: int | None = None  # of the last argument


@dataclass(frozen=True)
class Case:
    """One call; `last` None leaves the last argument out."""

    points: tuple[torch.Tensor, ...]
    last: int | None
    keyword: bool = False

    def inputs(self, default: int | None) -> tuple[Any, ...]:
        return (*self.points, default if self.last is None else self.last)

    def step(self, name: str, i: int, keyword: str, seed: int) -> Step:
        args: list[Any] = [T(f"{k}.{i}") for k, _ in enumerate(self.points)]
        options: dict[str, Any] = {"seed": seed}
        if self.last is not None and self.keyword:
            options["kwargs"] = {keyword: {"value": self.last}}
        elif self.last is not None:
            args += [self.last]
        return call(name, *args, **options)


def judge_share(j: Judge, share: Share, cases: Sequence[Case]) -> None:
    """Exact on every case, or the known mistake that gives just these numbers."""
    name = j.component.name
    tensors = {f"{k}.{i}": t for i, case in enumerate(cases) for k, t in enumerate(case.points)}
    steps = [case.step(name, i, share.last, j.new_seed()) for i, case in enumerate(cases)]
    read_numbers(j, j.ask(steps[:1], tensors)[0], share.names)  # its type, before all else
    answers = j.ask(steps, tensors)
    got = [read_numbers(j, answer, share.names) for answer in answers]
    inputs = [case.inputs(share.default) for case in cases]
    expected = [share.truth(*case) for case in inputs]
    if all_same(got, expected):
        j.passed(CHECK, f"It is {share.definition}.")
    else:
        _name(j, share, cases, inputs, got, expected, (steps, tensors))
    judge_side_effects(j, answers)


def _name(
    j: Judge,
    share: Share,
    cases: Sequence[Case],
    inputs: list[tuple[Any, ...]],
    got: list[Numbers],
    expected: list[Numbers],
    asked: tuple[list[Step], dict[str, torch.Tensor]],
) -> None:
    found = explain(share.slips, inputs, got)
    given = [i for i, case in enumerate(cases) if case.last is not None]
    if share.default is not None and all(all_same([got[i]], [expected[i]]) for i in given):
        j.fail(CHECK, f"Right where `{share.last}` is given, but its default is not {share.default}.",
               severity="near", misconception=f"{share.last}-default")  # fmt: skip
        return
    if found is not None:
        j.fail(CHECK, found.message, severity=found.severity, misconception=found.name)
        return
    if not all(math.isfinite(number) for numbers in got for number in numbers):
        j.fail(CHECK, "It is NaN or infinite: is something divided by 0, or the root of a negative number taken?", misconception="share-not-finite")  # fmt: skip
        return
    need_repeatable(j, *asked, got, share.names)
    i = next(i for i, pair in enumerate(zip(got, expected, strict=True)) if not all_same(pair[:1], pair[1:]))
    sizes = " and ".join(str(len(points)) for points in cases[i].points[: 2 if len(share.names) == 2 else 1])
    j.fail(CHECK, f"With {sizes} points and {share.last} = {inputs[i][-1]} your value is {in_words(got[i], share.names)}; "
                  f"it should be {in_words(expected[i], share.names)}.")  # fmt: skip


def draw_until(draw: Callable[[], tuple[torch.Tensor, ...]], clear: Callable[..., bool]) -> tuple[torch.Tensor, ...]:  # fmt: skip
    """The first draw on which nothing hangs on a tie.

    Raises:
        RuntimeError: there was none in very many; the grader's fault.
    """
    for _ in range(TRIES):
        drawn = draw()
        if clear(*drawn):
            return drawn
    raise RuntimeError(f"no draw without ties in {TRIES}")


def draw_telling(share: Share, draw: Callable[[], list[Case]]) -> list[Case]:
    """The first cases on which no known mistake gives the truth everywhere.

    Raises:
        RuntimeError: there were none in very many; the grader's fault.
    """
    for _ in range(TRIES):
        cases = draw()
        inputs = [case.inputs(share.default) for case in cases]
        expected = [share.truth(*case) for case in inputs]
        if not any(all_same([slip.formula(*case) for case in inputs], expected) for slip in share.slips):
            return cases
    raise RuntimeError(f"no telling cases in {TRIES}")
