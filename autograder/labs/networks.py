"""What every network of the contract must do, judged through its own inputs and outputs alone.

Nothing here looks at layers: widths, depth, activations and normalisation are the student's choice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from autograder.labs.judge import Judge
from autograder.labs.probing import Step, T, call, call_handle, reseeds

BATCH = 24  # rows of the main probe
DEAD_SHARE = 0.1  # of input entries that may be without any influence (unused borders of a strided layer)
TRIES = 3  # initialisations, so that one unlucky draw of narrow ReLU layers decides nothing
JITTER: Step = {
    "op": "jitter",
    "of": "net",
    "size": 0.02,
}  # away from special starts, such as a layer of zeros


@dataclass(frozen=True)
class Network:
    """The shapes of one network component: `(B, *inputs(L)) -> (B, *outputs(L))`."""

    name: str
    inputs: Callable[[int], tuple[int, ...]]
    outputs: Callable[[int], tuple[int, ...]]
    draw: Callable[[Judge, tuple[int, ...]], torch.Tensor]
    default_latent: int
    input_name: str  # "digit", "code"


def build(store: str, name: str, latent_dim: int | None, seed: int) -> Step:
    """A step that makes a network and keeps it."""
    kwargs = {} if latent_dim is None else {"latent_dim": {"value": latent_dim}}
    return call(name, kwargs=kwargs, seed=seed, store=store, returns=False)


def mode(handle: str, *, training: bool) -> Step:
    return {"op": "mode", "of": handle, "training": training}


def judge_network(j: Judge, net: Network) -> None:
    """Checks that every network shares: builds, shapes, rows, gradients, inputs, random state."""
    check_builds(j, net)
    for latent in (net.default_latent, 7):
        check_shapes(j, net, latent)
    check_rows(j, net)
    check_gradients(j, net)
    check_inputs(j, net)


def check_builds(j: Judge, net: Network) -> None:
    """It makes a module, draws fresh weights, and leaves the random state to the caller."""
    first, second = j.new_seed(), j.new_seed()
    steps: list[Step] = []
    for handle, seed in (("a", first), ("b", second)):
        steps += [build(handle, net.name, None, seed)]
    made = j.ask(steps)
    for answer in made:
        if answer.result.get("value", {}).get("type") != "module":
            raise j.stop("builds", f"`{net.name}()` should make an nn.Module; it gives something else.")
    states = [a.tensor_map("parameters") for a in j.ask([{"op": "state", "of": h} for h in ("a", "b")])]
    if not states[0]:
        raise j.stop(
            "builds",
            f"`{net.name}` has no parameters to train. Assign its layers to `self` in `__init__` "
            "(layers in a plain list are not registered: use nn.Sequential or nn.ModuleList).",
            misconception="layers-not-registered",
        )
    same = all(
        a is not None and b is not None and torch.equal(a, b)
        for a, b in zip(*(s.values() for s in states), strict=False)
    )
    j.verdict(
        "leaves_random_state",
        not (reseeds(made) or same),
        "It draws fresh weights and leaves the random state to you.",
        f"Two `{net.name}()` start from the same weights or reseed the global random state. "
        "Leave seeds to the notebook: inside a component they make every run repeat the same draws.",
        severity="flaw",
        misconception="reseeds-global-state",
    )


def check_shapes(j: Judge, net: Network, latent: int) -> None:
    """Shapes and dtype in both modes, batches of 1 in eval mode only."""
    x = net.draw(j, (BATCH, *net.inputs(latent)))
    tensors = {f"x{n}": x[:n].clone() for n in (1, 2, 5, BATCH)}
    steps = [build("net", net.name, None if latent == net.default_latent else latent, j.new_seed())]
    runs = [("train", 2), ("train", 5), ("train", BATCH), ("eval", 1), ("eval", 2), ("eval", BATCH)]
    for name, n in runs:
        steps += [mode("net", training=name == "train"), call_handle("net", T(f"x{n}"), seed=j.new_seed())]
    answers = j.ask(steps, tensors)[2::2]
    like = f" for latent_dim={latent}"
    for (name, n), answer in zip(runs, answers, strict=True):
        j.need_tensor(
            answer,
            (n, *net.outputs(latent)),
            what=f"The output of `{net.name}` for a batch of {n} in {name} mode",
            like=like,
        )
    if any(answer.result.get("changed_inputs") for answer in answers):
        j.fail(
            "leaves_input",
            f"`{net.name}` changes its input tensor in place.",
            severity="flaw",
            misconception="input-modified",
        )
    if latent != net.default_latent:
        j.passed(
            "shape", f"Output shape and dtype are right for several batch sizes and latent_dim={latent}."
        )


def check_rows(j: Judge, net: Network) -> None:
    """In eval mode a row of the output depends on its own row of the input alone, and on nothing random."""
    x = net.draw(j, (BATCH, *net.inputs(net.default_latent)))
    other = net.draw(j, (BATCH, *net.inputs(net.default_latent)))
    mixed = torch.cat([x[:5], other[5:]])
    tensors = {"x": x, "mixed": mixed, "one": x[3:4].clone()}
    # a step in train mode first, so that running statistics are not at their start
    steps = [
        build("net", net.name, None, j.new_seed()),
        mode("net", training=True),
        call_handle("net", T("x"), returns=False),
    ]
    steps += [mode("net", training=False)]
    steps += [call_handle("net", T(key), seed=j.new_seed()) for key in ("x", "x", "mixed", "one")]
    answers = j.ask(steps, tensors)[4:]
    y, again, beside, alone = (answer.tensor(answer.value.get("key")) for answer in answers)
    if y is None or again is None or beside is None or alone is None:
        raise j.stop("shape", f"`{net.name}` does not return a tensor in eval mode.")
    size = float(y.abs().max()) + 1e-3
    if not j.close(again, y, scale=size):
        j.fail(
            "rows_independent",
            "In eval mode the same input gives another output each time. Dropout or noise must be off in eval mode "
            "(nn.Dropout does it; F.dropout needs training=self.training).",
            misconception="random-in-eval-mode",
        )
        return
    ok = j.close(beside[:5], y[:5], scale=size) and j.close(alone, y[3:4], scale=size)
    j.verdict(
        "rows_independent",
        ok,
        f"In eval mode each {net.input_name} is handled on its own.",
        f"In eval mode the output for one {net.input_name} changes with the others in its batch. "
        "Something mixes the rows: a reshape that swaps axes, or statistics over the batch.",
        misconception="rows-mixed",
    )


def check_gradients(j: Judge, net: Network) -> None:
    """Every parameter that moves the output gets a gradient."""
    x = net.draw(j, (BATCH, *net.inputs(net.default_latent)))
    tensors = {"x": x, "w": j.normal(BATCH, *net.outputs(net.default_latent))}
    vjp = {"leaves": [{"path": [], "cotangent": "w"}], "parameters": ["net"]}
    blocked: set[str] | None = None
    for _ in range(TRIES):
        steps = [build("net", net.name, None, j.new_seed())]
        for training in (True, False):
            steps += [
                mode("net", training=training),
                call_handle("net", T("x"), vjp=vjp, seed=j.new_seed(), returns=False),
            ]
        steps += [{"op": "influence", "of": "net", "input": "x", "size": 1e-2}]
        answers = j.ask(steps, tensors)
        reached: set[str] = set()
        for answer in (answers[2], answers[4]):
            reached |= {
                name for name, g in answer.gradients().items() if g is not None and bool((g != 0).any())
            }
        moved = answers[5].result.get("moved")
        moving = {f"net:{name}" for name in moved} if isinstance(moved, list) else set()
        blocked = moving - reached
        if moving and not blocked:
            j.passed("gradients", "Gradients reach every layer.")
            return
    if not blocked:
        j.fail(
            "gradients",
            f"The parameters of `{net.name}` have no influence on its output: is every layer used in `forward`?",
            misconception="layers-unused",
        )
        return
    names = ", ".join(sorted(name.removeprefix("net:") for name in blocked)[:4])
    j.fail(
        "gradients",
        f"No gradient reaches {names}. Something cuts the graph: `.detach()`, `.data`, `torch.no_grad()`, "
        "`requires_grad=False`, or a new tensor made from the values.",
        misconception="graph-cut",
    )


def check_inputs(j: Judge, net: Network) -> None:
    """Any part of the input can matter."""
    x = net.draw(j, (BATCH, *net.inputs(net.default_latent)))
    tensors = {"x": x, "w": j.normal(BATCH, *net.outputs(net.default_latent))}
    vjp = {"leaves": [{"path": [], "cotangent": "w"}], "inputs": ["x"]}
    alive = torch.zeros(x[0].shape, dtype=torch.bool)
    for _ in range(TRIES):
        steps = [
            build("net", net.name, None, j.new_seed()),
            JITTER,
            mode("net", training=False),
            call_handle("net", T("x", grad=True), vjp=vjp, seed=j.new_seed(), returns=False),
        ]
        gradient = j.ask(steps, tensors)[3].gradients().get("input:x")
        if gradient is not None and gradient.shape == x.shape:
            alive |= (gradient != 0).any(dim=0)
        if alive.float().mean() >= 1 - DEAD_SHARE:
            j.passed("uses_input", f"Every part of the {net.input_name} can matter.")
            return
    dead = int((~alive).sum())
    j.fail(
        "uses_input",
        f"{dead} of the {alive.numel()} entries of the {net.input_name} never influence the output. "
        "Does a slice, a constant or a detached path leave part of it out?",
        misconception="input-ignored",
    )


def spread(j: Judge, net: Network, *, training: bool = False) -> list[torch.Tensor]:
    """Outputs while all weights grow step by step: shows the range that an output can take."""
    x = net.draw(j, (BATCH, *net.inputs(net.default_latent)))
    out: list[torch.Tensor] = []
    for _ in range(TRIES):
        steps = [build("net", net.name, None, j.new_seed()), mode("net", training=training), JITTER]
        for _ in range(10):
            steps += [
                call_handle("net", T("x"), seed=j.new_seed()),
                {"op": "scale", "of": "net", "factor": 2.0},
            ]
        for answer in j.ask(steps, {"x": x})[3::2]:
            y = answer.tensor(answer.value.get("key"))
            if y is not None and torch.isfinite(y).all():
                out.append(y)
    return out


def check_linear_output(j: Judge, net: Network) -> None:
    """Codes of either sign, unbounded: no activation after the last layer."""
    outputs = spread(j, net)
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
    outputs = spread(j, net)
    values = torch.cat([y.reshape(-1) for y in outputs])
    both = torch.cat([values, *(y.reshape(-1) for y in spread(j, net, training=True))])
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
    """A hard cut gives exact zeros while much is still in between; a float32 sigmoid needs -104 for that."""
    return any(
        float((y == 0).float().mean()) > 0.05 and float(((y > 0.1) & (y < 0.9)).float().mean()) > 0.1
        for y in outputs
    )
