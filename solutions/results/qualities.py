"""Qualities that the grader does not judge: codes that tell classes apart, room between the codes."""

from __future__ import annotations

import torch

RECOGNISED = 0.9  # a picture is recognised if the classifier gives one digit more than this


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
