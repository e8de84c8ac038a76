"""What the figures of every chapter need: the lab's own components, the folder of its figures, its numbers."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import jupytext
import numpy as np
import torch
from torch import nn

ROOT = Path(__file__).parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from course.data.mnist import Mnist  # noqa: E402  (the path above has to come first)

ASSETS = ROOT / "site" / "docs" / "assets"
LATENT, EPOCHS, BATCH, RATE = 32, 20, 128, 1e-3  # the full run of the labs `ae` and `vae`


def lab_components(lab: str) -> SimpleNamespace:
    """The reference components of a lab: its solution cells, run in order."""
    notebook = jupytext.read(ROOT / "solutions" / f"{lab}.py")
    namespace = {"torch": torch, "nn": nn, "F": nn.functional, "math": math, "np": np, "__name__": lab}
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            exec(compile(cell.source, f"solutions/{lab}.py", "exec"), namespace)
    return SimpleNamespace(**namespace)


def assets(lab: str) -> Path:
    """The folder of a chapter's figures, made if need be."""
    folder = ASSETS / lab
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_numbers(lab: str, measured: Mapping[str, str]) -> None:
    """Write what the chapter prints where it says `{{ lab.name }}`."""
    text = json.dumps(measured, indent=1, ensure_ascii=False) + "\n"
    (assets(lab) / "numbers.json").write_text(text, encoding="utf-8")
    print(text, end="")


def pca(data: Mnist, size: int):
    """The PCA of the training digits: `(encode, decode)` with `size` components, `(B, 784) <-> (B, size)`."""
    mean = data.train_images.mean(0)
    _, _, directions = torch.linalg.svd(data.train_images - mean, full_matrices=False)
    basis = directions[:size]  # (size, 784)
    return (lambda x: (x - mean) @ basis.T), (lambda z: z @ basis + mean)


def mse(a: torch.Tensor, b: torch.Tensor) -> float:
    """Mean squared error over every element."""
    return ((a - b) ** 2).mean().item()


def first_of_each_digit(labels: torch.Tensor) -> torch.Tensor:
    """The index of the first 0, the first 1, ..., the first 9."""
    return torch.stack([(labels == digit).nonzero()[0, 0] for digit in range(10)])
