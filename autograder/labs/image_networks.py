"""What generator and discriminator of 64 x 64 pictures must do, at several widths, noise sizes and batch sizes.

As in `networks`, layers are the student's choice; only whether there are convolutions at all is looked at, by
the operators that run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from autograder.labs.image_ranges import check_image_range, check_logits
from autograder.labs.judge import Judge
from autograder.labs.networks import (
    Network,
    check_builds,
    check_gradients,
    check_inputs,
    check_rows,
    mode,
)
from autograder.labs.probing import Answer, Raised, Step, T, call_handle, reseeds

IMAGE = (3, 64, 64)
PIXELS = 3 * 64 * 64
WIDTHS = (8, 16, 32)  # small, so that a check answers at once; the default width is tried once
LATENTS = (16, 7)  # beside the default
BATCH = 6
WARM = 3  # spectral normalisation estimates a layer's largest singular value by one iteration a pass
DENSE = ("aten.addmm", "aten.mm", "aten.bmm", "aten.matmul", "aten.linear")
SCALED_UP = ("aten.upsample", "aten._upsample")


def draw_noise(j: Judge, shape: tuple[int, ...]) -> torch.Tensor:
    return j.normal(*shape)


def draw_images(j: Judge, shape: tuple[int, ...]) -> torch.Tensor:
    """Pictures in [-1, 1] with large and small structure, each of its own brightness."""
    n = shape[0]
    large = j.normal(n, 3, 8, 8).repeat_interleave(8, 2).repeat_interleave(8, 3)
    return torch.tanh(large + 0.5 * j.normal(*shape) + j.normal(n, 1, 1, 1, scale=0.5))


GENERATOR = Network(
    "Generator", lambda L: (L,), lambda L: IMAGE, draw_noise, 100, "noise vector", batch=BATCH, warm=WARM
)
DISCRIMINATOR = Network(
    "Discriminator", lambda L: IMAGE, lambda L: (), draw_images, 0, "image", batch=BATCH, warm=WARM
)


def judge_generator(j: Judge) -> None:
    """`(B, latent_dim) -> (B, 3, 64, 64)` in [-1, 1], of transposed convolutions."""
    net = _with_small_width(j, GENERATOR)
    check_builds(j, net)
    net, single = _check_shapes(j, net, [(net.options, latent) for latent in (100, *LATENTS)])
    _check_width(j, net)
    _check_the_rest(j, net, single=single)
    check_image_range(j, net)
    _check_transposed_convolutions(j, net)


def judge_discriminator(j: Judge) -> None:
    """`(B, 3, 64, 64) -> (B,)`: convolutions, then logits."""
    net = _with_small_width(j, DISCRIMINATOR)
    check_builds(j, net)
    net, single = _check_shapes(j, net, [(net.options, 0)])
    _check_width(j, net)
    _check_the_rest(j, net, single=single)
    check_logits(j, net)
    _check_convolutions(j, net)


def _check_the_rest(j: Judge, net: Network, *, single: bool) -> None:
    """Rows, gradients and inputs, as for every network; `single`: batches of 1 work."""
    if not single or check_rows(j, net):
        check_gradients(j, net)
    check_inputs(j, net)


def _trial(j: Judge, net: Network) -> Raised | None:
    """What it raises when it is made and called on a few rows in train mode."""
    x = net.draw(j, (4, *net.inputs(net.default_latent)))
    steps = [net.build("net", j.new_seed()), mode("net", training=True)]
    try:
        j.ask([*steps, call_handle("net", T("x"), returns=False)], {"x": x})
    except Raised as error:
        return error
    return None


def _with_small_width(j: Judge, net: Network) -> Network:
    """The network at the smallest width that it can have, or as it comes if it takes none."""
    for width in WIDTHS:
        narrow = replace(net, options={"width": width})
        if _trial(j, narrow) is None:
            if width != WIDTHS[0]:
                j.note("width", f"It cannot be made or called at width={WIDTHS[0]}, but at width={width}.")
            return narrow
    error = _trial(j, net)
    if error is None:
        j.fail(
            "width",
            f"`{net.name}(width={WIDTHS[0]})` cannot be made or called, while `{net.name}()` can. Take the argument "
            "`width=64` and make the channels of every layer a multiple of it: a run on a CPU needs a narrow network.",
            severity="near",
            misconception="width-not-taken",
        )
        return replace(net, batch=4)
    if net.name == "Generator" and _takes_pictures_of_noise(j, net):
        raise j.stop(
            "shape",
            "`Generator` wants noise of shape (B, latent_dim, 1, 1); it is given (B, latent_dim). "
            "Add the two axes inside `forward`: `z.view(len(z), -1, 1, 1)`.",
            misconception="noise-four-dimensional",
        )
    raise error


def _takes_pictures_of_noise(j: Judge, net: Network) -> bool:
    narrow = replace(net, options={"width": WIDTHS[0]}, inputs=lambda L: (L, 1, 1))
    return _trial(j, narrow) is None or _trial(j, replace(narrow, options={})) is None


def _check_shapes(j: Judge, net: Network, kinds: list[tuple[Any, int]]) -> tuple[Network, bool]:
    """Shapes and dtype in both modes, at several sizes; and whether batches of 1 work, in eval mode.

    Logits of shape (B, 1) are told, and the rest is judged with that shape.
    """
    single = True
    answers: list[Answer] = []
    for options, latent in [*kinds, ({}, kinds[0][1])]:
        kind = replace(net, options=options)
        runs = (
            [("train", 2), ("eval", 1)]
            if options == {}
            else [("train", 2), ("train", 5), ("eval", 1), ("eval", 5)]
        )
        x = kind.draw(j, (5, *kind.inputs(latent)))
        tensors = {f"x{n}": x[:n].clone() for n in (1, 2, 5)}
        steps = [kind.build("net", j.new_seed(), latent if latent else None)]
        for name, n in runs:
            steps += [
                mode("net", training=name == "train"),
                call_handle("net", T(f"x{n}"), seed=j.new_seed()),
            ]
        found = j.ask(steps, tensors)[2::2]
        sizes = ", ".join(
            f"{key}={value}" for key, value in ({"latent_dim": latent} if latent else {} | options).items()
        )
        like = f" for {sizes}" if sizes else ""
        for (name, n), answer in zip(runs, found, strict=True):
            what = f"The output of `{net.name}` for a batch of {n} in {name} mode"
            shape = answer.value.get("shape")
            if net.name == "Discriminator":
                net = _with_a_column(j, net, shape, n)
                if n == 1 and shape == []:
                    single = False
                    continue
            net.read(j, answer, n, latent, what=what, like=like)
        answers += found
    if not single:
        j.fail(
            "shape",
            "A batch of 1 gives a number without the batch axis: `squeeze()` drops every axis of size 1. Say which "
            "axes go, such as `.flatten()` or `.view(-1)` for an output of (B, 1, 1, 1).",
            severity="near",
            misconception="squeeze-drops-batch",
        )
    elif not any(finding.check == "shape" for finding in j.findings):
        j.passed("shape", "Output shape and dtype are right for several sizes, batches of 1 included.")
    if reseeds(answers):
        j.fail(
            "leaves_random_state",
            f"`{net.name}` reseeds the global random state in `forward`; leave seeds to the notebook.",
            severity="flaw",
            misconception="reseeds-global-state",
        )
    if any(answer.result.get("changed_inputs") for answer in answers):
        j.fail(
            "leaves_input",
            f"`{net.name}` changes its input tensor in place.",
            severity="flaw",
            misconception="input-modified",
        )
    return net, single


def _with_a_column(j: Judge, net: Network, shape: Any, n: int) -> Network:
    """The discriminator; where it gives (B, 1) or (B, 1, 1, 1), as one that does, which is told."""
    if net.outputs(0) != () or shape not in ([n, 1], [n, 1, 1], [n, 1, 1, 1]):  # type: ignore[operator]
        return net
    told = ", ".join(["B", *map(str, shape[1:])])
    j.fail(
        "shape",
        f"The logits have shape ({told}); expected (B,): one number an image. Against labels of shape (B,) they would "
        "broadcast to (B, B). Drop the axes of size 1 at the end of `forward`, for instance with `.flatten()`.",
        severity="near",
        misconception="logits-not-flat",
    )
    axes = tuple(shape[1:])
    outputs: Callable[[int], tuple[int, ...]] = lambda L: axes  # noqa: E731 - one shape for all
    return replace(net, outputs=outputs)


def _check_width(j: Judge, net: Network) -> None:
    """A wider network has more parameters."""
    if not net.options:
        return
    widths = [width for width in WIDTHS if width >= net.options["width"]] + [64]
    counts = []
    for width in widths[:3]:
        steps: list[Step] = [replace(net, options={"width": width}).build("net", j.new_seed())]
        state = j.ask([*steps, {"op": "state", "of": "net"}])[1].tensor_map("parameters")
        counts.append(sum(p.numel() for p in state.values() if p is not None))
    j.verdict(
        "width",
        counts == sorted(set(counts)),
        "A smaller width makes a smaller network.",
        f"The network has {counts[0]:,} parameters at width={widths[0]} and {counts[1]:,} at width={widths[1]}. "
        "Make the channels of every layer a multiple of `width`.",
        severity="near",
        misconception="width-ignored",
    )


def _operators(j: Judge, net: Network) -> tuple[set[str], bool]:
    """Which operators it runs, and whether some layer connects every pixel of a picture with something."""
    x = net.draw(j, (2, *net.inputs(net.default_latent)))
    steps: list[Step] = [net.build("net", j.new_seed()), mode("net", training=False)]
    steps += [{"op": "state", "of": "net"}]
    state = j.ask(steps)[-1].tensor_map("parameters")
    dense = any(p is not None and p.dim() == 2 and PIXELS in p.shape for p in state.values())
    try:
        found = j.ask([{"op": "operators", "of": "net", "input": "x"}], {"x": x})[0].result.get("operators")
    except Raised:  # it runs by itself: this is about how it was looked at
        return set(), False
    return set(found) if isinstance(found, list) else set(), dense


def _check_transposed_convolutions(j: Judge, net: Network) -> None:
    ran, dense = _operators(j, net)
    convolves = any(name.startswith("aten.convolution") for name in ran)
    if "aten.convolution.transposed" in ran:
        j.passed("transposed_convolutions", "It grows the picture with transposed convolutions.")
    elif convolves and any(name.startswith(SCALED_UP) for name in ran):
        j.fail(
            "transposed_convolutions",
            "It grows the picture by upsampling followed by ordinary convolutions. This lab asks for transposed "
            "convolutions, `nn.ConvTranspose2d`, which learn how to fill in what they add.",
            severity="flaw",
            misconception="upsampling-instead-of-transposed-convolution",
        )
    elif dense and not convolves and ran & set(DENSE):
        _fail_dense(j, "transposed_convolutions", "nn.ConvTranspose2d")


def _check_convolutions(j: Judge, net: Network) -> None:
    ran, dense = _operators(j, net)
    if any(name.startswith("aten.convolution") for name in ran):
        j.passed("convolutions", "It looks at the picture with convolutions.")
    elif dense and ran & set(DENSE):
        _fail_dense(j, "convolutions", "nn.Conv2d")


def _fail_dense(j: Judge, check: str, layer: str) -> None:
    j.fail(
        check,
        f"It is fully connected: one layer has a weight for each of the {PIXELS:,} pixel values. Use `{layer}`, "
        "whose few weights serve every place of the picture.",
        severity="near",
        misconception="fully-connected",
    )
