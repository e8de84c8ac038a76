"""What the networks of the labs on flattened MNIST digits share."""

from __future__ import annotations

import torch

from autograder.labs.judge import Judge
from autograder.labs.networks import Network, build, judge_network
from autograder.labs.ranges import check_sigmoid_output

PIXELS = 784


def draw_pixels(j: Judge, shape: tuple[int, ...]) -> torch.Tensor:
    return j.digits(shape[0])


def draw_codes(j: Judge, shape: tuple[int, ...]) -> torch.Tensor:
    return j.normal(*shape, scale=2.0)


DECODER = Network("Decoder", lambda L: (L,), lambda L: (PIXELS,), draw_codes, 32, "code")


def judge_decoder(j: Judge) -> None:
    """A network from codes to pixels that ends in a sigmoid."""
    judge_network(j, DECODER)
    check_sigmoid_output(j, DECODER)


def check_parts(j: Judge, name: str, latent: int) -> None:
    """`.encoder` and `.decoder` exist and are networks."""
    paths = ["encoder", "decoder"]
    steps = [build("net", name, latent, j.new_seed()), {"op": "attributes", "of": "net", "paths": paths}]
    found = j.ask(steps)[1].result.get("attributes")
    found = found if isinstance(found, dict) else {}
    missing = [
        path
        for path in paths
        if not isinstance(found.get(path), dict) or found[path].get("type") not in ("module", "object")
    ]
    if missing:
        names = " and ".join(f"`.{path}`" for path in missing)
        raise j.stop(
            "parts",
            f"`{name}` has no network {names}. Later components use `model.encoder` and `model.decoder`: "
            "assign both in `__init__`.",
            misconception="parts-not-named",
        )
    j.passed("parts", "It has `.encoder` and `.decoder`.")
