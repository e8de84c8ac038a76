"""Measures a trained VAE: KL and activity of each latent, the evidence, what the KL is made of."""

from __future__ import annotations

import math
from types import SimpleNamespace

import torch
from torch import nn


@torch.no_grad()
def kl_by_unit(model: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """The KL of each latent in nats, averaged over the images `(N, 784)`: `(L,)`."""
    mu, logvar = model.encoder(x)
    return (0.5 * (mu**2 + logvar.exp() - logvar - 1)).mean(0)


@torch.no_grad()
def active_units(model: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Which latents `(L,)` have a mean that varies over the images by more than 0.01 (Burda et al. 2016)."""
    return model.encoder(x)[0].var(0) > 0.01


@torch.no_grad()
def spread_of_latents(model: nn.Module, x: torch.Tensor) -> tuple[float, float]:
    """The smallest and the largest standard deviation of a coordinate of z, over images and draws together."""
    mu, logvar = model.encoder(x)
    spread = (mu.var(0) + logvar.exp().mean(0)).sqrt()  # the law of total variance
    return float(spread.min()), float(spread.max())


def log_normal(z: torch.Tensor, mu: torch.Tensor, logvar: torch.Tensor) -> torch.Tensor:
    """The log density of N(mu, exp(logvar)), summed over the last dimension."""
    return -0.5 * ((z - mu) ** 2 / logvar.exp() + logvar + math.log(2 * math.pi)).sum(-1)


@torch.no_grad()
def evidence(lab: SimpleNamespace, model: nn.Module, x: torch.Tensor, draws: int) -> tuple[float, float]:
    """An estimate of log p(x) in nats and the ELBO, both as means over the images `(N, 784)`.

    The estimate is the importance-weighted bound of Burda et al. 2016, eq. 8, which grows to log p(x)
    with the number of draws.
    """
    torch.manual_seed(2)
    weights = []
    for image in x:
        mu, logvar = (row.expand(draws, -1) for row in model.encoder(image[None]))
        z = lab.reparameterize(mu, logvar)  # (draws, L)
        p = model.decoder(z).clamp(1e-7, 1 - 1e-7)
        log_p = (image * p.log() + (1 - image) * (1 - p).log()).sum(1)  # (draws,)
        weights.append(log_p + log_normal(z, torch.zeros(()), torch.zeros(())) - log_normal(z, mu, logvar))
    log_w = torch.stack(weights)  # (N, draws)
    return float((log_w.logsumexp(1) - math.log(draws)).mean()), float(log_w.mean())


@torch.no_grad()
def information(model: nn.Module, x: torch.Tensor) -> tuple[float, float, float]:
    """The mean KL in nats, and its two parts by Hoffman & Johnson 2016: information of z about x, mismatch.

    One draw of z for each of the N images; the aggregated posterior is the mixture of all N clouds.
    """
    torch.manual_seed(3)
    mu, logvar = model.encoder(x)
    z = mu + (0.5 * logvar).exp() * torch.randn_like(mu)
    own = log_normal(z, mu, logvar)
    mixture = torch.cat(
        [log_normal(part[:, None], mu, logvar).logsumexp(1) - math.log(len(x)) for part in z.split(250)]
    )
    kl = float((0.5 * (mu**2 + logvar.exp() - logvar - 1)).sum(1).mean())
    shared = float((own - mixture).mean())
    return kl, shared, kl - shared
