"""Turns arguments from the grader into objects, and whatever student code returns into plain data."""

from __future__ import annotations

import hashlib
import math
import random
import types
from typing import Any

import numpy as np
import torch

from .frames import describe, is_frame
from .wire import Tensors

SAFE_DTYPES = {
    torch.float16, torch.bfloat16, torch.float32, torch.float64,
    torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8, torch.bool,
}  # fmt: skip
DEPTH_LIMIT, WIDTH_LIMIT, TEXT_LIMIT = 4, 1000, 300


def plain(tensor: torch.Tensor) -> torch.Tensor:
    """The values of a tensor as an ordinary one, past any subclass or function override."""
    with torch._C.DisableTorchFunctionSubclass(), torch.no_grad():
        return torch.Tensor.detach(tensor).as_subclass(torch.Tensor).cpu().contiguous().clone()


class Encoder:
    """Describes returned values as JSON, putting tensor data aside under keys."""

    def __init__(self) -> None:
        self.tensors: Tensors = {}

    def put(self, tensor: torch.Tensor) -> str:
        key = f"r{len(self.tensors)}"
        self.tensors[key] = plain(tensor)
        return key

    def encode(self, value: Any, depth: int = 0) -> dict[str, Any]:
        """A dict with `type` and what belongs to it; never raises for odd objects."""
        kind = type(value)
        if isinstance(value, torch.Tensor):
            return self._tensor(value)
        if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
            return {
                "type": "ndarray",
                "shape": list(value.shape),
                "key": self.put(torch.from_numpy(value.copy())),
            }
        if isinstance(value, np.generic) and value.dtype.kind in "fiub":
            return {"type": "number", "value": float(value), "of": kind.__name__}
        if kind in (int, float):
            number = float(value) if abs(value) < 1e308 or not math.isfinite(value) else math.inf
            return {"type": "number", "value": number, "of": kind.__name__}
        if value is None or kind is bool:
            return {"type": "none" if value is None else "bool", "value": value}
        if kind is str:
            return {"type": "str", "value": value[:TEXT_LIMIT]}
        if isinstance(value, list | tuple) and depth < DEPTH_LIMIT and len(value) <= WIDTH_LIMIT:
            return {"type": "sequence", "items": [self.encode(item, depth + 1) for item in value]}
        if isinstance(value, dict) and depth < DEPTH_LIMIT and len(value) <= WIDTH_LIMIT:
            items = {str(key)[:TEXT_LIMIT]: self.encode(item, depth + 1) for key, item in value.items()}
            return {"type": "dict", "items": items}
        if isinstance(value, torch.nn.Module):
            return {"type": "module", "of": kind.__name__[:TEXT_LIMIT]}
        if is_frame(value) and depth == 0:
            return describe(value, lambda part: self.encode(part, DEPTH_LIMIT))
        return {"type": "object", "of": kind.__name__[:TEXT_LIMIT]}

    def _tensor(self, value: torch.Tensor) -> dict[str, Any]:
        with torch._C.DisableTorchFunctionSubclass():
            described: dict[str, Any] = {
                "type": "tensor",
                "shape": list(value.shape),
                "dtype": str(value.dtype).removeprefix("torch."),
                "requires_grad": bool(value.requires_grad),
            }
            if value.dtype in SAFE_DTYPES and value.layout is torch.strided:
                described["key"] = self.put(value)
        return described


def leaf(value: Any, path: list[Any]) -> Any:
    """The part of a returned value at a path of indices and keys."""
    for step in path:
        value = value[step]
    return value


def random_states() -> dict[str, str]:
    """A digest of each global random state that student code could reseed."""
    _, keys, *rest = np.random.get_state(legacy=True)
    states = {
        "torch": torch.get_rng_state().numpy().tobytes(),
        "python": repr(random.getstate()).encode(),
        "numpy": np.asarray(keys).tobytes() + repr(rest).encode(),
    }
    return {name: hashlib.sha1(state).hexdigest() for name, state in states.items()}


def seed_everything(seed: int) -> None:
    """Seed the global random states before a probe, so that a rerun repeats it."""
    torch.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)


def fresh_module(name: str) -> types.ModuleType:
    """A namespace with the names that are there whatever the student's import cell does."""
    import matplotlib.pyplot as plt

    module = types.ModuleType(name)
    module.__dict__.update(torch=torch, nn=torch.nn, F=torch.nn.functional, math=math, np=np, plt=plt)
    return module
