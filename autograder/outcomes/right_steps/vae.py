"""The training step of control runs of the lab `vae`; sent to the control's worker as text.

It goes through `.encoder` and `.decoder` itself, so nothing else of the student's code takes part.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional


def train_step(model: Any, optimizer: torch.optim.Optimizer, x: torch.Tensor) -> float:
    """One step up the evidence lower bound (Kingma & Welling 2014, equation 10), with one z for each digit."""
    model.train()
    optimizer.zero_grad()
    mu, logvar = model.encoder(x)
    x_hat = model.decoder(mu + torch.exp(logvar / 2) * torch.randn_like(mu))
    reconstruction = functional.binary_cross_entropy(x_hat, x, reduction="sum")
    kl = 0.5 * (mu.square() + logvar.exp() - 1 - logvar).sum()
    loss: torch.Tensor = (reconstruction + kl) / len(x)
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    return loss.item()
