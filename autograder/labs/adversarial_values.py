"""Judges what a step function of the lab `gan` returns: the losses before each update, as plain numbers."""

from __future__ import annotations

import copy
from dataclasses import replace

from torch import nn

from autograder.labs.adversarial_slips import Given, Path, Way, follow
from autograder.labs.adversarial_trace import SIZES, Bench, Number, Trace
from autograder.labs.judge import Judge
from autograder.labs.probing import Answer


def read_values(j: Judge, answer: Answer) -> Number:
    """The returned float, or both floats of a returned dict; further keys do not matter."""
    if j.component.name != "train_step":
        return {"loss": j.need_number(answer, what=f"`{j.component.name}`")}
    items = answer.value.get("items")
    if answer.value.get("type") != "dict" or not isinstance(items, dict):
        raise j.stop("returns_values", 'What `train_step` returns should be a dict {"d_loss": ..., "g_loss": ...} of floats.',
                     misconception="values-not-in-a-dict")  # fmt: skip
    missing = [key for key in ("d_loss", "g_loss") if key not in items]
    if missing:
        raise j.stop("returns_values", f"The returned dict has no {', '.join(map(repr, missing))}; its keys should be 'd_loss' and 'g_loss'.",
                     misconception="values-named-otherwise")  # fmt: skip
    return {key: j.number_of(answer, items[key], what=f"`{key}` of `train_step`") for key in ("d_loss", "g_loss")}  # fmt: skip


def judge_values(j: Judge, bench: Bench, trace: Trace, givens: list[Given], path: Path, way: Way) -> None:
    """The returned numbers are the losses before each update."""
    if bench.order != "dgg":
        _judge_value(j, "loss", [v["loss"] for v in trace.values], [losses[:1] for losses in path.losses], bench, trace, givens, way)  # fmt: skip
        return
    fine = _judge_value(j, "d_loss", [v["d_loss"] for v in trace.values], [losses[:1] for losses in path.losses], bench, trace, givens, way)  # fmt: skip
    allowed = [[a, b, (a + b) / 2] for _, a, b in path.losses]
    if fine:
        _judge_value(j, "g_loss", [v["g_loss"] for v in trace.values], allowed, bench, trace, givens, way)


def _judge_value(
    j: Judge, key: str, got: list[float], allowed: list[list[float]], bench: Bench, trace: Trace, givens: list[Given], way: Way
) -> bool:  # fmt: skip
    what = "The returned loss" if key == "loss" else f"`{key}`"
    if all(any(j.same_number(g, a) for a in some) for g, some in zip(got, allowed, strict=True)):
        j.passed("returns_loss", f"{what} is that before the update.")
        return True
    if key != "g_loss" and all(map(j.same_number, got, _losses_after(bench, trace, givens, way))):
        j.fail("returns_loss", f"{what} is that after the update; compute it once, before the optimiser's `step()`.",
               severity="flaw", misconception="loss-after-update")  # fmt: skip
    elif all(
        any(j.same_number(g, a * n) for a in some) for g, some, n in zip(got, allowed, SIZES, strict=True)
    ):
        j.fail("returns_loss", f"{what} is multiplied by the batch size; return the loss itself.", severity="flaw", misconception="loss-times-batch")  # fmt: skip
    elif key == "g_loss" and all(j.same_number(g, a + b) for g, (a, b, _) in zip(got, allowed, strict=True)):
        j.fail("returns_loss", "`g_loss` is the sum of both updates' losses; return one of them, or their mean.", severity="flaw", misconception="loss-summed")  # fmt: skip
    else:
        g, right = next((g, some) for g, some in zip(got, allowed, strict=True) if not any(j.same_number(g, a) for a in some))  # fmt: skip
        told = " or ".join(f"{a:.5g}" for a in right[:2])
        j.fail("returns_loss", f"{what} is returned as {g:.5g}; that before the update is {told}.", severity="flaw")  # fmt: skip
    return False


def _losses_after(bench: Bench, trace: Trace, givens: list[Given], way: Way) -> list[float]:
    """The loss of each call's first update, after the call, on the same images and noise."""
    found = []
    for theta, given in zip(trace.thetas, givens, strict=True):
        pair = copy.deepcopy(bench.pair)
        nn.utils.vector_to_parameters(theta, pair.parameters())
        first = replace(way, order=bench.order[0])
        once = [replace(given, draws=given.draws[:1])]
        found.append(follow(pair, bench.rates, once, first).losses[0][0])
    return found
