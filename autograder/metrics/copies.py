"""Are samples copies of images that their maker was given?

A sample of a model that has learned lies about as far from its nearest known image as from the next: in
784 dimensions there is no other known image of just that digit. A copy lies much nearer to one of them,
also where it is slightly noised, blended or softened. Comparing the two distances with each other, and not
with a fixed one, is what keeps soft samples of an honest VAE, near to everything, clear of the accusation.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F

CANDIDATES = 8  # images whose exact distance is measured; four times as many cost more than all of them
RATIO = 0.5  # unseen real digits, softened or not, stay above it; copies are below it until they are blurs


@dataclass(frozen=True)
class Known:
    """Images `(N, D)` that everybody has, ready for searching."""

    images: torch.Tensor
    coarse: torch.Tensor
    shape: tuple[int, int, int]

    @classmethod
    def make(cls, images: torch.Tensor, shape: tuple[int, int, int]) -> Known:
        return cls(images, _coarse(images, shape), shape)

    def nearest(self, samples: torch.Tensor) -> torch.Tensor:
        """Euclidean distances of samples `(M, D)` to the nearest and the next nearest image, `(M, 2)` float64.

        The nearest are sought in images of half the resolution, which is three times quicker, and then
        measured exactly: averaging pixels never increases a distance, so a copy is always found. Between
        images that are about as near as each other the search may miss the nearest by some percent.
        """
        found = []
        coarse = _coarse(samples, self.shape)
        for part, small in zip(torch.split(samples, 500), torch.split(coarse, 500), strict=True):
            index = torch.cdist(small, self.coarse).topk(CANDIDATES, largest=False).indices  # (m, CANDIDATES)
            exact = (self.images[index] - part[:, None]).double().square().sum(2).sqrt()
            found.append(exact.topk(2, largest=False, sorted=True).values)
        return torch.cat(found)


def _coarse(images: torch.Tensor, shape: tuple[int, int, int]) -> torch.Tensor:
    return F.avg_pool2d(images.view(-1, *shape), 2).flatten(1)


def copied(distances: torch.Tensor) -> float:
    """Share of samples that are copies: less than half as far from the nearest image as from the next.

    Takes the distances `(M, 2)` of `Known.nearest`. The criterion is that of Yoon et al. 2023, "Diffusion
    probabilistic models generalize when they fail to memorize", with 1/2 in the place of 1/3, so that it
    also finds copies that are softened as a VAE would.
    """
    return float((distances[:, 0] < RATIO * distances[:, 1]).double().mean())
