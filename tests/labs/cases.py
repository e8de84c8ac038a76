"""What the tests of every lab's components share: right and wrong code, judged in the real sandbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder.misconceptions import load_catalogue
from autograder.reports.model import ComponentReport, Finding

Styles = Mapping[str, Mapping[str, str]]  # component, style, source


def code_of(key: str) -> str:
    """The code of the catalogue's mistake with this key.

    Raises:
        KeyError: there is none.
    """
    return {mistake.key: mistake.code for mistake in load_catalogue()}[key]


def named(report: ComponentReport) -> list[str]:
    """The mistakes that a report names, the main one first."""
    return [f.misconception for f in failed(report) if f.misconception]


def failed(report: ComponentReport) -> list[Finding]:
    return [finding for finding in report.findings if finding.status == "fail"]


@dataclass(frozen=True)
class Cases:
    """The implementations of one lab's components that its tests judge."""

    lab: str
    base: Mapping[str, str]  # a right solution, one text a component
    notebook: Callable[..., Path]  # makes one of it, with some components changed
    right: Styles
    wrong: Styles  # those that no name is known for

    @property
    def good(self) -> list[Any]:
        return _parameters(self.right)

    @property
    def bad(self) -> list[Any]:
        return _parameters(self.wrong)

    @property
    def known(self) -> list[Any]:
        """The catalogue's mistakes of this lab."""
        return [pytest.param(m, id=m.key) for m in load_catalogue() if m.lab == self.lab]

    def judged(
        self, grade: Any, folder: Path, component: str, source: str, **others: str | None
    ) -> ComponentReport:
        """What the grader says about one component of an otherwise right solution."""
        path = folder / "s01" / self.lab / f"{self.lab}.ipynb"
        report = grade(self.notebook(path, **{component: source}, **others), only=[component])
        assert report.status == "graded", report.message
        return next(found for found in report.components if found.name == component)

    def all_judged(self, grade: Any, folder: Path, **changed: str | None) -> Any:
        """The report on all components, some of them changed."""
        path = folder / "s01" / self.lab / f"{self.lab}.ipynb"
        return grade(self.notebook(path, **changed), only=[*self.base])

    def stubs(self, *names: str) -> dict[str, str]:
        """Sources of components that are still to be written."""
        return {name: f"def {name}(*args, **kwargs):\n    raise NotImplementedError" for name in names}


def _parameters(cases: Styles) -> list[Any]:
    return [
        pytest.param(component, source, id=f"{component}-{style}")
        for component, styles in cases.items()
        for style, source in styles.items()
    ]


def assert_right(report: ComponentReport) -> None:
    assert (report.status, report.score) == ("pass", report.max_score), report.findings


def assert_caught(report: ComponentReport) -> None:
    assert report.status != "pass"
    assert report.score is not None
    assert report.score < report.max_score
    assert failed(report)[0].message
