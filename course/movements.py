"""Which movement does a picture belong to, and how far are pictures from the art? In the grader's own features.

The network that looks is the grader's: a small classifier of the painter's ten movements. What the notebook
prints is therefore measured with the yardstick that also measures the model that you hand in.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from course.checking import grader

SURE = 0.5  # a picture shows a movement if the network gives it more than this


@dataclass(frozen=True)
class SeenArt:
    """What the feature network saw in `N` pictures."""

    features: torch.Tensor  # (N, D) float64; over real paintings: mean 0, variance 1
    movements: torch.Tensor  # (N,) int64, an index into `load_art().movements`; -1: none of them

    def counts(self, movements: int = 10) -> torch.Tensor:
        """How many pictures show each movement, `(movements,)` int64; those that show none are left out."""
        return torch.bincount(self.movements[self.movements >= 0], minlength=movements)

    def covered(self, movements: int = 10) -> int:
        """How many movements hold at least a tenth of their fair share of the pictures."""
        return int((self.counts(movements) * movements * 10 >= len(self.movements)).sum())


def see_art(images: torch.Tensor) -> SeenArt:
    """Look at pictures (N, 3, 64, 64) in [-1, 1], on any device."""
    network = grader("metrics.network").feature_network("art")
    flat = images.detach().cpu().float().flatten(1)  # (N, 3 * 64 * 64)
    seen = network.see(flat.add(1).div(2).clamp(0, 1))
    confidence, labels = seen.probabilities.max(dim=1)
    return SeenArt(seen.features, labels.where(confidence > SURE, -1))


def art_distance(one: SeenArt, other: SeenArt) -> float:
    """The squared Frechet distance between two sets of pictures.

    0 for equal sets, small for two samples of one painter, large where the pictures differ in kind or in
    variety. (Heusel et al. 2017, with a small network in the place of Inception.) Take at least 1,000 pictures
    each: the fewer, the larger the distance, even between two sets by the same painter.
    """
    return float(grader("metrics.frechet").frechet_distance(one.features, other.features))
