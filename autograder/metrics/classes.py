"""Which classes do samples show, and how evenly?"""

from __future__ import annotations

import torch

SURE = 0.5  # a sample shows a class if the classifier gives it more than this


def sure_labels(probabilities: torch.Tensor) -> torch.Tensor:
    """The classes of those among `N` samples that show one, from probabilities `(N, classes)`.

    What shows none (a mean image, noise, something between digits) is the nearest to some class all the
    same; counting its label would find all ten digits in bad samples.
    """
    confidence, labels = probabilities.max(1)
    return labels[confidence > SURE]


def class_entropy(labels: torch.Tensor, classes: int) -> float:
    """Entropy in nats of the shares of the classes: ln(classes) where all are equal, 0 without labels."""
    shares = torch.bincount(labels, minlength=classes).double() / max(len(labels), 1)
    return float(torch.special.entr(shares).sum())


def class_coverage(labels: torch.Tensor, classes: int, samples: int) -> float:
    """Share of the classes that hold at least one tenth of their fair share of so many samples."""
    counts = torch.bincount(labels, minlength=classes)
    return float((counts * classes * 10 >= samples).double().mean())
