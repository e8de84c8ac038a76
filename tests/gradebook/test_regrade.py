"""Grading again: the same scores, a person's work untouched, interrupted runs finished."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from class_notebooks import answered, hand_in
from conftest import open_gradebook, read_grades, released

from autograder.gradebook.classroom import GRADES, ClassroomError, nbgrader

STUDENT = "renamed"
AGAIN = ["autograde", "ae", "--force", f"--student={STUDENT}"]


def scores(root: Path) -> dict[str, tuple[float | None, float | None]]:
    with open_gradebook(root) as gradebook:
        notebook = gradebook.find_submission_notebook("ae", "ae", STUDENT)
        return {grade.name: (grade.auto_score, grade.manual_score) for grade in notebook.grades}


def copy_of(root: Path) -> Path:
    return root / "autograded" / STUDENT / "ae" / "ae.ipynb"


def test_a_regrade_changes_nothing_and_spares_what_a_person_gave(again: Path, sandbox: str) -> None:
    with open_gradebook(again) as gradebook:
        gradebook.find_grade("check_Encoder", "ae", "ae", STUDENT).manual_score = 3.5
        gradebook.find_grade("discussion_1", "ae", "ae", STUDENT).manual_score = 4.0
        gradebook.find_comment("Encoder", "ae", "ae", STUDENT).manual_comment = "Nearly."
        gradebook.db.commit()
    before = scores(again), copy_of(again).read_text()
    nbgrader(again, AGAIN, sandbox=sandbox)
    assert (scores(again), copy_of(again).read_text()) == before
    with open_gradebook(again) as gradebook:
        assert gradebook.find_comment("Encoder", "ae", "ae", STUDENT).comment == "Nearly."


def test_only_what_an_interrupted_run_left_half_made_is_graded_again(again: Path, sandbox: str) -> None:
    before = scores(again)
    copy_of(again).chmod(0o644)
    nbformat.write(released(again), copy_of(again))  # as the first of nbgrader's two passes leaves it
    for report in (again / "reports").glob("*/*.json"):
        report.unlink()
    nbgrader(again, ["autograde", "ae"], sandbox=sandbox)
    assert scores(again) == before
    assert [path.parent.name for path in (again / "reports").glob("*/*.json")] == [STUDENT]


def test_an_ungradable_submission_that_a_person_graded_in_full_gets_its_score(again: Path) -> None:
    with open_gradebook(again) as gradebook:
        for grade in gradebook.find_submission_notebook("ae", "ae", "broken").grades:
            grade.manual_score = 1.0
            grade.needs_manual_grade = False
        points = len(gradebook.find_submission_notebook("ae", "ae", "broken").grades)
        gradebook.db.commit()
    nbgrader(again, ["export", "--to", str(again / GRADES)])
    row = read_grades(again)["broken"]
    assert (float(row["score"]), row["status"]) == (points, "graded")


def test_without_a_sandbox_nothing_is_graded_and_the_command_says_so(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(course, "s01", answered(released(course), "reconstruction_loss"))
    nowhere = tmp_path / "empty"
    nowhere.mkdir()
    monkeypatch.setenv("PATH", str(nowhere))  # no bwrap here
    with pytest.raises(ClassroomError, match="no sandbox for student code"):
        nbgrader(course, ["autograde", "ae"])
    with open_gradebook(course) as gradebook:
        assert not gradebook.students
    assert not list((course / "autograded").iterdir())


def test_an_assignment_that_is_no_lab_is_refused_by_name(course: Path) -> None:
    path = course / "submitted" / "s01" / "essay" / "essay.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(released(course), path)
    with pytest.raises(ClassroomError, match="'essay' is no lab of this course"):
        nbgrader(course, ["autograde", "essay"])
