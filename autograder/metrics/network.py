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
    side: int  # of its images, in pixels
    layers: tuple[tuple[int, int, int], ...]  # of convolutions: channels, kernel, stride
    dim: int  # features
    classes: int

    @property
    def flat(self) -> int:
        """Numbers in an image."""
        return self.channels * self.side**2


SHAPES = {
    "digits": Shape(1, 28, ((16, 5, 2), (32, 3, 2), (48, 3, 1)), dim=48, classes=10),
    "art": Shape(3, 64, ((32, 5, 2), (64, 3, 2), (96, 3, 2), (128, 3, 2)), dim=64, classes=10),
}


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
        body: list[nn.Module] = [nn.Unflatten(1, (shape.channels, shape.side, shape.side))]
        channels, side = shape.channels, shape.side
        for out, kernel, stride in shape.layers:
            body += [nn.Conv2d(channels, out, kernel, stride, padding=kernel // 2), nn.ReLU()]
            channels, side = out, -(-side // stride)
        self.body = nn.Sequential(*body, nn.Flatten(), nn.Linear(channels * side**2, shape.dim))
        self.head = nn.Linear(shape.dim, shape.classes)
        self.register_buffer("mean", torch.zeros(shape.dim))
        self.register_buffer("std", torch.ones(shape.dim))

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Features `(N, D)` and logits `(N, classes)`."""
        raw = self.body(images)
        return (raw - self.mean) / self.std, self.head(F.relu(raw))

    @torch.no_grad()
    def see(self, images: torch.Tensor) -> Seen:
        """Look at images `(N, channels * side * side)` on the CPU, float32 in [0, 1] or bytes, `N` at least 1."""
        parts = [
            self(batch.float() / 255 if batch.dtype == torch.uint8 else batch)
            for batch in torch.split(images, BATCH)
        ]
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
