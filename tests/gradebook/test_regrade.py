"""Grading again: the same scores, a person's work untouched, interrupted runs finished."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from class_notebooks import answered, hand_in
from conftest import open_gradebook, released

from autograder.gradebook.classroom import ClassroomError, nbgrader

AGAIN = ["autograde", "ae", "--force"]


def scores(root: Path) -> dict[str, tuple[float | None, float | None]]:
    with open_gradebook(root) as gradebook:
        notebook = gradebook.find_submission_notebook("ae", "ae", "s01")
        return {grade.name: (grade.auto_score, grade.manual_score) for grade in notebook.grades}


@pytest.fixture
def one(course: Path, sandbox: str) -> Path:
    """A class of one student with one right component, graded once."""
    hand_in(course, "s01", answered(released(course), "reconstruction_loss"))
    nbgrader(course, ["autograde", "ae"], sandbox=sandbox)
    return course


def test_grading_twice_gives_the_same_notebook_and_scores(one: Path, sandbox: str) -> None:
    copy = one / "autograded" / "s01" / "ae" / "ae.ipynb"
    first = scores(one), copy.read_text()
    nbgrader(one, AGAIN, sandbox=sandbox)
    assert (scores(one), copy.read_text()) == first


def test_a_score_and_a_comment_given_by_hand_survive_a_regrade(one: Path, sandbox: str) -> None:
    with open_gradebook(one) as gradebook:
        gradebook.find_grade("check_Encoder", "ae", "ae", "s01").manual_score = 3.5
        gradebook.find_grade("discussion_1", "ae", "ae", "s01").manual_score = 4.0
        gradebook.find_comment("Encoder", "ae", "ae", "s01").manual_comment = "Nearly."
        gradebook.db.commit()
    nbgrader(one, AGAIN, sandbox=sandbox)
    assert scores(one)["check_Encoder"][1] == 3.5
    assert scores(one)["discussion_1"] == (None, 4.0)
    with open_gradebook(one) as gradebook:
        assert gradebook.find_comment("Encoder", "ae", "ae", "s01").comment == "Nearly."


def test_what_an_interrupted_run_left_half_made_is_graded_again(one: Path, sandbox: str) -> None:
    copy = one / "autograded" / "s01" / "ae" / "ae.ipynb"
    copy.chmod(0o644)
    nbformat.write(released(one), copy)  # as the first of nbgrader's two passes leaves it, or worse
    before = scores(one)
    nbgrader(one, ["autograde", "ae"], sandbox=sandbox)
    assert "genlab_graded" in nbformat.read(copy, as_version=4).metadata
    assert scores(one) == before


def test_a_graded_submission_is_not_graded_again_without_being_asked(one: Path, sandbox: str) -> None:
    report = one / "reports" / "s01" / "ae.json"
    report.unlink()
    nbgrader(one, ["autograde", "ae"], sandbox=sandbox)
    assert not report.exists()


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
