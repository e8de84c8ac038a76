"""Trains the model of one sample submission, with the student's own code: on real digits, or on the course's art."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

import course
from autograder.demo.sample_class import Sample
from autograder.metrics.art import art_distance
from autograder.policy import load_policy

Names = dict[str, Any]  # what a student's cells define
Networks = dict[str, nn.Module]  # trained ones, by the names that they have in a checkpoint

# Small enough for a demo: a GAN of some hundred steps paints blurs in the right colours.
WIDTH, PAINTINGS, BATCH = 8, 1_000, 16
SAMPLES, AT_ONCE = 1_000, 125


@dataclass(frozen=True)
class Training:
    """How the networks of a lab are trained, and what is then told of them."""

    fit: Callable[[Names, Sample], Networks]
    tell: Callable[[Networks, Names], str]


def train(sample: Sample, folder: Path) -> str:
    """Train the sample's own networks with its own step and save `<lab>.safetensors` in `folder`.

    Returns:
        How good they are, in words: the student's own view of it, which the grader does not share.
    """
    torch.set_num_threads(1)
    names = answers(sample)
    lab = LABS[sample.lab]
    course.set_seed(0)
    # Several train at once: their progress bars and notices would only run into each other.
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        networks = lab.fit(names, sample)
        course.save_checkpoint(sample.lab, folder=folder, **networks)
    return lab.tell(networks, names)


def answers(sample: Sample) -> Names:
    """What a sample's cells define, run from top to bottom."""
    names: Names = {"torch": torch, "nn": nn, "F": F, "__name__": "__main__"}
    for component in load_policy().labs[sample.lab].components:
        exec(sample.cells[component], names)  # our own text, from the answers
    return names


# One network, on digits -----------------------------------------------------------------------


def fit_on_digits(model_class: str, names: Names, sample: Sample) -> Networks:
    """A model of this class after the sample's epochs, and its single steps on one batch."""
    images = course.load_mnist().train_images
    model = names[model_class](32)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, fused=True)
    if sample.epochs:
        course.fit(lambda x: names["train_step"](model, optimizer, x), images, epochs=sample.epochs)
    for _ in range(sample.steps):
        names["train_step"](model, optimizer, images[:128])
    return {"model": model}


@torch.no_grad()
def squared_error(networks: Networks, names: Names) -> str:
    """Mean squared error of an AutoEncoder on the test digits."""
    model, x = networks["model"].eval(), course.load_mnist().test_images
    return f"test loss {F.mse_loss(model(x), x):.4f} per pixel"


@torch.no_grad()
def negative_elbo(networks: Networks, names: Names) -> str:
    """Minus the ELBO of a VAE on the test digits, with what it says in one forward pass."""
    model, x = networks["model"].eval(), course.load_mnist().test_images
    x_hat, mu, logvar = model(x)
    kl = 0.5 * (mu**2 + logvar.exp() - logvar - 1)  # Kingma & Welling 2014, appendix B
    reconstruction = F.binary_cross_entropy(x_hat, x, reduction="sum")
    return f"test loss {(reconstruction + kl.sum()) / len(x):.1f} nats per digit"


# Two networks, on art -------------------------------------------------------------------------


def fit_on_art(names: Names, sample: Sample) -> Networks:
    """A narrow generator and its discriminator after the sample's steps, trained as the notebook does."""
    images = course.load_art(count=PAINTINGS, progress=False).images
    generator, discriminator = names["Generator"](100, WIDTH), names["Discriminator"](WIDTH)
    for network in (generator, discriminator):
        network.apply(names["init_weights"])
    judge = course.Augmented(discriminator)
    opt_g, opt_d = names["make_optimizers"](generator, judge)
    step = names["train_step"]
    course.fit_gan(step, generator, judge, opt_g, opt_d, images, steps=sample.steps, batch_size=BATCH)
    return {"generator": generator, "discriminator": discriminator}


def distance_to_art(networks: Networks, names: Names) -> str:
    """The Frechet distance of samples to the training art."""
    # Small batches are quicker on a CPU.
    samples = torch.cat([names["sample"](networks["generator"], AT_ONCE) for _ in range(SAMPLES // AT_ONCE)])
    return f"Frechet distance {art_distance(samples):.1f} to the art"


LABS = {
    "ae": Training(partial(fit_on_digits, "AutoEncoder"), squared_error),
    "vae": Training(partial(fit_on_digits, "VAE"), negative_elbo),
    "gan": Training(fit_on_art, distance_to_art),
}
