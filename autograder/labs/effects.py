"""Does a function leave the model, the gradient mode and the random state as they were?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from autograder.labs.judge import Judge
from autograder.labs.probing import Answer, H, Raised, Step, Tensors, call, reseeds

# Gives the model gradients and a frozen parameter, which must be there afterwards.
MARK: Step = {"op": "mark", "of": "model"}


@dataclass(frozen=True)
class Promise:
    """A function of a model that promises to leave it as it was."""

    name: str
    rule: str  # why nothing may change
    given: str  # what else it is given
    returns_graph: bool  # it returns tensors, whose graph would show: what is recorded inside is a note then


def judge_grad_mode(
    j: Judge, promise: Promise, rounds: list[list[Answer]], argument: Any, tensors: Tensors
) -> None:
    """The global gradient mode stays on where it was on, and off where it was off."""
    kept = all(r[2].result.get("grad_mode") is True for r in rounds)
    try:
        answer = j.ask([call(promise.name, H("model"), argument, grad_mode=False)], tensors)[0]
        kept = kept and answer.result.get("grad_mode") is False
    except Raised:
        pass  # what it needs gradients for has been told already
    if not kept:
        j.fail("leaves_grad_mode", "It leaves the global gradient mode changed: use `with torch.no_grad():`, which puts it back.",
               severity="flaw", misconception="grad-mode-left-off")  # fmt: skip


def judge_effects(j: Judge, promise: Promise, rounds: list[list[Answer]]) -> None:
    """Each round: mode set, state before, the call, state after, the stand-in's own record. Train mode comes first."""
    modes = [set(r[3].result.get("modes", {}).values()) for r in rounds]
    if modes == [{True}, {False}]:
        j.passed("restores_mode", "It leaves the model in the mode it was in.")
    else:
        which = (
            "train mode, and is left in eval mode"
            if modes[0] != {True}
            else "eval mode, and is left in train mode"
        )
        j.fail("restores_mode", f"The model comes in {which}. Put it back as it was: keep `model.training` before you change it.",
               severity="flaw", misconception="mode-not-restored")  # fmt: skip
    if any(r[1].result.get("requires_grad") != r[3].result.get("requires_grad") for r in rounds):
        j.fail("leaves_requires_grad", "Afterwards some parameters have another requires_grad; leave it as it was.",
               severity="flaw", misconception="requires-grad-changed")  # fmt: skip
    for r in rounds:
        before, after = (r[i].tensor_map("state_dict") for i in (1, 3))
        same = before.keys() == after.keys() and all(
            a is not None and b is not None and a.shape == b.shape and torch.equal(a, b)
            for a, b in ((before[key], after[key]) for key in before)
        )
        if not same:
            j.fail("leaves_model", f"It changes the model's weights or statistics; {promise.rule}.",
                   misconception=f"{promise.name}-trains")  # fmt: skip
            break
    grown = lost = False
    for r in rounds:
        before, after = (r[i].tensor_map("gradients") for i in (1, 3))
        grown |= any(g is not None and before.get(name) is None for name, g in after.items())
        lost |= any(g is not None and not _same(g, after.get(name)) for name, g in before.items())
    if lost:
        j.fail("leaves_gradients", f"It clears or changes the gradients that the model holds; {promise.rule}.",
               severity="flaw", misconception="gradients-changed")  # fmt: skip
    recorded = any(
        isinstance(flag, dict) and flag.get("value") is True
        for flag in (rounds[0][4].result.get("attributes") or {}).values()
    )
    if recorded and promise.returns_graph and not grown:
        j.note(
            "no_gradients",
            "It records gradients on the way, which costs memory for nothing: run the model under `torch.no_grad()`.",
        )
    elif grown or recorded:
        j.fail("no_gradients", "It records gradients, which costs memory for nothing: run the model under `torch.no_grad()`.",
               severity="flaw", misconception=f"{promise.name}-records-graph")  # fmt: skip
    else:
        j.passed("no_gradients", "It records no gradients.")
    if reseeds([r[2] for r in rounds]):
        j.fail("leaves_random_state", f"`{promise.name}` reseeds the global random state; leave seeds to the notebook.",
               severity="flaw", misconception="reseeds-global-state")  # fmt: skip
    if any(r[2].result.get("changed_inputs") for r in rounds):
        j.fail(
            "leaves_input",
            f"`{promise.name}` changes {promise.given} in place.",
            severity="flaw",
            misconception="input-modified",
        )


def _same(a: torch.Tensor, b: torch.Tensor | None) -> bool:
    return b is not None and torch.equal(a, b)
