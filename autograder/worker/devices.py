"""Lets code that names `cuda` or `mps` run on the CPU of the grader."""

from __future__ import annotations

import re
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

ELSEWHERE = re.compile(r"(cuda|mps)\b")
NAMED = re.compile(r"""["'](cuda|mps)\b|\.cuda\(""")

_active: list[CpuMode] = []
_told = False


class CpuMode(TorchFunctionMode):
    """Replaces every `cuda` or `mps` device argument of a torch call by the CPU."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func is torch.Tensor.cuda:
            return args[0]
        if "device" in kwargs:
            kwargs["device"] = _cpu(kwargs["device"])
        if func is torch.Tensor.to:
            args = tuple(_cpu(arg) for arg in args)
        return func(*args, **kwargs)


def mentioned(source: str) -> bool:
    """Whether a cell's source names a device that the grader does not have."""
    return NAMED.search(source) is not None


def map_to_cpu(*, told: bool) -> None:
    """From now on, devices other than the CPU mean the CPU; `told` if that is worth a note to the student."""
    global _told
    _told = _told or told
    if _active or torch.cuda.is_available():
        return
    mode = CpuMode()
    mode.__enter__()  # type: ignore[no-untyped-call]
    _active.append(mode)
    nothing = lambda *args, **kwargs: None  # noqa: E731
    for name in ("synchronize", "empty_cache", "set_device", "manual_seed", "manual_seed_all"):
        setattr(torch.cuda, name, nothing)
    torch.set_default_device = nothing


def is_mapped() -> bool:
    """Whether a cell that ran named such a device."""
    return _told


def _cpu(device: Any) -> Any:
    if isinstance(device, int) and not isinstance(device, bool):
        return device
    if isinstance(device, torch.device):
        return torch.device("cpu") if device.type in ("cuda", "mps") else device
    if isinstance(device, str) and ELSEWHERE.match(device):
        return "cpu"
    return device
