"""The class table as CSV: nbgrader's columns, properly quoted, blank where there is no score.

`status` says why: `graded`; `pending`, points wait for a person and `score` is what is there so far;
`ungradable` and `grader error`, no score; `not graded`, handed in but not through autograding; `missing`,
nothing handed in. A blank is not a zero: whoever turns one into the other does so knowingly.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin

from autograder.gradebook.store import load_report

COLUMNS = [
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
    "status",
    "pending_points",
    "message",
]
# A cell that begins so is run as a formula by spreadsheet programs.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Standing:
    """Where one student stands in one assignment; None is a blank."""

    status: str
    score: float | None = None
    penalty: float | None = None
    pending: float | None = None
    timestamp: Any = None
    message: str = ""


class GradesExport(ExportPlugin):  # type: ignore[misc]  # nbgrader has no types
    """What `nbgrader export` runs; `--to`, `--student` and `--assignment` work as in nbgrader."""

    def export(self, gradebook: Gradebook) -> None:
        """Write the table to `--to`, by default `grades.csv` in the current folder."""
        path = Path(self.to or "grades.csv")
        with path.open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, COLUMNS)
            table.writeheader()
            table.writerows(self._rows(gradebook))
        self.log.info("Exported grades to %s", path)

    def _rows(self, gradebook: Gradebook) -> Iterator[dict[str, Any]]:
        assignments, students = set(map(str, self.assignment)), set(map(str, self.student))
        for assignment in gradebook.assignments:
            if assignments and assignment.name not in assignments:
                continue
            for student in gradebook.students:
                if students and student.id not in students:
                    continue
                standing = self._standing(gradebook, assignment.name, student.id)
                values = {
                    "assignment": assignment.name,
                    "duedate": assignment.duedate,
                    "timestamp": standing.timestamp,
                    "student_id": student.id,
                    "last_name": student.last_name,
                    "first_name": student.first_name,
                    "email": student.email,
                    "raw_score": standing.score,
                    "late_submission_penalty": standing.penalty,
                    "score": None
                    if standing.score is None
                    else max(0.0, standing.score - (standing.penalty or 0.0)),
                    "max_score": assignment.max_score,
                    "status": standing.status,
                    "pending_points": standing.pending,
                    "message": standing.message,
                }
                yield {column: _cell(value) for column, value in values.items()}

    def _standing(self, gradebook: Gradebook, assignment: str, student: str) -> Standing:
        course = self.parent.coursedir
        try:
            submission = gradebook.find_submission(assignment, student)
        except MissingEntry:
            folder = Path(course.format_path(course.submitted_directory, student, assignment))
            return Standing("not graded" if folder.is_dir() else "missing")
        report = load_report(Path(course.root), student, assignment)
        grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
        waiting = [grade for grade in grades if grade.auto_score is None and grade.manual_score is None]
        pending = sum(grade.max_score for grade in waiting)
        when = submission.timestamp
        if waiting and report is not None and report.status != "graded":
            status = report.status.replace("_", " ")
            return Standing(status, pending=pending, timestamp=when, message=report.message)
        if report is None and len(waiting) == len(grades):
            return Standing("not graded", pending=pending, timestamp=when)
        status = "pending" if waiting else "graded"
        return Standing(status, submission.score, submission.late_submission_penalty, pending, when)


def _cell(value: Any) -> Any:
    """A value as a cell: None blank, text never a formula."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return "" if value is None else value
