"""Minimal right components of the lab `gan`, put in place of a student's other components.

Sent to the worker as text. They are far from a good model: they only have to be right. Generator and
discriminator have few weights and smooth formulas, so the grader can follow every update in float64.
"""

from __future__ import annotations

import torch
from torch import nn


class Dense(nn.Module):
    """An affine map; in eval mode shifted by `shift`, so that the mode shows in the numbers."""

    def __init__(self, inputs: int, outputs: int, shift: float = 0.0, gain: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / inputs**0.5)
        self.bias = nn.Parameter(torch.randn(outputs) * 0.1)
        self.seen: torch.Tensor
        self.register_buffer("seen", torch.zeros(1))  # passes in train mode: sampling must not add to it
        self.shift, self.gain = shift, gain
        self.recorded = False  # whether the last forward pass recorded a graph

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.gain * (x @ self.weight.T + self.bias)
        self.recorded = y.requires_grad
        if self.training:
            self.seen += 1
        return y if self.training else y + self.shift


class Generator(nn.Module):
    """`(B, L) -> (B, 3, 64, 64)` in [-1, 1]: pictures of 8 x 8 squares. What it is given passes through `.body`."""

    def __init__(
        self,
        latent_dim: int = 100,
        width: int = 64,
        *_: object,
        shift: float = 0.0,
        gain: float = 1.0,
        **__: object,
    ) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        self.body = Dense(latent_dim, 3 * 8 * 8, shift, gain)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        if z.dim() != 2 or z.shape[1] != self.latent_dim:
            raise ValueError(
                f"this generator has latent_dim={self.latent_dim} and takes noise of shape (B, {self.latent_dim}); "
                f"it was given {tuple(z.shape)}"
            )
        return self.squares(z).repeat_interleave(8, 2).repeat_interleave(8, 3)

    def squares(self, z: torch.Tensor) -> torch.Tensor:
        """The colours `(B, 3, 8, 8)` of the squares that the pictures are made of."""
        return torch.tanh(self.body(z)).view(-1, 3, 8, 8)


class Discriminator(nn.Module):
    """`(B, 3, 64, 64) -> (B,)` logits: of the mean colours of 4 x 4 squares, bent, so that each image has its own gradient."""

    def __init__(
        self, width: int = 64, *_: object, shift: float = 0.0, gain: float = 1.0, **__: object
    ) -> None:
        super().__init__()
        self.body = Dense(3 * 4 * 4, 8, 0.0, gain)
        self.head = Dense(8, 1, shift, gain)
        # Of a size at which the weights of real networks are clipped, as a WGAN's are; those above are far smaller.
        self.level = nn.Parameter(torch.tensor([0.05]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        size = (
            x.shape[-1] // 4
        )  # the mean colours `(B, 3, 4, 4)` are the same for an image and for its squares
        squares = x.view(-1, 3, 4, size, 4, size).mean((3, 5))
        logits: torch.Tensor = self.head(torch.tanh(3 * self.body(squares.flatten(1))))
        return logits.squeeze(1) + self.level


class Wrapped(nn.Module):
    """A discriminator inside another module, as the course's `Augmented` has it."""

    def __init__(self, wrapped: nn.Module) -> None:
        super().__init__()
        self.wrapped = wrapped

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.wrapped(x)
        return logits


def discriminator_loss(
    real_logits: torch.Tensor, fake_logits: torch.Tensor, smoothing: float = 0.9, *_: object, **__: object
) -> torch.Tensor:
    softplus = nn.functional.softplus
    on_real = (softplus(real_logits) - smoothing * real_logits).mean()
    return on_real + softplus(fake_logits).mean()


def generator_loss(fake_logits: torch.Tensor, *_: object, **__: object) -> torch.Tensor:
    return nn.functional.softplus(-fake_logits).mean()


def discriminator_step(
    generator: nn.Module,
    discriminator: nn.Module,
    opt_d: torch.optim.Optimizer,
    real: torch.Tensor,
    *_: object,
    **__: object,
) -> float:
    generator.train()
    discriminator.train()
    with torch.no_grad():
        fake = generator(torch.randn(len(real), int(generator.latent_dim)))  # type: ignore[arg-type]
    loss = discriminator_loss(discriminator(real), discriminator(fake))
    opt_d.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    opt_d.step()
    return loss.item()


def generator_step(
    generator: nn.Module,
    discriminator: nn.Module,
    opt_g: torch.optim.Optimizer,
    batch_size: int,
    *_: object,
    **__: object,
) -> float:
    generator.train()
    discriminator.train()
    fake = generator(torch.randn(batch_size, int(generator.latent_dim)))  # type: ignore[arg-type]
    loss = generator_loss(discriminator(fake))
    opt_g.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    opt_g.step()
    return loss.item()
