"""The judge of one component: asks a worker, compares with the truth, collects findings.

A check either passes or takes a share of the component's points (`wrong`, `near`, `flaw` in the
policy). What student code raises ends the judgement with the type, message and line.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal

import torch

from autograder.labs.probing import Answer, Asks, Step, Tensors, Unanswered, ask
from autograder.policy import Policy
from autograder.reports.model import ComponentStatus, Finding

Severity = Literal["wrong", "near", "flaw"]


class Stop(Exception):
    """The judgement of this component is over: later checks would make no sense."""


@dataclass(frozen=True)
class Component:
    """One thing a student implements."""

    name: str
    anchor: str  # of the passage in the lab's chapter
    judge: Callable[[Judge], None]
    stand_ins: tuple[str, ...] = ()  # the other components that a stand-in replaces meanwhile
    uses: tuple[str, ...] = ()  # those that take part where no stand-in fits; they must have passed then


class Judge:
    """Everything that judging one component needs."""

    def __init__(
        self,
        worker: Asks,
        component: Component,
        *,
        lab: str,
        policy: Policy,
        seed: int,
        control: Callable[[], AbstractContextManager[Asks]],
        own: bool = False,
    ) -> None:
        self.worker = worker
        self.control = control  # gives one more worker, for what the judged component must never meet
        self.component = component
        self.lab = lab
        self.policy = policy
        self.own = own  # the student's own other components are in place, no stand-ins
        self.random = torch.Generator().manual_seed(seed)
        self.findings: list[Finding] = []
        self.credit = 1.0
        self.deadline = time.monotonic() + policy.limits["component_seconds"]

    # Asking --------------------------------------------------------------------------------

    def ask(self, steps: Sequence[Step], tensors: Tensors | None = None) -> list[Answer]:
        """Answers to the steps.

        Raises:
            Raised: student code raised in one of them.
            Unanswered: the worker sent something else than answers.
        """
        return ask(self.worker, steps, tensors, timeout=max(1.0, self.deadline - time.monotonic()))

    def uniform(self, *shape: int) -> torch.Tensor:
        """Float32 values in [0, 1)."""
        return torch.rand(*shape, generator=self.random)

    def digits(self, count: int) -> torch.Tensor:
        """Pictures `(count, 784)` in [0, 1], many pixels black, of different brightness from row to row."""
        brightness = self.uniform(count, 784) * (0.2 + 0.8 * self.uniform(count, 1))
        return brightness * (self.uniform(count, 784) > 0.4)

    def normal(self, *shape: int, scale: float = 1.0) -> torch.Tensor:
        """Float32 values from N(0, scale^2)."""
        return torch.randn(*shape, generator=self.random) * scale

    def new_seed(self) -> int:
        """A seed for the worker's global random state."""
        return int(torch.randint(0, 2**31, (), generator=self.random))

    # Deciding ------------------------------------------------------------------------------

    @property
    def link(self) -> str:
        return f"{self.policy.site}/{self.lab}/#{self.component.anchor}"

    def passed(self, check: str, message: str) -> None:
        self.findings.append(Finding(check, "pass", message))

    def note(self, check: str, message: str) -> None:
        self.findings.append(Finding(check, "note", message))

    def fail(
        self, check: str, message: str, *, severity: Severity = "wrong", misconception: str | None = None
    ) -> None:
        """Record a failed check and take its share of the points."""
        self.credit *= self.policy.credit[severity]
        self.findings.append(Finding(check, "fail", message, misconception, self.link))

    def stop(self, check: str, message: str, *, misconception: str | None = None) -> Stop:
        """Record a failed check after which nothing else can be judged; the caller raises the result."""
        self.fail(check, message, misconception=misconception)
        return Stop()

    def verdict(
        self,
        check: str,
        ok: bool,
        good: str,
        bad: str,
        *,
        severity: Severity = "wrong",
        misconception: str | None = None,
    ) -> bool:
        """Record a check either way."""
        if ok:
            self.passed(check, good)
        else:
            self.fail(check, bad, severity=severity, misconception=misconception)
        return ok

    @property
    def status(self) -> ComponentStatus:
        if not any(finding.status == "fail" for finding in self.findings):
            return "pass"
        return "partial" if self.credit > 0 else "fail"

    # Reading values ------------------------------------------------------------------------

    def close(self, got: torch.Tensor, expected: torch.Tensor, *, scale: float | None = None) -> bool:
        """Equal up to float32 rounding: relative to the values, or to `scale` where they cancel."""
        if got.shape != expected.shape:
            return False
        got, expected = got.double(), expected.double()
        size = expected.abs() if scale is None else torch.full_like(expected, scale)
        return bool(((got - expected).abs() <= self.policy.absolute + self.policy.relative * size).all())

    def same_number(self, got: float, expected: float) -> bool:
        return math.isfinite(got) and abs(
            got - expected
        ) <= self.policy.absolute + self.policy.relative * abs(expected)

    def need_tensor(self, answer: Answer, shape: Sequence[int], *, what: str, like: str = "") -> torch.Tensor:
        """The returned float32 tensor of that shape, or the end of the judgement with the reason."""
        return self.tensor_of(answer, answer.value, shape, what=what, like=like)

    def tensor_of(
        self, answer: Answer, value: dict[str, Any], shape: Sequence[int], *, what: str, like: str = ""
    ) -> torch.Tensor:
        kind = value.get("type")
        if kind not in ("tensor", "ndarray"):
            raise self.stop(
                "shape",
                f"{what} should be a tensor of shape {_shape(shape)}{like}, but it is {_kind(value)}.",
            )
        if list(value.get("shape", [])) != list(shape):
            raise self.stop(
                "shape", f"{what} has shape {_shape(value.get('shape', []))}; expected {_shape(shape)}{like}."
            )
        tensor = answer.tensor(value.get("key"))
        if tensor is None or list(tensor.shape) != list(shape):
            raise Unanswered(what)
        if kind == "tensor" and tensor.dtype != torch.float32:
            name = str(tensor.dtype).removeprefix("torch.")
            raise self.stop("dtype", f"{what} has dtype {name}; expected float32.")
        if not torch.isfinite(tensor).all():
            raise self.stop("finite", f"{what} contains NaN or infinite values.")
        return tensor

    def need_sequence(self, answer: Answer, names: Sequence[str], *, what: str) -> list[dict[str, Any]]:
        """The items of a returned tuple or list of that length, or the end of the judgement with the reason."""
        items = answer.value.get("items")
        if answer.value.get("type") != "sequence" or not isinstance(items, list) or len(items) != len(names):
            told = _kind(answer.value)
            raise self.stop("shape", f"{what} should be a tuple ({', '.join(names)}), but it is {told}.")
        return items

    def need_scalar(self, answer: Answer, *, what: str) -> torch.Tensor:
        """A loss: one number that gradients can flow from."""
        return self.scalar_of(answer, answer.value, what=what)

    def scalar_of(self, answer: Answer, value: dict[str, Any], *, what: str) -> torch.Tensor:
        if value.get("type") != "tensor":
            raise self.stop(
                "scalar",
                f"{what} should return a scalar tensor, so that `backward()` works, but it is {_kind(value)}.",
            )
        shape = list(value.get("shape", []))
        if math.prod(shape) != 1 or len(shape) > 1:
            raise self.stop(
                "scalar",
                f"{what} has shape {_shape(shape)}; a loss is one number: reduce it over pixels and batch.",
                misconception="loss-not-reduced",
            )
        tensor = answer.tensor(value.get("key"))
        if tensor is None or tensor.numel() != 1:
            raise Unanswered(what)
        if shape and not any(finding.check == "scalar" for finding in self.findings):
            self.fail("scalar", f"{what} has shape {_shape(shape)}; a scalar has shape ().", severity="flaw")
        return tensor.reshape(())

    def need_number(self, answer: Answer, *, what: str) -> float:
        """A float in the contract's sense: Python float, numpy scalar, or 0-d tensor without graph."""
        return self.number_of(answer, answer.value, what=what)

    def number_of(self, answer: Answer, value: dict[str, Any], *, what: str) -> float:
        kind = value.get("type")
        if kind == "number" and isinstance(value.get("value"), int | float):
            return float(value["value"])
        if kind in ("tensor", "ndarray") and math.prod(value.get("shape", [])) == 1:
            tensor = answer.tensor(value.get("key"))
            if tensor is None or tensor.numel() != 1:
                raise Unanswered(what)
            if value.get("requires_grad"):
                self.fail(
                    "returns_float",
                    f"{what} returns a tensor that still holds its graph; memory grows with every step. Return `loss.item()`.",
                    severity="flaw",
                    misconception="loss-keeps-graph",
                )
            elif value.get("shape"):
                self.fail(
                    "returns_float",
                    f"{what} returns shape {_shape(value['shape'])}; expected a float.",
                    severity="flaw",
                )
            return float(tensor.reshape(()))
        raise self.stop("returns_float", f"{what} should return a float, but it is {_kind(value)}.")


def _shape(shape: Sequence[Any]) -> str:
    return "(" + ", ".join(str(n) for n in shape) + ("," if len(shape) == 1 else "") + ")"


def _kind(value: dict[str, Any]) -> str:
    match value.get("type"):
        case "none":
            return "None (is a `return` missing?)"
        case "sequence":
            return f"a tuple or list of {len(value.get('items', []))}"
        case "dict":
            return "a dict"
        case "number":
            return f"a plain number ({value.get('of')})"
        case "tensor" | "ndarray":
            return f"a {value['type']} of shape {_shape(value.get('shape', []))}"
        case "module":
            return f"a network ({value.get('of')})"
        case other:
            return f"a {value.get('of', other)}"
