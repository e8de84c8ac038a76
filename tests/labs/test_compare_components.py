"""The judges of the lab `compare` against right and wrong implementations, in the real sandbox."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from autograder import notebook
from autograder.labs.judge import Judge, Stop
from autograder.labs.metric_table import judge_comparison_table
from autograder.labs.probing import Unanswered
from tests.labs.compare_base import RIGHT as BASE
from tests.labs.compare_base import solution_notebook
from tests.labs.compare_right import RIGHT
from tests.labs.compare_wrong import WRONG

GOOD = [(component, style, source) for component, cases in RIGHT.items() for style, source in cases.items()]
BAD = [(component, slip, *case) for component, cases in WRONG.items() for slip, case in cases.items()]


def judged(grade, tmp_path, component: str, source: str):
    path = solution_notebook(tmp_path / "s01" / "compare" / "compare.ipynb", **{component: source})
    report = grade(path, only=[component])
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
    report = grade(solution_notebook(tmp_path / "s01" / "compare" / "compare.ipynb"))
    judged = {found.name: found.status for found in report.components}
    assert judged == dict.fromkeys(BASE, "pass") | {"discussion_1": "pending", "discussion_2": "pending"}
    assert (report.score, report.max_score, report.pending_points) == (80, 100, 20)


def test_a_component_that_is_not_written_costs_nothing_in_the_others(grade, tmp_path):
    stub = "def {name}(*args, **kwargs):\n    raise NotImplementedError"
    changed = {name: stub.format(name=name) for name in ("frechet_distance", "mode_coverage")}
    report = grade(solution_notebook(tmp_path / "s01" / "compare" / "compare.ipynb", **changed), only=[*BASE])
    statuses = {found.name: found.status for found in report.components}
    assert {name for name, status in statuses.items() if status == "missing"} == {*changed}
    assert all(status == "pass" for name, status in statuses.items() if name not in changed), statuses
