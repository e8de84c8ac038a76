"""MNIST digits as tensors: a small set that ships with the course, or all of it through torchvision.

MNIST was made by Yann LeCun, Corinna Cortes and Christopher J. C. Burges from data of NIST
(http://yann.lecun.com/exdb/mnist/) and is licensed under CC BY-SA 3.0; so is the part in `mnist.npz`.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

EMBEDDED = Path(__file__).with_name("mnist.npz")
# Written by `python -m solutions.make_mnist`, which prints the line to put here.
SHA256 = "0f13b3d4b41e8f9fcc5d7894d35d91c99266fde411a39964f88fe9abd8c18588"
DOWNLOADS = Path("~/.cache/genlab")
# Bytes of the four files that torchvision unpacks; a broken download has another size.
RAW_SIZES = {
    "train-images-idx3-ubyte": 47_040_016,
    "train-labels-idx1-ubyte": 60_008,
    "t10k-images-idx3-ubyte": 7_840_016,
    "t10k-labels-idx1-ubyte": 10_008,
}


class DataError(RuntimeError):
    """A data file is missing or damaged; the message names it and says how to mend it."""


@dataclass(frozen=True)
class Mnist:
    """Digits, flattened row by row, and which digit each of them is.

    Images are float32 in [0, 1] (0 is background), shape `(N, 784)`; labels int64 in 0..9, shape `(N,)`.
    """

    train_images: torch.Tensor
    train_labels: torch.Tensor
    test_images: torch.Tensor
    test_labels: torch.Tensor


def load_mnist(
    full: bool = False,
    root: str | Path | None = None,
    device: torch.device | str | None = None,
) -> Mnist:
    """Load MNIST as tensors that stay in memory, on `device` (the CPU where it is None).

    By default: the first 10,000 training and the first 2,000 test digits, which come with the course
    and need no network. With `full=True`: all 60,000 and 10,000; the first call downloads 12 MB into
    `root` (by default `.cache/genlab` in your home folder).

    Raises:
        DataError: a file is missing, damaged, or could not be downloaded.
    """
    arrays = _full(Path(root or DOWNLOADS).expanduser()) if full else _embedded(EMBEDDED)
    return Mnist(
        train_images=_pixels(arrays["train_images"], device),
        train_labels=torch.as_tensor(arrays["train_labels"], dtype=torch.int64).to(device),
        test_images=_pixels(arrays["test_images"], device),
        test_labels=torch.as_tensor(arrays["test_labels"], dtype=torch.int64).to(device),
    )


def _pixels(images: np.ndarray, device: torch.device | str | None) -> torch.Tensor:
    flat = torch.from_numpy(images).reshape(len(images), 784)  # (N, 28, 28) => (N, 784)
    return flat.to(device).float().div_(255)  # move bytes, not floats: four times less to copy


def _embedded(path: Path) -> dict[str, np.ndarray]:
    mend = "Install the course again: pip install --force-reinstall --no-deps genlab (or your copy of it)"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"The digits that come with the course cannot be read: {path} ({error}). {mend}"
        ) from error
    if (found := hashlib.sha256(content).hexdigest()) != SHA256:
        raise DataError(
            f"The digits that come with the course are damaged: {path} holds {len(content)} bytes with "
            f"checksum {found[:12]}..., expected {SHA256[:12]}... . {mend}"
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def _full(root: Path) -> dict[str, np.ndarray]:
    from course.data.vision import import_torchvision

    raw = root / "MNIST" / "raw"
    mnist = import_torchvision().datasets.MNIST
    _check_sizes(raw)
    try:
        train, test = (mnist(str(root), train=part, download=True) for part in (True, False))
    except Exception as error:  # whatever the network or the disk did, the way out is the same
        raise DataError(
            f"The full MNIST could not be downloaded into {raw}: {type(error).__name__}: {error}. "
            "Check the network and run the cell again, or go on offline with load_mnist(full=False)."
        ) from error
    _check_sizes(raw)
    return {
        "train_images": train.data.numpy(),
        "train_labels": train.targets.numpy(),
        "test_images": test.data.numpy(),
        "test_labels": test.targets.numpy(),
    }


def _check_sizes(raw: Path) -> None:
    for name, size in RAW_SIZES.items():
        file = raw / name
        if file.exists() and file.stat().st_size != size:
            raise DataError(
                f"A file of the full MNIST is damaged: {file} has {file.stat().st_size} bytes, "
                f"expected {size}. Delete it and run the cell again: it is downloaded anew."
            )
