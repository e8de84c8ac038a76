"""How nbgrader reads a submission: leniently, repaired, and without changing what was handed in.

nbgrader makes one exporter for a run of `autograde`, after it has listed the submissions and before it
opens the first. That makes it the place where a broken file or an odd name can still be helped.
"""

# nbconvert is typed in part.
# mypy: disable-error-code="no-untyped-call,no-any-return"
from __future__ import annotations

from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde

from autograder.gradebook.grading import DONE, GenlabGrade
from autograder.gradebook.reading import read_notebook
from autograder.gradebook.repair import restore, stand_in
from autograder.gradebook.safe_html import text
from autograder.reports.model import Report

TITLES = {
    "ungradable": "This submission could not be graded",
    "grader_error": "The grader failed on this submission",
}
BANNER = (
    "{reason}\n\nNo points were given and none were taken away: the score stays open until a person has "
    "looked at what was handed in. Below is the notebook as it was released."
)


class GradingExporter(NotebookExporter):
    """The exporter of `Autograde`: grades on construction, then hands out repaired notebooks.

    Raises:
        NbGraderException: the run cannot start, for instance without a sandbox.
    """

    def __init__(self, config: Any = None, **kwargs: Any) -> None:
        super().__init__(config=config, **kwargs)
        self.grading = GenlabGrade(self.parent) if isinstance(self.parent, Autograde) else None
        self.current: Report | None = None  # of the submission that is being converted

    def from_filename(
        self, filename: str, resources: Any = None, **kwargs: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Convert one notebook: a submission, or nbgrader's copy of it in its second pass."""
        asked = self.grading.asked_for(filename) if self.grading else None
        if self.grading is None or asked is None:
            return super().from_filename(filename, resources, **kwargs)
        self.current = self.grading.report(asked)
        resources = resources if resources is not None else {}
        resources["metadata"] = {"name": asked.stem, "path": str(asked.parent)}
        notebook = self._repaired(asked, self.current)
        return self.from_notebook_node(notebook, resources, **kwargs)

    def _repaired(self, asked: Path, report: Report) -> Any:
        assert self.grading is not None
        release = self.grading.released(asked.stem)
        release.metadata.pop(DONE, None)
        if report.status != "graded":
            return stand_in(release, TITLES[report.status], BANNER.format(reason=text(report.message)))
        submitted = self.grading.submitted_file(asked)
        try:
            return restore(read_notebook(submitted), release)
        except (OSError, ValueError) as error:  # it was graded, so its scores stand; only its text is lost
            self.log.warning("%s was graded but cannot be shown: %s", submitted, error)
            return stand_in(release, "This notebook was graded but cannot be shown", text(error))
