"""Short runs: the student's model trained for a fixed number of steps, by their step or by a right one.

A **control run** takes the student's own networks, initial weights and batches, with a right step in place
of theirs; only its worker ever sees that step. What the two runs reach is compared, so a network that is
small, slow or collapses even with right steps costs nobody a point.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any, Literal

import torch

from autograder.labs.networks import build, mode
from autograder.labs.probing import Answer, H, Step, T, Unanswered, ask, call_handle
from autograder.outcomes.base import Context
from autograder.outcomes.heldout import training_digits

State = dict[str, torch.Tensor]
Who = Literal["student", "control"]


@dataclass(frozen=True)
class Recipe:
    """What a lab trains in its short runs."""

    model: str  # the component that builds it
    latent: int
    control: Step  # puts a right `train_step` into the control's worker
    digits: int  # training digits that batches are drawn from
    probes: int = 0  # digits whose codes are looked at along the way


@dataclass(frozen=True)
class Run:
    """What one short run did: weights before and after, what its steps returned, codes along the way."""

    start: State
    end: State
    values: list[Any]  # the loss that each step returned, as the student's code tells it
    codes: list[Answer]  # of the probe digits before the first step and after every segment
    trained: frozenset[str]  # names of the parameters, which the steps may move; the rest are statistics

    def diverged(self) -> bool:
        """Whether its weights hold NaN or infinity."""
        return not finite(self.end)

    def first_nan(self) -> int | None:
        """The step, from 1, whose loss was the first that is not finite."""
        return first_nan(self.values)

    def moved(self) -> float:
        """Euclidean distance between the parameters before and after."""
        return way(self.start, self.end, self.trained)


def finite(state: State) -> bool:
    """Whether no weight is NaN or infinite."""
    return all(bool(torch.isfinite(v).all()) for v in state.values() if v.is_floating_point())


def first_nan(values: list[Any]) -> int | None:
    """The step, from 1, whose loss was the first that is not finite."""
    bad = (i for i, v in enumerate(values, 1) if isinstance(v, int | float) and not math.isfinite(v))
    return next(bad, None)


def way(before: State, after: State, names: frozenset[str]) -> float:
    """Euclidean distance between two states of the parameters `names`."""
    squares = [
        float((after[key].double() - value.double()).square().sum())
        for key, value in before.items()
        if key in names and key in after and after[key].shape == value.shape
    ]
    return math.sqrt(sum(squares))


def short_run(
    context: Context, recipe: Recipe, who: Who, start: State | None = None, *, repeat: int = 0
) -> Run:
    """Train the student's model for the number of steps that the policy sets.

    Args:
        start: initial weights; None for those that the model's constructor draws.
        repeat: another number gives other noise with the same weights and batches.

    Raises:
        Raised: student code raised.
        Unanswered: the worker sent something else than answers.
    """
    settings = context.settings
    count, batch = int(settings["learns_steps"]), int(settings["learns_batch"])
    rates = [float(rate) for rate in settings["learns_rates"]]
    generator = torch.Generator().manual_seed(context.seed_for("batches"))
    rows = torch.randint(0, recipe.digits, (count, batch), generator=generator)
    everything = training_digits(recipe.digits + recipe.probes)
    tensors: State = {"x": everything[: recipe.digits], "probe": everything[recipe.digits :]}
    steps: list[Step] = [recipe.control] if who == "control" else []
    steps += [build("model", recipe.model, recipe.latent, context.seed_for("weights"))]
    if start is not None:
        steps += [{"op": "load", "of": "model", "prefix": "start."}]
        tensors |= {f"start.{key}": value for key, value in start.items()}
    # One pass over all parameters at once: a third of a step's time less, in both runs alike.
    options = {"lr": rates[0], "fused": True}
    steps += [{"op": "state", "of": "model", "what": ["state_dict", "parameters"]}]
    steps += [{"op": "optimizer", "of": ["model"], "kind": "Adam", "options": options, "store": "optimizer"}]
    look = [mode("model", training=False), call_handle("model", T("probe"), path="encoder", grad_mode=False)]
    steps += look if recipe.probes else []
    function = {"ref": "train_step"} if who == "control" else {"name": "train_step"}
    args = [H("model"), H("optimizer"), {"batch": "x"}]
    for i, (rate, part) in enumerate(zip(rates, rows.tensor_split(len(rates)), strict=True)):
        tensors[f"rows{i}"] = part.contiguous()
        steps += [{"op": "rate", "of": "optimizer", "rate": rate}]
        seed = context.seed_for(f"noise {i} {repeat}")
        steps += [{"op": "loop", "fn": function, "args": args, "rows": f"rows{i}", "seed": seed}]
        steps += look if recipe.probes else []
    steps += [{"op": "state", "of": "model", "what": ["state_dict"]}]
    with context.workers.fork() as worker:
        answers = ask(worker, steps, tensors, timeout=context.timeout)
    return _read(list(zip(steps, answers, strict=True)))


def _read(done: list[tuple[Step, Answer]]) -> Run:
    first, last = (answer for step, answer in done if step["op"] == "state")
    loops = [answer.result.get("values") for step, answer in done if step["op"] == "loop"]
    if not all(isinstance(values, list) for values in loops):
        raise Unanswered("losses")
    codes = [answer for step, answer in done if step["op"] == "call" and step["fn"].get("path") == "encoder"]
    values = list(itertools.chain.from_iterable(loops))  # type: ignore[arg-type]
    return Run(weights(first), weights(last), values, codes, frozenset(first.tensor_map("parameters")))


def weights(answer: Answer) -> State:
    """The state dict in an answer."""
    return {key: value for key, value in answer.tensor_map("state_dict").items() if value is not None}
