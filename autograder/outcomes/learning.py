"""The outcome `learns` of the reconstruction labs: the held-out loss falls as in a control run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.outcomes.base import Context, Verdict, failing
from autograder.outcomes.elbo import nats
from autograder.outcomes.pieces import Unusable
from autograder.outcomes.short_run import Recipe, Run, State, short_run
from autograder.reports.model import Finding

CHECK = "learns"
STILL = 0.2  # of the way that right steps move the weights: less is no training


@dataclass(frozen=True)
class HeldOut:
    """Held-out losses of several sets of weights, in pieces."""

    losses: list[float]
    plateau: float  # the loss of showing the mean training digit every time
    claimed: float | None = None  # what the second set of weights claims as a whole


Evaluate = Callable[[Context, list[State]], HeldOut]


@dataclass(frozen=True)
class Losses:
    """The held-out losses that two short runs are compared by."""

    before: float
    got: float  # after the student's steps
    expected: float  # after right ones
    plateau: float  # of showing the mean digit every time

    @property
    def informative(self) -> bool:
        """Whether right steps got clearly beyond the mean digit; where they do not, there is little to compare."""
        return self.expected < 0.9 * self.plateau

    @property
    def adrift(self) -> bool:
        """Whether right steps end worse than the mean digit: a network that is unstable, and hardly compares."""
        return self.expected > 1.0025 * self.plateau

    @property
    def regime(self) -> str:
        """The ending of the policy's key for how much may be missed by such a network."""
        return "_unstable" if self.adrift else "" if self.informative else "_slow"

    @property
    def shortfall(self) -> float:
        """Which share of the control's fall is missed; below 0 where the student's run is ahead.

        Relative to half of what the control still loses where that is more, so that rounding and dropout do not
        count as a miss in a network that hardly learns. Where right steps get no further than the mean digit, it is
        the fall to that which counts.
        """
        goal = self.expected if self.informative else max(self.expected, self.plateau)
        return (self.got - goal) / max(self.before - goal, 0.5 * goal)

    def allowed(self, settings: Mapping[str, Any]) -> float:
        """How much of it may be missed."""
        return float(settings[f"learns_shortfall{self.regime}"])


@dataclass(frozen=True)
class Pair:
    """A short run of the student's steps and its control."""

    mine: Run
    control: Run
    losses: Losses
    claimed: float | None  # what the whole model claims after the control run

    @property
    def moves(self) -> bool:
        """Whether the student's steps move the weights about as far as right steps do."""
        return self.mine.moved() >= STILL * self.control.moved() > 0

    @property
    def told(self) -> str:
        """The losses in words."""
        return (
            f"held-out loss {_number(self.losses.before)} before, {_number(self.losses.got)} after "
            f"{len(self.mine.values)} steps, {_number(self.losses.expected)} in a control run"
        )


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
        losses = Losses(found.losses[0], got, found.losses[1], found.plateau)
        return Pair(mine, control, losses, found.claimed)

    return context.once("pair", make)


def judge_learns(context: Context, recipe: Recipe, evaluate: Evaluate, needs: tuple[str, ...]) -> Verdict:
    """Whether the student's steps bring the held-out loss down as right ones do."""
    link, failed = context.link(CHECK), failing(context, CHECK, needs)

    try:
        pair = run_pair(context, recipe, evaluate)
    except Unusable as error:
        return failed(f"{error}.")
    if pair.mine.diverged():
        at = pair.mine.first_nan()
        when = f" (the loss first at step {at})" if at is not None else ""
        return failed(
            f"In a short training run the weights become NaN or infinite{when}.", "training-diverges"
        )
    losses = pair.losses
    if pair.claimed is not None and losses.expected > 1.1 * pair.claimed + 0.005:
        return failed(
            f"`forward` claims a held-out loss of {_number(pair.claimed)}, but the digits go through `.encoder` and then "
            f"`.decoder` with {_number(losses.expected)}: something reaches the output past the code.",
            "forward-is-not-the-composition",
        )
    if not pair.moves:  # told apart from a loss that does not fall, because it can be a network's own fault
        return failed(
            f"Training hardly moves the weights, or the network cannot be trained at all: {pair.told}.",
            "no-update",
        )
    slow = f"Even right steps hardly get this network beyond the mean digit in so short a run: {pair.told}."
    notes = () if losses.informative else (Finding(CHECK, "note", slow, None, link),)
    if losses.shortfall <= losses.allowed(context.settings):
        return Verdict(1.0, (Finding(CHECK, "pass", f"Your training learns: {pair.told}."), *notes))
    # Half of the points for half of the way that is hard: from the mean digit to where right steps get.
    way = losses.plateau - losses.expected
    halfway = way > 0 and losses.got <= losses.plateau - 0.5 * way
    words = "It learns less than it could" if losses.got < losses.before else "It does not learn"
    verdict = failed(f"{words}: {pair.told}.", None, 0.5 if halfway else 0.0)
    return Verdict(verdict.credit, (*verdict.findings, *notes))


def _number(loss: float) -> str:
    return f"{loss:.4f}" if abs(loss) < 1 else nats(loss)
