"""Which cell is which, after students and editors have been at it."""

from __future__ import annotations

import nbformat
import pytest
from class_notebooks import (
    POINTS,
    RIGHT,
    answered,
    cell_of,
    grade_id,
    source_notebook,
    with_copy,
    without,
    without_metadata,
)
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from autograder.gradebook.repair import restore, stand_in

GRADED = [f"check_{name}" for name in POINTS.components | POINTS.outcomes] + list(POINTS.discussion)


@pytest.fixture(scope="module")
def release() -> NotebookNode:
    notebook = source_notebook()
    for cell in notebook.cells:
        if grade_id(cell) in RIGHT:
            cell.source = "raise NotImplementedError"
    return notebook


def graded_ids(notebook: NotebookNode) -> list[str]:
    return [grade_id(cell) for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]


def test_a_sound_submission_stays_as_it_is(release: NotebookNode) -> None:
    submitted = answered(release)
    repaired = restore(nbformat.from_dict(submitted), release)
    assert [(cell.cell_type, cell.source) for cell in repaired.cells] == [
        (cell.cell_type, cell.source) for cell in submitted.cells
    ]


@pytest.mark.parametrize("name", GRADED)
def test_a_deleted_grade_cell_comes_back_where_it_was(release: NotebookNode, name: str) -> None:
    repaired = restore(without(answered(release), name), release)
    assert graded_ids(repaired) == graded_ids(release)


def test_a_deleted_answer_comes_back_as_a_question_for_a_person(release: NotebookNode) -> None:
    repaired = restore(without(answered(release), "discussion_2"), release)
    assert cell_of(repaired, "discussion_2").source != cell_of(release, "discussion_2").source


def test_all_grade_cells_deleted_come_back_in_order(release: NotebookNode) -> None:
    assert graded_ids(restore(without(answered(release), *GRADED), release)) == GRADED


def test_of_two_copies_of_an_answer_the_one_that_was_worked_on_counts(release: NotebookNode) -> None:
    submitted = with_copy(answered(release), "discussion_1")
    submitted.cells[0].source = cell_of(release, "discussion_1").source
    repaired = restore(submitted, release)
    assert cell_of(repaired, "discussion_1").source.startswith("My answer")


def test_forged_metadata_is_replaced_by_the_released(release: NotebookNode) -> None:
    submitted = answered(release)
    check = cell_of(submitted, "check_Encoder")
    check.metadata.nbgrader.update(points=1000, solution=True, grade=False)
    check.source = "100"
    repaired = cell_of(restore(submitted, release), "check_Encoder")
    assert repaired.metadata == cell_of(release, "check_Encoder").metadata
    assert repaired.source == 'check("Encoder")'


def test_an_unknown_grade_id_is_dropped(release: NotebookNode) -> None:
    submitted = answered(release)
    extra = new_markdown_cell(
        "mine", metadata={"nbgrader": {"grade_id": "bonus", "points": 50, "grade": True}}
    )
    submitted.cells.append(extra)
    assert "bonus" not in [grade_id(cell) for cell in restore(submitted, release).cells]


def test_cells_without_metadata_are_recognised_by_what_they_say(release: NotebookNode) -> None:
    repaired = restore(without_metadata(answered(release)), release)
    assert graded_ids(repaired) == graded_ids(release)
    assert len(repaired.cells) == len(release.cells)
    assert cell_of(repaired, "Encoder").source == RIGHT["Encoder"]


def test_an_answer_turned_into_code_is_markdown_again(release: NotebookNode) -> None:
    submitted = answered(release)
    answer = cell_of(submitted, "discussion_1")
    answer.update(cell_type="code", outputs=[], execution_count=None)
    repaired = restore(submitted, release)
    assert cell_of(repaired, "discussion_1").cell_type == "markdown"
    nbformat.validate(repaired)


def test_the_stand_in_says_why_and_holds_every_grade_cell(release: NotebookNode) -> None:
    notebook = stand_in(release, "Not graded", "the file is empty")
    assert "the file is empty" in notebook.cells[0].source
    assert graded_ids(notebook) == graded_ids(release)
