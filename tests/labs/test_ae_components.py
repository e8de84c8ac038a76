"""The judges of the lab `ae` against right and wrong implementations, in the real sandbox."""

from __future__ import annotations

import pytest

from tests.labs.ae_base import RIGHT as BASE
from tests.labs.ae_base import solution_notebook
from tests.labs.ae_right import RIGHT
from tests.labs.ae_wrong import WRONG

GOOD = [(component, style, source) for component, cases in RIGHT.items() for style, source in cases.items()]
BAD = [(component, slip, *case) for component, cases in WRONG.items() for slip, case in cases.items()]


def judged(grade, tmp_path, component: str, source: str):
    notebook = solution_notebook(tmp_path / "s01" / "ae" / "ae.ipynb", **{component: source})
    report = grade(notebook, only=[component])
    assert report.status == "graded", report.message
    return next(found for found in report.components if found.name == component)


@pytest.mark.parametrize(("component", "style", "source"), GOOD, ids=[f"{c}-{s}" for c, s, _ in GOOD])
def test_a_right_component_gets_full_points(grade, tmp_path, component, style, source):
    found = judged(grade, tmp_path, component, source)
    assert (found.status, found.score) == ("pass", found.max_score), found.findings


@pytest.mark.parametrize(
    ("component", "slip", "source", "misconception"), BAD, ids=[f"{c}-{s}" for c, s, *_ in BAD]
)
def test_a_wrong_component_is_caught_and_told(grade, tmp_path, component, slip, source, misconception):
    found = judged(grade, tmp_path, component, source)
    assert found.status != "pass"
    assert found.score < found.max_score
    failed = [finding for finding in found.findings if finding.status == "fail"]
    assert failed[0].message
    if misconception is not None:
        assert misconception in [finding.misconception for finding in failed]


def test_the_plain_solution_gets_all_points_of_its_components(grade, tmp_path):
    report = grade(solution_notebook(tmp_path / "s01" / "ae" / "ae.ipynb"), only=[*BASE])
    assert [found.status for found in report.components] == ["pass"] * len(BASE), report.components
    assert report.score == 60
