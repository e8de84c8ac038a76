"""Outcomes of the lab `vae`; those from short runs are here: does the student's training learn, and does its KL behave?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from autograder.outcomes import right_steps
from autograder.outcomes.base import Context, Outcome, Verdict, failing
from autograder.outcomes.elbo import Posterior, nats, negative_elbo, posterior
from autograder.outcomes.heldout import heldout_digits, mean_digit
from autograder.outcomes.learning import HeldOut, Losses, judge_learns, run_pair
from autograder.outcomes.pieces import Pieces, Unusable
from autograder.outcomes.short_run import Recipe, Run, State
from autograder.outcomes.trained_vae import LATENT, NETWORKS, judge_trained_model
from autograder.reports.model import Finding

HELDOUT = 500  # digits that the losses of short runs are measured on
NEEDS = (*NETWORKS, "reparameterize", "reconstruction_loss", "kl_divergence", "vae_loss", "train_step")
SOURCE = Path(right_steps.__path__[0], "vae.py").read_text(encoding="utf-8")
CONTROL = {"op": "define", "source": SOURCE, "names": [], "keep": ["train_step"]}
RECIPE = Recipe("VAE", LATENT, CONTROL, digits=4096, probes=500)
TELLING = 4.5  # nats of KL that the control has to reach before anything is compared
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
    nothing = Posterior(torch.zeros(len(x), 1), torch.zeros(len(x), 1))
    return HeldOut(
        [negative_elbo(f, pictures, x) for f, (pictures,) in zip(found, decoded, strict=True)],
        negative_elbo(nothing, mean_digit().expand_as(x), x),
    )


# kl_behaviour -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class KlCurve:
    """The KL in nats of digits outside of training, before the first step and after every segment of a run."""

    values: tuple[float, ...]
    spreads: tuple[float, ...]  # of it, what the variances make
    active: int  # latents that tell digits apart at the end


def kl_curve(run: Run) -> KlCurve:
    """The KL along a run, as the grader computes it from the codes.

    Raises:
        Unusable: the encoder gives something else than the contract says.
    """
    found: list[Posterior] = [posterior(answer, RECIPE.probes, LATENT) for answer in run.codes]
    return KlCurve(
        tuple(float(each.kl.sum(1).mean()) for each in found),
        tuple(float(each.spread.sum(1).mean()) for each in found),
        found[-1].active,
    )


def telling(losses: Losses, control: KlCurve) -> bool:
    """Whether the control run uses its latents enough for anything to be compared with it."""
    return losses.informative and control.values[-1] >= TELLING


@dataclass(frozen=True)
class Apart:
    """How far the student's KL has settled from the control's, as differences of logarithms.

    All hold for the last two looks, so one spike of a run that is still settling decides nothing.
    """

    above: float
    below: float
    spread: float  # either way, for the part that the variances make


def apart(mine: KlCurve, control: KlCurve) -> Apart:
    """The KL of a student's run beside the control's."""
    whole = _log_ratios(mine.values, control.values)[-2:]
    part = _log_ratios(mine.spreads, control.spreads)[-2:]
    return Apart(min(whole), -max(whole), max(min(part), -max(part)))


def _log_ratios(mine: Sequence[float], control: Sequence[float]) -> list[float]:
    return [math.log((m + NATS) / (c + NATS)) for m, c in zip(mine, control, strict=True)]


def judge_kl_behaviour(context: Context) -> Verdict:
    """Whether the KL rises and settles as in the control run: no collapse, no runaway beyond the control's."""
    check, link = "kl_behaviour", context.link("kl-behaviour")
    failed = failing(context, check, NEEDS)

    try:
        pair = run_pair(context, RECIPE, short_run_losses)
        if pair.mine.diverged():
            return failed(
                "The weights become NaN or infinite, so there is no KL to look at.", "training-diverges"
            )
        mine, control = kl_curve(pair.mine), kl_curve(pair.control)
    except Unusable as error:
        return failed(f"{error}.")
    told = f"KL {_path(mine)} nats along the run; in a control run {_path(control)}"
    if not pair.moves:
        return failed(f"Training hardly moves the weights: {told}.", "no-update")
    if not telling(pair.losses, control):
        slow = f"With right steps too this network hardly uses its latents in so short a run: {told}."
        return Verdict(1.0, (Finding(check, "pass", f"{told}."), Finding(check, "note", slow, None, link)))
    found, settings = apart(mine, control), context.settings
    if found.below > float(settings["kl_collapse"]):
        return failed(
            f"The KL collapses: {told}. The code says less about the digit than right steps make it say: is the KL "
            "weighted too much against the reconstruction, or does z not reach the decoder, or no gradient reach mu?",
            "posterior-collapse",
        )
    if found.above > float(settings["kl_runaway"]):
        return failed(
            f"The KL runs away: {told}. Nothing holds the codes to the prior: is the KL in the loss, with the right "
            "sign, summed over the latents?",
            "kl-runaway",
        )
    if found.spread > float(settings["kl_spread"]):
        return failed(
            f"The posteriors are as wide as they should not be: {told}; of it the variances make "
            f"{nats(mine.spreads[-1])} and in the control {nats(control.spreads[-1])}. Is z = mu + exp(logvar / 2) * eps, "
            "with a fresh normal eps for every latent, and is it z that the decoder gets?",
            "variances-off",
        )
    good = f"The KL rises and settles as it should: {told}; {mine.active} of {LATENT} latents are active."
    return Verdict(1.0, (Finding(check, "pass", good),))


def _path(curve: KlCurve) -> str:
    return " → ".join(nats(value) for value in curve.values)


OUTCOMES = (
    Outcome(
        "learns", "learns", NEEDS, lambda context: judge_learns(context, RECIPE, short_run_losses, NEEDS)
    ),
    Outcome("kl_behaviour", "kl-behaviour", NEEDS, judge_kl_behaviour),
    Outcome("trained_model", "trained-model", NETWORKS, judge_trained_model),
)
