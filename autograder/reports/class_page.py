"""The page of the whole class, and the folder of feedback pages that it links to."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.reports.class_figures import class_figures, component_names
from autograder.reports.files import safe_name, write_atomically
from autograder.reports.html import render
from autograder.reports.model import Report
from autograder.reports.page import feedback_page
from autograder.reports.words import lab_title

CLASS_PAGE = "index.html"


def class_page(
    reports: Sequence[Report],
    *,
    links: Sequence[str | None] | None = None,
    versions: Mapping[str, str] | None = None,
) -> str:
    """One table a lab: students by components, with how scores spread, what was hard and which mistakes.

    What could not be graded is shown as such and enters no average.

    Args:
        links: for each report the address of its feedback page, relative to this page, or None.
        versions: name to version of what graded them, for the footer.

    Raises:
        ValueError: `links` has not one entry a report.
    """
    addresses: Sequence[str | None] = links if links is not None else [None] * len(reports)
    pairs = sorted(zip(reports, addresses, strict=True), key=lambda pair: _alphabetical(pair[0].student))
    labs: dict[str | None, list[tuple[Report, str | None]]] = {}
    only_lab = _only_lab(reports)
    for report, link in pairs:
        labs.setdefault(report.lab or only_lab, []).append((report, link))
    sections = []
    for lab, members in labs.items():
        of_lab = [report for report, _ in members]
        sections.append(
            {
                "title": lab_title(lab),
                "figures": class_figures(of_lab),
                "names": component_names(of_lab),
                "rows": [
                    {"report": report, "link": link, "cells": {part.name: part for part in report.components}}
                    for report, link in members
                ],
            }
        )
    return render("class.html", sections=sections, versions=versions or {})


def write_feedback(
    reports: Sequence[Report], directory: Path, *, versions: Mapping[str, str] | None = None
) -> Path:
    """Write every feedback page and the class page (`index.html`) that links to them.

    File names (`feedback_names`) are the same each time, so grading again replaces pages.

    Returns:
        The class page.

    Raises:
        OSError: the directory cannot be made or written.
    """
    names = feedback_names(reports)
    for report, name in zip(reports, names, strict=True):
        write_atomically(directory / name, feedback_page(report, versions=versions))
    return write_atomically(directory / CLASS_PAGE, class_page(reports, links=names, versions=versions))


def feedback_names(reports: Sequence[Report]) -> list[str]:
    """A file name for each report's feedback page, made from student and lab; no two are the same."""
    identities = [(report.student, report.lab or "") for report in reports]
    return [
        # Two submissions of one student for one lab differ by where they came from.
        safe_name(*identity, *([report.source] if identities.count(identity) > 1 else [])) + ".html"
        for report, identity in zip(reports, identities, strict=True)
    ]


def _only_lab(reports: Sequence[Report]) -> str | None:
    """The lab of a class that has only one: its unreadable submissions belong there too."""
    labs = {report.lab for report in reports if report.lab}
    return labs.pop() if len(labs) == 1 else None


def _alphabetical(name: str) -> tuple[str, str]:
    """Sort key under which Émile stands near Emil and not behind Zoë."""
    letters = unicodedata.normalize("NFKD", name)
    return "".join(c for c in letters if not unicodedata.combining(c)).casefold(), name
