"""One run of `nbgrader autograde`: which submissions are due, and the engine's reports on them.

The engine sees the submission as it was handed in, checkpoint included, never nbgrader's copy. All due
submissions are graded before nbgrader converts the first one: in parallel where asked, and without
touching anything where there is no sandbox.
"""

# nbformat has no types.
# mypy: disable-error-code="no-untyped-call,no-any-return"
from __future__ import annotations

import dataclasses
import glob
import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

import nbformat
from nbformat import NotebookNode
from nbgrader.converters.base import NbGraderException
from traitlets import Enum, Int, Unicode, default
from traitlets.config import LoggingConfigurable

from autograder.engine import grade, versions
from autograder.gradebook.store import report_path
from autograder.policy import Policy, PolicyError, load_policy
from autograder.reports.json_file import write_json
from autograder.reports.model import Report, document
from autograder.reports.words import report_points
from autograder.sandbox import NO_SANDBOX_WARNING, SandboxKind, SandboxUnavailable
from autograder.submissions import Submission, SubmissionError, find_submissions

KINDS: tuple[SandboxKind, ...] = get_args(SandboxKind)
DONE = "genlab_graded"  # notebook metadata of a copy that went through the whole autograde step


class GenlabGrade(LoggingConfigurable):
    """Grades the submissions of one autograde run; `c.GenlabGrade` configures it."""

    sandbox = Enum(KINDS, help="Where student code runs; none gives it all your rights.").tag(config=True)
    jobs = Int(1, min=1, help="Submissions graded at the same time.").tag(config=True)
    policy_file = Unicode("", help="Policy file that overrides the default one.").tag(config=True)
    seed = Int(None, allow_none=True, help="Seed of the probes; the policy's when not set.").tag(config=True)

    @default("sandbox")
    def _sandbox_default(self) -> str:
        return os.environ.get("GENLAB_SANDBOX") or "auto"

    def __init__(self, converter: Any, **kwargs: Any) -> None:
        """Take over an `Autograde` converter that has just listed its notebooks.

        Raises:
            NbGraderException: the run cannot start; the log says why.
        """
        super().__init__(parent=converter, **kwargs)
        self.converter = converter
        self.course = converter.coursedir
        self.policy = self._policy()
        self._submissions: dict[Path, Submission] = {}  # by the notebook that nbgrader will ask for
        self._reports: dict[Path, Report] = {}
        for folder in self._folders():
            student, lab = self._who(folder)
            notebook = folder / f"{lab}.ipynb"
            self._submissions[notebook] = self._submission(folder, student, lab)
            # nbgrader goes by file names; what the file is really called is our business alone.
            converter.assignments[str(folder)] = [str(notebook)]
        self._clear_interrupted()
        self._grade([notebook for notebook in self._submissions if self._is_due(notebook)])

    def asked_for(self, notebook: str) -> Path | None:
        """The notebook's path if it is a submission of this run, not nbgrader's own copy."""
        path = Path(notebook)
        return path if path in self._submissions else None

    def submitted_file(self, notebook: Path) -> Path:
        """The file that was handed in where nbgrader asks for `notebook`."""
        return self._submissions[notebook].notebook

    def report(self, notebook: Path) -> Report:
        """The engine's report on a submission of this run."""
        if notebook not in self._reports:
            self._grade([notebook])
        return self._reports[notebook]

    def released(self, lab: str) -> NotebookNode:
        """The lab's notebook as students got it.

        Raises:
            NbGraderException: it was not made yet.
        """
        path = Path(self.course.format_path(self.course.release_directory, ".", lab)) / f"{lab}.ipynb"
        try:
            return nbformat.read(path, as_version=4)
        except (OSError, ValueError) as error:
            raise self._stop(
                f"Cannot read {path} ({error}). Run `nbgrader generate_assignment {lab}` first."
            ) from None

    def _policy(self) -> Policy:
        try:
            return load_policy(Path(self.policy_file) if self.policy_file else None)
        except PolicyError as error:
            raise self._stop(str(error)) from None

    def _folders(self) -> Iterable[Path]:
        """Submitted folders of this run, also those in which nbgrader saw no notebook."""
        course = self.course
        pattern = course.format_path(course.submitted_directory, course.student_id, course.assignment_id)
        excluded = set(course.student_id_exclude.split(",")) if course.student_id_exclude else set()
        found = (Path(path) for path in glob.glob(pattern) if os.path.isdir(path))
        return sorted(path for path in found if self._who(path)[0] not in excluded)

    def _who(self, folder: Path) -> tuple[str, str]:
        """Student and lab of a submitted folder.

        Raises:
            NbGraderException: it belongs to no lab of the policy.
        """
        course = self.course
        regexp = course.format_path(
            course.submitted_directory, "(?P<student>.*)", "(?P<assignment>.*)", escape=True
        )
        match = re.fullmatch(regexp, str(folder))
        if match is None:
            raise self._stop(f"{folder} does not look like {course.directory_structure}.")
        student, lab = match["student"], match["assignment"]
        if lab not in self.policy.labs:
            known = ", ".join(self.policy.labs)
            raise self._stop(f"The assignment '{lab}' is no lab of this course; it knows: {known}.")
        return student, lab

    def _submission(self, folder: Path, student: str, lab: str) -> Submission:
        try:
            found = find_submissions(folder)
        except SubmissionError:
            problem = "there is no notebook (.ipynb) among the files that were handed in"
            return Submission(student, folder / f"{lab}.ipynb", folder, lab, problem)
        best = next((submission for submission in found if submission.lab == lab), found[0])
        problem = best.problem
        if not problem and best.lab not in (lab, None):
            problem = f"{best.notebook.name} is a notebook of the lab {best.lab}, handed in for the lab {lab}"
        return dataclasses.replace(best, student=student, problem=problem)

    def _copy(self, notebook: Path) -> Path:
        """Where nbgrader's graded copy of a submission lies."""
        student, lab = self._who(notebook.parent)
        return Path(self.course.format_path(self.course.autograded_directory, student, lab))

    def _clear_interrupted(self) -> None:
        """Remove copies that an interrupted run left half made: nbgrader would take them for graded."""
        for notebook in self._submissions:
            copy = self._copy(notebook)
            if not copy.exists():
                continue
            try:
                done = DONE in nbformat.read(copy / notebook.name, as_version=4).metadata
            except (OSError, ValueError):
                done = False
            if not done:
                self.log.warning("Grading again what an interrupted run left behind: %s", copy)
                shutil.rmtree(copy)

    def _is_due(self, notebook: Path) -> bool:
        """Whether nbgrader is going to process this submission (`BaseConverter.init_destination`)."""
        copy = self._copy(notebook)
        if self.converter.force or not copy.exists():
            return True
        submitted = self.course.get_existing_timestamp(str(notebook.parent))
        graded = self.course.get_existing_timestamp(str(copy))
        return submitted is not None and graded is not None and submitted > graded

    def _grade(self, notebooks: list[Path]) -> None:
        submissions = [self._submissions[notebook] for notebook in notebooks]
        if not submissions:
            return
        if self.sandbox == "none":
            self.log.warning(NO_SANDBOX_WARNING)
        try:
            reports = grade(
                submissions,
                policy=self.policy,
                seed=self.seed,
                jobs=self.jobs,
                sandbox=self.sandbox,
                on_report=self._announce,
            )
        except SandboxUnavailable as error:
            raise self._stop(f"Nothing was entered into the gradebook. {error}") from None
        for notebook, report in zip(notebooks, reports, strict=True):
            self._reports[notebook] = report
            student, lab = self._who(notebook.parent)
            write_json(
                report_path(Path(self.course.root), student, lab),
                document([report], seed=report.seed, policy=self.policy.name, versions=versions()),
            )

    def _announce(self, report: Report) -> None:
        print(f"{report.student}: {report_points(report)}", flush=True)

    def _stop(self, message: str) -> NbGraderException:
        self.log.error(message)
        return NbGraderException(message)
