"""Right and known wrong training steps, carried out by the grader on its own copy of a model."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from autograder.labs.judge import Severity

Trajectory = tuple[list[float], list[torch.Tensor]]  # loss and all parameters, after each step


@dataclass(frozen=True)
class Slip:
    """A known wrong way to make a step, as a right one with one thing changed."""

    name: str
    message: str
    severity: Severity
    step: Callable[[nn.Module, torch.optim.Optimizer, torch.Tensor], float]


def recognise(
    model: nn.Module, options: dict[str, float], batches: list[torch.Tensor], thetas: list[torch.Tensor]
) -> tuple[Slip | None, Trajectory]:
    start = flat(model)
    fitting = []
    for slip in SLIPS:
        path = simulate(model, options, batches, slip.step)
        if same_path(start, thetas, path[1]):
            fitting.append((slip, path))
    return fitting[0] if len({slip.name for slip, _ in fitting}) == 1 else (None, ([], []))


def losses_along(
    model: nn.Module, thetas: list[torch.Tensor], batches: list[torch.Tensor], *, training: bool
) -> list[float]:
    found = []
    for theta, x in zip(thetas, batches, strict=True):
        trial = copy.deepcopy(model).train(training)
        nn.utils.vector_to_parameters(theta, trial.parameters())
        with torch.no_grad():
            found.append(float(((trial(x) - x) ** 2).mean()))
    return found


def simulate(
    model: nn.Module, options: dict[str, float], batches: list[torch.Tensor], step: Callable[..., float]
) -> Trajectory:
    trial = copy.deepcopy(model).eval()
    optimizer = torch.optim.SGD(trial.parameters(), lr=options["lr"], momentum=options["momentum"])
    values, thetas = [], []
    for x in batches:
        trial.eval()
        values.append(step(trial, optimizer, x))
        thetas.append(flat(trial))
    return values, thetas


def right_step(model: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor) -> float:
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
    return float(loss.detach())


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
    *(Slip("gradient-clipped", _CLIPPED, "flaw", clip) for limit in (0.1, 0.5, 1.0, 5.0) for clip in (_clip(limit), _clip_value(limit))),
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
