"""The outcome `trained_model` of the lab `vae`: the submitted weights, on digits and on draws from the prior.

Half of the credit is the held-out ELBO, half the quality of samples that the decoder makes of the grader's
own z. Both are measured in pieces, so what a forward pass claims or a student's `sample` returns plays no part.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from autograder.labs.probing import Raised
from autograder.metrics import SampleQuality, measure
from autograder.outcomes import checkpoint as checkpoints
from autograder.outcomes.base import Context, Verdict
from autograder.outcomes.elbo import nats, negative_elbo, posterior
from autograder.outcomes.heldout import heldout_digits
from autograder.outcomes.pieces import Pieces, Unusable
from autograder.outcomes.short_run import State
from autograder.reports.model import Finding

CHECK = "trained_model"
LATENT, WIDEST = 32, 1024
NETWORKS = ("Encoder", "Decoder", "VAE")


@dataclass(frozen=True)
class Trained:
    """What a trained VAE is worth."""

    loss: float  # minus the held-out ELBO, nats
    kl: float  # of it, nats
    active: int  # latents that tell digits apart
    quality: SampleQuality

    @property
    def told(self) -> str:
        """The figures in words."""
        q = self.quality
        return (
            f"held-out ELBO {nats(-self.loss)} nats with a KL of {nats(self.kl)}; samples at a Frechet distance of "
            f"{q.frechet_distance:.1f} from real digits"
        )


def evaluate(context: Context, weights: State, latent: int) -> Trained:
    """Measure a model with these weights, by the policy's fixed seed and sample counts.

    Raises:
        Unusable: a network gives something else than the contract says.
        Raised: student code raised.
    """
    seed, count = int(context.settings["trained_seed"]), int(context.settings["trained_samples"])
    x = heldout_digits()[0]
    pieces = Pieces(context, "VAE", latent, [weights])
    ((encoded,),) = pieces.encoder(x)
    found = posterior(encoded, len(x), latent)
    prior = torch.randn(count, latent, generator=torch.Generator().manual_seed(seed))
    ((pictures, samples),) = pieces.decoder([{"z": found.draw(seed + 1), "prior": prior}])
    loss = negative_elbo(found, pictures, x)
    try:
        quality = measure(samples, seed=seed)
    except ValueError as error:
        raise Unusable(f"draws from the prior cannot be decoded: {error}") from None
    return Trained(loss, float(found.kl.sum(1).mean()), found.active, quality)


def credit(found: Trained, settings: Mapping[str, Any]) -> float:
    """The share of the points, from 0 to 1: half for the ELBO, half for the samples, none for copies.

    Less where some digits hardly occur among the samples: by the entropy of their classes.
    """
    quality = found.quality
    if quality.copied > float(settings["trained_copied"]):
        return 0.0
    elbo = _band(found.loss, float(settings["trained_loss_full"]), float(settings["trained_loss_none"]))
    samples = _band(
        quality.frechet_distance,
        float(settings["trained_frechet_full"]),
        float(settings["trained_frechet_none"]),
    )
    return round((elbo + samples) / 2 * _balance(quality, settings), 2)


def _balance(quality: SampleQuality, settings: Mapping[str, Any]) -> float:
    full, none = (float(settings[f"trained_entropy_{end}"]) for end in ("full", "none"))
    return min(1.0, max(0.0, (quality.class_entropy - none) / (full - none)))


def _band(value: float, full: float, none: float) -> float:
    """1 up to `full`, 0 from `none`, even steps of the logarithm between."""
    if not math.isfinite(value):
        return 0.0
    return min(1.0, max(0.0, math.log(none / max(value, 1e-9)) / math.log(none / full)))


def fault(found: Trained, settings: Mapping[str, Any]) -> tuple[str, str]:
    """What is wrong with a model that does not get all points: words, and the name of the mistake."""
    quality, none = found.quality, float(settings["trained_loss_none"])
    if quality.copied > float(settings["trained_copied"]):
        return (
            f"{quality.copied:.0%} of its samples are copies of training images. A decoder that looks them up has "
            "learned nothing that could make a new digit.",
            "memorised",
        )
    if found.loss >= 1.5 * none and found.kl < 2 * float(settings["trained_kl_high"]):
        return (
            "That is what an untrained network reaches. Were these weights saved before the training?",
            "not-trained",
        )
    if found.kl >= float(settings["trained_kl_high"]):
        return (
            "Its codes lie far from the prior, as an AutoEncoder's do, so draws from the prior hit places that the "
            "decoder never saw. Is the KL in the loss, summed over latents, beside a BCE summed over pixels?",
            "kl-runaway",
        )
    if found.active == 0 or found.kl < 1:
        return (
            "The posterior has collapsed: the code says nothing about the digit, and the decoder draws the mean digit "
            "whatever comes. Is the reconstruction averaged over pixels while the KL is summed?",
            "posterior-collapse",
        )
    if found.loss >= none and quality.frechet_distance < float(settings["trained_frechet_none"]):
        return (
            "Draws from the prior look like digits, but a z drawn by mu and logvar does not lead back to its digit. Is z = "
            "mu + exp(logvar / 2) * eps in training, with a fresh normal eps for every latent?",
            "variances-off",
        )
    if _balance(quality, settings) < 1:
        return (
            f"Some digits hardly occur among its samples, or cannot be read: {math.exp(quality.class_entropy):.1f} of ten "
            "kinds do. Was it trained on all ten, and for all epochs?",
            "digits-missing",
        )
    full, far = float(settings["trained_loss_full"]), float(settings["trained_frechet_full"])
    return (
        f"Full points from an ELBO of {-full:g} and a distance of {far:g}: train it for all epochs of the full run.",
        "trained-too-little",
    )


def judge_trained_model(context: Context) -> Verdict:
    """The submitted weights, in the student's own classes."""
    link, first = context.link("trained-model"), context.mend_first((*NETWORKS, "reparameterize"))
    try:
        loaded = checkpoints.parse(context.checkpoint(), context.lab)
    except checkpoints.CheckpointError as error:
        return checkpoints.unusable(error, link)
    latent = loaded.latent_dim(LATENT, most=WIDEST)
    if isinstance(latent, str):
        return Verdict(0.0, (Finding("checkpoint", "fail", latent, None, link),))
    try:
        found = evaluate(context, loaded.weights.get("model", {}), latent)
    except Unusable as error:
        return Verdict(0.0, (Finding(CHECK, "fail", f"{first}{error}.", None, link),))
    except Raised as error:
        return checkpoints.misfit(error, first, "VAE", link)
    share = credit(found, context.settings)
    if share >= 1:
        return Verdict(1.0, (Finding(CHECK, "pass", f"Your trained model: {found.told}."),))
    words, name = fault(found, context.settings)
    message = f"{first}Your trained model: {found.told}. {words}"
    return Verdict(share, (Finding(CHECK, "fail", message, name, link),))
