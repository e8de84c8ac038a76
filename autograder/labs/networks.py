"""What every network of the contract must do, judged through its own inputs and outputs alone.

Nothing here looks at layers: widths, depth, activations and normalisation are the student's choice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from autograder.labs.judge import Judge
from autograder.labs.probing import Answer, Step, T, call, call_handle, reseeds

BATCH = 24  # rows of the main probe
DEAD_SHARE = 0.1  # of input entries that may be without any influence (unused borders of a strided layer)
TRIES = 3  # initialisations, so that one unlucky draw of narrow ReLU layers decides nothing
JITTER: Step = {
    "op": "jitter",
    "of": "net",
    "size": 0.02,
}  # away from special starts, such as a layer of zeros


Shape = Callable[[int], tuple[int, ...]]


@dataclass(frozen=True)
class Network:
    """The shapes of one network component: `(B, *inputs(L)) -> (B, *outputs(L))`, or a tuple of such parts."""

    name: str
    inputs: Shape
    outputs: Shape | tuple[tuple[str, Shape], ...]  # one tensor, or parts by name
    draw: Callable[[Judge, tuple[int, ...]], torch.Tensor]
    default_latent: int
    input_name: str  # "digit", "code"
    random: tuple[str, ...] = ()  # parts that are drawn anew at each call
    batch: int = BATCH  # rows of the main probe
    options: Mapping[str, Any] = field(default_factory=dict)  # further arguments of the constructor
    warm: int = 0  # passes in train mode before eval mode is looked at, for what is estimated on the way

    def build(self, store: str, seed: int, latent_dim: int | None = None) -> Step:
        """A step that makes one and keeps it."""
        return build(store, self.name, latent_dim, seed, **self.options)

    def parts(self, latent: int) -> list[Part]:
        """What it returns, part by part; a single tensor is one part without a name."""
        if not isinstance(self.outputs, tuple):
            return [Part("", [], self.outputs(latent))]
        return [Part(name, [i], shape(latent)) for i, (name, shape) in enumerate(self.outputs)]

    def read(
        self, j: Judge, answer: Answer, n: int, latent: int, *, what: str, like: str = ""
    ) -> list[torch.Tensor]:
        """The parts of what it returned, or the end of the judgement with the reason."""
        parts = self.parts(latent)
        if not isinstance(self.outputs, tuple):
            return [j.need_tensor(answer, (n, *parts[0].shape), what=what, like=like)]
        items = j.need_sequence(answer, [part.name for part in parts], what=what)
        return [
            j.tensor_of(
                answer,
                item,
                (n, *part.shape),
                what=f"`{part.name}` in {what[0].lower()}{what[1:]}",
                like=like,
            )
            for item, part in zip(items, parts, strict=True)
        ]

    def steady(self, j: Judge, answer: Answer, n: int) -> torch.Tensor:
        """The parts that are not random, side by side: `(B, all their entries)`."""
        latent = self.default_latent
        tensors = self.read(j, answer, n, latent, what=f"The output of `{self.name}` in eval mode")
        names = [part.name for part in self.parts(latent)]
        kept = [t.reshape(n, -1) for name, t in zip(names, tensors, strict=True) if name not in self.random]
        return torch.cat(kept, 1)


@dataclass(frozen=True)
class Part:
    """One tensor of what a network returns."""

    name: str
    path: list[Any]  # where it is in the returned value
    shape: tuple[int, ...]  # of one row


def build(store: str, name: str, latent_dim: int | None, seed: int, **options: Any) -> Step:
    """A step that makes a network and keeps it."""
    given = options if latent_dim is None else {"latent_dim": latent_dim, **options}
    kwargs = {key: {"value": value} for key, value in given.items()}
    return call(name, kwargs=kwargs, seed=seed, store=store, returns=False)


def mode(handle: str, *, training: bool) -> Step:
    return {"op": "mode", "of": handle, "training": training}


def judge_network(j: Judge, net: Network) -> None:
    """Checks that every network shares: builds, shapes, rows, gradients, inputs, random state."""
    check_builds(j, net)
    for latent in (net.default_latent, 7):
        check_shapes(j, net, latent)
    if check_rows(j, net):  # what moves a random output cannot be told
        check_gradients(j, net)
    check_inputs(j, net)


def check_builds(j: Judge, net: Network) -> None:
    """It makes a module, draws fresh weights, and leaves the random state to the caller."""
    first, second = j.new_seed(), j.new_seed()
    steps: list[Step] = []
    for handle, seed in (("a", first), ("b", second)):
        steps += [net.build(handle, seed)]
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
    x = net.draw(j, (net.batch, *net.inputs(latent)))
    tensors = {f"x{n}": x[:n].clone() for n in (1, 2, 5, net.batch)}
    steps = [net.build("net", j.new_seed(), None if latent == net.default_latent else latent)]
    runs = [("train", 2), ("train", 5), ("train", net.batch), ("eval", 1), ("eval", 2), ("eval", net.batch)]
    for name, n in runs:
        steps += [mode("net", training=name == "train"), call_handle("net", T(f"x{n}"), seed=j.new_seed())]
    answers = j.ask(steps, tensors)[2::2]
    like = f" for latent_dim={latent}"
    for (name, n), answer in zip(runs, answers, strict=True):
        what = f"The output of `{net.name}` for a batch of {n} in {name} mode"
        net.read(j, answer, n, latent, what=what, like=like)
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
    if latent != net.default_latent:
        j.passed(
            "shape", f"Output shape and dtype are right for several batch sizes and latent_dim={latent}."
        )


def check_rows(j: Judge, net: Network) -> bool:
    """In eval mode a row of the output depends on its own row of the input alone. Whether it is not random, too."""
    x = net.draw(j, (net.batch, *net.inputs(net.default_latent)))
    other = net.draw(j, (net.batch, *net.inputs(net.default_latent)))
    own = min(5, net.batch // 2)  # rows that stay among others
    mixed = torch.cat([x[:own], other[own:]])
    tensors = {"x": x, "mixed": mixed, "one": x[1:2].clone()}
    # a step in train mode first, so that running statistics are not at their start
    steps = [
        net.build("net", j.new_seed()),
        mode("net", training=True),
        call_handle("net", T("x"), returns=False),
    ]
    steps += [mode("net", training=False)]
    steps += [call_handle("net", T(key), seed=j.new_seed()) for key in ("x", "x", "mixed", "one")]
    answers = j.ask(steps, tensors)[4:]
    sizes = (net.batch, net.batch, net.batch, 1)
    y, again, beside, alone = (net.steady(j, a, n) for a, n in zip(answers, sizes, strict=True))
    size = float(y.abs().max()) + 1e-3
    if not j.close(again, y, scale=size):
        j.fail(
            "rows_independent",
            "In eval mode the same input gives another output each time. Dropout or noise must be off in eval mode "
            "(nn.Dropout does it; F.dropout needs training=self.training).",
            misconception="random-in-eval-mode",
        )
        return False
    ok = j.close(beside[:own], y[:own], scale=size) and j.close(alone, y[1:2], scale=size)
    j.verdict(
        "rows_independent",
        ok,
        f"In eval mode each {net.input_name} is handled on its own.",
        f"In eval mode the output for one {net.input_name} changes with the others in its batch. "
        "Something mixes the rows: a reshape that swaps axes, or statistics over the batch.",
        misconception="rows-mixed",
    )
    return True


def check_gradients(j: Judge, net: Network) -> None:
    """Every parameter that moves a part of the output gets a gradient from that part."""
    x = net.draw(j, (net.batch, *net.inputs(net.default_latent)))
    blocked: dict[str, set[str]] = {}
    for _ in range(TRIES):
        seed = j.new_seed()
        found = {part.name: _reach(j, net, part, x, seed) for part in net.parts(net.default_latent)}
        blocked = {name: moving - reached for name, (moving, reached) in found.items()}
        if all(moving for moving, _ in found.values()) and not any(blocked.values()):
            j.passed("gradients", "Gradients reach every layer.")
            return
    head, names = next(((head, names) for head, names in blocked.items() if names), ("", set()))
    if not names:
        j.fail(
            "gradients",
            f"The parameters of `{net.name}` have no influence on its output: is every layer used in `forward`?",
            misconception="layers-unused",
        )
        return
    layers = ", ".join(sorted(name.removeprefix("net:") for name in names)[:4])
    source = f" from `{head}`" if head else ""
    j.fail(
        "gradients",
        f"No gradient{source} reaches {layers}. Something cuts the graph: `.detach()`, `.data`, `torch.no_grad()`, "
        "`requires_grad=False`, or a new tensor made from the values.",
        misconception="graph-cut",
    )


def _reach(j: Judge, net: Network, part: Part, x: torch.Tensor, seed: int) -> tuple[set[str], set[str]]:
    """Parameters that move this part of the output, and those that it sends a gradient to."""
    tensors = {"x": x, "w": j.normal(net.batch, *part.shape)}
    vjp = {"leaves": [{"path": part.path, "cotangent": "w"}], "parameters": ["net"]}
    steps = [net.build("net", seed)]
    for training in (True, False):
        steps += [
            mode("net", training=training),
            call_handle("net", T("x"), vjp=vjp, seed=j.new_seed(), returns=False),
        ]
    influence: Step = {"op": "influence", "of": "net", "input": "x", "size": 1e-2, "path": part.path}
    steps += [influence | ({"seed": seed} if part.name in net.random else {})]
    answers = j.ask(steps, tensors)
    reached: set[str] = set()
    for answer in (answers[2], answers[4]):
        reached |= {name for name, g in answer.gradients().items() if g is not None and bool((g != 0).any())}
    if answers[5].result.get("noisy"):
        return reached, reached  # its noise hides what moves it
    moved = answers[5].result.get("moved")
    return ({f"net:{name}" for name in moved} if isinstance(moved, list) else set()), reached


def check_inputs(j: Judge, net: Network) -> None:
    """Any part of the input can matter, to every part of the output."""
    x = net.draw(j, (net.batch, *net.inputs(net.default_latent)))
    for part in net.parts(net.default_latent):
        alive = torch.zeros(x[0].shape, dtype=torch.bool)
        for _ in range(TRIES):
            alive |= _alive(j, net, part, x)
            if alive.float().mean() >= 1 - DEAD_SHARE:
                break
        else:
            dead, what = int((~alive).sum()), f"`{part.name}`" if part.name else "the output"
            j.fail(
                "uses_input",
                f"{dead} of the {alive.numel()} entries of the {net.input_name} never influence {what}. "
                "Does a slice, a constant or a detached path leave part of it out?",
                misconception="input-ignored",
            )
            return
    j.passed("uses_input", f"Every part of the {net.input_name} can matter.")


def _alive(j: Judge, net: Network, part: Part, x: torch.Tensor) -> torch.Tensor:
    """Which entries of the input move this part of the output, for one draw of the weights."""
    tensors = {"x": x, "w": j.normal(net.batch, *part.shape)}
    vjp = {"leaves": [{"path": part.path, "cotangent": "w"}], "inputs": ["x"]}
    steps = [
        net.build("net", j.new_seed()),
        JITTER,
        *[call_handle("net", T("x"), returns=False)] * net.warm,
        mode("net", training=False),
        call_handle("net", T("x", grad=True), vjp=vjp, seed=j.new_seed(), returns=False),
    ]
    gradient = j.ask(steps, tensors)[-1].gradients().get("input:x")
    if gradient is None or gradient.shape != x.shape:
        return torch.zeros(x[0].shape, dtype=torch.bool)
    return (gradient != 0).any(dim=0)
