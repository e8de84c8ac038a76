"""Short runs of the lab `gan`: the student's two networks trained by their step, or by a right one.

As in the other labs, a **control run** has the student's own networks, initial weights and batches, and a right
step in place of theirs. Both runs use the grader's optimisers.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch

from autograder.labs.networks import mode
from autograder.labs.probing import Answer, H, Step, T, Unanswered, ask, call, call_handle
from autograder.outcomes import right_steps
from autograder.outcomes.base import Context
from autograder.outcomes.pieces import Unusable
from autograder.outcomes.short_run import State, Who, finite, way, weights

LATENT = 100
PAINTINGS = 512  # training paintings that batches are drawn from
SIDES = ("generator", "discriminator")
BUILDERS = {"generator": "Generator", "discriminator": "Discriminator"}
SOURCE = Path(right_steps.__path__[0], "gan.py").read_text(encoding="utf-8")
CONTROL: Step = {"op": "define", "source": SOURCE, "names": [], "keep": ["train_step"]}


@dataclass(frozen=True)
class AdversarialRun:
    """What one short run did, by side: weights before it and after every segment of it, and updates made."""

    weights: dict[str, list[State]]
    trained: dict[str, frozenset[str]]  # names of the parameters; the rest are statistics
    updates: dict[
        str, tuple[float, ...]
    ]  # the different update counts of the parameters, by Adam's own count
    finite: dict[str, bool]  # whether the last gradients are
    values: list[Any]  # the discriminator loss that each step returned, as the student's code tells it

    @property
    def steps(self) -> int:
        return len(self.values)

    def diverged(self, side: str) -> bool:
        """Whether weights of a side hold NaN or infinity at the end."""
        return not finite(self.weights[side][-1])

    def moved(self, side: str, segment: int) -> float:
        """Euclidean distance that the parameters of a side move in a segment; -1 is the last one."""
        before, after = list(itertools.pairwise(self.weights[side]))[segment]
        return way(before, after, self.trained[side])


def adversarial_run(
    context: Context, who: Who, start: dict[str, State] | None = None, *, repeat: int = 0
) -> AdversarialRun:
    """Train the student's networks for the number of steps that the policy sets.

    Args:
        start: initial weights by side; None for those that the student's constructors and `init_weights` draw.
        repeat: another number gives other noise with the same weights and batches.

    Raises:
        Raised: student code raised.
        Unanswered: the worker sent something else than answers.
    """
    settings = context.settings
    count, batch, segments = (int(settings[f"learns_{key}"]) for key in ("steps", "batch", "segments"))
    generator = torch.Generator().manual_seed(context.seed_for("batches"))
    rows = torch.randint(0, PAINTINGS, (count, batch), generator=generator)
    tensors: State = {"real": training_art()}
    steps: list[Step] = [CONTROL] if who == "control" else []
    for side in SIDES:
        steps += [_build(side, int(settings["learns_width"]), context.seed_for(f"weights {side}"))]
        if start is not None:
            steps += [{"op": "load", "of": side, "prefix": f"{side}."}]
            tensors |= {f"{side}.{key}": value for key, value in start[side].items()}
        elif context.statuses.get("init_weights", "pass") == "pass":
            steps += [
                call_handle(
                    side, {"name": "init_weights"}, path="apply", seed=context.seed_for(side), returns=False
                )
            ]
        rate = float(settings[f"learns_rate_{side}"])
        options = {"lr": rate, "betas": [0.5, 0.999], "fused": True}
        steps += [
            {"op": "optimizer", "of": [side], "kind": "Adam", "options": options, "store": f"opt {side}"}
        ]
    look: list[Step] = [
        {"op": "state", "of": side, "what": ["state_dict", "parameters", "gradients"]} for side in SIDES
    ]
    steps += look
    function = {"ref": "train_step"} if who == "control" else {"name": "train_step"}
    args = [*(H(side) for side in SIDES), *(H(f"opt {side}") for side in SIDES), {"batch": "real"}]
    for i, part in enumerate(rows.tensor_split(segments)):
        tensors[f"rows{i}"] = part.contiguous()
        seed = context.seed_for(f"noise {i} {repeat}")
        steps += [
            {"op": "loop", "fn": function, "args": args, "rows": f"rows{i}", "seed": seed, "item": "d_loss"}
        ]
        steps += look
    steps += [{"op": "updates", "of": f"opt {side}"} for side in SIDES]
    with context.workers.fork() as worker:
        answers = ask(worker, steps, tensors, timeout=context.timeout)
    return _read(list(zip(steps, answers, strict=True)))


def _build(side: str, width: int, seed: int, latent: int = LATENT) -> Step:
    kwargs = {"width": {"value": width}} | ({"latent_dim": {"value": latent}} if side == "generator" else {})
    return call(BUILDERS[side], kwargs=kwargs, seed=seed, store=side, returns=False)


def _read(done: list[tuple[Step, Answer]]) -> AdversarialRun:
    looks = {side: [a for step, a in done if step["op"] == "state" and step["of"] == side] for side in SIDES}
    loops = [answer.result.get("values") for step, answer in done if step["op"] == "loop"]
    updates = [answer.result.get("updates") for step, answer in done if step["op"] == "updates"]
    if not all(isinstance(found, list) for found in [*loops, *updates]):
        raise Unanswered("losses or updates")
    last = {side: looks[side][-1].tensor_map("gradients").values() for side in SIDES}
    return AdversarialRun(
        {side: [weights(answer) for answer in looks[side]] for side in SIDES},
        {side: frozenset(looks[side][0].tensor_map("parameters")) for side in SIDES},
        {
            side: tuple(sorted({float(value) for value in found}))  # type: ignore[union-attr]
            for side, found in zip(SIDES, updates, strict=True)
        },
        {side: all(bool(torch.isfinite(g).all()) for g in last[side] if g is not None) for side in SIDES},
        [value for values in loops for value in values],  # type: ignore[union-attr]
    )


def drawn_pictures(
    context: Context,
    states: list[State],
    z: torch.Tensor,
    *,
    width: int | None = None,
    latent: int = LATENT,
) -> list[torch.Tensor]:
    """What a generator makes of the grader's noise in eval mode, under one set of weights after the other.

    Args:
        z: noise `(len(states), N, latent)`, some for each set of weights.

    The worker that draws them never saw a painting. Pictures are `(N, 3, 64, 64)` in [-1, 1].

    Raises:
        Unusable: something else than pictures came back.
        Raised: student code raised, or the weights do not fit.
    """
    steps: list[Step] = [_build("generator", width or int(context.settings["learns_width"]), 0, latent)]
    tensors = {f"s{i}.{key}": v for i, state in enumerate(states) for key, v in state.items()}
    for i, noise in enumerate(z):
        tensors[f"z{i}"] = noise.contiguous()
        steps += [{"op": "load", "of": "generator", "prefix": f"s{i}."}, mode("generator", training=False)]
        steps += [call_handle("generator", T(f"z{i}"), seed=0, grad_mode=False)]
    with context.workers.apart() as worker:
        answers = ask(worker, steps, tensors, timeout=context.timeout)
    called = [a for step, a in zip(steps[1:], answers[1:], strict=True) if step["op"] == "call"]
    return [_picture(answer, z.shape[1]) for answer in called]


def _picture(answer: Answer, count: int) -> torch.Tensor:
    value = answer.tensor(answer.value.get("key"))
    if value is None or tuple(value.shape) != (count, 3, 64, 64) or not value.is_floating_point():
        raise Unusable(f"`Generator` should give pictures of shape ({count}, 3, 64, 64)")
    if not bool((value.abs() <= 1 + 1e-3).all()):  # NaN too
        raise Unusable("`Generator` gives pictures outside [-1, 1], or NaN")
    return value.float()


@cache
def training_art() -> torch.Tensor:
    """The paintings that short runs train on, `(512, 3, 64, 64)` in [-1, 1]."""
    from course.data.art import load_art

    return load_art(PAINTINGS, progress=False).images
