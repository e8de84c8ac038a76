"""Judges a loss function by its values and gradients on batches of several sizes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from autograder.labs.hypotheses import Hypothesis, constant_factor, constant_shift, diagnose, diagnose_scaled
from autograder.labs.judge import Judge
from autograder.labs.probing import Answer, Step, T, call

Inputs = tuple[torch.Tensor, ...]


@dataclass(frozen=True)
class Loss:
    """A function of tensors that gives one number, and what is known to go wrong with it."""

    name: str
    called: str  # "the mean squared error"
    definition: str  # for the message of a pass
    truth: Callable[..., torch.Tensor]  # in float64
    hypotheses: Sequence[Hypothesis]
    learns: tuple[int, ...]  # which arguments must get gradients
    learner: str  # what these are, for the message
    rest: tuple[Inputs, float, str] | None = None  # inputs whose value is plain, the value, and words for it
    random: tuple[str, str] = (
        "loss-random",
        "It gives another value each time; a loss of given tensors has one.",
    )


def judge_loss(j: Judge, loss: Loss, batches: Sequence[Inputs]) -> None:
    """Value and gradient on every batch; nothing is asked for gradients before its type has been looked at."""
    tensors = {f"{i}.{k}": t for i, batch in enumerate(batches) for k, t in enumerate(batch)}
    tensors["one"] = torch.ones(())
    rest = loss.rest[0] if loss.rest is not None else ()
    tensors |= {f"rest.{k}": t for k, t in enumerate(rest)}
    first = call(
        loss.name, *(T(f"1.{k}", grad=k in loss.learns) for k in range(len(batches[1]))), seed=j.new_seed()
    )
    j.need_scalar(j.ask([first], tensors)[0], what=f"`{loss.name}`")
    steps = [_call(loss, i, len(batch), j.new_seed()) for i, batch in enumerate(batches)]
    if rest:
        steps += [call(loss.name, *(T(f"rest.{k}") for k in range(len(rest))), seed=j.new_seed())]
    answers = j.ask(steps, tensors)
    got = [float(j.need_scalar(answer, what=f"`{loss.name}`")) for answer in answers]
    expected = [float(loss.truth(*(t.double() for t in batch))) for batch in batches]
    expected += [loss.rest[1]] if loss.rest is not None else []
    if all(j.same_number(g, e) for g, e in zip(got, expected, strict=True)):
        j.passed("matches_definition", f"It is {loss.definition}.")
    else:
        again = j.ask([_call(loss, i, len(batch), j.new_seed()) for i, batch in enumerate(batches)], tensors)
        others = [float(j.need_scalar(answer, what=f"`{loss.name}`")) for answer in again]
        if not all(j.same_number(g, o) for g, o in zip(got, others, strict=False) if math.isfinite(o)):
            raise j.stop("matches_definition", loss.random[1], misconception=loss.random[0])
        _name_the_loss(j, loss, batches, got, expected)
    _check_gradient(j, loss, answers, batches)
    if any(answer.result.get("changed_inputs") for answer in answers):
        j.fail(
            "leaves_input",
            f"`{loss.name}` changes its input in place.",
            severity="flaw",
            misconception="input-modified",
        )


def _call(loss: Loss, i: int, count: int, seed: int) -> Step:
    vjp = {"leaves": [{"path": [], "cotangent": "one"}], "inputs": [f"{i}.{k}" for k in loss.learns]}
    return call(loss.name, *(T(f"{i}.{k}", grad=k in loss.learns) for k in range(count)), vjp=vjp, seed=seed)


def _name_the_loss(
    j: Judge, loss: Loss, batches: Sequence[Inputs], got: list[float], expected: list[float]
) -> None:
    found = diagnose(loss.hypotheses, batches, got[: len(batches)])
    factor = constant_factor(got[: len(batches)], expected[: len(batches)])
    if not all(map(math.isfinite, got[: len(batches)])):
        j.fail(
            "matches_definition",
            f"On an ordinary batch it is {next(g for g in got if not math.isfinite(g))}: does it take the logarithm or the "
            "root of a negative number, or divide by 0?",
            misconception="loss-not-finite",
        )
    elif found is not None:
        j.fail("matches_definition", found.message, severity=found.severity, misconception=found.name)
    elif factor is not None and factor > 0:
        j.fail("matches_definition", f"Right but for a constant: your value is {factor:.4g} times {loss.called}.",
               severity="near", misconception="constant-factor")  # fmt: skip
    elif scaled := diagnose_scaled(loss.hypotheses, batches, got[: len(batches)], expected[: len(batches)]):
        j.fail("matches_definition", scaled.message, misconception=scaled.hypothesis.name)
    elif factor is not None:
        j.fail("matches_definition", f"Your value is {factor:.4g} times {loss.called}: its sign is flipped, and a constant is off.",
               misconception="sign-and-factor")  # fmt: skip
    elif (shift := constant_shift(got[: len(batches)], expected[: len(batches)])) is not None:
        j.fail("matches_definition", f"Right but for a constant: on every batch your value is {loss.called} {shift:+.4g}.",
               severity="near", misconception="constant-added")  # fmt: skip
    else:
        index = next(i for i, pair in enumerate(zip(got, expected, strict=True)) if not j.same_number(*pair))
        if index == len(batches) and loss.rest is not None:
            j.fail(
                "matches_definition", f"{loss.rest[2]} is {got[index]:.5g}; it should be {loss.rest[1]:g}."
            )
            return
        j.fail(
            "matches_definition",
            f"On a random batch of {len(batches[index][0])} your value is {got[index]:.5g}; {loss.called} is {expected[index]:.5g}.",
        )


def _check_gradient(j: Judge, loss: Loss, answers: list[Answer], batches: Sequence[Inputs]) -> None:
    """The gradient is that of the definition; where the value is off already, only that there is one."""
    for i, k in ((i, k) for i in range(len(batches)) for k in loss.learns):
        if answers[i].gradients().get(f"input:{i}.{k}") is None:
            j.fail(
                "gradient",
                f"No gradient flows from the loss to {loss.learner}, so nothing can learn. "
                "Keep to torch operations: no `.item()`, `.detach()`, `.data` or numpy inside the loss.",
                misconception="graph-cut",
            )
            return
    if j.credit < 1:
        return
    for i, batch in enumerate(batches):
        truth = true_gradients(loss.truth, batch, loss.learns)
        for k, expected in zip(loss.learns, truth, strict=True):
            g = answers[i].gradients()[f"input:{i}.{k}"]
            rows = len(batch[k])
            if g is None or not same_gradient(j, g * rows, expected * rows):
                j.fail("gradient", f"The value is right, but the gradient is not that of {loss.called}.")
                return
    j.passed("gradient", "Its gradient is right.")


def same_gradient(j: Judge, got: torch.Tensor, expected: torch.Tensor) -> bool:
    """Entry by entry, up to rounding of its own size and of a typical one (where terms cancel)."""
    size = expected.abs() + expected.abs().mean()
    error = (got.double() - expected).abs()
    return got.shape == expected.shape and bool((error <= j.policy.absolute + j.policy.relative * size).all())


def true_gradients(
    truth: Callable[..., torch.Tensor], batch: Inputs, learns: Sequence[int]
) -> tuple[torch.Tensor, ...]:
    """Gradients of the definition in float64."""
    inputs = [t.double().requires_grad_(k in learns) for k, t in enumerate(batch)]
    return torch.autograd.grad(truth(*inputs), [inputs[k] for k in learns])
