"""How sharp are pictures, and how restless is a curve? Small measures that lab 4 needs beside those of its exercises."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch

FINE = 0.2  # cycles per pixel: a pattern that repeats at least every five pixels is fine detail


def sharpness(images: torch.Tensor) -> torch.Tensor:
    """The share of fine detail in the contrast of each of `N` pictures, `(N,)` float64 between 0 and 1.

    A picture is a sum of waves (its Fourier transform), and the squared heights of the waves add up to its
    contrast. Counted is the part of waves with more than `FINE` cycles per pixel; blurring takes these away
    first. A picture of one colour has 0.

    Pictures are `(N, 784)`, or `(N, 3, H, H)`, in any range or as bytes. Compare with the value of real pictures: how
    much detail is right depends on the subject. Noise and checkerboards are detail too, so more is not better.
    """
    power, frequency = _power(images)
    fine = power[:, frequency > FINE].sum(1)
    return fine / power.sum(1).clamp_min(torch.finfo(power.dtype).tiny)


def spectrum(images: torch.Tensor, rings: int = 14) -> tuple[torch.Tensor, torch.Tensor]:
    """How much contrast pictures have at each frequency: frequencies `(rings,)` in cycles per pixel, and power `(rings,)`.

    The power is the mean over pictures and over all waves of a ring of equal frequency, whatever their direction; 0.5
    is the finest pattern that pixels can show, light and dark in turn. Pictures as in `sharpness`.
    """
    power, frequency = _power(images)
    edges = torch.linspace(0, 0.5, rings + 1, dtype=frequency.dtype)
    inside = [(frequency > low) & (frequency <= high) for low, high in itertools.pairwise(edges)]
    return (edges[:-1] + edges[1:]) / 2, torch.stack([power[:, ring].mean() for ring in inside])


def largest_rise(values: Sequence[float]) -> float:
    """By what share a curve that should fall has risen above its best value so far, at worst: 0 if it only fell.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("No values: nothing can have risen.")
    best, rise = values[0], 0.0
    for value in values:
        best = min(best, value)
        rise = max(rise, value / best - 1)
    return rise


def _power(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Squared heights of the waves of each picture, `(N, H * H)`, and their frequencies, `(H * H,)`."""
    pictures = images.detach().cpu().double()
    if pictures.ndim == 2:
        side = round(pictures.shape[1] ** 0.5)
        pictures = pictures.view(-1, 1, side, side)  # (N, 1, H, H)
    side = pictures.shape[-1]
    waves = torch.fft.fft2(pictures - pictures.mean(dim=(-2, -1), keepdim=True)).abs().square()
    along = torch.fft.fftfreq(side, dtype=torch.float64)
    return waves.mean(1).flatten(1), (along[:, None].square() + along[None].square()).sqrt().flatten()
