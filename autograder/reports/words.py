"""The words of a report: how statuses, points and names read, the same in terminal, notebook and pages.

Everything here returns plain text that is safe to print: `plain` takes terminal escape sequences and
control characters out of whatever a student's code managed to put into a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from autograder.misconceptions import look_at
from autograder.reports.model import ComponentReport, ComponentStatus, Finding, FindingStatus, Report

Tone = Literal["good", "partly", "bad", "quiet"]


@dataclass(frozen=True)
class Wording:
    """How one status is shown: always as a word; symbol and colour only repeat it."""

    word: str  # full phrase, "not yet right"
    short: str  # for narrow table cells, "not yet"
    symbol: str  # one character that renders in every common font
    tone: Tone  # which colour may repeat it


COMPONENT_WORDS: dict[ComponentStatus, Wording] = {
    "pass": Wording("right", "right", "✓", "good"),
    "partial": Wording("partly right", "partly", "◐", "partly"),
    "fail": Wording("not yet right", "not yet", "✗", "bad"),
    "missing": Wording("not there yet", "missing", "○", "quiet"),
    "error": Wording("raised an error", "error", "!", "bad"),
    "timeout": Wording("took too long", "too long", "∞", "bad"),
    "memory": Wording("too much memory", "memory", "▲", "bad"),
    "pending": Wording("graded by hand", "by hand", "…", "quiet"),
}

FINDING_WORDS: dict[FindingStatus, Wording] = {
    "pass": Wording("right", "right", "✓", "good"),
    "fail": Wording("not yet right", "not yet", "✗", "bad"),
    "note": Wording("note", "note", "i", "quiet"),
}

LAB_TITLES = {
    "ae": "AutoEncoder on MNIST",
    "vae": "Variational AutoEncoder on MNIST",
    "gan": "DCGAN on abstract art",
    "compare": "Comparing generative models",
}

_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, cursor movement
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # window title, hyperlinks
    r"|\x1b[ -~]"
)
# Control characters, and the marks that make text run right to left: both can make a line say what it
# does not say. New lines stay; a tab becomes a space.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def plain(text: str) -> str:
    """`text` without escape sequences, control characters and what no encoder accepts; new lines stay."""
    text = _ESCAPE_SEQUENCE.sub("", text.replace("\r\n", "\n").replace("\t", " "))
    return _LONE_SURROGATE.sub("\ufffd", _INVISIBLE.sub("", text))


def one_line(text: str) -> str:
    """`plain` text on one line."""
    return " ".join(plain(text).split())


def short_source(source: str) -> str:
    """The end of a submission's path: enough to recognise it, without the folders of the grading machine."""
    return "/".join(one_line(source).replace("\\", "/").split("/")[-3:])


def number(value: float) -> str:
    """Points as people write them: 8, 7.5, 6.67."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def lab_title(lab: str | None) -> str:
    """The lab's full name; an unknown lab keeps its short one."""
    if lab is None:
        return "unknown lab"
    return LAB_TITLES.get(lab, one_line(lab))


def component_title(name: str) -> str:
    """The name a student knows: code names as they are, `discussion_2` as "discussion 2"."""
    name = one_line(name)
    return name.replace("_", " ") if name.startswith("discussion_") else name


def check_title(check: str) -> str:
    """`matches_definition` as "matches definition"."""
    return one_line(check.replace("_", " "))


def component_points(component: ComponentReport) -> str:
    """ "6 of 8 points", or "up to 5 points" while it waits for a person."""
    if component.score is None:
        return f"up to {number(component.max_score)} points"
    return f"{number(component.score)} of {number(component.max_score)} points"


def report_points(report: Report) -> str:
    """The score in one phrase; never a 0 for what could not be judged."""
    if report.status == "ungradable":
        return "could not be graded, no score"
    if report.status == "grader_error" or report.score is None:
        return "the grader failed, no score"
    text = f"{number(report.score)} of {number(automatic_points(report))} points"
    if report.pending_points:
        text += f", {number(report.pending_points)} more by hand"
    return text


def automatic_points(report: Report) -> float:
    """The points that the grader itself can give: all but the pending ones."""
    return report.max_score - report.pending_points


def main_finding(component: ComponentReport) -> Finding | None:
    """What to read first: a recognised mistake, else the first thing that is wrong, else a note."""
    failed = [finding for finding in component.findings if finding.status == "fail"]
    named = [finding for finding in failed if finding.misconception]
    notes = [finding for finding in component.findings if finding.status == "note"]
    return next(iter(named + failed + notes), None)


def hint(lab: str | None, component: ComponentReport) -> str | None:
    """What to look at for the main finding, where it is a known mistake: the line below its message."""
    finding = main_finding(component)
    if finding is None or finding.status != "fail":
        return None
    return look_at(lab, component.name, finding.misconception)


def finding_wording(component: ComponentReport, finding: Finding) -> Wording:
    """How one finding of a component reads: where nothing could be judged, the reason why is the result."""
    if finding.status == "fail" and component.status in ("missing", "error", "timeout", "memory"):
        return COMPONENT_WORDS[component.status]
    return FINDING_WORDS[finding.status]


def other_findings(component: ComponentReport) -> list[Finding]:
    """What is left to read after `main_finding`: failures, what a right outcome reached, then notes."""
    main = main_finding(component)
    order: tuple[FindingStatus, ...] = ("fail", "pass", "note")
    rest = [
        finding
        for finding in component.findings
        if finding is not main and (finding.status != "pass" or _measured(component, finding))
    ]
    return sorted(rest, key=lambda finding: order.index(finding.status))


def passed_checks(component: ComponentReport) -> list[Finding]:
    """The findings whose name and "right" say it all."""
    return [
        finding
        for finding in component.findings
        if finding.status == "pass" and not _measured(component, finding)
    ]


def _measured(component: ComponentReport, finding: Finding) -> bool:
    """Whether a finding tells figures that are worth reading also where they are right.

    An outcome has one check under its own name, and that says what training reached.
    """
    return finding.check == component.name


def to_do(components: Iterable[ComponentReport]) -> list[ComponentReport]:
    """The components in which something is left to do for the student."""
    return [component for component in components if component.status not in ("pass", "pending")]


def web_link(link: str | None) -> str | None:
    """The link if a browser may follow it: http and https only, nothing that could run code."""
    if link is None or not re.match(r"https?://[^\s\"'<>]+\Z", link):
        return None
    return link
