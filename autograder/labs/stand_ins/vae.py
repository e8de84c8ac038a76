"""Minimal right components of the lab `vae`, put in place of a student's other components.

Sent to the worker as text. They are far from a good model: they only have to be right.
"""

from __future__ import annotations

import torch
from torch import nn

from autograder.labs.stand_ins.ae import Decoder, Part

__all__ = ["Decoder"]


class Encoder(nn.Module):
    """`(B, 784) -> (mu, logvar)`, each `(B, L)`: means far apart, small sigmas of very different size."""

    def __init__(
        self,
        latent_dim: int = 32,
        *_: object,
        shift: float = 0.0,
        gain: float = 1.0,
        slow: float = 1.0,
        **__: object,
    ) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        self.mu = Part(784, latent_dim, shift, gain / slow)  # without it means would run away from the rest
        self.logvar = Part(784, latent_dim, shift, gain)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        h = self.mu(x)
        mu = 6 * (h + torch.sin(3 * h) / 3)  # bent, so that mixing pixels differs from mixing codes
        return mu, 2.5 * self.logvar(x) - 4


def reparameterize(mu: torch.Tensor, logvar: torch.Tensor, *_: object, **__: object) -> torch.Tensor:
    return mu + torch.exp(logvar / 2) * torch.randn_like(mu)


class VAE(nn.Module):
    """`(B, 784) -> (x_hat, mu, logvar)`."""

    def __init__(
        self,
        latent_dim: int = 32,
        *_: object,
        shift: float = 0.0,
        gain: float = 1.0,
        slow: float = 1.0,
        **__: object,
    ) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        self.encoder = Encoder(latent_dim, shift=shift, gain=gain, slow=slow)
        self.decoder = Decoder(latent_dim, shift=shift, gain=gain)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        mu, logvar = self.encoder(x)
        return self.decoder(reparameterize(mu, logvar)), mu, logvar


def reconstruction_loss(x_hat: torch.Tensor, x: torch.Tensor, *_: object, **__: object) -> torch.Tensor:
    loss = nn.functional.binary_cross_entropy(x_hat, x, reduction="none")
    return loss.sum(-1).mean()


def kl_divergence(mu: torch.Tensor, logvar: torch.Tensor, *_: object, **__: object) -> torch.Tensor:
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(-1).mean()


def vae_loss(
    x_hat: torch.Tensor,
    x: torch.Tensor,
    mu: torch.Tensor,
    logvar: torch.Tensor,
    beta: float = 1.0,
    *_: object,
    **__: object,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    reconstruction, kl = reconstruction_loss(x_hat, x), kl_divergence(mu, logvar)
    return reconstruction + beta * kl, reconstruction, kl


def train_step(
    model: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor, beta: float = 1.0
) -> dict[str, float]:
    model.train()
    optimizer.zero_grad()
    x_hat, mu, logvar = model(x)
    loss, reconstruction, kl = vae_loss(x_hat, x, mu, logvar, beta)
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    return {"loss": loss.item(), "reconstruction": reconstruction.item(), "kl": kl.item()}


def step_towards(
    model: VAE, optimizer: torch.optim.Optimizer, x: torch.Tensor, z: torch.Tensor, beta: float = 1.0
) -> dict[str, float]:
    """A training step whose draws are given: `eps` is whatever makes mu + sigma * eps equal to z."""
    model.train()
    optimizer.zero_grad()
    mu, logvar = model.encoder(x)
    sigma = torch.exp(logvar / 2)
    eps = ((z - mu) / sigma).detach()
    x_hat = model.decoder(mu + sigma * eps)
    loss, reconstruction, kl = vae_loss(x_hat, x, mu, logvar, beta)
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    values = {"loss": loss.item(), "reconstruction": reconstruction.item(), "kl": kl.item()}
    return values | {"noise": eps.abs().max().item()}
