"""Outcomes of the lab `ae`: does the student's training learn, and is the trained model good?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch

from autograder.labs.probing import Raised
from autograder.labs.stand_in import define
from autograder.outcomes import checkpoint as checkpoints
from autograder.outcomes.base import Context, Outcome, Verdict
from autograder.outcomes.heldout import heldout_digits, mean_digit
from autograder.outcomes.learning import HeldOut, judge_learns
from autograder.outcomes.pieces import Pieces, Unusable, picture
from autograder.outcomes.short_run import Recipe, State
from autograder.reports.model import Finding

LATENT = 32
HELDOUT = 500  # digits that the losses of short runs are measured on
NETWORKS = ("Encoder", "Decoder", "AutoEncoder")
NEEDS = (*NETWORKS, "reconstruction_loss", "train_step")
RECIPE = Recipe("AutoEncoder", LATENT, define(keep=("train_step",)), digits=2048)


def heldout_losses(
    context: Context, states: list[State], x: torch.Tensor, *, latent: int = LATENT, seed: int
) -> HeldOut:
    """Mean squared error on digits `x` `(N, 784)` under each set of weights; what the second claims as a whole.

    Raises:
        Unusable: a code or a reconstruction has the wrong shape or type.
    """
    pieces = Pieces(context, "AutoEncoder", latent, states)
    found = pieces.encoder(x, whole=True)
    codes = [encoded.tensor(encoded.value.get("key")) for encoded, _ in found]
    for code in codes:
        if code is None or tuple(code.shape) != (len(x), latent) or code.dtype != torch.float32:
            raise Unusable(f"`model.encoder` should give float32 codes of shape ({len(x)}, {latent})")
    decoded = pieces.decoder([{"z": _blurred(code, seed)} for code in codes if code is not None])
    claims = [_loss(picture(claimed, len(x)), x) for _, claimed in found]
    return HeldOut(
        [_loss(pictures[0], x) for pictures in decoded],
        _loss(mean_digit().expand_as(x), x),
        claims[1] if len(claims) > 1 else None,
    )


def _blurred(code: torch.Tensor, seed: int) -> torch.Tensor:
    """The code with a hundredth of its spread as noise: nothing to a model, the end of pixels packed into bits."""
    noise = torch.randn(code.shape, generator=torch.Generator().manual_seed(seed))
    return code + 0.01 * code.std(0, correction=0) * noise


def _loss(pictures: torch.Tensor, x: torch.Tensor) -> float:
    return float(((pictures.double() - x.double()) ** 2).mean())


def short_run_losses(context: Context, states: list[State]) -> HeldOut:
    """The held-out losses of a short run."""
    return heldout_losses(context, states, heldout_digits()[0][:HELDOUT], seed=context.seed_for("blur"))


def judge_trained_model(context: Context) -> Verdict:
    """The submitted weights, in the student's own classes, on digits that nobody trained on."""
    check, link = "trained_model", context.link("trained-model")
    first = context.mend_first(NETWORKS)
    try:
        loaded = checkpoints.parse(context.checkpoint(), context.lab)
    except checkpoints.CheckpointError as error:
        return checkpoints.unusable(error, link)
    latent = loaded.latent_dim(LATENT, most=LATENT)
    if isinstance(latent, str):
        return Verdict(0.0, (Finding("checkpoint", "fail", latent, "bottleneck-too-wide", link),))
    count = int(context.settings["trained_samples"])
    seed = int(context.settings["trained_seed"])
    x = heldout_digits()[0]
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
    try:
        weights = loaded.weights.get("model", {})
        loss = heldout_losses(context, [weights], x[order[:count]], latent=latent, seed=seed).losses[0]
    except Unusable as error:
        return Verdict(0.0, (Finding(check, "fail", f"{first}{error}.", None, link),))
    except Raised as error:
        return checkpoints.misfit(error, first, "AutoEncoder", link)
    return _verdict(context, loss, first)


def credit(loss: float, settings: Mapping[str, Any]) -> float:
    """The share of the points for a held-out loss: in even steps of its logarithm between the policy's two ends."""
    full, none = float(settings["trained_mse_full"]), float(settings["trained_mse_none"])
    if not math.isfinite(loss):
        return 0.0
    return round(min(1.0, max(0.0, math.log(none / max(loss, 1e-9)) / math.log(none / full))), 2)


def _verdict(context: Context, loss: float, first: str) -> Verdict:
    link, share = context.link("trained-model"), credit(loss, context.settings)
    full, none = (float(context.settings[f"trained_mse_{end}"]) for end in ("full", "none"))
    told = f"Held-out loss of your trained model: {loss:.4f} per pixel"
    if share >= 1:
        return Verdict(1.0, (Finding("trained_model", "pass", f"{told}."),))
    if share <= 0:
        message = (
            f"{first}{told}, no better than showing the mean digit every time ({none:.3f}). Was it trained?"
        )
        return Verdict(0.0, (Finding("trained_model", "fail", message, "not-trained", link),))
    message = f"{first}{told}; full points from {full:.4f}. Train it for all epochs of the full run."
    return Verdict(share, (Finding("trained_model", "fail", message, "trained-too-little", link),))


OUTCOMES = (
    Outcome(
        "learns", "learns", NEEDS, lambda context: judge_learns(context, RECIPE, short_run_losses, NEEDS)
    ),
    Outcome("trained_model", "trained-model", NETWORKS, judge_trained_model),
)
