"""Read the text source of a lab as a notebook, and its reference solutions as Python objects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jupytext
from nbformat import NotebookNode

FOLDER = Path(__file__).resolve().parent
LABS = ("ae", "vae", "gan", "compare")


def read(lab: str) -> NotebookNode:
    """The cells of `solutions/<lab>.py` with their tags and nbgrader metadata, as written there."""
    return jupytext.read(FOLDER / f"{lab}.py", fmt="py:percent")


def reference(lab: str) -> dict[str, Any]:
    """The lab's components in their right form: the names that its imports and solution cells define."""
    namespace: dict[str, Any] = {"__name__": f"solutions.{lab}"}
    for cell in read(lab).cells:
        solution = cell.metadata.get("nbgrader", {}).get("solution", False)
        if cell.cell_type == "code" and (solution or cell.source.startswith("import ")):
            exec(compile(cell.source, f"solutions/{lab}.py", "exec"), namespace)
    return namespace
