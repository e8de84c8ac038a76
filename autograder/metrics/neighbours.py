"""Do samples lie where real images lie, and do they reach all of them?"""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Neighbourhoods:
    """What the balls around each point, out to its k-th neighbour of the same set, say about two sets."""

    precision: float  # share of samples that lie in a ball of a real image
    recall: float  # share of real images that lie in a ball of a sample
    density: float  # mean number of balls of real images around a sample, over k; can exceed 1
    coverage: float  # share of real images with a sample in their ball


def neighbourhoods(real: torch.Tensor, fake: torch.Tensor, k: int = 5) -> Neighbourhoods:
    """Precision, recall, density and coverage of features `(N, D)` and `(M, D)`, Euclidean, in float64.

    Precision and recall are the improved ones of Kynkaanniemi et al. 2019, equations 1 and 2; density and
    coverage are Naeem et al. 2020, equations 4 and 5. A point is in a ball if it is nearer to its centre
    than the k-th other point of the centre's set, or as near.

    Raises:
        ValueError: a set has no more than k rows.
    """
    if min(len(real), len(fake)) <= k:
        raise ValueError(f"the {k}-th neighbour needs more than {k} rows, not {len(real)} and {len(fake)}")
    real, fake = real.double(), fake.double()
    apart = torch.cdist(real, fake)  # (N, M)
    in_real = apart <= _radii(real, k)[:, None]  # (N, M): sample j in the ball of real image i
    in_fake = apart <= _radii(fake, k)[None, :]
    return Neighbourhoods(
        precision=float(in_real.any(0).double().mean()),
        recall=float(in_fake.any(1).double().mean()),
        density=float(in_real.double().sum() / (k * len(fake))),
        coverage=float(in_real.any(1).double().mean()),
    )


def _radii(points: torch.Tensor, k: int) -> torch.Tensor:
    """Distance of each point to the k-th other one, `(N,)`."""
    nearest = torch.cdist(points, points).fill_diagonal_(0).topk(k + 1, largest=False).values
    return nearest[:, -1]  # the first is the point itself
