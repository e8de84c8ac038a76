"""What is in a pandas table? As plain data, cell by cell, without importing pandas."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

Encode = Callable[[Any], dict[str, Any]]
SIDE_LIMIT = 200  # rows, and columns, of a table that is described


def is_frame(value: object) -> bool:
    """Whether a value is a pandas.DataFrame; pandas is there if student code made one, and only then."""
    frame = getattr(sys.modules.get("pandas"), "DataFrame", None)
    return isinstance(frame, type) and isinstance(value, frame)


def describe(frame: Any, encode: Encode) -> dict[str, Any]:
    """Labels and cells, `rows[i][j]` in column j; pandas' own marks for what is missing count as NaN."""
    rows, columns = frame.shape
    if max(rows, columns) > SIDE_LIMIT:
        return {"type": "object", "of": f"DataFrame with {rows} rows and {columns} columns"}
    pandas = sys.modules["pandas"]

    def cell(value: Any) -> dict[str, Any]:
        absent = value is pandas.NA or value is pandas.NaT
        return encode(float("nan") if absent else value)

    def label(value: Any) -> dict[str, Any]:
        return encode(str(value) if isinstance(value, str) else value)

    parts = {
        "index": [label(name) for name in frame.index],
        "columns": [label(name) for name in frame.columns],
        "rows": [_sequence([cell(frame.iat[i, j]) for j in range(columns)]) for i in range(rows)],
    }
    return {"type": "frame", "items": {name: _sequence(items) for name, items in parts.items()}}


def _sequence(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "sequence", "items": items}
