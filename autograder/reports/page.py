"""The feedback page of one student: one HTML file that needs nothing else, for phone, screen and paper."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.reports.html import render
from autograder.reports.model import Report
from autograder.reports.words import main_finding, to_do


def feedback_page(report: Report, *, versions: Mapping[str, str] | None = None) -> str:
    """The whole page as HTML.

    The same report gives the same bytes: how long grading took is not shown.

    Args:
        versions: name to version of what graded it, for the footer.
    """
    judged = [part for part in report.components if part.status != "pending"]
    start = next((part for part in to_do(report.components) if main_finding(part)), None)
    return render(
        "page.html",
        report=report,
        start=start,
        by_hand=[part for part in report.components if part.status == "pending" and not part.findings],
        judged=len(judged),
        right=sum(part.status == "pass" for part in judged),
        versions=versions or {},
    )
