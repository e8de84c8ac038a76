"""The outcome `learns` of the reconstruction labs: the held-out loss falls as in a control run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from autograder.outcomes.base import Context, Verdict
from autograder.outcomes.pieces import Unusable
from autograder.outcomes.short_run import Recipe, Run, State, short_run
from autograder.reports.model import Finding

CHECK = "learns"


@dataclass(frozen=True)
class HeldOut:
    """Held-out losses of several sets of weights, in pieces, and what the last one claims as a whole."""

    losses: list[float]
    claimed: float | None = None


Evaluate = Callable[[Context, list[State]], HeldOut]


@dataclass(frozen=True)
class Pair:
    """A short run of the student's steps, its control, and the held-out losses before and after."""

    mine: Run
    control: Run
    before: float
    got: float  # after the student's steps
    expected: float  # after right ones
    claimed: float | None

    @property
    def fall(self) -> float:
        """How far the held-out loss falls in the control run."""
        return self.before - self.expected

    @property
    def told(self) -> str:
        """The losses in words."""
        count = len(self.mine.values)
        return (
            f"held-out loss {_number(self.before)} before, {_number(self.got)} after {count} steps, "
            f"{_number(self.expected)} in a control run"
        )


def shortfall(before: float, got: float, expected: float) -> float:
    """Which share of the control's fall in held-out loss is missed; below 0 where the student's run is ahead.

    Relative to half of what the control still loses where that is more, so that rounding and dropout in a
    network that hardly learns do not count as a miss.
    """
    return (got - expected) / max(before - expected, 0.5 * expected)


def run_pair(context: Context, recipe: Recipe, evaluate: Evaluate) -> Pair:
    """Both short runs, made once for all outcomes that look at them.

    Raises:
        Unusable: a network gives something that cannot be evaluated.
        Raised: student code raised.
    """

    def make() -> Pair:
        mine = short_run(context, recipe, "student")
        control = short_run(context, recipe, "control", mine.start)
        states = [mine.start, control.end, *([] if mine.diverged() else [mine.end])]
        found = evaluate(context, states)
        got = math.nan if mine.diverged() else found.losses[2]
        return Pair(mine, control, found.losses[0], got, found.losses[1], found.claimed)

    return context.once("pair", make)


def judge_learns(context: Context, recipe: Recipe, evaluate: Evaluate, needs: tuple[str, ...]) -> Verdict:
    """Whether the student's steps bring the held-out loss down as right ones do."""
    link = context.link("learns")
    first = context.mend_first(needs)

    def failed(message: str, misconception: str | None, credit: float = 0.0) -> Verdict:
        return Verdict(credit, (Finding(CHECK, "fail", first + message, misconception, link),))

    try:
        pair = run_pair(context, recipe, evaluate)
    except Unusable as error:
        return failed(f"{error}.", None)
    if pair.mine.diverged():
        at = pair.mine.first_nan()
        when = f" (the loss first at step {at})" if at is not None else ""
        return failed(
            f"In a short training run the weights become NaN or infinite{when}.", "training-diverges"
        )
    if pair.claimed is not None and pair.expected > 1.1 * pair.claimed + 0.005:
        return failed(
            f"`forward` claims a held-out loss of {_number(pair.claimed)}, but the digits go through `.encoder` and then "
            f"`.decoder` with {_number(pair.expected)}: something reaches the output past the code.",
            "forward-is-not-the-composition",
        )
    findings: list[Finding] = []
    if pair.fall < 0.1 * pair.before:
        # With nothing to see in the loss, the weights must have moved as far as right steps move them.
        if not pair.mine.moved() >= 0.5 * pair.control.moved() > 0:
            return failed(
                f"Training hardly moves the weights, or the network cannot be trained at all: {pair.told}.",
                "no-update",
            )
        slow = f"Your network learns slowly even with right steps: {pair.told}."
        findings.append(Finding(CHECK, "note", slow, None, link))
    missed = shortfall(pair.before, pair.got, pair.expected)
    allowed = float(context.settings["learns_shortfall"])
    if missed <= allowed:
        return Verdict(1.0, (Finding(CHECK, "pass", f"Your training learns: {pair.told}."), *findings))
    reached = (pair.before - pair.got) / pair.fall if pair.fall > 0 and math.isfinite(pair.got) else 0.0
    words = "It does not learn" if reached < 0.1 else "It learns less than it could"
    verdict = failed(f"{words}: {pair.told}.", None, 0.5 if reached >= 0.45 else 0.0)
    return Verdict(verdict.credit, (*verdict.findings, *findings))


def statistics(pair: Pair) -> Mapping[str, float]:
    """What this outcome judges, by name, as calibration measures it."""
    return {"learns.shortfall": shortfall(pair.before, pair.got, pair.expected)}


def _number(loss: float) -> str:
    return f"{loss:.4f}" if abs(loss) < 1 else f"{loss:.1f}"
