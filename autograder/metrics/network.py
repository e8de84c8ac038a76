"""What does a feature network see in an image? Features that the metrics compare, and a class.

The networks are small classifiers of our own, one for each kind of images. Metrics on features follow
Heusel et al. 2017 with such a network in the place of Inception, which is 90 MB and knows no digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load
from torch import nn

FOLDER = Path(__file__).parent
BATCH = 500  # images at a time: larger ones leave the processor's cache and are slower


@dataclass(frozen=True)
class Shape:
    """What a feature network takes and gives."""

    channels: int  # of its images
    side: int  # of its images, in pixels; a multiple of 4
    dim: int  # features
    classes: int


SHAPES = {"digits": Shape(channels=1, side=28, dim=48, classes=10)}


@dataclass(frozen=True)
class Seen:
    """What a feature network saw in `N` images, in float64."""

    features: torch.Tensor  # (N, D); over the real digits it was made with: mean 0, variance 1
    probabilities: torch.Tensor  # (N, classes)

    def __len__(self) -> int:
        return len(self.features)

    def __getitem__(self, rows: torch.Tensor | slice) -> Seen:
        return Seen(self.features[rows], self.probabilities[rows])


class FeatureNetwork(nn.Module):
    """A classifier of images `(N, channels * side * side)`; the layer before the last gives the features.

    The features are taken before the ReLU, where they are nearer to the Gaussian that the Frechet distance
    takes them for, and standardised, so that every metric has the same unit: the spread of real images.
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.body = nn.Sequential(
            nn.Unflatten(1, (shape.channels, shape.side, shape.side)),
            nn.Conv2d(shape.channels, 16, 5, stride=2, padding=2),  # => (16, side / 2, side / 2)
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),  # => (32, side / 4, side / 4)
            nn.ReLU(),
            nn.Conv2d(32, 48, 3, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(48 * (shape.side // 4) ** 2, shape.dim),
        )
        self.head = nn.Linear(shape.dim, shape.classes)
        self.register_buffer("mean", torch.zeros(shape.dim))
        self.register_buffer("std", torch.ones(shape.dim))

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Features `(N, D)` and logits `(N, classes)`."""
        raw = self.body(images)
        return (raw - self.mean) / self.std, self.head(F.relu(raw))

    @torch.no_grad()
    def see(self, images: torch.Tensor) -> Seen:
        """Look at images `(N, channels * side * side)`, float32 on the CPU, with any `N` of at least 1."""
        parts = [self(batch) for batch in torch.split(images, BATCH)]
        features, logits = (torch.cat(part).double() for part in zip(*parts, strict=True))
        return Seen(features, logits.softmax(1))


def weights_file(name: str) -> Path:
    """Where the weights of the feature network `name` lie."""
    return FOLDER / f"{name}.safetensors"


def from_weights(name: str, weights: Mapping[str, torch.Tensor]) -> FeatureNetwork:
    """The feature network `name` with these weights, in eval mode, in float32."""
    network = FeatureNetwork(SHAPES[name])
    network.load_state_dict({key: tensor.float() for key, tensor in weights.items()})
    return network.eval().requires_grad_(False)


@cache
def feature_network(name: str) -> FeatureNetwork:
    """The feature network that the grader ships under this name, such as "digits".

    Raises:
        KeyError: there is no network of that name.
    """
    return from_weights(name, load(weights_file(name).read_bytes()))
