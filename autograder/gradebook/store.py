"""Where the gradebook keeps the engine's reports: `reports/<student>/<lab>.json` beside `gradebook.db`.

Each file is a whole report document (schema 1) with one report. The gradebook cannot say "could not be
graded"; export and feedback read it here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

REPORTS = "reports"

# Words for the class table and the feedback page, by the report's status.
STATUS_WORDS = {"graded": "graded", "ungradable": "ungradable", "grader_error": "grader error"}


def report_path(root: Path, student: str, lab: str) -> Path:
    """Where the report of one submission lies; `root` is nbgrader's course directory."""
    return root / REPORTS / student / f"{lab}.json"


def load_report(root: Path, student: str, lab: str) -> Mapping[str, Any] | None:
    """The stored report as the dictionary of `Report.to_dict`; None where there is none."""
    try:
        document = json.loads(report_path(root, student, lab).read_text(encoding="utf-8"))
        report = document["reports"][0]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return report if isinstance(report, dict) else None


def why_unscored(report: Mapping[str, Any] | None) -> str:
    """The message of a report without a score; "" for a graded one or none at all."""
    if report is None or report.get("status") == "graded":
        return ""
    return str(report.get("message") or STATUS_WORDS.get(str(report.get("status")), "not graded"))
