"""Which cell of a submission is which: nbgrader's metadata, put back from the released notebook.

Students delete, copy, split and edit cells, and some editors drop all metadata. nbgrader loses scores
over each of these (a deleted grade cell waits for manual grading for ever), and what it finds in the
metadata it believes. So none of it is kept but the claim "I am cell X", and each grade cell is there once.
"""

# nbformat has no types.
# mypy: disable-error-code="no-untyped-call,no-any-return"
from __future__ import annotations

import copy

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from autograder.gradebook.reading import claimed_id

CHECK_PREFIX = "check_"  # the grade cell of the component `Encoder` is `check_Encoder`

LOST_ANSWER = (
    "*This cell was missing in the submission and was put back; "
    "the answer may stand elsewhere in the notebook.*"
)


def restore(submitted: NotebookNode, release: NotebookNode) -> NotebookNode:
    """The submitted notebook with every grade cell of the released one, each once, in a sensible place.

    Args:
        submitted: what `read_notebook` made of the student's file.
        release: the notebook as students got it, with nbgrader's metadata.
    """
    known = {grade_id: cell for cell in release.cells if (grade_id := claimed_id(cell))}
    owners = _owners(submitted.cells, release)
    ids = {position: grade_id for grade_id, position in owners.items()}
    cells = [
        _as_released(cell, known[ids[position]]) if position in ids else _as_plain(cell)
        for position, cell in enumerate(submitted.cells)
    ]
    _insert_missing(cells, known)
    return _notebook(cells, release)


def stand_in(release: NotebookNode, title: str, reason: str) -> NotebookNode:
    """The released notebook under a banner: what the gradebook shows for what cannot be graded.

    Args:
        title: one line of markdown.
        reason: markdown; whatever comes from a student's file must be escaped already.
    """
    cells = [new_markdown_cell(f"## {title}\n\n{reason}"), *copy.deepcopy(release.cells)]
    return _notebook(cells, release)


def _owners(cells: list[NotebookNode], release: NotebookNode) -> dict[str, int]:
    """Position of the cell that counts as each released one: by its claim, else by what it says."""
    owners: dict[str, int] = {}
    taken = set()
    left = []
    for before, released in zip([None, *release.cells], release.cells, strict=False):
        grade_id = claimed_id(released)
        claims = [place for place, cell in enumerate(cells) if grade_id and claimed_id(cell) == grade_id]
        if grade_id and claims:
            owners[grade_id] = _best(cells, claims, released)
            taken.update(claims)
        elif grade_id:
            left.append((grade_id, released, before))
    for grade_id, released, before in left:
        for place, cell in enumerate(cells):
            if place not in taken and _is_same(cell, cells[place - 1] if place else None, released, before):
                owners[grade_id] = place
                taken.add(place)
                break
    return owners


def _is_same(
    cell: NotebookNode, previous: NotebookNode | None, released: NotebookNode, before: NotebookNode | None
) -> bool:
    """Whether a cell that lost its metadata is the released one: the same text, or the same text above it."""
    if cell.cell_type != released.cell_type:
        return False
    if not released.metadata.nbgrader.get("solution"):
        return bool(cell.source.strip() == released.source.strip())
    return previous is not None and before is not None and previous.source.strip() == before.source.strip()


def _best(cells: list[NotebookNode], positions: list[int], released: NotebookNode) -> int:
    """Of several copies the last one that was worked on; else the last."""
    changed = [position for position in positions if cells[position].source != released.source]
    return (changed or positions)[-1]


def _as_released(cell: NotebookNode, released: NotebookNode) -> NotebookNode:
    """The released cell, with the student's text where that is theirs to write."""
    result = copy.deepcopy(released)
    if released.metadata.nbgrader.get("solution"):
        result.source = cell.source
        if result.cell_type == cell.cell_type:
            for part in ("outputs", "attachments"):
                if part in cell:
                    result[part] = cell[part]
    return result


def _as_plain(cell: NotebookNode) -> NotebookNode:
    cell.metadata.pop("nbgrader", None)
    return cell


def _insert_missing(cells: list[NotebookNode], known: dict[str, NotebookNode]) -> None:
    """Put back grade cells that are gone, each after the nearest cell that came before it at release."""
    place = 0
    for grade_id, released in known.items():
        position = next((i for i, cell in enumerate(cells) if claimed_id(cell) == grade_id), None)
        if position is not None:
            place = position + 1
        elif released.metadata.nbgrader.get("grade"):
            cell = copy.deepcopy(released)
            if released.metadata.nbgrader.get("solution"):
                # Changed text, so that nbgrader asks a person instead of saying "No response".
                cell.source = f"{LOST_ANSWER}\n\n{cell.source}"
            cells.insert(place, cell)
            place += 1


def _notebook(cells: list[NotebookNode], release: NotebookNode) -> NotebookNode:
    notebook = copy.deepcopy(release)
    notebook.cells = cells
    for position, cell in enumerate(cells):
        cell["id"] = f"cell-{position}"  # unique, and the same at every grading
    return notebook
