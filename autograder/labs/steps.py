"""Judges `train_step` of a reconstruction model by its effects on a stand-in model."""

from __future__ import annotations

import copy

import torch
from torch import nn

from autograder.labs.judge import Judge
from autograder.labs.networks import build, mode
from autograder.labs.probing import Answer, H, Step, T, ask, call, reseeds
from autograder.labs.slips import (
    Trajectory,
    common_slips,
    flat,
    losses_along,
    recognise,
    same_path,
    simulate,
    squared_error,
    step_on,
)
from autograder.labs.stand_in import LATENT, define, stand_in_model

SIZES = (12, 5)  # of the batches of two steps in a row
SLIPS = common_slips(squared_error)


def judge_train_step(j: Judge) -> None:
    """Two steps in a row: returned losses, updates, and what must stay as it was."""
    if j.own:
        _judge_own_train_step(j)
        return
    steps, tensors, model = stand_in_model(j)
    batches = [j.digits(n) for n in SIZES]
    options = {"lr": _fitting_rate(model, batches[0]), "momentum": 0.9}
    tensors |= {f"x{i}": x for i, x in enumerate(batches)}
    steps = [define(*j.component.stand_ins), *steps]
    steps += [{"op": "optimizer", "of": ["model"], "kind": "SGD", "options": options, "store": "optimizer"}]
    steps += [{"op": "groups", "of": "optimizer"}]
    start = len(steps)
    for i in range(len(batches)):
        steps += [
            mode("model", training=False),
            call("train_step", H("model"), H("optimizer"), T(f"x{i}"), seed=j.new_seed()),
        ]
        steps += [{"op": "state", "of": "model"}]
    steps += [{"op": "groups", "of": "optimizer"}]
    answers = j.ask(steps, tensors)
    calls, states = answers[start + 1 : -1 : 3], answers[start + 2 : -1 : 3]
    values = [j.need_number(answer, what="`train_step`") for answer in calls]
    thetas = [flat_answer(state, model) for state in states]
    _judge_update(j, model, options, batches, (values, thetas))
    judge_side_effects(j, calls, states[-1], answers[start - 1], answers[-1])


def _fitting_rate(model: nn.Module, x: torch.Tensor) -> float:
    """A rate at which one step moves the weights by about a tenth: visible, and still smooth."""
    trial = copy.deepcopy(model).train()
    ((trial(x) - x) ** 2).mean().backward()
    moved = torch.cat(
        [
            p.grad.flatten()
            for n, p in trial.named_parameters()
            if p.grad is not None and n.startswith("decoder")
        ]
    )
    size = flat(trial)[-moved.numel() :]
    return float(0.1 * size.norm() / moved.norm())


def _judge_update(
    j: Judge, model: nn.Module, options: dict[str, float], batches: list[torch.Tensor], got: Trajectory
) -> None:
    start = flat(model)
    values, thetas = got
    truth = simulate(model, options, batches, step_on(squared_error))
    if same_path(start, thetas, truth[1]):
        j.passed("update", "The parameters move as the optimiser moves them on the plain gradient.")
        wanted = truth
    else:
        slip, wanted = recognise(SLIPS, model, options, batches, thetas)
        if all(torch.equal(theta, start) for theta in thetas):
            j.fail(
                "update",
                "The parameters do not move: are `loss.backward()` and `optimizer.step()` both there, in this order, "
                "with no `zero_grad()` between them?",
                misconception="no-update",
            )
            wanted = truth
        elif slip is not None:
            j.fail("update", slip.message, severity=slip.severity, misconception=slip.name)
        else:
            describe_update(j, start, thetas, truth[1])
            wanted = truth
    _judge_values(j, model, batches, values, thetas, wanted)


def _judge_values(
    j: Judge,
    model: nn.Module,
    batches: list[torch.Tensor],
    values: list[float],
    thetas: list[torch.Tensor],
    wanted: Trajectory,
) -> None:
    """The returned loss is that of the batch, in train mode, before the update."""
    if all(j.same_number(got, expected) for got, expected in zip(values, wanted[0], strict=True)):
        j.passed("returns_loss", "It returns the loss before the update.")
        return
    before = [flat(model), *thetas[:-1]]
    after = losses_along(model, thetas, batches, training=True)
    in_eval = losses_along(model, before, batches, training=False)
    plain = losses_along(model, before, batches, training=True)
    if all(map(j.same_number, values, plain)):
        j.passed("returns_loss", "It returns the loss before the update.")
    elif all(map(j.same_number, values, after)):
        j.fail("returns_loss", "It returns the loss after the update; compute it once, before `optimizer.step()`.",
               severity="flaw", misconception="loss-after-update")  # fmt: skip
    elif all(map(j.same_number, values, in_eval)):
        if j.credit == 1:
            j.fail("returns_loss", "The returned loss is that of eval mode: set `model.train()` first.",
                   severity="flaw", misconception="step-in-eval-mode")  # fmt: skip
    elif all(j.same_number(v, p * len(x)) for v, p, x in zip(values, plain, batches, strict=True)):
        j.fail("returns_loss", "The returned value is the loss times the batch size; return the loss itself.",
               severity="flaw", misconception="loss-times-batch")  # fmt: skip
    else:
        value, right = next(pair for pair in zip(values, plain, strict=True) if not j.same_number(*pair))
        j.fail("returns_loss", f"It returns {value:.5g}; the loss of that batch before the update is {right:.5g}.",
               severity="near")  # fmt: skip


def describe_update(
    j: Judge, start: torch.Tensor, thetas: list[torch.Tensor], truth: list[torch.Tensor]
) -> None:
    """No known slip fits: say what differs."""
    moved, expected = thetas[0] - start, truth[0] - start
    cosine = float(nn.functional.cosine_similarity(moved.double(), expected.double(), dim=0))
    ratio = float(moved.norm() / expected.norm())
    if same_path(start, thetas[:1], truth[:1]):
        j.fail(
            "update",
            "The first step is right, the next one is not: something is carried over, or lost, from step to step "
            "(the batch, gradients, or what the optimiser remembers).",
            severity="near",
            misconception="carried-over",
        )
    elif cosine > 0.999:
        j.fail("update", f"The step has the right direction but {ratio:.3g} times the right length.", severity="near",
               misconception="step-length")  # fmt: skip
    elif cosine < -0.999:
        j.fail(
            "update",
            "The step goes uphill: the parameters move against the right direction.",
            misconception="gradient-ascent",
        )
    else:
        j.fail("update", f"The parameters move differently from one optimiser step on the gradient of the loss "
                         f"(cosine {cosine:.2f} with the right step, length {ratio:.2g} times).")  # fmt: skip


def judge_side_effects(j: Judge, calls: list[Answer], state: Answer, before: Answer, after: Answer) -> None:
    if before.result.get("groups") != after.result.get("groups"):
        j.fail("leaves_optimizer", "It changes the optimiser's settings; leave the parameter groups as they are.",
               severity="flaw", misconception="optimizer-changed")  # fmt: skip
    frozen = state.result.get("requires_grad")
    if not isinstance(frozen, dict) or not all(frozen.values()):
        j.fail("leaves_requires_grad", "Afterwards some parameters have requires_grad=False; leave it as it was.",
               severity="flaw", misconception="requires-grad-changed")  # fmt: skip
    judge_surroundings(j, calls, "train_step")


def judge_surroundings(j: Judge, calls: list[Answer], name: str) -> None:
    """Input tensors and the global gradient mode and random state stay as they are."""
    if any(answer.result.get("changed_inputs") for answer in calls):
        j.fail(
            "leaves_input",
            f"`{name}` changes the batch in place.",
            severity="flaw",
            misconception="input-modified",
        )
    if any(answer.result.get("grad_mode") is False for answer in calls):
        j.fail("leaves_grad_mode", f"`{name}` leaves gradients switched off for everything that follows.",
               severity="flaw", misconception="grad-mode-left-off")  # fmt: skip
    if reseeds(calls):
        j.fail("leaves_random_state", f"`{name}` reseeds the global random state; leave seeds to the notebook.",
               severity="flaw", misconception="reseeds-global-state")  # fmt: skip


def _judge_own_train_step(j: Judge) -> None:
    """The stand-in did not fit: the student's own model; afterwards, elsewhere, a copy of it takes right steps."""
    batches = [j.digits(n) for n in SIZES]
    tensors = {f"x{i}": x for i, x in enumerate(batches)}
    seed, seeds = j.new_seed(), [j.new_seed() for _ in batches]
    mine = j.ask(_two_steps({"name": "train_step"}, seed, seeds), tensors)
    values = [j.need_number(answer, what="`train_step`") for answer in mine[5:-1:3]]
    with j.control() as worker:
        right = {"ref": "train_step"}
        steps = [define(keep=("train_step",)), *_two_steps(right, seed, seeds)]
        control = ask(worker, steps, tensors, timeout=j.policy.limits["component_seconds"])[1:]
    expected = [answer.number() for answer in control[5:-1:3]]
    start = joined(mine[1])
    got, truth = ([joined(answer) for answer in answers[6:-1:3]] for answers in (mine, control))
    if not any((theta - start).any() for theta in truth):
        raise j.stop(
            "update",
            "`train_step` could not be judged: your model does not change in a right training step either.",
        )
    if same_path(start, got, truth, rounding=5e-3):
        j.passed("update", "The parameters move as the optimiser moves them on the plain gradient.")
    else:
        describe_update(j, start, got, truth)
    j.verdict(
        "returns_loss",
        all(map(j.same_number, values, expected)),
        "It returns the loss before the update.",
        f"It returns {values[0]:.5g}; the loss of that batch before the update is {expected[0]:.5g}.",
        severity="near",
    )
    judge_side_effects(j, mine[5:-1:3], mine[-2], mine[3], mine[-1])


def _two_steps(function: dict[str, str], seed: int, seeds: list[int]) -> list[Step]:
    """Steps that make the student's model and optimiser, and call a step function on two batches."""
    options = {"lr": 0.5, "momentum": 0.9}
    steps = [build("model", "AutoEncoder", LATENT, seed), {"op": "state", "of": "model"}]
    steps += [{"op": "optimizer", "of": ["model"], "kind": "SGD", "options": options, "store": "optimizer"}]
    steps += [{"op": "groups", "of": "optimizer"}]
    for i, step_seed in enumerate(seeds):
        args = [H("model"), H("optimizer"), T(f"x{i}")]
        steps += [
            mode("model", training=False),
            {"op": "call", "fn": function, "args": args, "seed": step_seed},
        ]
        steps += [{"op": "state", "of": "model"}]
    return [*steps, {"op": "groups", "of": "optimizer"}]


def flat_answer(state: Answer, model: nn.Module) -> torch.Tensor:
    """All parameters that the worker reports, in the order of the grader's own model."""
    table = state.tensor_map("parameters")
    parts = []
    for name, parameter in model.named_parameters():
        value = table.get(name)
        parts.append(
            torch.full_like(parameter, float("nan"))
            if value is None or value.shape != parameter.shape
            else value.float()
        )
    return torch.cat([part.detach().flatten() for part in parts])


def joined(state: Answer) -> torch.Tensor:
    return torch.cat(
        [value.float().flatten() for value in state.tensor_map("parameters").values() if value is not None]
    )
