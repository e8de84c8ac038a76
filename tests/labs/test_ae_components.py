"""The judges of the lab `ae` against right and wrong implementations, in the real sandbox."""

from __future__ import annotations

import pytest

from solutions.styles import load_styles
from tests.labs.ae_base import RIGHT as BASE
from tests.labs.ae_base import solution_notebook
from tests.labs.ae_wrong import WRONG
from tests.labs.cases import Cases, assert_caught, assert_right, named

CASES = Cases("ae", BASE, solution_notebook, load_styles("ae"), WRONG)


@pytest.mark.parametrize(("component", "source"), CASES.good)
def test_a_right_component_gets_full_points(grade, tmp_path, component, source):
    assert_right(CASES.judged(grade, tmp_path, component, source))


@pytest.mark.parametrize(("component", "source"), CASES.bad)
def test_a_wrong_component_without_a_name_is_caught_and_told(grade, tmp_path, component, source):
    assert_caught(CASES.judged(grade, tmp_path, component, source))


@pytest.mark.parametrize("mistake", CASES.known)
def test_a_known_mistake_is_called_by_its_name_first(grade, tmp_path, mistake):
    report = CASES.judged(grade, tmp_path, mistake.component, mistake.code)
    assert_caught(report)
    assert named(report)[:1] == [mistake.name]
    assert {*named(report)} <= {mistake.name, *mistake.also}


def test_the_plain_solution_gets_all_points_of_its_components(grade, tmp_path):
    report = CASES.all_judged(grade, tmp_path)
    assert [found.status for found in report.components] == ["pass"] * len(BASE), report.components
    assert report.score == 60
