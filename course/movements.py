"""What do pictures show, and how far are they from real ones? Seen with the grader's own feature networks.

The networks that look are the grader's: one small classifier of the digits, one of the painter's ten movements.
What a notebook prints is therefore measured with the yardstick that also measures the model that you hand in.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from course.checking import grader

SURE = 0.5  # a picture shows a class if the network gives it more than this


@dataclass(frozen=True)
class Seen:
    """What a feature network saw in `N` pictures."""

    features: torch.Tensor  # (N, D) float64; over real pictures: mean 0, variance 1
    classes: torch.Tensor  # (N,) int64: the digit, or an index into `load_art().movements`; -1: none of them

    @property
    def movements(self) -> torch.Tensor:
        """The classes of art."""
        return self.classes

    def counts(self, classes: int = 10) -> torch.Tensor:
        """How many pictures show each class, `(classes,)` int64; those that show none are left out."""
        return torch.bincount(self.classes[self.classes >= 0], minlength=classes)

    def covered(self, classes: int = 10) -> int:
        """How many classes hold at least a tenth of their fair share of the pictures."""
        return int((self.counts(classes) * classes * 10 >= len(self.classes)).sum())


def see_art(images: torch.Tensor) -> Seen:
    """Look at paintings (N, 3, 64, 64) in [-1, 1], on any device: 64 features each, and the movement."""
    return _see("art", images.detach().cpu().float().flatten(1).add(1).div(2))  # (N, 3 * 64 * 64)


def see_digits(images: torch.Tensor) -> Seen:
    """Look at digits (N, 784) in [0, 1], on any device: 48 features each, and the digit."""
    return _see("digits", images.detach().cpu().float().flatten(1))


def art_distance(one: Seen, other: Seen) -> float:
    """The squared Frechet distance between two sets of pictures.

    0 for equal sets, small for two samples of one painter, large where the pictures differ in kind or in
    variety. (Heusel et al. 2017, with a small network in the place of Inception.) Take at least 1,000 pictures
    each: the fewer, the larger the distance, even between two sets by the same painter.
    """
    return float(grader("metrics.frechet").frechet_distance(one.features, other.features))


def _see(network: str, pixels: torch.Tensor) -> Seen:
    """Look at flat pictures whose pixels should lie in [0, 1]; what lies outside is cut off."""
    seen = grader("metrics.network").feature_network(network).see(pixels.clamp(0, 1))
    confidence, labels = seen.probabilities.max(dim=1)
    return Seen(seen.features, labels.where(confidence > SURE, -1))
