"""Which values can the output of a network take? Judged while all its weights grow."""

from __future__ import annotations

import torch

from autograder.labs.judge import Judge
from autograder.labs.networks import JITTER, TRIES, Network, Part, mode
from autograder.labs.probing import Answer, T, call_handle


def spread(j: Judge, net: Network, *, training: bool = False) -> dict[str, list[torch.Tensor]]:
    """Each part of the output while all weights grow step by step: the range that it can take."""
    x = net.draw(j, (net.batch, *net.inputs(net.default_latent)))
    parts = net.parts(net.default_latent)
    out: dict[str, list[torch.Tensor]] = {part.name: [] for part in parts}
    for _ in range(TRIES):
        steps = [net.build("net", j.new_seed()), mode("net", training=training), JITTER]
        for _ in range(10):
            steps += [
                call_handle("net", T("x"), seed=j.new_seed()),
                {"op": "scale", "of": "net", "factor": 2.0},
            ]
        for answer in j.ask(steps, {"x": x})[3::2]:
            for part in parts:
                y = _leaf(answer, part)
                if y is not None and torch.isfinite(y).all():
                    out[part.name].append(y)
    return out


def _leaf(answer: Answer, part: Part) -> torch.Tensor | None:
    """One part of a returned value, as it came."""
    value = answer.value
    for index in part.path:
        items = value.get("items")
        if not isinstance(items, list) or index >= len(items):
            return None
        value = items[index]
    return answer.tensor(value.get("key"))


def check_linear_output(j: Judge, net: Network) -> None:
    """Codes of either sign, unbounded: no activation after the last layer."""
    outputs = spread(j, net)[net.parts(net.default_latent)[0].name]
    low, high = min(float(y.min()) for y in outputs), max(float(y.max()) for y in outputs)
    good = "The code is linear: either sign, no bound."
    if low >= 0:
        j.fail(
            "linear_output",
            "The code is never negative: an activation such as ReLU, softplus or sigmoid follows the last layer. "
            "Half of the latent space is lost. End with a plain linear layer.",
            misconception="activation-on-code",
        )
    elif max(high, -low) < 2.5:
        j.fail(
            "linear_output",
            f"The code stays within [{low:.2g}, {high:.2g}] however large the weights: an activation such as tanh bounds it. "
            "End with a plain linear layer.",
            misconception="activation-on-code",
        )
    elif min(high, -low) < 0.05 * max(high, -low):
        j.fail(
            "linear_output",
            "One sign of the code is squashed: an activation such as LeakyReLU, ELU or GELU follows the last layer. "
            "End with a plain linear layer.",
            misconception="activation-on-code",
        )
    else:
        j.passed("linear_output", good)


def check_sigmoid_output(j: Judge, net: Network) -> None:
    """Outputs in [0, 1] that can come near both ends, smoothly."""
    part = net.parts(net.default_latent)[0]
    outputs = spread(j, net)[part.name]
    values = torch.cat([y.reshape(-1) for y in outputs])
    both = torch.cat([values, *(y.reshape(-1) for y in spread(j, net, training=True)[part.name])])
    low, high = float(both.min()), float(both.max())
    if low < 0 or high > 1:
        signs = "negative values" if low < 0 <= 1 >= high else f"values from {low:.3g} to {high:.3g}"
        j.fail(
            "sigmoid_output",
            f"The output leaves [0, 1]: it has {signs}. Pixels are brightnesses; end with a sigmoid.",
            misconception="tanh-on-pixels" if low >= -1 and high <= 1 else "no-sigmoid-on-pixels",
        )
        return
    top, bottom = (values > 0.9).float().mean(), (values < 0.1).float().mean()
    inner = ((values > 0.1) & (values < 0.9)).float().mean()
    if top < 0.02 or bottom < 0.02:
        twice = low >= 0.49 and high <= 0.74
        reason = (
            "A sigmoid is applied twice, or to values that are never negative."
            if low >= 0.49
            else "Is it a softmax over pixels, or a sigmoid that is scaled?"
        )
        j.fail(
            "sigmoid_output",
            f"However large the weights, {float(top):.0%} of the pixels come near white and {float(bottom):.0%} near black. {reason}",
            misconception="sigmoid-twice" if twice else "range-not-reached",
        )
    elif inner == 0:
        j.fail(
            "sigmoid_output",
            "Every pixel is exactly black or white: the output is rounded. End with the sigmoid itself.",
            misconception="output-rounded",
        )
    elif (values == 0).float().mean() > 0.1 and inner > 0.02 and _clamped(outputs):
        j.fail(
            "sigmoid_output",
            "The output is cut off at 0 and 1 instead of squashed: where it is cut no gradient flows. End with a sigmoid.",
            misconception="clamp-instead-of-sigmoid",
        )
    else:
        j.passed("sigmoid_output", "The output is a sigmoid: in [0, 1], and it reaches both ends.")


def _clamped(outputs: list[torch.Tensor]) -> bool:
    """A hard cut gives exact zeros while much is still in between, and hardly anything just above zero.

    A sigmoid in float32 gives exact zeros too, `(1 + tanh(a / 2)) / 2` from a = -18 on, but then many small values beside.
    """
    return any(
        float((y == 0).float().mean()) > 0.05
        and float(((y > 0.1) & (y < 0.9)).float().mean()) > 0.1
        and float(((y > 0) & (y < 0.01)).float().mean()) < 0.3 * float((y == 0).float().mean())
        for y in outputs
    )
