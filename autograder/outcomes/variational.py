"""Outcomes of the lab `vae`; those from short runs are here: does the student's training learn, and does its KL behave?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.outcomes import learning, right_steps
from autograder.outcomes.base import Context, Outcome, Verdict
from autograder.outcomes.elbo import Posterior, negative_elbo, posterior
from autograder.outcomes.heldout import heldout_digits
from autograder.outcomes.learning import HeldOut, Pair, judge_learns, run_pair
from autograder.outcomes.pieces import Pieces, Unusable
from autograder.outcomes.short_run import Recipe, Run, State
from autograder.outcomes.trained_vae import LATENT, NETWORKS, judge_trained_model
from autograder.reports.model import Finding

HELDOUT = 500  # digits that the losses of short runs are measured on
NEEDS = (*NETWORKS, "reparameterize", "reconstruction_loss", "kl_divergence", "vae_loss", "train_step")
SOURCE = Path(right_steps.__path__[0], "vae.py").read_text(encoding="utf-8")
CONTROL = {"op": "define", "source": SOURCE, "names": [], "keep": ["train_step"]}
RECIPE = Recipe("VAE", LATENT, CONTROL, digits=4096, probes=500)
NATS = 3.0  # added to both KL before they are compared: a nat more or less of a KL near 0 tells nothing


def short_run_losses(context: Context, states: list[State]) -> HeldOut:
    """Minus the held-out ELBO in nats under each set of weights.

    Raises:
        Unusable: a network gives something else than the contract says.
    """
    x = heldout_digits()[0][:HELDOUT]
    pieces = Pieces(context, "VAE", LATENT, states)
    found = [posterior(encoded, len(x), LATENT) for (encoded,) in pieces.encoder(x)]
    decoded = pieces.decoder([{"z": each.draw(context.seed_for("z"))} for each in found])
    return HeldOut([negative_elbo(f, pictures, x) for f, (pictures,) in zip(found, decoded, strict=True)])


# kl_behaviour -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class KlCurve:
    """The KL in nats of digits outside of training, before the first step and after every segment of a run."""

    values: tuple[float, ...]
    active: int  # latents that tell digits apart at the end

    @property
    def end(self) -> float:
        return self.values[-1]


def kl_curve(run: Run) -> KlCurve:
    """The KL along a run, as the grader computes it from the codes.

    Raises:
        Unusable: the encoder gives something else than the contract says.
    """
    found: list[Posterior] = [posterior(answer, RECIPE.probes, LATENT) for answer in run.codes]
    return KlCurve(tuple(float(each.kl.sum(1).mean()) for each in found), found[-1].active)


def apart(mine: KlCurve, control: KlCurve) -> tuple[float, float]:
    """How far the student's KL has settled above the control's and below it, as logarithms.

    Both hold for the last two looks, so one spike of a run that is settling decides nothing.
    """
    above = [math.log((m + NATS) / (c + NATS)) for m, c in zip(mine.values, control.values, strict=True)][-2:]
    return min(above), -max(above)


def judge_kl_behaviour(context: Context) -> Verdict:
    """Whether the KL rises and settles as in the control run: no collapse, no runaway beyond the control's."""
    check, link = "kl_behaviour", context.link("kl-behaviour")
    first = context.mend_first(NEEDS)

    def failed(message: str, misconception: str | None, credit: float = 0.0) -> Verdict:
        return Verdict(credit, (Finding(check, "fail", first + message, misconception, link),))

    try:
        pair = run_pair(context, RECIPE, short_run_losses)
        if pair.mine.diverged():
            return failed(
                "The weights become NaN or infinite, so there is no KL to look at.", "training-diverges"
            )
        mine, control = kl_curve(pair.mine), kl_curve(pair.control)
    except Unusable as error:
        return failed(f"{error}.", None)
    told = f"KL {_path(mine)} nats along the run; in a control run {_path(control)}"
    findings = []
    if control.active == 0 or control.end < 1:
        slow = f"With right steps too your network hardly uses its latents in so short a run: {told}."
        findings.append(Finding(check, "note", slow, None, link))
    # With nothing to see in the KL, the weights must have moved as far as right steps move them.
    if not pair.mine.moved() >= 0.1 * pair.control.moved() > 0:
        return failed(f"Training hardly moves the weights: {told}.", "no-update")
    above, below = apart(mine, control)
    if below > float(context.settings["kl_collapse"]):
        return failed(
            f"The KL collapses: {told}. The code says less about the digit than right steps make it say: is the KL "
            "weighted too much against the reconstruction, or does z not reach the decoder, or no gradient reach mu?",
            "posterior-collapse",
        )
    if above > float(context.settings["kl_runaway"]):
        return failed(
            f"The KL runs away: {told}. Nothing holds the codes to the prior: is the KL in the loss, with the right "
            "sign, summed over the latents?",
            "kl-runaway",
        )
    good = f"The KL rises and settles as it should: {told}; {mine.active} of {LATENT} latents are active."
    return Verdict(1.0, (Finding(check, "pass", good), *findings))


def _path(curve: KlCurve) -> str:
    return " → ".join(f"{value:.1f}" for value in curve.values)


def statistics(pair: Pair) -> Mapping[str, float]:
    """What `learns` and `kl_behaviour` judge, by name, as calibration measures it."""
    mine, control = kl_curve(pair.mine), kl_curve(pair.control)
    above, below = apart(mine, control)
    return {**learning.statistics(pair), "kl_behaviour.runaway": above, "kl_behaviour.collapse": below}


OUTCOMES = (
    Outcome(
        "learns", "learns", NEEDS, lambda context: judge_learns(context, RECIPE, short_run_losses, NEEDS)
    ),
    Outcome("kl_behaviour", "kl-behaviour", NEEDS, judge_kl_behaviour),
    Outcome("trained_model", "trained-model", NETWORKS, judge_trained_model),
)
