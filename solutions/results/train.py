"""Trains an AutoEncoder or a VAE at the lab sheet's setup; its curves are kept as a line, its weights as a file.

Latent 32, Adam at 1e-3, batch 128, 20 epochs, all 60,000 digits, one thread: the full run of the notebooks, from their
own components. What is measured on the way leaves the random numbers of the training alone.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from course.data.mnist import Mnist, load_mnist
from course.training import batches, set_seed
from solutions.calibrate.jobs import Job, Record
from solutions.source import reference

LABS = ("ae", "vae")
NETWORKS = {"ae": "AutoEncoder", "vae": "VAE"}
LATENT, BATCH, RATE, EPOCHS = 32, 128, 1e-3, 20
SOME = (
    10_000  # training digits on which the error after an epoch is measured: as many as there are test digits
)
FOLDER = Path(__file__).parents[2] / "build" / "results"


def jobs(root: Path, seeds: range, labs: tuple[str, ...]) -> list[Job]:
    """The trainings, seed by seed."""
    return [Job(seed, lab, train, (lab, seed, root), "") for seed in seeds for lab in labs if lab in LABS]


def train(lab: str, seed: int, root: Path | None, *, epochs: int = EPOCHS, folder: Path = FOLDER) -> Record:
    """Train one model, keep its weights in `folder`, return its curves and what it cost.

    A curve has a value for each epoch. `train_...` and `test_...` are measured after it (on 10,000 digits each),
    `loss` and the terms without such a beginning are means over the epoch's batches. `mse` is the squared error per
    pixel, for the VAE of the mean code's decoding; the terms of the VAE are in nats, with z sampled. Without `root`,
    the digits that ship with the course stand in for all of MNIST.
    """
    data, names = load_mnist(full=root is not None, root=root), reference(lab)
    set_seed(seed)
    model = names[NETWORKS[lab]](LATENT)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, fused=True)
    start, seconds = errors(names, model, data), 0.0
    curves: dict[str, list[float]] = {}
    for epoch in range(1, epochs + 1):
        began, sums = time.process_time(), dict[str, float]()
        for x in batches(data.train_images, BATCH):
            values = names["train_step"](model, optimizer, x)
            for name, value in (values if isinstance(values, Mapping) else {"loss": values}).items():
                sums[name] = sums.get(name, 0.0) + value * len(x) / len(data.train_images)
        seconds += time.process_time() - began
        for name, value in {**sums, **errors(names, model, data)}.items():
            curves.setdefault(name, []).append(value)
        print(f"{lab}, seed {seed}, epoch {epoch}: {curves['test_mse'][-1]:.5f}; {seconds:.0f} s", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(model.state_dict(), kept(lab, seed, folder))
    return {
        "seed": seed,
        "epochs": epochs,
        "digits": len(data.train_images),
        "core_seconds_training": seconds,
        "start": start,
        "curves": curves,
    }


@torch.no_grad()
def errors(names: Mapping[str, Any], model: nn.Module, data: Mnist) -> dict[str, float]:
    """The errors on training and on test digits, in eval mode."""
    model.eval()
    found: dict[str, float] = {}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for part, x in (("train", data.train_images[:SOME]), ("test", data.test_images)):
            found[f"{part}_mse"] = float(nn.functional.mse_loss(model.decoder(codes(model, x)), x))
            if "vae_loss" in names:
                x_hat, mu, logvar = model(x)
                terms = names["vae_loss"](x_hat, x, mu, logvar)
                keys = ("loss", "reconstruction", "kl")
                found |= {f"{part}_{key}": float(term) for key, term in zip(keys, terms, strict=True)}
                found[f"{part}_mse_sampled"] = float(nn.functional.mse_loss(x_hat, x))
    return found


def codes(model: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """The codes of images `(N, 784)`, of a VAE the means, `(N, L)`."""
    found = model.encoder(x)
    return found[0] if isinstance(found, tuple) else found


def kept(lab: str, seed: int, folder: Path = FOLDER) -> Path:
    """Where the weights of a model lie."""
    return folder / f"{lab}_seed_{seed}.safetensors"


def load_model(lab: str, seed: int, folder: Path = FOLDER) -> nn.Module:
    """A trained model, in eval mode."""
    model: nn.Module = reference(lab)[NETWORKS[lab]](LATENT)
    model.load_state_dict(load_file(kept(lab, seed, folder)))
    return model.eval()
