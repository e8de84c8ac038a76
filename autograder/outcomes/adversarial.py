"""Outcomes of the lab `gan`; those from short runs are here: do samples near the art, and do both sides keep at it?

Losses are never looked at: in a game between two networks they tell who is ahead, not how good the samples are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from autograder.metrics.art import art_distance
from autograder.outcomes.adversarial_run import LATENT, SIDES, AdversarialRun, adversarial_run, drawn_pictures
from autograder.outcomes.base import Context, Outcome, Verdict, failing
from autograder.outcomes.pieces import Unusable
from autograder.outcomes.short_run import first_nan
from autograder.outcomes.trained_gan import judge_trained_model
from autograder.reports.model import Finding

SAMPLES = 600  # for one Frechet distance
UPDATES = {"discriminator": 1, "generator": 2}  # in one training step
NEEDS = (
    "Generator", "Discriminator", "discriminator_loss", "generator_loss",
    "discriminator_step", "generator_step", "train_step",
)  # fmt: skip
SUFFERS = (*NEEDS, "init_weights")  # networks train without it too


@dataclass(frozen=True)
class Distances:
    """Frechet distances of samples to the art: of the untrained generator, and of the second half of a run.

    The second is of samples from all that the generator was in that time: a young GAN goes from one kind of
    picture to the next, and what one moment shows is chance.
    """

    untrained: float
    reached: float

    @property
    def fall(self) -> float:
        """How far the distance fell, as a logarithm; below 0 where it rose."""
        return math.log(max(self.untrained, 1e-9) / max(self.reached, 1e-9))


@dataclass(frozen=True)
class Game:
    """A short run of the student's steps and its control."""

    mine: AdversarialRun
    control: AdversarialRun
    got: Distances | None  # None where the generator diverged
    expected: Distances

    def learns(self, limit: float) -> bool:
        """Whether it misses no more than this share of the control's fall."""
        return self.got is not None and shortfall(self.got, self.expected) <= limit

    def still(self) -> tuple[str, float]:
        """The side whose weights move less at the end, and how far relative to the control's."""
        ratios = {side: movement(self.mine.moved(side, -1), self.control.moved(side, -1)) for side in SIDES}
        side = min(ratios, key=ratios.__getitem__)
        return side, ratios[side]

    @property
    def told(self) -> str:
        """The distances in words."""
        got = "NaN" if self.got is None else f"{self.got.reached:.0f}"
        return (
            f"Frechet distance to the art {self.expected.untrained:.0f} untrained, {got} in the second half of "
            f"{self.mine.steps} steps, {self.expected.reached:.0f} in a control run"
        )


def play(context: Context) -> Game:
    """Both short runs, made once for all outcomes that look at them.

    Raises:
        Unusable: the generator gives something that cannot be evaluated.
        Raised: student code raised.
    """

    def make() -> Game:
        mine = adversarial_run(context, "student")
        control = adversarial_run(context, "control", {side: mine.weights[side][0] for side in SIDES})
        return Game(mine, control, _got(context, mine), distances(context, control))

    return context.once("game", make)


def play_again(context: Context) -> Game | None:
    """A second run of the student's steps, with other noise, from the same weights; None where that cannot help.

    A game is partly luck: of two right runs one may go nowhere in so short a time. So nobody fails by one such run whose
    components are all right; where some are wrong, the first run only shows what they do.

    Raises:
        Unusable, Raised: as `play`.
    """
    if any(context.statuses.get(name, "pass") != "pass" for name in SUFFERS):
        return None

    def make() -> Game:
        game = play(context)
        start = {side: game.mine.weights[side][0] for side in SIDES}
        mine = adversarial_run(context, "student", start, repeat=1)
        return Game(mine, game.control, _got(context, mine), game.expected)

    return context.once("second game", make)


def _got(context: Context, run: AdversarialRun) -> Distances | None:
    return None if run.diverged("generator") else distances(context, run)


def distances(context: Context, run: AdversarialRun) -> Distances:
    """The distances of a run, from the grader's own noise.

    Raises:
        Unusable: the generator gives something that cannot be evaluated.
    """
    before, *trained = run.weights["generator"]
    late = trained[len(trained) // 2 :]
    each = math.ceil(SAMPLES / len(late))
    generator = torch.Generator().manual_seed(context.seed_for("z"))
    z = torch.randn(len(late), each, LATENT, generator=generator)
    pictures = drawn_pictures(context, [before] * len(late) + late, torch.cat([z, z]))
    return Distances(
        *(art_distance(torch.cat(part)) for part in (pictures[: len(late)], pictures[len(late) :]))
    )


def judge_learns(context: Context) -> Verdict:
    """Whether the student's steps bring samples nearer to the art, as right ones do."""
    check, link, failed = "learns", context.link("learns"), failing(context, "learns", SUFFERS)

    try:
        game = play(context)
    except Unusable as error:
        return failed(f"{error}.")
    if game.got is None:
        return failed(_diverges(game.mine, "generator"), "training-diverges")
    expected, settings = game.expected.fall, context.settings
    notes: tuple[Finding, ...] = ()
    if expected < float(settings["learns_telling"]):
        slow = (
            f"Right steps too bring these networks hardly nearer to the art in so short a run: {game.told}."
        )
        notes = (Finding(check, "note", slow, None, link),)
    limit = float(settings["learns_shortfall"])
    if not game.learns(limit) and not notes:
        again = play_again(context)
        game = again if again is not None and again.learns(limit) else game
    if game.learns(limit):
        return Verdict(1.0, (Finding(check, "pass", f"Your training learns: {game.told}."), *notes))
    if game.mine.moved("generator", -1) == 0:
        return failed(f"The generator does not move: {game.told}.", "no-update")
    if notes:
        return Verdict(1.0, notes)
    hardly = game.got is not None and game.got.fall > 0
    words = "Samples get hardly nearer to the art" if hardly else "Samples get no nearer to the art"
    return failed(
        f"{words}: {game.told}. Does the discriminator learn real from fake, and the generator to be taken for real?"
    )


def shortfall(got: Distances, expected: Distances) -> float:
    """Which share of the control's fall a run misses; below 0 where it is ahead, above 1 where the distance rose."""
    return 1 - got.fall / max(expected.fall, 1e-6)


def judge_training_dynamics(context: Context) -> Verdict:
    """Whether each step updates the discriminator once and the generator twice, and both keep moving."""
    check, failed = "training_dynamics", failing(context, "training_dynamics", SUFFERS)

    try:
        game = play(context)
    except Unusable as error:
        return failed(f"{error}.")
    mine = game.mine
    for side in SIDES:
        if mine.diverged(side):
            return failed(_diverges(mine, side), "training-diverges")
        if not mine.finite[side]:
            return failed(f"Gradients of the {side} are NaN or infinite.", "training-diverges")
    for side in SIDES:
        made, right = mine.updates[side], UPDATES[side] * mine.steps
        if made != (right,):
            name = "no-update" if not made or made == (0.0,) else f"{side}-updates"
            return failed(
                f"In {mine.steps} steps the {side} was updated {_counts(made)} times instead of {right}: "
                "one update of the discriminator, then two of the generator.",
                name,
            )
    limit = float(context.settings["dynamics_still"])
    if game.still()[1] < limit:
        again = play_again(context)
        game = again if again is not None and again.still()[1] >= limit else game
    side, ratio = game.still()
    if ratio < limit:
        return failed(
            f"The {side} stands still: in the last steps its weights move {ratio:.0%} as far as with right steps. Do "
            "gradients of the loss reach it?",
            "no-update",
        )
    moved = " and ".join(f"the {side} {game.mine.moved(side, -1):.2f}" for side in SIDES)
    good = f"Both sides play: {mine.steps} updates of the discriminator, {2 * mine.steps} of the generator, and in the last steps {moved} far."
    return Verdict(1.0, (Finding(check, "pass", good),))


def movement(mine: float, control: float) -> float:
    """How far a side moves in the last segment, relative to the control; 1 where that stands still itself."""
    return mine / control if control > 0 else 1.0


def _diverges(run: AdversarialRun, side: str) -> str:
    at = first_nan(run.values)
    when = f" (the loss first at step {at})" if at is not None else ""
    return f"In a short training run the weights of the {side} become NaN or infinite{when}."


def _counts(made: Sequence[float]) -> str:
    return " or ".join(f"{count:g}" for count in made) or "0"


OUTCOMES = (
    Outcome("learns", "learns", NEEDS, judge_learns),
    Outcome("training_dynamics", "training-dynamics", NEEDS, judge_training_dynamics),
    Outcome("trained_model", "trained-model", ("Generator",), judge_trained_model),
)
