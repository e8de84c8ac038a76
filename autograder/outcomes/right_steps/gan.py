"""The training step of control runs of the lab `gan`; sent to the control's worker as text.

It calls nothing of the student's code but the two networks.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional

LATENT = 100


def train_step(
    generator: Any,
    discriminator: Any,
    opt_g: torch.optim.Optimizer,
    opt_d: torch.optim.Optimizer,
    real: torch.Tensor,
) -> float:
    """One update of the discriminator, then two of the generator (Goodfellow et al. 2014, non-saturating).

    Real labels are smoothed to 0.9, one-sided (Salimans et al. 2016).
    """
    bce = functional.binary_cross_entropy_with_logits
    generator.train()
    discriminator.train()
    with torch.no_grad():
        fake = generator(torch.randn(len(real), LATENT))
    on_real, on_fake = discriminator(real), discriminator(fake)
    loss: torch.Tensor = bce(on_real, torch.full_like(on_real, 0.9)) + bce(on_fake, torch.zeros_like(on_fake))
    opt_d.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    opt_d.step()
    for _ in range(2):
        on_fake = discriminator(generator(torch.randn(len(real), LATENT)))
        opt_g.zero_grad()
        bce(on_fake, torch.ones_like(on_fake)).backward()  # type: ignore[no-untyped-call]
        opt_g.step()
    return loss.item()
