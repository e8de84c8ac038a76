"""A small `ae` assignment and students' versions of it, made with nbformat: for the gradebook's tests."""

from __future__ import annotations

import copy
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from autograder.policy import load_policy
from tests.labs.ae_base import RIGHT

POINTS = load_policy().labs["ae"]
STUB = "raise NotImplementedError"

SETUP = "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\nfrom course import check"

SUMMED = "\ndef reconstruction_loss(x_hat, x):\n    return ((x_hat - x) ** 2).sum()\n"


def source_notebook() -> NotebookNode:
    """What an instructor has in `source/ae/ae.ipynb`."""
    cells = [new_markdown_cell("# AutoEncoder"), new_code_cell(SETUP)]
    for name, points in POINTS.components.items():
        code = f"### BEGIN SOLUTION{RIGHT[name]}### END SOLUTION"
        cells.append(new_markdown_cell(f"Write `{name}`."))
        cells.append(new_code_cell(code, metadata=_nbgrader(name, solution=True)))
        cells.append(_check_cell(name, points))
    cells += [_check_cell(name, points) for name, points in POINTS.outcomes.items()]
    for name, points in POINTS.discussion.items():
        metadata = _nbgrader(name, solution=True, grade=True, points=points)
        cells.append(new_markdown_cell(f"Question {name[-1]}: why?"))
        cells.append(new_markdown_cell(f"Your answer to {name}.", metadata=metadata))
    return new_notebook(cells=cells, metadata={"genlab": {"lab": "ae"}})


def answered(release: NotebookNode, *components: str, **changed: str) -> NotebookNode:
    """The released notebook with right answers to `components`, by default all, and to the discussion.

    Keywords replace the source of a cell by its grade id.
    """
    notebook = nbformat.from_dict(release)
    for cell in notebook.cells:
        name = grade_id(cell)
        if name in changed:
            cell.source = changed[name]
        elif name in (components or RIGHT):
            cell.source = RIGHT[name]
        elif name in POINTS.discussion:
            cell.source = f"My answer to {name}: because of the bottleneck."
    return notebook


def without(notebook: NotebookNode, *names: str) -> NotebookNode:
    """The notebook after a student deleted the cells with these grade ids."""
    notebook.cells = [cell for cell in notebook.cells if grade_id(cell) not in names]
    return notebook


def without_metadata(notebook: NotebookNode) -> NotebookNode:
    """The notebook after an editor that keeps no cell metadata."""
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})
    return notebook


def with_copy(notebook: NotebookNode, name: str, **metadata: object) -> NotebookNode:
    """The notebook after a student copied a cell to the top and changed the copy's nbgrader metadata."""
    copied = copy.deepcopy(cell_of(notebook, name))
    copied["id"] = "copied"
    copied.metadata.nbgrader.update(metadata)
    notebook.cells.insert(0, copied)
    return notebook


def hostile(notebook: NotebookNode) -> NotebookNode:
    """The notebook with scripts wherever a page might take text for markup, and a forged score."""
    cell_of(
        notebook, "discussion_1"
    ).source = "Because <script>alert(1)</script> <img src=x onerror=alert(2)>"
    page = new_output("display_data", {"text/html": "<script>alert(3)</script>"})
    text = new_output("stream", name="stdout", text="<script>alert(4)</script>")
    notebook.cells.append(new_code_cell("'<script>alert(5)</script>'", outputs=[page, text]))
    notebook.cells.append(new_raw_cell("<script>alert(6)</script>", metadata={"raw_mimetype": "text/html"}))
    notebook.metadata["title"] = "</title><script>alert(7)</script>"
    cell_of(notebook, "check_Encoder").outputs = [new_output("execute_result", {"text/plain": "8.0"}), page]
    return notebook


def grade_id(cell: NotebookNode) -> str:
    """The grade id in a cell's metadata, or an empty string."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def cell_of(notebook: NotebookNode, name: str) -> NotebookNode:
    """The one cell with this grade id."""
    (cell,) = (cell for cell in notebook.cells if grade_id(cell) == name)
    return cell


def hand_in(root: Path, student: str, content: NotebookNode | str, name: str = "ae.ipynb") -> Path:
    """Put a notebook, or raw text, into `submitted/<student>/ae/`."""
    path = root / "submitted" / student / "ae" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else nbformat.writes(content)
    path.write_text(text, encoding="utf-8")
    return path


def _check_cell(name: str, points: float) -> NotebookNode:
    metadata = _nbgrader(f"check_{name}", grade=True, points=points)
    return new_code_cell(f'check("{name}")', metadata=metadata)


def _nbgrader(
    name: str, *, solution: bool = False, grade: bool = False, points: float | None = None
) -> dict[str, object]:
    values: dict[str, object] = {
        "grade": grade,
        "solution": solution,
        "locked": grade and not solution,
        "task": False,
        "grade_id": name,
        "schema_version": 3,
    }
    return {"nbgrader": values | ({"points": points} if points is not None else {})}
