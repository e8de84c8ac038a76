"""What an exception of student code means: known ones by name, shapes that do not fit with what the contract says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# What goes in and comes out, as the contract has it.
SHAPES: dict[tuple[str, str], str] = {
    ("ae", "Encoder"): "(B, 784) -> (B, latent_dim)",
    ("ae", "Decoder"): "(B, latent_dim) -> (B, 784)",
    ("ae", "AutoEncoder"): "(B, 784) -> (B, 784)",
    ("ae", "reconstruction_loss"): "x_hat (B, 784), x (B, 784)",
    ("ae", "train_step"): "x (B, 784)",
    ("ae", "evaluate"): "x (B, 784)",
    ("ae", "interpolate"): "two images (784,) -> (steps, 784)",
    ("vae", "Encoder"): "(B, 784) -> mu and logvar, each (B, latent_dim)",
    ("vae", "reparameterize"): "mu and logvar (B, latent_dim) -> (B, latent_dim)",
    ("vae", "Decoder"): "(B, latent_dim) -> (B, 784)",
    ("vae", "VAE"): "(B, 784) -> x_hat (B, 784), mu and logvar, each (B, latent_dim)",
    ("vae", "reconstruction_loss"): "x_hat (B, 784), x (B, 784)",
    ("vae", "kl_divergence"): "mu and logvar, each (B, latent_dim)",
    ("vae", "vae_loss"): "x_hat and x (B, 784), mu and logvar (B, latent_dim)",
    ("vae", "train_step"): "x (B, 784)",
    ("vae", "sample"): "(n, 784)",
    ("vae", "interpolate"): "two images (784,) -> (steps, 784)",
    ("gan", "Generator"): "(B, latent_dim) -> (B, 3, 64, 64)",
    ("gan", "Discriminator"): "(B, 3, 64, 64) -> (B,)",
    ("gan", "discriminator_loss"): "real_logits (B,), fake_logits (B,), which may differ in size",
    ("gan", "generator_loss"): "fake_logits (B,)",
    ("gan", "discriminator_step"): "real (B, 3, 64, 64), noise (B, latent_dim)",
    ("gan", "generator_step"): "noise (batch_size, latent_dim)",
    ("gan", "train_step"): "real (B, 3, 64, 64), noise (B, latent_dim)",
    ("gan", "sample"): "noise (n, latent_dim) -> (n, 3, 64, 64)",
}

# What torch says when sizes do not fit each other.
ABOUT_SHAPES = re.compile(
    r"shapes? cannot be multiplied|must match the size|is invalid for input of size|must match except in dimension"
    r"|expected input|Expected \d+D|channels|target size|size mismatch|size of tensor|not broadcastable|same size"
    r"|Dimension out of range|too many indices|out of bounds|shape|stack expects|sizes of tensors",
    re.IGNORECASE,
)
_STEPS = ("train_step", "discriminator_step", "generator_step")
KNOWN: tuple[tuple[str, str, str], ...] = (  # what torch says, the misconception, what it means
    (
        "modified by an inplace operation",
        "step-before-backward",
        "An optimiser changed weights between a forward pass and its `backward()`, which still needs the old ones.",
    ),
    (
        "does not require grad and does not have a grad_fn",
        "graph-cut",
        "What `backward()` is called on has no graph: on its way from the network something is detached.",
    ),
    (
        "backward through the graph a second time",
        "graph-used-twice",
        "One forward pass serves two `backward()` calls; the first one frees its graph.",
    ),
)


def known_error(component: str, info: Mapping[str, Any]) -> tuple[str, str] | None:
    """The misconception behind what a step function raised, and what it means; None if it is no known one."""
    if component not in _STEPS or info.get("type") != "RuntimeError":
        return None
    message = str(info.get("message"))
    return next(((name, meaning) for words, name, meaning in KNOWN if words in message), None)


def shapes_told(lab: str, component: str, info: Mapping[str, Any]) -> str:
    """For an error about shapes: the tensors that were there, and what the contract says; else nothing.

    `info` comes from a worker, so nothing in it is taken for granted.
    """
    if not ABOUT_SHAPES.search(str(info.get("message"))):
        return ""
    told = []
    shapes = info.get("shapes")
    for name, shape in list(shapes.items())[:4] if isinstance(shapes, dict) else []:
        sizes = shape if isinstance(shape, list) and all(type(n) is int for n in shape) else None
        if sizes is not None and len(sizes) < 9 and re.fullmatch(r"\w{1,40}", str(name)):
            told.append(f"`{name}` was ({', '.join(map(str, sizes))}{',' * (len(sizes) == 1)})")
    there = f" There {', '.join(told)}." if told else ""
    contract = SHAPES.get((lab, component))
    return there + (f" The contract says {contract}." if contract else "")
