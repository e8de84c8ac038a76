"""A class graded by the stock commands: gradebook, class table and feedback pages."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from class_notebooks import POINTS, cell_of, grade_id
from conftest import ANA, open_gradebook, read_grades, script_sources

LOSS = POINTS.components["reconstruction_loss"]
UNGRADABLE = ["broken", "empty", "no notebook"]


def scores(root: Path, student: str) -> dict[str, float | None]:
    with open_gradebook(root) as gradebook:
        notebook = gradebook.find_submission_notebook("ae", "ae", student)
        return {grade.name: grade.auto_score for grade in notebook.grades}


def feedback(root: Path, student: str) -> str:
    return (root / "feedback" / student / "ae" / "ae.html").read_text(encoding="utf-8")


def test_every_score_is_the_one_that_the_engine_reported(graded: Path) -> None:
    for student in (ANA, "untouched", "renamed", "deleted", "copied", "stripped"):
        document = json.loads((graded / "reports" / student / "ae.json").read_text())
        reported = {part["name"]: part["score"] for part in document["reports"][0]["components"]}
        saved = scores(graded, student)
        for name in POINTS.components | POINTS.outcomes:
            assert saved[f"check_{name}"] == pytest.approx(reported[name]), (student, name)


def test_one_wrong_component_loses_its_own_points_and_no_others(graded: Path) -> None:
    saved = scores(graded, ANA)
    wrong = saved["check_reconstruction_loss"]
    assert wrong is not None
    assert wrong < LOSS
    for name in set(POINTS.components) - {"reconstruction_loss"}:
        assert saved[f"check_{name}"] == POINTS.components[name], name


def test_the_main_finding_becomes_the_comment_of_the_solution_cell(graded: Path) -> None:
    with open_gradebook(graded) as gradebook:
        comment = gradebook.find_comment("reconstruction_loss", "ae", "ae", ANA)
        assert comment.auto_comment
        assert comment.manual_comment is None
        assert gradebook.find_comment("Encoder", "ae", "ae", ANA).auto_comment is None


@pytest.mark.parametrize("student", ["renamed", "deleted", "copied", "stripped"])
def test_an_odd_name_and_damaged_cells_cost_nothing(graded: Path, student: str) -> None:
    assert scores(graded, student)["check_reconstruction_loss"] == LOSS


@pytest.mark.parametrize("student", ["renamed", "deleted", "copied", "stripped"])
def test_each_grade_cell_is_there_once_with_its_own_points(graded: Path, student: str) -> None:
    notebook = nbformat.read(graded / "autograded" / student / "ae" / "ae.ipynb", as_version=4)
    ids = [grade_id(cell) for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    expected = [f"check_{name}" for name in POINTS.components | POINTS.outcomes] + list(POINTS.discussion)
    assert sorted(ids) == sorted(expected)
    assert cell_of(notebook, "check_Encoder").metadata.nbgrader["points"] == POINTS.components["Encoder"]


def test_only_the_discussion_waits_for_a_person(graded: Path) -> None:
    with open_gradebook(graded) as gradebook:
        for student in (ANA, "deleted", "copied", "stripped"):
            notebook = gradebook.find_submission_notebook("ae", "ae", student)
            waiting = {grade.name for grade in notebook.grades if grade.needs_manual_grade}
            assert waiting == set(POINTS.discussion), student


def test_an_untouched_release_gets_zero_and_waits_for_nobody(graded: Path) -> None:
    row = read_grades(graded)["untouched"]
    assert (float(row["score"]), row["status"], float(row["pending_points"])) == (0.0, "graded", 0.0)


def test_the_class_table_quotes_names_and_keeps_their_letters(graded: Path) -> None:
    table = read_grades(graded)
    assert ANA in table
    assert table["absent"]["last_name"] == "O'Neil, Jr."
    assert table["absent"]["first_name"] == "Zoë"


def test_the_score_in_the_class_table_is_the_sum_in_the_gradebook(graded: Path) -> None:
    row = read_grades(graded)[ANA]
    assert float(row["score"]) == pytest.approx(sum(score or 0 for score in scores(graded, ANA).values()))
    assert row["status"] == "pending"
    assert float(row["pending_points"]) == sum(POINTS.discussion.values())


@pytest.mark.parametrize("student", UNGRADABLE)
def test_what_cannot_be_graded_is_blank_in_the_class_table_and_says_why(graded: Path, student: str) -> None:
    row = read_grades(graded)[student]
    assert (row["score"], row["raw_score"], row["status"]) == ("", "", "ungradable")
    assert row["message"]


def test_who_handed_in_nothing_is_blank_and_missing(graded: Path) -> None:
    row = read_grades(graded)["absent"]
    assert (row["score"], row["status"]) == ("", "missing")


@pytest.mark.parametrize("student", UNGRADABLE)
def test_what_cannot_be_graded_asks_for_a_person_in_the_gradebook(graded: Path, student: str) -> None:
    assert set(scores(graded, student).values()) == {None}
    with open_gradebook(graded) as gradebook:
        assert gradebook.find_submission("ae", student).needs_manual_grade


@pytest.mark.parametrize("student", UNGRADABLE)
def test_the_page_of_what_cannot_be_graded_gives_the_reason_and_no_zero(graded: Path, student: str) -> None:
    page = feedback(graded, student)
    reason = read_grades(graded)[student]["message"].split(":")[0]
    assert reason in page
    assert "no score yet" in page
    assert "Score: 0" not in page


def test_the_feedback_page_shows_the_findings_and_fits_a_phone(graded: Path) -> None:
    page = feedback(graded, ANA)
    assert "not yet right" in page or "partly right" in page
    assert 'name="viewport"' in page
    assert "not graded yet, of 5" in page  # the discussion, not a zero


def test_submitted_files_stay_as_they_were_handed_in(graded: Path) -> None:
    assert (graded / "submitted" / "broken" / "ae" / "ae.ipynb").read_text() == '{"cells": ['
    assert [path.name for path in (graded / "submitted" / "renamed" / "ae").iterdir()] == ["ae (1).ipynb"]
    assert not list((graded / "submitted" / "no notebook" / "ae").iterdir())


def test_scripts_of_a_student_do_not_run_on_the_feedback_page(graded: Path) -> None:
    page = feedback(graded, "hostile")
    assert "Because" in page
    assert "alert(" not in script_sources(page)


def test_a_score_written_into_a_check_cell_counts_nothing(graded: Path) -> None:
    assert scores(graded, "hostile")["check_Encoder"] == 0.0
