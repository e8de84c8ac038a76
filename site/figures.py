"""Makes the figures and numbers of the site's AE chapter from the lab's own code.

    python site/figures.py            # about two minutes on two cores

It runs the solution cells of `solutions/ae.py`, trains them as the lab does on the embedded digits, and
writes small pictures and `numbers.json` into `site/docs/assets/ae/`. Those are committed; the pages show
them and nothing else, so what the site says is what the lab's code did.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from types import SimpleNamespace

import jupytext
import numpy as np
import torch
from torch import nn

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "site")]

import figures_draw as draw  # noqa: E402  (the path above has to come first)

from course import load_mnist  # noqa: E402

OUT = ROOT / "site" / "docs" / "assets" / "ae"
LATENT, EPOCHS, BATCH, RATE = 32, 20, 128, 1e-3
LATENT_SIZES = (2, 4, 8, 16, 32, 64)


def lab_components(lab: str) -> SimpleNamespace:
    """The reference components of a lab: its solution cells, run in order."""
    notebook = jupytext.read(ROOT / "solutions" / f"{lab}.py")
    namespace = {"torch": torch, "nn": nn, "F": nn.functional, "math": math, "np": np, "__name__": lab}
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            exec(compile(cell.source, f"solutions/{lab}.py", "exec"), namespace)
    return SimpleNamespace(**namespace)


def train(lab: SimpleNamespace, model: nn.Module, data, epochs: int = EPOCHS) -> tuple[list, list]:
    """Train `model` as the lab does; returns the mean training and the test loss of each epoch."""
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    training, test = [], []
    for _ in range(epochs):
        batches = torch.randperm(len(data.train_images)).split(BATCH)
        losses = [lab.train_step(model, optimizer, data.train_images[batch]) for batch in batches]
        training.append(sum(losses) / len(losses))
        test.append(lab.evaluate(model, data.test_images))
    return training, test


def pca(data, size: int):
    """The PCA of the training digits: `(encode, decode)` with `size` components, `(B, 784) <-> (B, size)`."""
    mean = data.train_images.mean(0)
    _, _, directions = torch.linalg.svd(data.train_images - mean, full_matrices=False)
    basis = directions[:size]  # (size, 784)
    return (lambda x: (x - mean) @ basis.T), (lambda z: z @ basis + mean)


def mse(a: torch.Tensor, b: torch.Tensor) -> float:
    """Mean squared error over every element."""
    return ((a - b) ** 2).mean().item()


def linear_autoencoder(lab: SimpleNamespace) -> nn.Module:
    """The lab's AutoEncoder with every nonlinearity taken out and one layer a side."""
    model = lab.AutoEncoder(latent_dim=LATENT)
    model.encoder, model.decoder = nn.Linear(784, LATENT), nn.Linear(LATENT, 784)
    return model


def main() -> None:
    """Train, measure, draw."""
    torch.manual_seed(0)
    OUT.mkdir(parents=True, exist_ok=True)
    lab, data = lab_components("ae"), load_mnist()
    x, labels = data.test_images, data.test_labels

    by_size = {}
    for size in LATENT_SIZES:
        model = lab.AutoEncoder(latent_dim=size)
        curves = train(lab, model, data)
        encode, decode = pca(data, size)
        by_size[size] = (curves[1][-1], mse(decode(encode(x)), x))
        if size == LATENT:
            chosen, training, test = model.eval(), *curves
        print(f"latent {size}: AE {by_size[size][0]:.4f}, PCA {by_size[size][1]:.4f}", flush=True)
    linear = train(lab, linear_autoencoder(lab), data)[1][-1]
    nothing = mse(data.train_images.mean(0), x)

    encode, decode = pca(data, LATENT)
    firsts = torch.stack([(labels == digit).nonzero()[0, 0] for digit in range(10)])
    with torch.no_grad():
        codes = chosen.encoder(x)
        rows = {"Original": x[firsts], "AutoEncoder": chosen(x[firsts]), "PCA": decode(encode(x[firsts]))}
        start, end = x[firsts[4]], x[firsts[9]]
        weights = torch.linspace(0, 1, 9)[:, None]
        paths = {
            "In the latent space": lab.interpolate(chosen, start, end, 9),
            "Pixel by pixel": (1 - weights) * start + weights * end,
        }
        noise = codes.mean(0) + codes.std(0) * torch.randn(20, LATENT)
        random = chosen.decoder(noise)
    flat = codes - codes.mean(0)
    _, _, axes = torch.linalg.svd(flat, full_matrices=False)

    draw.digit_rows(OUT / "reconstructions.png", rows)
    draw.digit_rows(OUT / "interpolation.png", paths)
    draw.digit_rows(OUT / "random.png", {"first": random[:10], "second": random[10:]})
    draw.loss_curves(OUT / "loss", training, test, by_size[LATENT][1])
    draw.latent_sizes(OUT / "sizes", by_size)
    draw.scatter(OUT / "latent", flat @ axes[:2].T, labels)

    measured = {
        "test_mse": f"{test[-1]:.4f}",
        "train_mse": f"{training[-1]:.4f}",
        "first_mse": f"{test[0]:.4f}",
        "pca_mse": f"{by_size[LATENT][1]:.4f}",
        "linear_mse": f"{linear:.4f}",
        "nothing_mse": f"{nothing:.4f}",
        "pca_ratio": f"{by_size[LATENT][1] / test[-1]:.1f}",
        "code_std_min": f"{codes.std(0).min():.1f}",
        "code_std_max": f"{codes.std(0).max():.1f}",
        "two_mse": f"{by_size[2][0]:.4f}",
        "two_pca_mse": f"{by_size[2][1]:.4f}",
        "parameters": f"{sum(p.numel() for p in chosen.parameters()):,}",
        "train_digits": f"{len(data.train_images):,}",
        "test_digits": f"{len(x):,}",
        "latent": str(LATENT),
        "epochs": str(EPOCHS),
        "batch": str(BATCH),
        "steps": f"{EPOCHS * math.ceil(len(data.train_images) / BATCH):,}",
    }
    (OUT / "numbers.json").write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(measured, indent=1))


if __name__ == "__main__":
    main()
