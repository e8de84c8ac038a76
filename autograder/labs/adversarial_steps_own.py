"""Judges a step function of the lab `gan` on the student's own networks, where the stand-ins did not fit."""

from __future__ import annotations

import math
from typing import Any

import torch

from autograder.labs.adversarial_optimizers import numbers
from autograder.labs.adversarial_steps import ORDERS, arguments_of, judge_leftovers
from autograder.labs.adversarial_trace import LATENT, NETWORKS, SIZES
from autograder.labs.adversarial_values import read_values
from autograder.labs.judge import Judge
from autograder.labs.networks import build, mode
from autograder.labs.probing import Answer, Step, call

WIDTH = 8  # of both networks


def judge_own_step(j: Judge) -> None:
    """Whose parameters move, how often each optimiser steps, whose gradients appear, and what must stay."""
    name, order = j.component.name, ORDERS[j.component.name]
    tensors = {f"real{i}": j.uniform(n, 3, 64, 64) * 2 - 1 for i, n in enumerate(SIZES)}
    steps: list[Step] = [
        build("generator", "Generator", LATENT, j.new_seed(), width=WIDTH),
        build("discriminator", "Discriminator", None, j.new_seed(), width=WIDTH),
    ]
    for of, store in zip(NETWORKS, ("opt_g", "opt_d"), strict=True):
        options = {"lr": 1e-3, "betas": [0.5, 0.999]}
        steps += [{"op": "optimizer", "of": [of], "kind": "Adam", "options": options, "store": store}]
    steps += [{"op": "state", "of": of, "what": ["parameters"]} for of in NETWORKS]
    steps += [{"op": "groups", "of": of} for of in ("opt_g", "opt_d")]
    start = len(steps)
    for i in range(len(SIZES)):
        steps += [mode(of, training=False) for of in NETWORKS]
        steps += [call(name, *arguments_of(name, i), **({"seed": j.new_seed()} if i == 0 else {}))]
        steps += [{"op": "state", "of": of, "what": ["parameters", "gradients", "modes"]} for of in NETWORKS]
        steps += [{"op": "updates", "of": of} for of in ("opt_g", "opt_d")]
    steps += [{"op": "groups", "of": of} for of in ("opt_g", "opt_d")]
    answers = j.ask(steps, tensors)
    rounds = [answers[at : at + 7] for at in range(start, len(answers) - 2, 7)]
    values = [read_values(j, r[2]) for r in rounds]
    _judge_moves(j, order, answers[start - 4 : start - 2], rounds)
    if order == "d" and any(
        g is not None and bool(g.any()) for r in rounds for g in r[3].tensor_map("gradients").values()
    ):
        j.fail("generator_untouched", "The generator gets gradients: pass `fake.detach()` to the discriminator.",
               severity="near", misconception="fakes-not-detached")  # fmt: skip
    for k, (letter, network) in enumerate(zip("gd", NETWORKS, strict=True)):
        modes = rounds[0][3 + k].result.get("modes", {})
        if order == letter and isinstance(modes, dict) and modes.get("") is False:
            j.note(
                "mode", f"The {network} is in eval mode afterwards: was it in train mode while it learned?"
            )
    if not all(math.isfinite(number) for table in values for number in table.values()):
        j.fail("returns_loss", "A returned loss is NaN or infinite.", severity="near")
    judge_leftovers(j, [r[2] for r in rounds], rounds[-1][3:5], answers[start - 2 : start], answers[-2:])


def _judge_moves(j: Judge, order: str, before: list[Answer], rounds: list[list[Answer]]) -> None:
    for k, (letter, network) in enumerate(zip("gd", NETWORKS, strict=True)):
        wanted = order.count(letter)
        moved = _differs(before[k], rounds[0][3 + k])
        if moved and not wanted:
            j.fail("update", f"The {network}'s parameters change; this step updates the other network alone.",
                   misconception=f"{network}-updated")  # fmt: skip
            return
        if wanted and not moved:
            j.fail("update", f"The {network}'s parameters do not move: does the right optimiser step, and does a gradient reach them?",
                   misconception=f"{network}-not-updated")  # fmt: skip
            return
        counts = [_count(r[5 + k]) for r in rounds]
        if counts != [wanted * (i + 1) for i in range(len(rounds))]:
            j.fail("update", f"The {network} is updated {counts[0]:g} times in one call; it should be {wanted}.",
                   severity="near", misconception=f"{network}-update-count")  # fmt: skip
            return
    j.passed("update", "Each network is updated as often as it should be.")


def _differs(before: Answer, after: Answer) -> bool:
    old, new = before.tensor_map("parameters"), after.tensor_map("parameters")
    return any(
        a is not None and (b is None or a.shape != b.shape or not torch.equal(a, b))
        for a, b in ((a, new.get(name)) for name, a in old.items())
    )


def _count(answer: Answer) -> float:
    """The optimiser's own count of its steps."""
    found: Any = answer.result.get("updates")
    return max(numbers(found), default=0.0) if isinstance(found, list) else 0.0
