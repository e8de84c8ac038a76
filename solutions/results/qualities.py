"""Three qualities that the grader does not judge: sharp pictures, codes that tell classes apart, room between the codes."""

from __future__ import annotations

import torch

HIGH = 0.25  # cycles per pixel: a pattern that repeats every four pixels, half of what a grid of pixels can carry
RECOGNISED = 0.9  # a picture is recognised if the classifier gives one digit more than this


def sharpness(images: torch.Tensor) -> float:
    """Share of a picture's energy that lies at high frequencies, the mean over pictures `(N, C, H, W)`.

    Energy is the squared magnitude of the Fourier transform without its mean, high is above a quarter of a cycle per
    pixel in any direction. A blur lowers it; noise and broken strokes raise it, so it says nothing of sense. Pictures
    of one colour are left out.
    """
    x = images.double()
    energy = torch.fft.fft2(x - x.mean((2, 3), keepdim=True)).abs().square().sum(1)  # (N, H, W)
    down, across = (torch.fft.fftfreq(size, dtype=torch.float64) for size in x.shape[2:])
    high = (down[:, None] ** 2 + across**2).sqrt() > HIGH  # (H, W)
    total = energy.sum((1, 2))
    some = total > 1e-9
    return float((energy[:, high].sum(1)[some] / total[some]).mean())


def separability(codes: torch.Tensor, labels: torch.Tensor, k: int = 5) -> float:
    """Share of codes `(N, L)` whose `k` nearest others, Euclidean, have mostly its own label; a tie is the smaller label."""
    x = codes.double()
    apart = torch.cdist(x, x).fill_diagonal_(torch.inf)
    near = labels[apart.topk(k, largest=False).indices]  # (N, k)
    votes = torch.nn.functional.one_hot(near).sum(1)  # (N, classes)
    return float((votes.argmax(1) == labels).double().mean())


def gaussian_of(codes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean `(L,)` and a root `(L, L)` of the covariance of codes `(N, L)`: `mean + eps @ root` is a draw, in float64."""
    x = codes.double()
    values, vectors = torch.linalg.eigh(torch.cov(x.T))
    return x.mean(0), values.clamp(min=0).sqrt()[:, None] * vectors.T


def recognised(probabilities: torch.Tensor) -> float:
    """Share of pictures in which the classifier is sure to see one digit, from probabilities `(N, classes)`."""
    return float((probabilities.amax(1) > RECOGNISED).double().mean())
