"""What grading produces: one frozen record a submission, component and finding.

The JSON form of these records is the documented report format, schema 1. Nothing here renders
or decides; `terminal`, `page` and `class_page` render, the engine decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

SCHEMA = 1

ReportStatus = Literal["graded", "ungradable", "grader_error"]
ComponentStatus = Literal["pass", "partial", "fail", "missing", "error", "timeout", "memory", "pending"]
FindingStatus = Literal["pass", "fail", "note"]


@dataclass(frozen=True)
class Finding:
    """What one check says about one component."""

    check: str  # the check's name, such as "matches_definition"
    status: FindingStatus  # "note" tells something that costs nothing
    message: str  # one or two sentences for the student
    misconception: str | None = None  # stable name of the recognised mistake
    link: str | None = None  # page of the site that explains it

    def to_dict(self) -> dict[str, Any]:
        return {
            "check": self.check,
            "status": self.status,
            "misconception": self.misconception,
            "message": self.message,
            "link": self.link,
        }


@dataclass(frozen=True)
class ComponentReport:
    """The judgement of one component, outcome or discussion question."""

    name: str
    status: ComponentStatus
    score: float | None  # None only while `pending`
    max_score: float
    findings: tuple[Finding, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "status": self.status,
            "score": self.score,
            "max_score": self.max_score,
            "findings": [finding.to_dict() for finding in self.findings],
        }


@dataclass(frozen=True)
class Report:
    """The judgement of one submission of one lab."""

    student: str
    lab: str | None  # None when the lab could not be told
    source: str  # path as given, for people
    submission_sha256: str
    seed: int
    seconds: float  # wall time of grading; the only field that may differ between runs
    status: ReportStatus
    message: str  # why it is ungradable; empty when graded
    score: float | None  # None unless graded
    max_score: float
    pending_points: float  # points that wait for grading by hand
    components: tuple[ComponentReport, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "student": self.student,
            "lab": self.lab,
            "source": self.source,
            "submission_sha256": self.submission_sha256,
            "seed": self.seed,
            "seconds": self.seconds,
            "status": self.status,
            "message": self.message,
            "score": self.score,
            "max_score": self.max_score,
            "pending_points": self.pending_points,
            "components": [component.to_dict() for component in self.components],
        }


def document(reports: list[Report], *, seed: int, policy: str, versions: dict[str, str]) -> dict[str, Any]:
    """The whole JSON document that `genlab grade --json` writes."""
    return {
        "schema": SCHEMA,
        "seed": seed,
        "versions": versions,
        "policy": policy,
        "reports": [report.to_dict() for report in reports],
    }
