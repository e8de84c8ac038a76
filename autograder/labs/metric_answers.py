"""What every metric of the lab `compare` owes: plain numbers, the same each time, and no side effects."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.labs.judge import Judge, Severity
from autograder.labs.probing import Answer, Step, Tensors, reseeds

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Slip:
    """A known wrong way to compute a metric."""

    name: str  # stable name of the misconception
    message: str
    formula: Callable[..., Numbers]  # of the inputs of one case
    severity: Severity = "wrong"


def read_numbers(j: Judge, answer: Answer, names: Sequence[str]) -> Numbers:
    """What is returned: one float, or a pair of them (a tuple, a list, an array or tensor of two).

    Raises:
        Stop: it is something else.
    """
    what = f"`{j.component.name}`"
    if len(names) == 1:
        return (_number(j, answer, answer.value, what),)
    value = answer.value
    if value.get("type") in ("tensor", "ndarray") and value.get("shape") == [len(names)]:
        tensor = answer.tensor(value.get("key"))
        if tensor is not None and tensor.numel() == len(names):
            return tuple(float(number) for number in tensor.flatten())
    items = j.need_sequence(answer, names, what=what)
    return tuple(
        _number(j, answer, item, f"`{name}` of {what}") for item, name in zip(items, names, strict=True)
    )


def _number(j: Judge, answer: Answer, value: dict[str, Any], what: str) -> float:
    """A number; a flaw in its type is told and counted once, not at each call."""
    told = any(finding.check == "returns_float" for finding in j.findings)
    count, credit = len(j.findings), j.credit
    number = j.number_of(answer, value, what=what)
    if told:
        del j.findings[count:]
        j.credit = credit
    return number


def is_complex(answer: Answer) -> bool:
    """Whether a complex number came back, from Python, numpy or torch."""
    value = answer.value
    return "complex" in str(value.get("of", "")) or "complex" in str(value.get("dtype", ""))


def same_share(got: float, expected: float) -> bool:
    """Equal up to float32: shares of at most a thousand points are farther apart than this."""
    return math.isfinite(got) and abs(got - expected) <= 1e-5 * max(1.0, abs(expected))


def all_same(got: Sequence[Numbers], expected: Sequence[Numbers]) -> bool:
    """Whether every number of every case is the expected one."""
    return all(len(g) == len(e) and all(map(same_share, g, e)) for g, e in zip(got, expected, strict=True))


def explain(
    slips: Sequence[Slip],
    cases: Sequence[tuple[Any, ...]],
    got: Sequence[Numbers],
    same: Callable[[Sequence[Numbers], Sequence[Numbers]], bool] = all_same,
) -> Slip | None:
    """The slip that alone explains every number; None if none or several do."""
    fitting = {slip.name: slip for slip in slips if same(got, [slip.formula(*case) for case in cases])}
    return next(iter(fitting.values())) if len(fitting) == 1 else None


def need_repeatable(j: Judge, steps: Sequence[Step], tensors: Tensors, got: Sequence[Numbers], names: Sequence[str]) -> None:  # fmt: skip
    """The same inputs give the same numbers, whatever the random state.

    Raises:
        Stop: they do not.
    """
    again = [
        read_numbers(j, answer, names)
        for answer in j.ask([step | {"seed": j.new_seed()} for step in steps], tensors)
    ]
    if not all(
        same_share(a, b) or not math.isfinite(a)
        for x, y in zip(got, again, strict=True)
        for a, b in zip(x, y, strict=True)
    ):
        raise j.stop("matches_definition", "It gives another value each time; a metric of given points has one. Use all of them.",
                     misconception="metric-random")  # fmt: skip


def judge_side_effects(j: Judge, answers: Sequence[Answer]) -> None:
    """Inputs stay as they are, and so does the global random state."""
    name = j.component.name
    if any(answer.result.get("changed_inputs") for answer in answers):
        j.fail("leaves_input", f"`{name}` changes its input in place.", severity="flaw", misconception="input-modified")  # fmt: skip
    if reseeds(answers):
        j.fail("leaves_random_state", f"`{name}` reseeds the global random state; leave seeds to the notebook.",
               severity="flaw", misconception="reseeds-global-state")  # fmt: skip


def in_words(numbers: Numbers, names: Sequence[str]) -> str:
    """`precision 0.5, recall 0.25`, or the number alone."""
    if len(names) == 1:
        return f"{numbers[0]:.5g}"
    return ", ".join(f"{name} {number:.5g}" for name, number in zip(names, numbers, strict=True))
