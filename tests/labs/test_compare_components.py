"""The judges of the lab `compare` against right and wrong implementations, in the real sandbox."""

from __future__ import annotations

import pytest

from autograder import notebook
from solutions.styles.compare import RIGHT
from tests.labs.cases import Cases, assert_caught, assert_right, code_of, named
from tests.labs.compare_base import RIGHT as BASE
from tests.labs.compare_base import solution_notebook
from tests.labs.compare_wrong import WRONG

CASES = Cases("compare", BASE, solution_notebook, RIGHT, WRONG)


def judged(grade, folder, component, source):
    """Without the table, unless it is judged: importing pandas takes longer than all the rest."""
    others = {} if component == "comparison_table" else {"comparison_table": None}
    return CASES.judged(grade, folder, component, source, **others)


@pytest.mark.parametrize(("component", "source"), CASES.good)
def test_a_right_component_gets_full_points(grade, tmp_path, component, source):
    assert_right(judged(grade, tmp_path, component, source))


@pytest.mark.parametrize(("component", "source"), CASES.bad)
def test_a_wrong_component_without_a_name_is_caught_and_told(grade, tmp_path, component, source):
    assert_caught(judged(grade, tmp_path, component, source))


@pytest.mark.parametrize("mistake", CASES.known)
def test_a_known_mistake_is_called_by_its_name_first(grade, tmp_path, mistake):
    report = judged(grade, tmp_path, mistake.component, mistake.code)
    assert_caught(report)
    assert named(report)[:1] == [mistake.name]
    assert {*named(report)} <= {mistake.name, *mistake.also}


def test_the_plain_solution_gets_all_points_of_its_components_and_the_discussion_is_pending(grade, tmp_path):
    report = grade(solution_notebook(tmp_path / "s01" / "compare" / "compare.ipynb"))
    statuses = {found.name: found.status for found in report.components}
    assert statuses == dict.fromkeys(BASE, "pass") | {"discussion_1": "pending", "discussion_2": "pending"}
    assert (report.score, report.max_score, report.pending_points) == (80, 100, 20)


def test_components_that_are_wrong_or_not_written_cost_nothing_in_the_others(grade, tmp_path):
    wrong = {"precision_recall": code_of("compare.precision_recall.precision-recall-swapped")}
    changed = CASES.stubs("frechet_distance", "mode_coverage") | wrong
    report = CASES.all_judged(grade, tmp_path, **changed)
    statuses = {found.name: found.status for found in report.components}
    assert {name for name, status in statuses.items() if status == "missing"} == {
        "frechet_distance",
        "mode_coverage",
    }
    assert [name for name, status in statuses.items() if status == "pass"] == [
        "latent_separability",
        "comparison_table",
    ]


def test_the_results_of_the_grader_itself_survive_a_table_that_changes_them():
    source = "import pandas as pd\ndef comparison_table(results):\n    results.popitem()\n    return pd.DataFrame(results).T"
    namespace: dict[str, object] = {}
    exec(source, namespace)
    report = notebook.check("comparison_table", namespace).report
    assert {"models-dropped", "input-modified"} & {*named(report)}
    exec(BASE["comparison_table"], namespace)
    assert_right(notebook.check("comparison_table", namespace).report)
