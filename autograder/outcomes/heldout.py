"""Digits that only the grader has: never in `course`, never inside a worker's file system."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import torch

FILE = Path(__file__).with_name("heldout.npz")


@cache
def heldout_digits() -> tuple[torch.Tensor, torch.Tensor]:
    """Images `(1000, 784)` float32 in [0, 1] and labels `(1000,)` int64."""
    with np.load(FILE) as data:
        images = torch.from_numpy(data["images"]).reshape(-1, 784).float() / 255
        return images, torch.from_numpy(data["labels"]).long()


@cache
def training_digits(count: int) -> torch.Tensor:
    """The first training digits that the course embeds, `(count, 784)`: what short runs train on."""
    from course.data.mnist import load_mnist

    return load_mnist().train_images[:count].reshape(-1, 784).contiguous()


@cache
def mean_digit() -> torch.Tensor:
    """The average of the embedded training digits, `(1, 784)`: what a model shows that learned nothing else."""
    from course.data.mnist import load_mnist

    return load_mnist().train_images.reshape(-1, 784).mean(0, keepdim=True)
