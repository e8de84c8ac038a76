"""Makes the figures and numbers of the site's AE chapter, from the solution cells of `solutions/ae.py`."""

from __future__ import annotations

import math
from types import SimpleNamespace

import figures_draw as draw
import torch
from figures_lab import (
    BATCH,
    EPOCHS,
    LATENT,
    RATE,
    assets,
    first_of_each_digit,
    lab_components,
    mse,
    pca,
    write_numbers,
)
from torch import nn

from course import load_mnist

LATENT_SIZES = (2, 4, 8, 16, 32, 64)


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


def linear_autoencoder(lab: SimpleNamespace) -> nn.Module:
    """The lab's AutoEncoder with every nonlinearity taken out and one layer a side."""
    model = lab.AutoEncoder(latent_dim=LATENT)
    model.encoder, model.decoder = nn.Linear(784, LATENT), nn.Linear(LATENT, 784)
    return model


def make() -> None:
    """Train, measure, draw."""
    torch.manual_seed(0)
    out = assets("ae")
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
    firsts = first_of_each_digit(labels)
    with torch.no_grad():
        codes = chosen.encoder(x)
        rows = [x[firsts], chosen(x[firsts]), decode(encode(x[firsts]))]
        start, end = x[firsts[4]], x[firsts[9]]
        weights = torch.linspace(0, 1, 9)[:, None]
        paths = [lab.interpolate(chosen, start, end, 9), (1 - weights) * start + weights * end]
        noise = codes.mean(0) + codes.std(0) * torch.randn(20, LATENT)
        random = chosen.decoder(noise)
    flat = codes - codes.mean(0)
    _, _, axes = torch.linalg.svd(flat, full_matrices=False)

    draw.digit_rows(out / "reconstructions.png", rows)
    draw.digit_rows(out / "interpolation.png", paths)
    draw.digit_rows(out / "random.png", [random[:10], random[10:]])
    draw.loss_curves(out / "loss", training, test, by_size[LATENT][1])
    draw.latent_sizes(out / "sizes", by_size)
    draw.scatter(out / "latent", flat @ axes[:2].T, labels)

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
    write_numbers("ae", measured)
