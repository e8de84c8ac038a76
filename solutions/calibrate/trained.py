"""Trains right and wrong models and measures them as `trained_model` does; each is kept as a line.

Right ones take the default run (20 epochs of the embedded digits) and are measured along the way, so there are
weaker models among them. Wrong ones are trained for fewer epochs, which is enough to be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import torch
from torch import nn

from autograder.outcomes import autoencoder
from autograder.outcomes.base import Context
from autograder.outcomes.heldout import heldout_digits
from autograder.outcomes.pieces import Unusable
from autograder.outcomes.trained_vae import LATENT, evaluate
from course.data.mnist import load_mnist
from course.training import batches, set_seed
from solutions.calibrate import styles
from solutions.calibrate.jobs import DEFAULT_RUN, RIGHT, Job, Record
from solutions.calibrate.short_runs import LABS, context_of

BATCH, RATE = 128, 1e-3
STOPS = (1, 3, 6, 10, 20)  # epochs after which a right run is measured
SHORT = 4  # epochs of a wrong one
MODELS = {"ae": "AutoEncoder", "vae": "VAE"}
WRONG = {
    "ae": ("untrained", "mean image", "half of the digits"),
    "vae": (
        "untrained", "mean image", "memorised training images", "half of the digits",
        "KL left out", "KL times 784", "decoder gets noise", "AE passed off as VAE", "z detached",
    ),
}  # fmt: skip
MEAN = """
        return self.mean.expand(len(z), 784) + 0 * z.sum()
"""
LOOKUP = {
    "Encoder": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.register_buffer("images", torch.zeros(1000, 784))
        self.register_buffer("keys", torch.zeros(1000, latent_dim))
    def forward(self, x):
        mu = self.keys[torch.cdist(x, self.images).argmin(1)]
        return mu, torch.full_like(mu, -2.0)
""",
    "Decoder": """
class Decoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.latent_dim = latent_dim
        self.register_buffer("images", torch.zeros(1000, 784))
        self.register_buffer("keys", torch.zeros(1000, latent_dim))
    def forward(self, z):
        return self.images[torch.cdist(z, self.keys).argmin(1)].clamp(0.02, 0.98)
""",
}


def right(lab: str, network: int) -> Record:
    """The default run of one network, measured at every stop."""
    context = context_of(lab, network, LABS[lab].source(styles.draw(network)))
    model = fresh(context, network)
    found = [
        {"epochs": epoch, **measured(context, model)}
        for epoch in train(context, model, load_mnist().train_images, STOPS[-1])
        if epoch in STOPS
    ]
    return {"models": found}


def default_run(lab: str, seed: int) -> Record:
    """The reference's own default run."""
    from solutions.source import reference

    context = context_of(lab, 0, {})
    namespace(context).update(reference(lab))
    model = fresh(context, seed)
    for _ in train(context, model, load_mnist().train_images, STOPS[-1]):
        pass
    return {"models": [{"epochs": STOPS[-1], **measured(context, model)}]}


def wrong(lab: str, name: str, network: int) -> Record:
    """One wrong model."""
    source = LABS[lab].source(styles.draw(network))
    if name in LABS[lab].faults:
        source = LABS[lab].faults[name].applied(source)
    if name == "memorised training images":
        source |= LOOKUP
    if name == "mean image":
        source["Decoder"] = source["Decoder"].replace(
            "        super().__init__()\n", '        super().__init__()\n        self.register_buffer("mean", torch.zeros(784))\n'
        ).replace("        return self.net(z)", MEAN.strip("\n"))  # fmt: skip
    context, data = context_of(lab, network, source), load_mnist()
    model: Any = fresh(context, network)
    if name == "mean image":
        model.decoder.mean.copy_(data.train_images.mean(0))
    elif name == "memorised training images":
        chosen = torch.randperm(len(data.train_images))[:1000]
        model.encoder.keys.copy_(torch.randn(1000, LATENT))
        model.decoder.keys.copy_(model.encoder.keys)
        for part in (model.encoder, model.decoder):
            part.images.copy_(data.train_images[chosen])
    elif name != "untrained":
        images = data.train_images
        if name == "half of the digits":
            images = images[data.train_labels < 5].repeat(2, 1)
        list(train(context, model, images, SHORT))
    return {"models": [measured(context, model)]}


def fresh(context: Context, seed: int) -> nn.Module:
    """A fresh model of the submission."""
    set_seed(seed)
    return namespace(context)[MODELS[context.lab]](LATENT)  # type: ignore[no-any-return]


def train(context: Context, model: nn.Module, images: torch.Tensor, epochs: int) -> Iterator[int]:
    """Train a model with the submission's own step; gives each epoch, from 1, as it ends."""
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, fused=True)
    for epoch in range(1, epochs + 1):
        for x in batches(images, BATCH):
            namespace(context)["train_step"](model, optimizer, x)
        yield epoch


def namespace(context: Context) -> dict[str, Any]:
    """The names of the submission."""
    return context.workers.namespace  # type: ignore[attr-defined, no-any-return]


def measured(context: Context, model: nn.Module) -> Record:
    """What `trained_model` measures of a model."""
    weights = {key: value.detach().clone() for key, value in model.state_dict().items()}
    try:
        if context.lab == "ae":
            seed = int(context.settings["trained_seed"])
            return {
                "loss": autoencoder.heldout_losses(context, [weights], heldout_digits()[0], seed=seed).losses[
                    0
                ]
            }
        kept = asdict(evaluate(context, weights, LATENT))
        return {**kept.pop("quality"), **kept}
    except Unusable as error:
        return {"unusable": str(error)}


def jobs(lab: str, networks: range, *, faulty: Sequence[int], seeds: range) -> list[Job]:
    """What there is to measure: the default run in several seeds, other right networks, wrong models."""
    found = [Job(seed, DEFAULT_RUN, default_run, (lab, seed), "") for seed in seeds]
    found += [Job(n, RIGHT, right, (lab, n), styles.draw(n).name) for n in networks]
    for n in faulty:
        found += [Job(n, name, wrong, (lab, name, n), styles.draw(n).name) for name in WRONG[lab]]
    return found
