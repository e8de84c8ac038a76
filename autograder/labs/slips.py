"""Right and known wrong training steps, carried out by the grader on its own copy of a model."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from autograder.labs.judge import Severity

Trajectory = tuple[list[float], list[torch.Tensor]]  # loss and all parameters, after each step
Objective = Callable[[Any, Any], torch.Tensor]  # the loss of a model on what one step is given
Step = Callable[[nn.Module, torch.optim.Optimizer, Any], float]
Same = Callable[[torch.Tensor, list[torch.Tensor], list[torch.Tensor]], bool]  # start, moves, right moves


@dataclass(frozen=True)
class Slip:
    """A known wrong way to make a step, as a right one with one thing changed."""

    name: str
    message: str
    severity: Severity
    step: Step


def recognise(
    slips: Sequence[Slip],
    model: nn.Module,
    options: dict[str, float],
    batches: Sequence[Any],
    thetas: list[torch.Tensor],
    same: Same | None = None,
) -> tuple[Slip | None, Trajectory]:
    """The slip that alone explains every move, and its own path; None if none or several do."""
    start, same = flat(model), same or same_path
    begun: list[tuple[Slip, Trajectory]] = []  # most are ruled out by their first step already
    for slip in slips:
        first = simulate(model, options, batches[:1], slip.step)
        if same(start, thetas[:1], first[1]):
            begun.append((slip, first))
    fitting = [
        (slip, path)
        for slip, path in ((slip, simulate(model, options, batches, slip.step)) for slip, _ in begun)
        if same(start, thetas, path[1])
    ]
    if len({slip.name for slip, _ in fitting}) == 1:
        return fitting[0]
    return None, ([], [])


def begins_like(
    slips: Sequence[Slip],
    model: nn.Module,
    options: dict[str, float],
    batches: Sequence[Any],
    thetas: list[torch.Tensor],
    same: Same,
) -> Slip | None:
    """The slip that alone explains the first move, where later ones are too large to follow; None if none does."""
    fitting = [
        slip
        for slip in slips
        if same(flat(model), thetas[:1], simulate(model, options, batches[:1], slip.step)[1])
    ]
    return fitting[0] if len({slip.name for slip in fitting}) == 1 else None


def losses_along(
    model: nn.Module,
    thetas: list[torch.Tensor],
    batches: Sequence[Any],
    *,
    training: bool,
    objective: Objective | None = None,
) -> list[float]:
    """The loss of each batch under the parameters that belong to it."""
    found = []
    for theta, batch in zip(thetas, batches, strict=True):
        trial = copy.deepcopy(model).train(training)
        nn.utils.vector_to_parameters(theta, trial.parameters())
        with torch.no_grad():
            found.append(float((objective or squared_error)(trial, batch)))
    return found


def simulate(model: nn.Module, options: dict[str, float], batches: Sequence[Any], step: Step) -> Trajectory:
    """A step for each batch, from the model's parameters, with SGD; the model comes in eval mode each time."""
    trial = copy.deepcopy(model).eval()
    optimizer = torch.optim.SGD(trial.parameters(), lr=options["lr"], momentum=options["momentum"])
    values, thetas = [], []
    for batch in batches:
        trial.eval()
        values.append(step(trial, optimizer, batch))
        thetas.append(flat(trial))
    return values, thetas


def squared_error(model: Any, x: torch.Tensor) -> torch.Tensor:
    """The loss of the lab `ae`."""
    loss: torch.Tensor = ((model(x) - x) ** 2).mean()
    return loss


def step_on(
    objective: Objective,
    *,
    training: bool = True,
    zero: bool = True,
    times: int = 1,
    sign: float = 1.0,
    freeze: str = "",
    after: Callable[[nn.Module], Any] = lambda model: None,
    step_first: bool = False,
) -> Step:
    """A right step on this objective, or one with something changed."""

    def step(model: nn.Module, optimizer: torch.optim.Optimizer, batch: Any) -> float:
        model.train(training)
        if zero:
            optimizer.zero_grad()
        if step_first:
            optimizer.step()
        loss = objective(model, batch)
        (sign * loss).backward()  # type: ignore[no-untyped-call]
        for name, parameter in model.named_parameters():
            if freeze and name.startswith(freeze):
                parameter.grad = None
        after(model)
        for _ in range(0 if step_first else times):
            optimizer.step()
        return float(loss.detach())

    return step


def _clip(limit: float) -> Callable[[nn.Module], Any]:
    return lambda model: nn.utils.clip_grad_norm_(model.parameters(), limit)


def _clip_value(limit: float) -> Callable[[nn.Module], Any]:
    return lambda model: nn.utils.clip_grad_value_(model.parameters(), limit)


_CLIPPED = "The gradient is clipped before the update. The contract asks for the plain gradient."


def common_slips(loss: Objective) -> tuple[Slip, ...]:
    """What goes wrong in a step whatever the loss."""
    return (
        Slip("zero-grad-missing", "Gradients of earlier steps add up: call `optimizer.zero_grad()` before `backward()`.", "near", step_on(loss, zero=False)),
        Slip("step-in-eval-mode", "The step runs with the network in eval mode: call `model.train()` first.", "flaw", step_on(loss, training=False)),
        Slip("step-taken-twice", "`optimizer.step()` runs twice for one batch.", "near", step_on(loss, times=2)),
        Slip("gradient-ascent", "The step goes uphill: it minimises the negative loss.", "wrong", step_on(loss, sign=-1.0)),
        Slip("encoder-not-trained", "Only the decoder moves: the code is detached, so no gradient reaches the encoder.", "wrong", step_on(loss, freeze="encoder")),
        Slip("decoder-not-trained", "Only the encoder moves: no gradient reaches the decoder.", "wrong", step_on(loss, freeze="decoder")),
        Slip("step-before-backward", "`optimizer.step()` runs before `loss.backward()`, on no gradient or an old one.", "wrong", step_on(loss, step_first=True, zero=False)),
        *(Slip("gradient-clipped", _CLIPPED, "flaw", step_on(loss, after=clip(limit))) for limit in (0.1, 0.5, 1.0, 5.0) for clip in (_clip, _clip_value)),
    )  # fmt: skip


def same_path(
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


def flat(model: nn.Module) -> torch.Tensor:
    return nn.utils.parameters_to_vector(model.parameters()).detach().clone()
