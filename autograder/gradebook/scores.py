"""From the engine's report into the graded notebook and the gradebook: findings, scores, comments."""

# nbformat has no types.
# mypy: disable-error-code="no-untyped-call,no-any-return"
from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades
from nbgrader.utils import is_grade, is_solution

from autograder.gradebook.grading import DONE
from autograder.gradebook.repair import CHECK_PREFIX
from autograder.reports.model import ComponentReport, Report
from autograder.reports.notebook_html import component_html, component_text
from autograder.reports.words import main_finding, one_line, web_link

Converted = tuple[NotebookNode, Any]


class WriteFindings(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Takes the place of `Execute`: the outputs of grade cells come from the report, not from a kernel."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> Converted:
        report: Report = self.parent.current
        for cell in nb.cells:
            if is_grade(cell) and not is_solution(cell) and cell.cell_type == "code":
                cell.execution_count = None
                cell.outputs = _outputs(report, cell)
        nb.metadata[DONE] = {"submission_sha256": report.submission_sha256}
        return nb, resources


class SaveScores(SaveAutoGrades):  # type: ignore[misc]
    """Saves scores and comments; what has no score stays without one and asks for a person.

    Scores and comments that a person gave live in fields of their own and are never touched.
    """

    def _add_score(self, cell: NotebookNode, resources: Any) -> None:
        report: Report = self.parent.current
        if report.status == "graded" and (is_solution(cell) or _points(report, cell) is not None):
            super()._add_score(cell, resources)
            return
        grade = self.gradebook.find_grade(
            cell.metadata.nbgrader["grade_id"], self.notebook_id, self.assignment_id, self.student_id
        )
        grade.auto_score = None
        grade.needs_manual_grade = True
        self.gradebook.db.commit()

    def _add_comment(self, cell: NotebookNode, resources: Any) -> None:
        super()._add_comment(cell, resources)
        name = cell.metadata.nbgrader["grade_id"]
        report: Report = self.parent.current
        if report.status != "graded":
            message: str | None = None  # the stand-in's cells are not the student's: no "No response"
        else:
            message = _comment(_component(report, name))
            if message is None:
                return
        comment = self.gradebook.find_comment(name, self.notebook_id, self.assignment_id, self.student_id)
        comment.auto_comment = message
        self.gradebook.db.commit()


def _component(report: Report, name: str) -> ComponentReport | None:
    return next((component for component in report.components if component.name == name), None)


def _graded_component(report: Report, cell: NotebookNode) -> ComponentReport | None:
    return _component(report, cell.metadata.nbgrader["grade_id"].removeprefix(CHECK_PREFIX))


def _points(report: Report, cell: NotebookNode) -> float | None:
    """The component's share of the points that the notebook was stamped with; None without a score."""
    component = _graded_component(report, cell)
    if component is None or component.score is None or component.max_score <= 0:
        return None
    most = float(cell.metadata.nbgrader["points"])
    return min(max(round(most * component.score / component.max_score, 6), 0.0), most)


def _outputs(report: Report, cell: NotebookNode) -> list[NotebookNode]:
    """What stands below a check cell: the findings, then the number that nbgrader takes for the score."""
    component = _graded_component(report, cell)
    if report.status != "graded" or component is None:
        return [new_output("stream", name="stdout", text="not graded\n")]
    shown = {
        "text/html": component_html(component, report.lab),
        "text/plain": component_text(component, report.lab),
    }
    outputs = [new_output("display_data", shown)]
    points = _points(report, cell)
    if points is not None:
        outputs.append(new_output("execute_result", {"text/plain": repr(points)}))
    return outputs


def _comment(component: ComponentReport | None) -> str | None:
    """The main finding in a line of markdown, where something is left to do."""
    if component is None or component.status in ("pass", "pending", "missing"):
        return None
    finding = main_finding(component)
    if finding is None:
        return None
    link = web_link(finding.link)
    return _markdown(one_line(finding.message)) + (f" ([read more]({link}))" if link else "")


def _markdown(message: str) -> str:
    """A message in which `code` stays code and a `<` outside it is no markup."""
    parts = message.split("`")
    return "`".join(part if place % 2 else part.replace("<", "\\<") for place, part in enumerate(parts))
