"""The feedback page: nbgrader's own, readable on a phone, and honest about what has no score yet."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import GetGrades

from autograder.gradebook.store import load_report

# nbgrader's template formats every score as a number, and None as 0.0. NaN comes through to here.
OPEN = float("nan")
_OPEN_SCORE = re.compile(r"Score: nan / ([\d.]+)")
_TITLE = re.compile(r"<h4>(.*?) \(Score: (\S+) / (\S+)\)</h4>")
_CONTENTS = re.compile(r'<a href="#(check_)?(\w+)">(?:Test cell|Written response)</a>')

HEAD = """<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
div#notebook-container { padding: 0; box-shadow: none; }
div.prompt { display: none; }
div.cell, div.inner_cell, div.output_area, div.output_subarea { min-width: 0; max-width: 100%; }
div.input_area, div.output_subarea { overflow-x: auto; }
div.nbgrader_cell .panel-heading { height: auto; overflow: hidden; }
pre, code { white-space: pre-wrap; overflow-wrap: anywhere; }
img { max-width: 100%; height: auto; }
@media (max-width: 600px) {
  .container, .panel-body { padding-left: 4px; padding-right: 4px; }
  div.cell { padding: 2px 0; }
}
</style>
"""


class GetScores(GetGrades):  # type: ignore[misc]  # nbgrader has no types
    """Puts scores into the notebook; one that waits for a person is open, not 0."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        nb, resources = super().preprocess(nb, resources)
        known = resources["nbgrader"]
        course = self.parent.parent.coursedir
        report = load_report(Path(course.root), known["student"], known["assignment"])
        with Gradebook(known["db_url"]) as gradebook:
            notebook = gradebook.find_submission_notebook(
                known["notebook"], known["assignment"], known["student"]
            )
            open_cells = {
                g.name: g.max_score for g in notebook.grades if g.auto_score is g.manual_score is None
            }
        for cell in nb.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") in open_cells:
                cell.metadata.nbgrader["score"] = OPEN
        known["open_points"] = sum(open_cells.values())
        if open_cells and report is not None and report.status != "graded":
            known["score"] = OPEN
        return nb, resources


class FeedbackExporter(HTMLExporter):
    """nbgrader's feedback page with a viewport, styles for small screens, and words for open scores."""

    def from_notebook_node(self, nb: Any, resources: Any = None, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        html, resources = super().from_notebook_node(nb, resources, **kwargs)
        html = html.replace("</head>", f"{HEAD}</head>", 1)
        html = _TITLE.sub(lambda found: f"<h4>{_title(resources, *found.groups())}</h4>", html, count=1)
        html = _CONTENTS.sub(r'<a href="#\1\2">\2</a>', html)
        return _OPEN_SCORE.sub(r"Score: not graded yet, of \1", html), resources


def _title(resources: Any, name: str, score: str, most: str) -> str:
    open_points = resources["nbgrader"]["open_points"]
    if score == "nan":
        return f"{name} (no score yet)"
    if open_points:
        return f"{name} (Score so far: {score} / {most}; {open_points:g} points wait for a person)"
    return f"{name} (Score: {score} / {most})"
