"""How checks ask a worker: probe steps, answers, and what an untrusted answer must look like."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

import torch

Tensors = dict[str, torch.Tensor]
Step = dict[str, Any]


class Asks(Protocol):
    """Whatever answers requests: a sandboxed worker or a notebook's own namespace."""

    def request(
        self, header: dict[str, Any], tensors: Tensors | None = None, *, timeout: float
    ) -> tuple[dict[str, Any], Tensors]: ...


class Raised(Exception):
    """Student code raised while it was probed; `info` is the plain description."""

    def __init__(self, info: dict[str, Any]) -> None:
        super().__init__(info.get("type"), info.get("message"))
        self.info = info


class Unanswered(Exception):
    """The worker's answer does not have the form of an answer."""


class Answer:
    """One step's result, with the tensors that it refers to. Everything in it is untrusted."""

    def __init__(self, result: dict[str, Any], tensors: Tensors) -> None:
        self.result = result
        self.tensors = tensors

    @property
    def value(self) -> dict[str, Any]:
        value = self.result.get("value")
        if not isinstance(value, dict):
            raise Unanswered("no value")
        return value

    def number(self) -> float:
        """The returned value where it is a plain number, otherwise NaN."""
        value = self.value.get("value")
        return (
            float(value)
            if self.value.get("type") == "number" and isinstance(value, int | float)
            else math.nan
        )

    def tensor(self, key: object) -> torch.Tensor | None:
        return self.tensors.get(key) if isinstance(key, str) else None

    def tensor_map(self, field: str) -> dict[str, torch.Tensor | None]:
        """A mapping of names to tensors, such as parameters or gradients."""
        table = self.result.get(field)
        if not isinstance(table, dict):
            raise Unanswered(field)
        return {str(name): self.tensor(key) for name, key in table.items()}

    def gradients(self) -> dict[str, torch.Tensor | None]:
        """Gradients of a `vjp`, by `input:<key>` or `<handle>:<parameter>`."""
        found = self.result.get("gradients")
        return Answer(found, self.tensors).tensor_map("of") if isinstance(found, dict) else {}


def ask(worker: Asks, steps: Sequence[Step], tensors: Tensors | None, *, timeout: float) -> list[Answer]:
    """Answers to probe steps.

    Raises:
        Raised: student code raised in one of them.
        Unanswered: the worker sent something else than answers.
    """
    reply, out = worker.request({"op": "probe", "steps": list(steps)}, tensors, timeout=timeout)
    if reply.get("memory"):
        raise Raised({"type": "MemoryError", "message": "out of memory", "memory": True})
    results = reply.get("results")
    if not isinstance(results, list) or not all(isinstance(result, dict) for result in results):
        raise Unanswered(str(reply.get("broken", "no results"))[:300])
    for result in results:
        if isinstance(result.get("error"), dict):
            raise Raised(result["error"])
        if not all(wellformed(field, value) for field, value in result.items()):
            raise Unanswered("an answer is malformed")
    if len(results) != len(steps):
        raise Unanswered("an answer is missing")
    return [Answer(result, out) for result in results]


def wellformed(field: str, value: Any) -> bool:
    """Whether one field of an untrusted result has the form that the checks rely on."""
    match field:
        case "value":
            return _is_value(value)
        case "attributes":
            return isinstance(value, dict) and all(v is None or _is_value(v) for v in value.values())
        case "parameters" | "state_dict":
            return isinstance(value, dict) and all(isinstance(key, str) for key in value.values())
        case "gradients":
            table = value.get("of", value) if isinstance(value, dict) else None
            return isinstance(table, dict) and all(k is None or isinstance(k, str) for k in table.values())
        case "modes" | "requires_grad":
            return isinstance(value, dict) and all(isinstance(flag, bool) for flag in value.values())
        case "random":
            return isinstance(value, dict) and all(
                isinstance(states, dict) and all(isinstance(state, str) for state in states.values())
                for states in value.values()
            )
        case "changed_inputs" | "changed_values" | "moved" | "operators":
            return isinstance(value, list) and all(isinstance(name, str) for name in value)
    return True  # compared as a whole, or looked at with its type in mind


def _is_value(value: Any, depth: int = 6) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("type"), str) or depth == 0:
        return False
    shape, number = value.get("shape", []), value.get("value")
    items = value.get("items", [])
    inner = list(items.values()) if isinstance(items, dict) else items
    return (
        isinstance(shape, list)
        and all(type(n) is int and 0 <= n < 2**40 for n in shape)
        and (type(number) is not int or abs(number) < 2**1000)
        and isinstance(inner, list)
        and all(_is_value(item, depth - 1) for item in inner)
    )


def reseeds(answers: Sequence[Answer]) -> bool:
    """Whether calls that began with different random states left one of them the same: it was set, not drawn from."""
    for kind in ("torch", "python", "numpy"):
        states = [answer.result.get("random", {}) for answer in answers]
        before = [state.get("before", {}).get(kind) for state in states]
        after = [state.get("after", {}).get(kind) for state in states]
        if before != after and len(set(before)) == len(before) and len(set(after)) < len(after):
            return True
    return False


def call(name: str, *args: Any, **options: Any) -> Step:
    """A step that calls a component by name. Arguments: see `argument`."""
    return {"op": "call", "fn": {"name": name}, "args": [argument(a) for a in args], **options}


def call_handle(handle: str, *args: Any, path: str = "", **options: Any) -> Step:
    """A step that calls an object that the worker keeps."""
    return {"op": "call", "fn": {"ref": handle, "path": path}, "args": [argument(a) for a in args], **options}


def argument(value: Any) -> dict[str, Any]:
    """`T("x")` and `H("net")` name tensors and handles; everything else is a plain value."""
    return value if isinstance(value, dict) else {"value": value}


def T(key: str, *, grad: bool = False) -> dict[str, Any]:  # noqa: N802 - reads as the tensor it names
    return {"tensor": key, "grad": grad}


def H(handle: str) -> dict[str, Any]:  # noqa: N802
    return {"ref": handle}
