"""What `check("Encoder")` shows below its cell, and what nbgrader's feedback shows there."""

from __future__ import annotations

from autograder.reports.html import render
from autograder.reports.model import ComponentReport
from autograder.reports.words import (
    COMPONENT_WORDS,
    check_title,
    component_points,
    component_title,
    hint,
    main_finding,
    one_line,
    other_findings,
    passed_checks,
    web_link,
)


def component_html(report: ComponentReport, lab: str | None = None) -> str:
    """One component as an accessible HTML table, for light and dark notebooks; everything is escaped.

    Args:
        lab: its lab; without it only what is true in every lab is told of a known mistake.
    """
    return render("component.html", report=report, look=hint(lab, report))


def component_text(report: ComponentReport, lab: str | None = None) -> str:
    """The same for a plain terminal."""
    word = COMPONENT_WORDS[report.status].word
    lines = [f"{component_title(report.name)}: {word} ({component_points(report)})"]
    main = main_finding(report)
    findings = ([main] if main else []) + other_findings(report)
    for finding in findings:
        kind = "note, " if finding.status == "note" else ""
        lines.append(f"  {kind}{check_title(finding.check)}: {one_line(finding.message)}")
        look = hint(lab, report) if finding is main else None
        if look:
            lines.append(f"    look at: {look}")
        link = web_link(finding.link)
        if link:
            lines.append(f"    see {link}")
    passed = passed_checks(report)
    if passed:
        lines.append("  right: " + ", ".join(check_title(finding.check) for finding in passed))
    return "\n".join(lines)
