"""What a class's reports say together: who was graded, how scores spread, what was hard, which mistakes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from autograder.reports.model import Report
from autograder.reports.words import automatic_points

BINS = 10


@dataclass(frozen=True)
class ClassFigures:
    """Figures of one lab in one class. What could not be graded enters none but its own count."""

    graded: int
    ungradable: int
    grader_errors: int
    median_score: float | None  # points; None when nobody is graded
    highest: float  # points that the grader itself can give
    histogram: tuple[int, ...]  # students in each tenth of those points, lowest first
    hardest: tuple[tuple[str, float], ...]  # component, mean share of its points in [0, 1], lowest first
    mistakes: tuple[tuple[str, str, int], ...]  # component, misconception, students; most frequent first


def class_figures(reports: Sequence[Report]) -> ClassFigures:
    """The figures of one lab's reports."""
    graded = [(report, report.score) for report in reports if report.score is not None]
    scores = [score for _, score in graded]
    return ClassFigures(
        graded=len(graded),
        ungradable=sum(report.status == "ungradable" for report in reports),
        grader_errors=sum(report.status == "grader_error" for report in reports),
        median_score=median(scores) if scores else None,
        highest=max((automatic_points(report) for report, _ in graded), default=0.0),
        histogram=_histogram([_share(score, automatic_points(report)) for report, score in graded]),
        hardest=_hardest([report for report, _ in graded]),
        mistakes=_mistakes(reports),
    )


def component_names(reports: Sequence[Report]) -> list[str]:
    """The components to show, in the order of the lab: all that the grader judged for somebody."""
    names: dict[str, None] = {}
    judged: set[str] = set()
    for report in sorted(reports, key=lambda report: -len(report.components)):
        names |= dict.fromkeys(component.name for component in report.components)
        judged |= {component.name for component in report.components if component.status != "pending"}
    return [name for name in names if name in judged]


def _share(score: float, highest: float) -> float:
    return score / highest if highest else 0.0


def _histogram(shares: Sequence[float]) -> tuple[int, ...]:
    bins = Counter(min(int(share * BINS + 1e-9), BINS - 1) for share in shares)
    return tuple(bins[i] for i in range(BINS))


def _hardest(reports: Sequence[Report]) -> tuple[tuple[str, float], ...]:
    shares: dict[str, list[float]] = {}
    for report in reports:
        for component in report.components:
            if component.score is not None and component.max_score:
                shares.setdefault(component.name, []).append(component.score / component.max_score)
    means = [(name, sum(values) / len(values)) for name, values in shares.items()]
    return tuple(sorted(means, key=lambda pair: pair[1]))


def _mistakes(reports: Sequence[Report]) -> tuple[tuple[str, str, int], ...]:
    students: Counter[tuple[str, str]] = Counter()
    for report in reports:
        students.update(
            {
                (component.name, finding.misconception)
                for component in report.components
                for finding in component.findings
                if finding.misconception and finding.status == "fail"
            }
        )
    ordered = sorted(students.items(), key=lambda item: (-item[1], item[0]))
    return tuple((component, mistake, count) for (component, mistake), count in ordered)
