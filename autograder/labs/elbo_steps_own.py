"""Judges `train_step` of the lab `vae` on the student's own model, where the stand-in did not fit."""

from __future__ import annotations

import math
from typing import Any

import torch

from autograder.labs.draws import BETAS
from autograder.labs.elbo_steps import KEYS, SIZES, calls_of, describe_values, read_values
from autograder.labs.generative import watched_keys
from autograder.labs.judge import Judge
from autograder.labs.networks import build
from autograder.labs.probing import Answer, H, Step, T, Tensors, ask, call_handle
from autograder.labs.slips import same_path
from autograder.labs.stand_in import LATENT, MODELS, define
from autograder.labs.steps import describe_update, joined, judge_side_effects

Control = tuple[list[dict[str, float]], list[torch.Tensor]]  # values and parameters after each step


def judge_own_train_step(j: Judge) -> None:
    """Afterwards, elsewhere, a copy of the model takes right steps: from the same random state, or on the same draws."""
    batches = [j.digits(n) for n in SIZES]
    tensors = {f"x{i}": x for i, x in enumerate(batches)}
    seed, seeds = j.new_seed(), [j.new_seed() for _ in batches]
    mine = j.ask(
        [*_start(j, seed), *calls_of("train_step", seeds), {"op": "groups", "of": "optimizer"}], tensors
    )
    calls, seen, states = (mine[6 + k : -1 : 4] for k in (0, 1, 2))
    values = [read_values(j, answer) for answer in calls]
    start, got = joined(mine[1]), [joined(state) for state in states]
    controls = [_control(j, [*_start(j, seed), *calls_of("", seeds, {"ref": "train_step"})], tensors)]
    codes = [_codes(answer, len(x)) for answer, x in zip(seen, batches, strict=True)]
    if all(z is not None for z in codes):
        drawn = tensors | {f"z{i}": z for i, z in enumerate(codes) if z is not None}
        controls += [_control(j, [*_start(j, seed), *_steps_towards(seeds)], drawn)]
    if not any((theta - start).any() for _, thetas in controls for theta in thetas):
        raise j.stop(
            "update",
            "`train_step` could not be judged: your model does not change in a right training step either.",
        )
    fitting = [control for control in controls if same_path(start, got, control[1], rounding=5e-3)]
    if fitting and all(values["noise"] < 1e-3 for values in fitting[-1][0]):
        j.fail("samples", "The decoder is fed the mean, without noise: train on sampled latents, `reparameterize(mu, logvar)`.",
               misconception="decoder-fed-the-mean")  # fmt: skip
    elif fitting:
        j.passed("update", "The parameters move as the optimiser moves them on the plain gradient.")
    else:
        describe_update(j, start, got, controls[-1][1])
    expected = [control[0] for control in fitting or controls]
    if any(
        all(j.same_number(g[k], r[k]) for g, r in zip(values, right, strict=True) for k in KEYS)
        for right in expected
    ):
        j.passed("returns_values", "It returns loss, reconstruction and KL before the update.")
    else:
        describe_values(j, values, expected[-1])
    judge_side_effects(j, calls, mine[-2], mine[4], mine[-1])


def _start(j: Judge, seed: int) -> list[Step]:
    """The student's model, its parameters, an optimiser over them, and a watch on its decoder."""
    options = {"lr": 1e-4, "momentum": 0.9}
    return [
        build("model", MODELS[j.lab], LATENT, seed),
        {"op": "state", "of": "model"},
        {"op": "optimizer", "of": ["model"], "kind": "SGD", "options": options, "store": "optimizer"},
        {"op": "watch", "of": "model", "path": "decoder", "store": "seen"},
        {"op": "groups", "of": "optimizer"},
    ]


def _steps_towards(seeds: list[int]) -> list[Step]:
    """Right steps whose draws are given."""
    steps = calls_of("", seeds, {"ref": "step_towards"})
    for i, beta in enumerate(BETAS):
        given = [H("model"), H("optimizer"), T(f"x{i}"), T(f"z{i}"), 1.0 if beta is None else beta]
        steps[4 * i + 1] = call_handle("step_towards", *given, seed=seeds[i])
    return steps


def _control(j: Judge, steps: list[Step], tensors: Tensors) -> Control:
    with j.control() as worker:
        known = define(keep=("train_step", "step_towards"), lab=j.lab)
        answers = ask(worker, [known, *steps], tensors, timeout=j.policy.limits["component_seconds"])[1:]
    values = []
    for answer in answers[6::4]:
        items = answer.value.get("items")
        table = items if isinstance(items, dict) else {}
        values.append({key: _number(table.get(key)) for key in (*KEYS, "noise")})
    return values, [joined(answer) for answer in answers[8::4]]


def _codes(seen: Answer, n: int) -> torch.Tensor | None:
    """What the decoder was given, if that is one code a digit."""
    parts = [seen.tensor(key) for key in watched_keys(seen)]
    kept = [z for z in parts if z is not None and z.dim() == 2 and z.shape[1] == LATENT]
    z = torch.cat(kept).float() if kept else torch.empty(0)
    return z if len(z) == n else None


def _number(value: Any) -> float:
    found = value.get("value") if isinstance(value, dict) else None
    return float(found) if isinstance(found, int | float) else math.nan
