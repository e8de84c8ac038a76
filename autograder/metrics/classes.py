"""Which classes do samples show, and how evenly?"""

from __future__ import annotations

import torch


def class_entropy(labels: torch.Tensor, classes: int) -> float:
    """Entropy in nats of the shares of the classes among labels `(N,)`: ln(classes) where all are equal."""
    shares = torch.bincount(labels, minlength=classes).double() / len(labels)
    return float(torch.special.entr(shares).sum())


def class_coverage(labels: torch.Tensor, classes: int) -> float:
    """Share of the classes that hold at least one tenth of their fair share of labels `(N,)`."""
    counts = torch.bincount(labels, minlength=classes)
    return float((counts * classes * 10 >= len(labels)).double().mean())
