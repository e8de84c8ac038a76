"""The table that `genlab grade` prints: for people, never parsed by anything."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from autograder.reports.model import ComponentReport, Report
from autograder.reports.words import (
    COMPONENT_WORDS,
    automatic_points,
    component_title,
    hint,
    lab_title,
    main_finding,
    number,
    one_line,
    report_points,
    to_do,
    web_link,
)

NARROWEST, WIDEST = 60, 120
STATUS_WORDS = {"graded": "graded", "ungradable": "ungradable", "grader_error": "grader error"}


def table(reports: Sequence[Report], *, width: int | None = None) -> str:
    """The reports as text: one block each, and a summary when there are several.

    One report shows every component; several show only those with something left to do.

    Args:
        width: columns to fill; the terminal's own when None.
    """
    if not reports:
        return "Nothing to grade: no submission was found."
    columns = width or shutil.get_terminal_size((100, 24)).columns
    columns = max(NARROWEST, min(columns, WIDEST))
    blocks = [_block(report, columns, full=len(reports) == 1) for report in reports]
    if len(reports) > 1:
        blocks.append(_summary(reports, columns))
    return "\n\n".join(blocks)


def _block(report: Report, width: int, *, full: bool) -> str:
    title = f"{one_line(report.student)}: {lab_title(report.lab)}"
    lines = wrap(title, width) + wrap(report_points(report), width, indent="  ")
    if report.message:
        lines += wrap(one_line(report.message), width, indent="  ")
    shown = list(report.components) if full else to_do(report.components)
    name_width = min(max((display_width(component_title(c.name)) for c in shown), default=0), 24)
    for component in shown:
        lines += _component(component, name_width, width, report.lab)
    right = [component_title(c.name) for c in report.components if c.status == "pass"]
    if right and not full:
        lines += wrap("right: " + ", ".join(right), width, indent="  ")
    return "\n".join(lines)


def _component(component: ComponentReport, name_width: int, width: int, lab: str | None) -> list[str]:
    word = COMPONENT_WORDS[component.status].word
    score = "  ?" if component.score is None else number(component.score)
    points = f"{score:>5} / {number(component.max_score):<4}"
    name = shorten(component_title(component.name), name_width)
    lines = [f"  {pad(name, name_width)}  {word:<15} {points}".rstrip()]
    finding = main_finding(component)
    if finding and component.status != "pending":
        lines += wrap(one_line(finding.message), width, indent="      ")
        look = hint(lab, component)
        if look:
            lines += wrap(f"Look at: {look}", width, indent="      ")
        link = web_link(finding.link)
        if link:
            lines.append(f"      see {link}")  # never wrapped: a broken link is no link
    return lines


def _summary(reports: Sequence[Report], width: int) -> str:
    rows = [("student", "lab", "status", "points", "by hand")]
    for report in reports:
        name, lab = one_line(report.student), shorten(one_line(report.lab or "?"), 10)
        rows.append((name, lab, STATUS_WORDS[report.status], *_scores(report)))
    widths = [max(display_width(row[i]) for row in rows) for i in range(5)]
    others = sum(widths[1:]) + 2 * 4
    widths[0] = max(8, min(widths[0], width - others))
    lines = []
    for row in rows:
        cells = [pad(shorten(one_line(cell), size), size) for cell, size in zip(row, widths, strict=True)]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "  ".join("-" * size for size in widths))
    return "\n".join(lines)


def _scores(report: Report) -> tuple[str, str]:
    if report.score is None:
        return "-", "-"
    return f"{number(report.score)} / {number(automatic_points(report))}", number(report.pending_points)


def display_width(text: str) -> int:
    """Columns that `text` takes in a terminal: East Asian characters two, combining marks none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def pad(text: str, width: int) -> str:
    """`text` filled with spaces to `width` columns."""
    return text + " " * (width - display_width(text))


def shorten(text: str, width: int) -> str:
    """`text` cut to `width` columns, with an ellipsis where something was cut."""
    if display_width(text) <= width:
        return text
    while text and display_width(text) > width - 1:
        text = text[:-1]
    return text + "…"


def wrap(text: str, width: int, *, indent: str = "") -> list[str]:
    """`text` as lines of at most `width` columns; a word that is longer than a line is broken."""
    room = max(8, width - len(indent))
    lines: list[str] = []
    line = ""
    for word in _broken(text.split(), room):
        if line and display_width(line) + 1 + display_width(word) > room:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    if line:
        lines.append(line)
    return [indent + line for line in lines]


def _broken(words: Iterable[str], room: int) -> Iterator[str]:
    for word in words:
        while display_width(word) > room:
            cut = next(n for n in range(len(word), 0, -1) if display_width(word[:n]) <= room)
            yield word[:cut]
            word = word[cut:]
        yield word
