"""Cut the embedded digits out of the full MNIST: `python -m solutions.make_mnist ROOT`.

ROOT is a folder that `torchvision.datasets.MNIST(ROOT)` reads. Writes `course/data/mnist.npz` (what
students get) and `autograder/outcomes/heldout.npz` (test digits that only the grader uses), and prints
the checksum that `course/data/mnist.py` has to hold.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np

from course.data.vision import import_torchvision

REPOSITORY = Path(__file__).resolve().parent.parent
TRAIN, TEST, HELD_OUT = slice(0, 10_000), slice(0, 2_000), slice(2_000, 3_000)


def make(root: Path, embedded: Path, heldout: Path) -> str:
    """Write both files from the torchvision folder `root`; return the checksum of `embedded`."""
    mnist = import_torchvision().datasets.MNIST
    train, test = mnist(str(root), train=True), mnist(str(root), train=False)
    np.savez_compressed(
        embedded,
        train_images=train.data[TRAIN].numpy(),  # (N, 28, 28) uint8
        train_labels=train.targets[TRAIN].numpy().astype(np.uint8),
        test_images=test.data[TEST].numpy(),
        test_labels=test.targets[TEST].numpy().astype(np.uint8),
    )
    np.savez_compressed(
        heldout,
        images=test.data[HELD_OUT].numpy(),
        labels=test.targets[HELD_OUT].numpy().astype(np.uint8),
    )
    return hashlib.sha256(embedded.read_bytes()).hexdigest()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("root", type=Path, help="folder that torchvision.datasets.MNIST reads")
    digest = make(
        parser.parse_args().root,
        REPOSITORY / "course/data/mnist.npz",
        REPOSITORY / "autograder/outcomes/heldout.npz",
    )
    print(f'SHA256 = "{digest}"')
