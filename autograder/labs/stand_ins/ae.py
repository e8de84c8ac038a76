"""Minimal right components of the lab `ae`, put in place of a student's other components.

Sent to the worker as text. They are far from a good model: they only have to be right.
"""

from __future__ import annotations

import torch
from torch import nn


class Part(nn.Module):
    """An affine map; in eval mode shifted by `shift`, so that the mode shows in the numbers."""

    def __init__(self, inputs: int, outputs: int, shift: float = 0.0, gain: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / inputs**0.5)
        self.bias = nn.Parameter(torch.randn(outputs) * 0.1)
        self.seen: torch.Tensor
        self.register_buffer("seen", torch.zeros(1))  # passes in train mode: evaluating must not add to it
        self.shift, self.gain = shift, gain
        self.recorded = False  # whether the last forward pass recorded a graph

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.gain * (x @ self.weight.T + self.bias)
        self.recorded = y.requires_grad
        if self.training:
            self.seen += 1
        return y if self.training else y + self.shift


class Encoder(Part):
    """`(B, 784) -> (B, L)`."""

    def __init__(
        self, latent_dim: int = 32, *_: object, shift: float = 0.0, gain: float = 1.0, **__: object
    ) -> None:
        super().__init__(784, latent_dim, shift, gain)
        self.latent_dim = latent_dim

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = super().forward(x)
        return y + torch.sin(8 * y)  # bent, so that mixing pixels differs from mixing codes


class Decoder(Part):
    """`(B, L) -> (B, 784)`, sigmoid output."""

    def __init__(
        self, latent_dim: int = 32, *_: object, shift: float = 0.0, gain: float = 1.0, **__: object
    ) -> None:
        super().__init__(latent_dim, 784, shift, gain)
        self.latent_dim = latent_dim

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(super().forward(x))


class AutoEncoder(nn.Module):
    """`(B, 784) -> (B, 784)`."""

    def __init__(
        self, latent_dim: int = 32, *_: object, shift: float = 0.0, gain: float = 1.0, **__: object
    ) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        self.encoder = Encoder(latent_dim, shift=shift)
        self.decoder = Decoder(latent_dim, shift=shift, gain=gain)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x_hat: torch.Tensor = self.decoder(self.encoder(x))
        return x_hat


def reconstruction_loss(x_hat: torch.Tensor, x: torch.Tensor, *_: object, **__: object) -> torch.Tensor:
    return ((x_hat - x) ** 2).mean()


def train_step(model: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor) -> float:
    model.train()
    optimizer.zero_grad()
    loss = reconstruction_loss(model(x), x)
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    return loss.item()
