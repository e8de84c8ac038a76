"""How fast and how good is the full AutoEncoder run? `python -m solutions.bench_ae [--epochs 20]`

Trains the reference solution on all 60,000 digits, as the notebook does, and times it in the same run
against the usual way: a torchvision `DataLoader` with `ToTensor`, with the same network, step and batch
size. The two take turns epoch by epoch, so that whatever else the machine does slows both. Prints the
test error per pixel and both times, and writes them to build/bench_ae.json.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import torch
from torch import nn

from course.data.mnist import DOWNLOADS, Mnist, load_mnist
from course.data.vision import import_torchvision
from course.training import batches, device, set_seed
from solutions.source import reference

OUTPUT = Path(__file__).resolve().parent.parent / "build" / "bench_ae.json"
BATCH_SIZE, LATENT_DIM = 128, 32


def ours(lab: dict[str, Any], model: nn.Module, optimizer: torch.optim.Optimizer, data: Mnist) -> float:
    """One epoch on tensors that stay in memory, as `course.fit` does it; returns its seconds."""
    began = time.perf_counter()
    for batch in batches(data.train_images, BATCH_SIZE):
        lab["train_step"](model, optimizer, batch)
    return time.perf_counter() - began


def usual(
    lab: dict[str, Any], model: nn.Module, optimizer: torch.optim.Optimizer, loader: Any, where: torch.device
) -> float:
    """One epoch through a DataLoader; returns its seconds."""
    began = time.perf_counter()
    for images, _ in loader:
        lab["train_step"](model, optimizer, images.view(len(images), -1).to(where))
    return time.perf_counter() - began


def run(root: Path, epochs: int, usual_epochs: int, threads: int) -> dict[str, float]:
    """Train and time; returns the measurements by name."""
    torch.set_num_threads(threads)
    torchvision = import_torchvision()
    where, lab = device(), reference("ae")
    data = load_mnist(full=True, root=root, device=where)
    train = torchvision.datasets.MNIST(str(root), train=True, transform=torchvision.transforms.ToTensor())
    loader = torch.utils.data.DataLoader(train, batch_size=BATCH_SIZE, shuffle=True)
    set_seed(0)

    def fresh() -> tuple[nn.Module, torch.optim.Optimizer]:
        model = lab["AutoEncoder"](LATENT_DIM).to(where)
        return model, torch.optim.Adam(model.parameters(), lr=1e-3, fused=where.type != "mps")

    (model, optimizer), (other, other_optimizer) = fresh(), fresh()
    lab["train_step"](*fresh(), data.train_images[:BATCH_SIZE])  # what happens only once is timed in neither
    fast: list[float] = []
    slow: list[float] = []
    for epoch in range(1, epochs + 1):
        fast.append(ours(lab, model, optimizer, data))
        if epoch <= usual_epochs:
            slow.append(usual(lab, other, other_optimizer, loader, where))
        times = f"ours {fast[-1]:.2f} s" + (f", DataLoader {slow[-1]:.2f} s" if epoch <= usual_epochs else "")
        print(f"epoch {epoch}: {times}, test {lab['evaluate'](model, data.test_images):.5f}", flush=True)
    # The ratio compares only epochs that had a neighbour of the other kind.
    paired = sum(fast[: len(slow)])
    return {
        "epochs": epochs,
        "threads": threads,
        "test_mse_per_pixel": lab["evaluate"](model, data.test_images),
        "ours_seconds": sum(fast),
        "dataloader_epochs": len(slow),
        "dataloader_seconds": sum(slow),
        "dataloader_seconds_for_all_epochs": sum(slow) / len(slow) * epochs,
        "times_faster": sum(slow) / paired,
    }


def main() -> None:
    """Parse the command line, run, print, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    root = Path(os.environ.get("GENLAB_MNIST", DOWNLOADS))
    parser.add_argument("--root", type=Path, default=root, help="folder of the full MNIST (or $GENLAB_MNIST)")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument(
        "--usual-epochs", type=int, default=20, help="how many of them through a DataLoader too"
    )
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    result = run(options.root.expanduser(), options.epochs, max(1, options.usual_epochs), options.threads)
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for name, value in result.items():
        print(f"{name:>34} {value:.5g}")


if __name__ == "__main__":
    main()
