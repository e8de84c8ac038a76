"""Turns an exception of student code into plain data: type, message, cell, line, and what it means."""

from __future__ import annotations

import re
import types
from typing import Any

import torch

MESSAGE_LIMIT = 500
SHAPES_LIMIT = 6
CELL_FILE = re.compile(r"<cell (\d+)>")


def describe(error: BaseException, namespace: dict[str, Any]) -> dict[str, Any]:
    """What happened, as JSON data. Never raises, whatever the exception's own methods do."""
    frame = _innermost(error.__traceback__, namespace)
    cell = CELL_FILE.fullmatch(frame[0].f_code.co_filename) if frame else None
    return {
        "type": type(error).__name__[:100],
        "message": _message(error),
        "shapes": _shapes(frame[0]) if frame else {},
        "line": frame[1] if frame else None,
        "cell": int(cell[1]) if cell else None,
        "function": frame[0].f_code.co_qualname if frame else None,
        "stub": isinstance(error, NotImplementedError),
        "missing_name": _missing_name(error),
        "memory": _is_memory(error),
    }


def _innermost(
    traceback: types.TracebackType | None, namespace: dict[str, Any]
) -> tuple[types.FrameType, int] | None:
    """The last frame that is the student's own code, and its line."""
    found = None
    while traceback is not None:
        if traceback.tb_frame.f_globals is namespace:
            found = (traceback.tb_frame, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found


def _message(error: BaseException) -> str:
    try:
        text = str(error)
    except BaseException:
        text = "(its message cannot be shown)"
    return text[:MESSAGE_LIMIT]


def _shapes(frame: types.FrameType) -> dict[str, list[int]]:
    """The shapes of the tensors that the failing function had names for, its arguments first."""
    found: dict[str, list[int]] = {}
    for name, value in list(frame.f_locals.items()):
        if type(value) is torch.Tensor and len(found) < SHAPES_LIMIT:
            found[str(name)[:40]] = list(value.shape)
    return found


def _is_memory(error: BaseException) -> bool:
    return isinstance(error, MemoryError) or "allocate memory" in _message(error)


def _missing_name(error: BaseException) -> str | None:
    name = error.name if isinstance(error, NameError) and type(error).__module__ == "builtins" else None
    return name if isinstance(name, str) else None
