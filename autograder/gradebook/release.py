"""What `nbgrader generate_assignment` does to a notebook: its own steps, and released stubs stay whole.

nbgrader empties every answer cell without a marked solution. An instructor who has only the installed
package starts from the released notebooks, whose answer cells hold stubs with signature and docstring.
"""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import ClearSolutions
from nbgrader.utils import compute_checksum, is_solution


class ClearAnswers(ClearSolutions):  # type: ignore[misc]  # nbgrader has no types
    """Takes solutions out, but leaves an answer cell alone that is still as it was released."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: Any, cell_index: int
    ) -> tuple[NotebookNode, Any]:
        # Only a release stamps checksums; one that still fits says that nobody wrote a solution here.
        if is_solution(cell) and cell.metadata.nbgrader.get("checksum") == compute_checksum(cell):
            return cell, resources
        return super().preprocess_cell(cell, resources, cell_index)  # type: ignore[no-any-return]


def steps() -> list[type]:
    """nbgrader's steps in their order, with ours in the place of `ClearSolutions`."""
    stock = GenerateAssignment.preprocessors.default_args[0]
    return [ClearAnswers if step is ClearSolutions else step for step in stock]
