"""How good are samples of art? What is measured of any samples, and how generators of pictures fail."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch

from autograder.metrics.frechet import between, fit
from autograder.metrics.network import feature_network
from autograder.metrics.quality import Reference, SampleQuality

SECRET_SEED, SECRET = 977, 500  # paintings that nobody was given
LOOKED_AT = 500  # samples for what the pixels tell
FLAT = 0.02  # a picture whose pixels spread less than this, on a scale from 0 to 1, is one colour


@dataclass(frozen=True)
class ArtQuality:
    """What a set of samples of art is worth."""

    samples: SampleQuality
    diversity: (
        float  # median distance to the nearest other sample, over that of real paintings; 1 is as diverse
    )
    flat: float  # share of samples that are one colour
    noise: float  # 1 where neighbouring pixels have nothing to do with each other; below 0.1 for paintings
    checkerboard: float  # share of the pictures' energy in patterns that repeat every two or four pixels


def measure_art(samples: torch.Tensor, *, seed: int) -> ArtQuality:
    """The quality of pictures `(N, 3, 64, 64)` in [-1, 1]; 2,000 are usual.

    The first call in a process looks at the training art, the others find it there.

    Raises:
        ValueError: another shape, fewer than 6 samples, or a pixel outside [-1, 1].
    """
    images = samples.flatten(1).add(1).div(2) if samples.ndim == 4 else samples
    reference = art()
    quality = reference.measure(images, seed=seed)
    seen = reference.network.see(images[:LOOKED_AT].float().clamp(0, 1)).features
    pictures = images[:LOOKED_AT].reshape(-1, 3, 64, 64).double()
    return ArtQuality(
        quality,
        _nearest(seen) / _nearest(reference.seen.features[: len(seen)]),
        float((pictures.std((2, 3)).amax(1) < FLAT).double().mean()),
        _noise(pictures),
        _checkerboard(pictures),
    )


def art_distance(samples: torch.Tensor) -> float:
    """The Frechet distance of pictures `(N, 3, 64, 64)` in [-1, 1] to the training art.

    Raises:
        ValueError: a value is not finite, or there are fewer than two pictures.
    """
    seen = feature_network("art").see(samples.flatten(1).float().add(1).div(2).clamp(0, 1))
    return between(art().gaussian, fit(seen.features))


@cache
def art() -> Reference:
    """The paintings that the lab trains on, and others that nobody was given."""
    from course.data.art import load_art
    from course.data.images import to_bytes

    def pixels(count: int, seed: int) -> torch.Tensor:
        images = load_art(count, seed, progress=False).images
        return torch.cat([to_bytes(part) for part in torch.split(images, 500)]).flatten(1)

    known = pixels(5_000, 0)
    # Copies are sought at half the resolution: a copy stays one, and the paintings take a quarter of the memory.
    return Reference(feature_network("art"), known, known, pixels(SECRET, SECRET_SEED), side=32)


def _nearest(features: torch.Tensor) -> float:
    """Median distance to the nearest other row."""
    distances = torch.cdist(features, features)
    distances.fill_diagonal_(torch.inf)
    return float(distances.amin(1).median())


def _noise(pictures: torch.Tensor) -> float:
    """Mean squared difference of neighbouring pixels over twice their variance, as a median over pictures."""
    steps = (pictures[..., 1:] - pictures[..., :-1]).square().mean((1, 2, 3))
    steps = steps + (pictures[..., 1:, :] - pictures[..., :-1, :]).square().mean((1, 2, 3))
    variance = pictures.var((2, 3)).mean(1).clamp(min=1e-12)
    return float((steps / (4 * variance)).median())


def _checkerboard(pictures: torch.Tensor) -> float:
    """Share of energy at the frequencies of period 2 and 4 along both axes or one, the mean over pictures.

    What transposed convolutions leave where they overlap unevenly (Odena et al. 2016) has these periods.
    """
    energy = torch.fft.fft2(pictures - pictures.mean((2, 3), keepdim=True)).abs().square().sum(1)
    total = energy.sum((1, 2)).clamp(min=1e-12)
    at = torch.arange(0, 64, 16)
    return float((energy[:, at][:, :, at].sum((1, 2)) / total).mean())
