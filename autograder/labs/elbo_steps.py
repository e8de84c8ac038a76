"""Judges `train_step` of the lab `vae` by its effects on a stand-in model.

The draws are the student's: which codes the decoder was given is watched, each is laid to the digit whose mean is
nearest (in sigmas; the stand-in's means are far apart), and from there on the right step has nothing random left.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from autograder.labs.draws import BETAS, Trace, Values, candidates, noise, passes
from autograder.labs.elbo_slips import SLIPS, Given, negative_elbo, terms
from autograder.labs.gaussian import draw_fault
from autograder.labs.judge import Judge
from autograder.labs.networks import mode
from autograder.labs.probing import Answer, H, Step, T, call
from autograder.labs.slips import begins_like, flat, recognise, same_path, simulate, step_on
from autograder.labs.stand_in import define, stand_in_model
from autograder.labs.steps import describe_update, flat_answer, judge_side_effects

SIZES = (16, 10, 16)  # of the batches of three steps in a row; two are equal, so that a seed set inside shows
SLOW = 5.0  # so that all parts of the stand-in move by similar shares
KEYS = ("loss", "reconstruction", "kl")


def judge_train_step(j: Judge) -> None:
    """Three steps in a row, of different beta: returned values, updates, and what must stay as it was."""
    if j.own:
        from autograder.labs.elbo_steps_own import judge_own_train_step

        judge_own_train_step(j)
        return
    steps, tensors, model = stand_in_model(j, slow=SLOW)
    batches = [
        j.uniform(n, 784) * (j.uniform(n, 784) > 0.4) for n in SIZES
    ]  # none so dark that means are close
    options = {"lr": _fitting_rate(j, model, batches[0]), "momentum": 0.9}
    tensors |= {f"x{i}": x for i, x in enumerate(batches)}
    steps = [define(*j.component.stand_ins, lab=j.lab), *steps]
    steps += [{"op": "optimizer", "of": ["model"], "kind": "SGD", "options": options, "store": "optimizer"}]
    steps += [
        {"op": "watch", "of": "model", "path": "decoder", "store": "seen"},
        {"op": "groups", "of": "optimizer"},
    ]
    start = len(steps)
    steps += [*calls_of("train_step", [j.new_seed() for _ in SIZES]), {"op": "groups", "of": "optimizer"}]
    answers = j.ask(steps, tensors)
    calls, seen, states = (answers[start + k : -1 : 4] for k in (1, 2, 3))
    values = [read_values(j, answer) for answer in calls]
    thetas = [flat_answer(state, model).double() for state in states]
    trace = Trace(values, thetas, [passes(answer) for answer in seen])
    _judge_trace(j, model.double(), options, batches, trace)
    judge_side_effects(j, calls, states[-1], answers[start - 1], answers[-1])


def calls_of(name: str, seeds: list[int], function: dict[str, str] | None = None) -> list[Step]:
    """Four operations a step: eval mode, the call, what the decoder was given, the parameters."""
    steps: list[Step] = []
    for i, (beta, seed) in enumerate(zip(BETAS, seeds, strict=True)):
        args: list[Any] = [H("model"), H("optimizer"), T(f"x{i}")]
        options: dict[str, Any] = {"seed": seed}
        if beta is not None and i % 2:
            args += [beta]
        elif beta is not None:
            options["kwargs"] = {"beta": {"value": beta}}
        one = call(name, *args, **options)
        steps += [
            mode("model", training=False),
            one | ({"fn": function} if function else {}),
            {"op": "watched", "of": "seen", "forget": True},
            {"op": "state", "of": "model"},
        ]
    return steps


def read_values(j: Judge, answer: Answer) -> Values:
    """The three floats of a returned dict; further keys do not matter."""
    items = answer.value.get("items")
    if answer.value.get("type") != "dict" or not isinstance(items, dict):
        raise j.stop(
            "returns_values",
            'What `train_step` returns should be a dict {"loss": ..., "reconstruction": ..., "kl": ...} of floats.',
            misconception="values-not-in-a-dict",
        )
    missing = [key for key in KEYS if key not in items]
    if missing:
        raise j.stop(
            "returns_values",
            f"The returned dict has no {', '.join(map(repr, missing))}; its keys should be 'loss', 'reconstruction' and 'kl'.",
            misconception="values-named-otherwise",
        )
    told = any(finding.misconception == "loss-keeps-graph" for finding in j.findings)
    if any(items[key].get("requires_grad") for key in KEYS):
        if not told:
            j.fail(
                "returns_float",
                "The returned values still hold their graph; memory grows with every step. Return `loss.item()`.",
                severity="flaw",
                misconception="loss-keeps-graph",
            )
        items = {key: items[key] | {"requires_grad": False} for key in KEYS}
    return {key: j.number_of(answer, items[key], what=f"`{key}` of `train_step`") for key in KEYS}


def _fitting_rate(j: Judge, model: nn.Module, x: torch.Tensor) -> float:
    """A rate at which one step moves no part of the model by more than a hundredth: visible, and still smooth."""
    trial: Any = copy.deepcopy(model).train()
    with torch.no_grad():
        mu, logvar = trial.encoder(x)
    z = mu + torch.exp(logvar / 2) * j.normal(*mu.shape)
    negative_elbo(trial, Given(x, z, torch.arange(len(x)), 1.0)).backward()  # type: ignore[no-untyped-call]
    ratios = [
        float(part.weight.detach().norm() / part.weight.grad.norm())
        for part in (trial.encoder.mu, trial.encoder.logvar, trial.decoder)
    ]
    return 0.01 * min(ratios)


# Verdicts --------------------------------------------------------------------------------------


def _judge_trace(
    j: Judge, model: nn.Module, options: dict[str, float], batches: list[torch.Tensor], trace: Trace
) -> None:
    start = flat(model)
    readings = candidates(model, batches, trace)
    if all(torch.equal(theta.float(), start.float()) for theta in trace.thetas):
        j.fail(
            "update",
            "The parameters do not move: are `loss.backward()` and `optimizer.step()` both there, in this order, "
            "with no `zero_grad()` between them?",
            misconception="no-update",
        )
    elif not readings:
        j.fail(
            "update",
            "The decoder is not given one code for each digit of the batch: pass the whole batch through the model once.",
            misconception="batch-not-used" if any(trace.passes) else "model-not-run",
        )
    else:
        _judge_update(j, model, options, trace, readings)
    if readings:
        _judge_values(j, model, trace, readings)


def _judge_update(
    j: Judge, model: nn.Module, options: dict[str, float], trace: Trace, readings: list[list[Given]]
) -> None:
    start = flat(model)
    same = _by_parts(model)
    for givens in readings:
        truth = simulate(model, options, givens, step_on(negative_elbo))
        if same(start, trace.thetas, truth[1]):
            if _judge_draws(j, model, trace, givens):
                j.passed("update", "The parameters move as the optimiser moves them on the plain gradient.")
            return
    for givens in readings:
        slip, _ = recognise(SLIPS, model, options, givens, trace.thetas, same)
        if slip is not None:
            # z = mu + anything moves as a draw with a detached sigma does: its noise tells the two apart
            if slip.name != "graph-cut" or _judge_draws(j, model, trace, givens, quiet=True):
                j.fail("update", slip.message, severity=slip.severity, misconception=slip.name)
            return
    truth = simulate(model, options, readings[0], step_on(negative_elbo))
    if not same(start, trace.thetas[:1], truth[1][:1]):
        slip = begins_like(SLIPS, model, options, readings[0], trace.thetas, same)
        if slip is not None:
            j.fail("update", slip.message, severity=slip.severity, misconception=slip.name)
            return
    if _judge_draws(j, model, trace, readings[0], quiet=True):
        describe_update(j, start, trace.thetas, truth[1])


def _judge_draws(
    j: Judge, model: nn.Module, trace: Trace, givens: list[Given], *, quiet: bool = False
) -> bool:
    """The codes are draws from the encoder's Gaussians, in the mode that the model was in."""
    found = {training: noise(model, trace, givens, training=training) for training in (True, False)}
    faults = [
        draw_fault(*(torch.cat(column) for column in zip(*rows, strict=True))) for rows in found.values()
    ]
    if faults[0] is None or faults[1] is None:
        if not quiet:
            j.passed("samples", "The decoder is fed draws from N(mu, sigma^2).")
        return True
    fault = faults[0]
    if fault.name == "noise-missing":
        j.fail("samples", "The decoder is fed the mean, without noise: train on sampled latents, `reparameterize(mu, logvar)`.",
               misconception="decoder-fed-the-mean")  # fmt: skip
    elif fault.name == "noise-dependent" and all(draw_fault(*step) is None for step in found[True]):
        j.fail("samples", "Every step draws the same noise: draw it anew each time, without a fixed seed.",
               misconception="noise-not-fresh")  # fmt: skip
    else:
        alone = [draw_fault(*step) for step in found[True]]  # sharing shows within a step, not across steps
        if fault.name == "noise-dependent" and alone[0] and all(a and a.name == alone[0].name for a in alone):
            fault = alone[0]
        j.fail("samples", fault.message, severity=fault.severity, misconception=fault.name)
    return False


def _by_parts(model: nn.Module) -> Any:
    """`same_path` for the two heads and the decoder each on its own: a large move of one hides nothing in another."""
    sizes: dict[str, int] = {}
    for name, parameter in model.named_parameters():
        part = name.rpartition(".")[0]
        sizes[part] = sizes.get(part, 0) + parameter.numel()

    def same(start: torch.Tensor, got: list[torch.Tensor], truth: list[torch.Tensor]) -> bool:
        at = 0
        for size in sizes.values():
            part = slice(at, at + size)
            if not same_path(start[part], [t[part] for t in got], [t[part] for t in truth]):
                return False
            at += size
        return True

    return same


def values_along(
    model: nn.Module, thetas: Sequence[torch.Tensor], givens: list[Given], *, training: bool = True
) -> list[Values]:
    """Loss and terms of each step's batch and draws under the parameters that belong to it."""
    found = []
    for theta, given in zip(thetas, givens, strict=True):
        trial = copy.deepcopy(model).train(training)
        nn.utils.vector_to_parameters(theta, trial.parameters())
        with torch.no_grad():
            reconstruction, kl = (float(term) for term in terms(trial, given))
        found.append({"loss": reconstruction + given.beta * kl, "reconstruction": reconstruction, "kl": kl})
    return found


def _judge_values(j: Judge, model: nn.Module, trace: Trace, readings: list[list[Given]]) -> None:
    """The returned numbers are those of the batch, in train mode, before the update."""
    before = [flat(model), *trace.thetas[:-1]]

    def fits(expected: list[Values]) -> bool:
        return all(
            j.same_number(got[k], e[k]) for got, e in zip(trace.values, expected, strict=True) for k in KEYS
        )

    plain = [values_along(model, before, givens) for givens in readings]
    if any(fits(values) for values in plain):
        j.passed("returns_values", "It returns loss, reconstruction and KL before the update.")
    elif any(fits(values_along(model, before, givens, training=False)) for givens in readings):
        if j.credit == 1:
            j.fail("returns_values", "The returned values are those of eval mode: set `model.train()` first.",
                   severity="flaw", misconception="step-in-eval-mode")  # fmt: skip
    elif any(fits(values_along(model, trace.thetas, givens)) for givens in readings):
        j.fail("returns_values", "It returns the values after the update; compute them once, before `optimizer.step()`.",
               severity="flaw", misconception="loss-after-update")  # fmt: skip
    else:
        describe_values(j, trace.values, plain[0])


def describe_values(j: Judge, got: list[Values], right: list[Values]) -> None:
    """Which number is wrong, and how."""

    def all_match(pick: Any) -> bool:
        return all(j.same_number(g["kl"], pick(g, r, beta)) for g, r, beta in
                   zip(got, right, (1.0 if b is None else b for b in BETAS), strict=True))  # fmt: skip

    def row(key: str, factor: Any) -> bool:
        return all(
            j.same_number(g[key], r[key] * factor(n)) for g, r, n in zip(got, right, SIZES, strict=True)
        )

    wrong = [k for k in KEYS if not all(j.same_number(g[k], r[k]) for g, r in zip(got, right, strict=True))]
    if wrong == ["kl"] and all_match(lambda g, r, beta: beta * r["kl"]):
        j.fail("returns_values", "The returned `kl` has beta in it already; return the plain KL divergence.",
               severity="flaw", misconception="kl-returned-weighted")  # fmt: skip
    elif all(row(key, lambda n: n) for key in wrong):
        j.fail("returns_values", "The returned values are multiplied by the batch size; return the losses themselves.",
               severity="flaw", misconception="loss-times-batch")  # fmt: skip
    elif j.credit == 1:
        key = wrong[0]
        value, expected = next(
            (g[key], r[key]) for g, r in zip(got, right, strict=True) if not j.same_number(g[key], r[key])
        )
        j.fail("returns_values", f"`{key}` is returned as {value:.5g}; that of the batch before the update is {expected:.5g}.",
               severity="near")  # fmt: skip
