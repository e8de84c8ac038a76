"""The negative ELBO of known draws, and known wrong training steps of a VAE, on the grader's own model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from autograder.labs import likelihoods
from autograder.labs.slips import Slip, common_slips, step_on


@dataclass(frozen=True)
class Given:
    """What one step is given: digits, the codes that were drawn for them, and beta."""

    x: torch.Tensor  # (B, 784)
    z: torch.Tensor  # (K * B, L), K codes a digit
    rows: torch.Tensor  # (K * B,) the digit that each code belongs to
    beta: float


def terms(
    model: Any, given: Given, *, detach: str = "", squared: bool = False
) -> tuple[torch.Tensor, torch.Tensor]:
    """Reconstruction and KL, with the draws that were watched: `eps` is whatever makes mu + sigma * eps equal to z."""
    mu, logvar = model.encoder(given.x)
    m, sigma = mu[given.rows], torch.exp(logvar[given.rows] / 2)
    eps = ((given.z - m) / sigma).detach()
    if "mu" in detach:
        m = m.detach()
    if "logvar" in detach:
        sigma = sigma.detach()
    x_hat, x = model.decoder(m + sigma * eps), given.x[given.rows]
    reconstruction = ((x_hat - x) ** 2).sum(-1).mean() if squared else likelihoods.bce(x_hat, x)
    return reconstruction, likelihoods.kl(mu, logvar)


def negative_elbo(model: nn.Module, given: Given) -> torch.Tensor:
    """`reconstruction + beta * kl`."""
    reconstruction, kl = terms(model, given)
    return reconstruction + given.beta * kl


def _weighed(form: Any, **changes: Any) -> Any:
    """The objective `form(reconstruction, kl, beta, B)`."""
    return step_on(lambda model, given: form(*terms(model, given, **changes), given.beta, len(given.x)))


def _plain(r: torch.Tensor, k: torch.Tensor, b: float, n: int) -> torch.Tensor:
    return r + b * k


SLIPS = (
    *common_slips(negative_elbo),
    Slip("kl-not-in-loss", "The KL divergence is not part of what is minimised: the loss is reconstruction + beta * kl.", "wrong", _weighed(lambda r, k, b, n: r)),
    Slip("beta-ignored", "`beta` does not come in: the loss is reconstruction + beta * kl; pass beta on to `vae_loss`.", "wrong", _weighed(lambda r, k, b, n: r + k)),
    Slip("beta-on-reconstruction", "`beta` weighs the reconstruction; it belongs to the KL.", "wrong", _weighed(lambda r, k, b, n: b * r + k)),
    Slip("beta-on-both", "`beta` weighs both terms; it belongs to the KL alone.", "wrong", _weighed(lambda r, k, b, n: b * (r + k))),
    Slip("beta-squared", "`beta` comes in twice (squared).", "wrong", _weighed(lambda r, k, b, n: r + b * b * k)),
    Slip("reconstruction-not-in-loss", "The reconstruction is not part of what is minimised.", "wrong", _weighed(lambda r, k, b, n: b * k)),
    Slip("kl-subtracted", "The KL divergence is subtracted: codes are driven away from the prior.", "wrong", _weighed(lambda r, k, b, n: r - b * k)),
    Slip("bce-averaged", "The reconstruction is averaged over the 784 pixels while the KL is summed: as if beta were 784 times larger. Sum over pixels.", "wrong", _weighed(lambda r, k, b, n: r / 784 + b * k)),
    Slip("kl-averaged", "The KL is averaged over the latents while the reconstruction is summed: sum over the latents.", "wrong", _weighed(lambda r, k, b, n: r + b * k / 6)),
    Slip("kl-divided-by-pixels", "The KL is divided by 784 while the reconstruction is summed over pixels: it hardly counts.", "wrong", _weighed(lambda r, k, b, n: r + b * k / 784)),
    Slip("kl-summed-over-batch", "The KL is summed over the batch while the reconstruction is averaged over it.", "wrong", _weighed(lambda r, k, b, n: r + b * k * n)),
    Slip("kl-divided-by-batch", "The KL is divided by the batch size once too often.", "wrong", _weighed(lambda r, k, b, n: r + b * k / n)),
    Slip("kl-half-missing", "The factor 1/2 of the KL is missing.", "wrong", _weighed(lambda r, k, b, n: r + 2 * b * k)),
    Slip("bce-summed-over-batch", "The reconstruction is summed over the batch while the KL is averaged over it.", "wrong", _weighed(lambda r, k, b, n: r * n + b * k)),
    Slip("summed-over-batch", "The loss is summed over the batch, so the step grows with the batch size: average over the batch.", "near", _weighed(lambda r, k, b, n: n * (r + b * k))),
    Slip("graph-cut", "The sampled latent is cut off from the encoder (`.detach()`, `.data` or `.sample()`): it learns from the KL alone.", "wrong", _weighed(_plain, detach="mu logvar")),
    Slip("graph-cut", "In the sampled latent mu is detached: the encoder's means learn from the KL alone.", "wrong", _weighed(_plain, detach="mu")),
    Slip("graph-cut", "In the sampled latent sigma is detached: logvar learns from the KL alone.", "wrong", _weighed(_plain, detach="logvar")),
    Slip("mse-instead-of-bce", "The reconstruction is the squared error; this lab asks for the binary cross-entropy.", "wrong", _weighed(_plain, squared=True)),
)  # fmt: skip
