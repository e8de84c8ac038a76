"""Where the gradebook keeps the engine's reports: `reports/<student>/<lab>.json` beside `gradebook.db`.

Each file is a whole report document with one report. The gradebook cannot say "could not be graded";
export and feedback read it here.
"""

from __future__ import annotations

from pathlib import Path

from autograder.reports.json_file import read_reports
from autograder.reports.model import Report

REPORTS = "reports"


def report_path(root: Path, student: str, lab: str) -> Path:
    """Where the report of one submission lies; `root` is nbgrader's course directory."""
    return root / REPORTS / student / f"{lab}.json"


def load_report(root: Path, student: str, lab: str) -> Report | None:
    """The stored report; None where there is none that can be read."""
    try:
        return read_reports(report_path(root, student, lab))[0]
    except (OSError, ValueError, IndexError):
        return None
