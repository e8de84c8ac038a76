"""Judges `train_step` and `evaluate` of a reconstruction model by their effects.

The model that they get is a stand-in whose weights, gradients and updates the grader computes
itself, here, with the same optimiser; its eval mode shifts the output, so the numbers tell the mode.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from autograder.labs.judge import Answer, H, Judge, Severity, Step, T, call, call_handle
from autograder.labs.networks import build, mode
from autograder.labs.stand_ins import ae as stand_ins

LATENT, GAIN, SHIFT = 6, 1000.0, 0.7
SIZES = (12, 5)  # of the batches of two steps in a row
SOURCE = Path(stand_ins.__file__).read_text(encoding="utf-8")

Trajectory = tuple[list[float], list[torch.Tensor]]  # loss and all parameters, after each step


@dataclass(frozen=True)
class Slip:
    """A known wrong way to make a step, as a right one with one thing changed."""

    name: str
    message: str
    severity: Severity
    step: Callable[[nn.Module, torch.optim.Optimizer, torch.Tensor], float]


def define(*names: str, keep: tuple[str, ...] = ("AutoEncoder", "train_step")) -> Step:
    """A step that puts stand-ins in place of the student's components of these names."""
    return {"op": "define", "source": SOURCE, "names": list(names), "keep": list(keep)}


def stand_in_model(
    j: Judge, *, shift: float = SHIFT, gain: float = GAIN
) -> tuple[list[Step], dict[str, torch.Tensor], nn.Module]:
    """Steps that make the stand-in model in the worker, its weights, and the grader's own copy of it."""
    model = stand_ins.AutoEncoder(LATENT, shift=shift, gain=gain)
    state = {
        key: j.normal(*value.shape) / (max(value.shape[-1], 6) ** 0.5)
        for key, value in model.state_dict().items()
    }
    state = {key: value / gain if key.startswith("decoder") else value for key, value in state.items()}
    model.load_state_dict(state)
    kwargs = {"shift": {"value": shift}, "gain": {"value": gain}}
    steps = [
        call_handle("AutoEncoder", LATENT, kwargs=kwargs, store="model", **{"return": False}),
        {"op": "load", "of": "model", "prefix": "model."},
    ]
    return steps, {f"model.{key}": value for key, value in state.items()}, model


# train_step ---------------------------------------------------------------------------------


def judge_train_step(j: Judge) -> None:
    """Two steps in a row: returned losses, updates, and what must stay as it was."""
    if j.own:
        return _judge_own_train_step(j)
    steps, tensors, model = stand_in_model(j)
    batches = [j.uniform(n, 784) for n in SIZES]
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
    thetas = [_flat_answer(state, model) for state in states]
    _judge_update(j, model, options, batches, (values, thetas))
    _judge_side_effects(j, calls, states[-1], answers[start - 1], answers[-1])


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
    size = _flat(trial)[-moved.numel() :]
    return float(0.1 * size.norm() / moved.norm())


def _judge_update(
    j: Judge, model: nn.Module, options: dict[str, float], batches: list[torch.Tensor], got: Trajectory
) -> None:
    start = _flat(model)
    values, thetas = got
    truth = _simulate(model, options, batches, _right)
    if _same_path(start, thetas, truth[1]):
        j.passed("update", "The parameters move as the optimiser moves them on the plain gradient.")
        wanted = truth
    else:
        slip, wanted = _recognise(model, options, batches, thetas)
        if slip is not None:
            j.fail("update", slip.message, severity=slip.severity, misconception=slip.name)
        else:
            _describe_update(j, start, thetas, truth[1])
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
    before = [_flat(model), *thetas[:-1]]
    after = _losses(model, thetas, batches, training=True)
    in_eval = _losses(model, before, batches, training=False)
    plain = _losses(model, before, batches, training=True)
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
        j.fail("returns_loss", f"It returns {values[0]:.5g}; the loss of that batch before the update is {plain[0]:.5g}.",
               severity="near")  # fmt: skip


def _losses(
    model: nn.Module, thetas: list[torch.Tensor], batches: list[torch.Tensor], *, training: bool
) -> list[float]:
    found = []
    for theta, x in zip(thetas, batches, strict=True):
        trial = copy.deepcopy(model).train(training)
        nn.utils.vector_to_parameters(theta, trial.parameters())
        with torch.no_grad():
            found.append(float(((trial(x) - x) ** 2).mean()))
    return found


def _recognise(
    model: nn.Module, options: dict[str, float], batches: list[torch.Tensor], thetas: list[torch.Tensor]
) -> tuple[Slip | None, Trajectory]:
    start = _flat(model)
    fitting = []
    for slip in SLIPS:
        path = _simulate(model, options, batches, slip.step)
        if _same_path(start, thetas, path[1]):
            fitting.append((slip, path))
    return fitting[0] if len(fitting) == 1 else (None, ([], []))


def _describe_update(
    j: Judge, start: torch.Tensor, thetas: list[torch.Tensor], truth: list[torch.Tensor]
) -> None:
    """No known slip fits: say what differs."""
    moved, expected = thetas[0] - start, truth[0] - start
    if not moved.any():
        message = "The parameters do not move: are `loss.backward()` and `optimizer.step()` both there, in this order?"
        j.fail("update", message, misconception="no-update")
        return
    cosine = float(nn.functional.cosine_similarity(moved.double(), expected.double(), dim=0))
    ratio = float(moved.norm() / expected.norm())
    if cosine > 0.999:
        j.fail("update", f"The step has the right direction but {ratio:.3g} times the right length.", severity="near",
               misconception="step-length")  # fmt: skip
    elif cosine < -0.999:
        j.fail(
            "update",
            "The step goes uphill: the parameters move against the right direction.",
            misconception="gradient-ascent",
        )
    elif _same_path(start, thetas[:1], truth[:1]):
        j.fail("update", "The first step is right, the next one is not: something is carried over from step to step.",
               severity="near", misconception="carried-over")  # fmt: skip
    else:
        j.fail("update", f"The parameters move differently from one optimiser step on the gradient of the loss "
                         f"(cosine {cosine:.2f} with the right step, length {ratio:.2g} times).")  # fmt: skip


def _judge_side_effects(j: Judge, calls: list[Answer], state: Answer, before: Answer, after: Answer) -> None:
    if before.result.get("groups") != after.result.get("groups"):
        j.fail("leaves_optimizer", "It changes the optimiser's settings; leave the parameter groups as they are.",
               severity="flaw", misconception="optimizer-changed")  # fmt: skip
    frozen = state.result.get("requires_grad")
    if not isinstance(frozen, dict) or not all(frozen.values()):
        j.fail("leaves_requires_grad", "Afterwards some parameters have requires_grad=False; leave it as it was.",
               severity="flaw", misconception="requires-grad-changed")  # fmt: skip
    _judge_surroundings(j, calls, "train_step")


def _judge_surroundings(j: Judge, calls: list[Answer], name: str) -> None:
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
    randoms = [answer.result.get("random", {}) for answer in calls]
    if any(r.get("before") != r.get("after") for r in randoms) and len(
        {r.get("after") for r in randoms}
    ) < len(randoms):
        j.fail("leaves_random_state", f"`{name}` reseeds the global random state; leave seeds to the notebook.",
               severity="flaw", misconception="reseeds-global-state")  # fmt: skip


def _judge_own_train_step(j: Judge) -> None:
    """The stand-in did not fit: the student's own model, beside a copy of it that takes right steps."""
    batches = [j.uniform(n, 784) for n in SIZES]
    tensors = {f"x{i}": x for i, x in enumerate(batches)}
    seed, seeds = j.new_seed(), [j.new_seed() for _ in batches]
    options = {"lr": 0.5, "momentum": 0.9}
    steps: list[Step] = [define()]
    for handle, function in (("model", {"name": "train_step"}), ("control", {"ref": "train_step"})):
        steps += [build(handle, "AutoEncoder", LATENT, seed), {"op": "state", "of": handle}]
        steps += [
            {"op": "optimizer", "of": [handle], "kind": "SGD", "options": options, "store": f"opt_{handle}"}
        ]
        steps += [{"op": "groups", "of": f"opt_{handle}"}]
        for i, step_seed in enumerate(seeds):
            args = [H(handle), H(f"opt_{handle}"), T(f"x{i}")]
            steps += [
                mode(handle, training=False),
                {"op": "call", "fn": function, "args": args, "seed": step_seed},
            ]
            steps += [{"op": "state", "of": handle}]
        steps += [{"op": "groups", "of": f"opt_{handle}"}]
    answers = j.ask(steps, tensors)[1:]
    half = len(answers) // 2
    mine, control = answers[:half], answers[half:]
    values = [j.need_number(answer, what="`train_step`") for answer in mine[5::3][:2]]
    expected = [answer.value.get("value", float("nan")) for answer in control[5::3][:2]]
    start = _joined(mine[1])
    got, truth = ([_joined(answer) for answer in half_answers[6::3][:2]] for half_answers in (mine, control))
    if not any((theta - start).any() for theta in truth):
        raise j.stop(
            "update",
            "`train_step` could not be judged: your model does not change in a right training step either.",
        )
    if _same_path(start, got, truth, rounding=5e-3):
        j.passed("update", "The parameters move as the optimiser moves them on the plain gradient.")
    else:
        _describe_update(j, start, got, truth)
    ok = all(map(j.same_number, values, expected))
    j.verdict("returns_loss", ok, "It returns the loss before the update.",
              f"It returns {values[0]:.5g}; the loss of that batch before the update is {expected[0]:.5g}.", severity="near")  # fmt: skip
    _judge_side_effects(j, mine[5::3][:2], mine[6], mine[3], mine[-1])


# Right and wrong steps ------------------------------------------------------------------------


def _simulate(
    model: nn.Module, options: dict[str, float], batches: list[torch.Tensor], step: Callable[..., float]
) -> Trajectory:
    trial = copy.deepcopy(model).eval()
    optimizer = torch.optim.SGD(trial.parameters(), **options)
    values, thetas = [], []
    for x in batches:
        trial.eval()
        values.append(step(trial, optimizer, x))
        thetas.append(_flat(trial))
    return values, thetas


def _right(model: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor) -> float:
    return _varied(model, optimizer, x)


def _varied(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    x: torch.Tensor,
    *,
    training: bool = True,
    zero: bool = True,
    times: int = 1,
    sign: float = 1.0,
    freeze: str = "",
    after: Callable[[nn.Module], Any] = lambda model: None,
    step_first: bool = False,
) -> float:
    model.train(training)
    if zero:
        optimizer.zero_grad()
    if step_first:
        optimizer.step()
    loss = ((model(x) - x) ** 2).mean()
    (sign * loss).backward()
    for name, parameter in model.named_parameters():
        if freeze and name.startswith(freeze):
            parameter.grad = None
    after(model)
    for _ in range(0 if step_first else times):
        optimizer.step()
    return loss.item()


def _slip(**changes: Any) -> Callable[..., float]:
    return lambda model, optimizer, x: _varied(model, optimizer, x, **changes)


def _clip(limit: float) -> Callable[..., float]:
    return _slip(after=lambda model: nn.utils.clip_grad_norm_(model.parameters(), limit))


def _clip_value(limit: float) -> Callable[..., float]:
    return _slip(after=lambda model: nn.utils.clip_grad_value_(model.parameters(), limit))


_CLIPPED = "The gradient is clipped before the update. The contract asks for the plain gradient."
SLIPS = (
    Slip("zero-grad-missing", "Gradients of earlier steps add up: call `optimizer.zero_grad()` before `backward()`.", "near", _slip(zero=False)),
    Slip("step-in-eval-mode", "The step runs with the network in eval mode: call `model.train()` first.", "flaw", _slip(training=False)),
    Slip("step-taken-twice", "`optimizer.step()` runs twice for one batch.", "near", _slip(times=2)),
    Slip("gradient-ascent", "The step goes uphill: it minimises the negative loss.", "wrong", _slip(sign=-1.0)),
    Slip("encoder-not-trained", "Only the decoder moves: the code is detached, so no gradient reaches the encoder.", "wrong", _slip(freeze="encoder")),
    Slip("decoder-not-trained", "Only the encoder moves: no gradient reaches the decoder.", "wrong", _slip(freeze="decoder")),
    Slip("step-before-backward", "`optimizer.step()` runs before `loss.backward()`, on no gradient or an old one.", "wrong", _slip(step_first=True, zero=False)),
    Slip("step-before-backward", "`optimizer.step()` runs before `loss.backward()`, on no gradient or an old one.", "wrong", _slip(step_first=True)),
    *(Slip("gradient-clipped", _CLIPPED, "flaw", clip) for limit in (0.1, 0.5, 1.0, 5.0) for clip in (_clip(limit), _clip_value(limit))),
)  # fmt: skip


def _same_path(
    start: torch.Tensor, got: list[torch.Tensor], truth: list[torch.Tensor], rounding: float = 2e-3
) -> bool:
    """Every move agrees with the right one, within float32 rounding of the weights and of the gradient."""
    before_got = before_truth = start
    for theta, wanted in zip(got, truth, strict=True):
        if theta.shape != wanted.shape or not torch.isfinite(theta).all():
            return False
        move, right = theta - before_got, wanted - before_truth
        if (move - right).norm() > rounding * right.norm() + 1e-6 * start.norm():
            return False
        before_got, before_truth = theta, wanted
    return True


def _flat(model: nn.Module) -> torch.Tensor:
    return nn.utils.parameters_to_vector(model.parameters()).detach().clone()


def _flat_answer(state: Answer, model: nn.Module) -> torch.Tensor:
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


def _joined(state: Answer) -> torch.Tensor:
    return torch.cat(
        [value.float().flatten() for value in state.tensor_map("parameters").values() if value is not None]
    )


# evaluate -------------------------------------------------------------------------------------


def judge_evaluate(j: Judge) -> None:
    """The loss in eval mode; model, modes, gradients and the gradient mode as they were."""
    x = {f"x{i}": j.uniform(n, 784) for i, n in enumerate((9, 4))}
    tensors = dict(x)
    if j.own:
        steps = [define(), build("model", "AutoEncoder", LATENT, j.new_seed())]
        steps += [mode("model", training=True), call_handle("model", T("x0"), **{"return": False})]
    else:
        made, weights, model = stand_in_model(j)
        tensors |= weights
        steps = [define(*j.component.stand_ins), *made]
    what = ["parameters", "gradients", "modes"]
    start = len(steps)
    for i, (training, grad_mode) in enumerate(((True, True), (False, False))):
        steps += [
            mode("model", training=training),
            {"op": "state", "of": "model", "what": [*what, "state_dict"]},
        ]
        steps += [call("evaluate", H("model"), T(f"x{i}"), grad_mode=grad_mode, seed=j.new_seed())]
        steps += [{"op": "state", "of": "model", "what": [*what, "state_dict"]}]
        steps += [{"op": "attributes", "of": "model", "paths": ["decoder.recorded", "encoder.recorded"]}]
        steps += [
            mode("model", training=False),
            call_handle("model", T(f"x{i}"), seed=j.new_seed(), grad_mode=False),
        ]
    answers = j.ask(steps, tensors)
    rounds = [answers[start:][i : i + 7] for i in (0, 7)]
    values = [j.need_number(r[2], what="`evaluate`") for r in rounds]
    outputs = [j.need_tensor(r[6], x[f"x{i}"].shape, what="The model's output") for i, r in enumerate(rounds)]
    expected = [float(((y.double() - x[f"x{i}"].double()) ** 2).mean()) for i, y in enumerate(outputs)]
    in_train = None if j.own else _losses(model, [_flat(model)] * 2, list(x.values()), training=True)
    if not j.own:  # computed here, not taken from the worker
        expected = _losses(model, [_flat(model)] * 2, list(x.values()), training=False)
    if all(map(j.same_number, values, expected)):
        j.passed("eval_loss", "It returns the loss in eval mode.")
    elif in_train is not None and all(map(j.same_number, values, in_train)):
        j.fail("eval_loss", "It returns the loss in train mode: switch the model to eval mode first. "
                            "Dropout and batch normalisation behave differently there.",
               severity="near", misconception="evaluate-in-train-mode")  # fmt: skip
    else:
        factor = values[0] / expected[0] if expected[0] else float("nan")
        j.fail("eval_loss", f"It returns {values[0]:.5g}; the loss of that batch in eval mode is {expected[0]:.5g} "
                            f"({factor:.3g} times).")  # fmt: skip
    _judge_evaluate_effects(j, rounds)


def _judge_evaluate_effects(j: Judge, rounds: list[list[Answer]]) -> None:
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
    for r in rounds:
        before, after = (r[i].tensor_map("state_dict") for i in (1, 3))
        same = before.keys() == after.keys() and all(
            a is not None and b is not None and a.shape == b.shape and torch.equal(a, b)
            for a, b in ((before[key], after[key]) for key in before)
        )
        if not same:
            j.fail("leaves_model", "It changes the model's weights or statistics; evaluating must not train.",
                   misconception="evaluate-trains")  # fmt: skip
            break
    grown = any(g is not None for r in rounds for g in r[3].tensor_map("gradients").values())
    recorded = any(
        isinstance(flag, dict) and flag.get("value") is True
        for flag in (rounds[0][4].result.get("attributes") or {}).values()
    )
    if grown or recorded:
        j.fail("no_gradients", "It records gradients, which costs memory for nothing: run the model under `torch.no_grad()`.",
               severity="flaw", misconception="evaluate-records-graph")  # fmt: skip
    else:
        j.passed("no_gradients", "It records no gradients.")
    grad_modes = [r[2].result.get("grad_mode") for r in rounds]
    if grad_modes != [True, False]:
        j.fail("leaves_grad_mode", "It leaves the global gradient mode changed: use `with torch.no_grad():`, which puts it back.",
               severity="flaw", misconception="grad-mode-left-off")  # fmt: skip
    if any(r[2].result.get("changed_inputs") for r in rounds):
        j.fail(
            "leaves_input",
            "`evaluate` changes the batch in place.",
            severity="flaw",
            misconception="input-modified",
        )
