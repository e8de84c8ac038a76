"""What comes back from Colab, Kaggle and VS Code is graded like the notebook that went there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
import torch

from autograder.engine import Grader
from autograder.policy import load_policy
from autograder.reports.model import Report
from autograder.submissions import find_submissions
from course import save_checkpoint
from solutions import build
from solutions.source import LABS, reference
from tests.engine.saved_by import Notebook, colab, kaggle, vs_code

TOOLS = {  # and the name under which a file arrives from there
    "colab": (colab, "Copy of {}.ipynb"),
    "kaggle": (kaggle, "{} (1).ipynb"),
    "vs_code": (vs_code, "{}-final.ipynb"),
}
POLICY = load_policy().labs
ReportsOf = Callable[..., Report]


@pytest.fixture(scope="module")
def report_of(grader: Grader, tmp_path_factory: pytest.TempPathFactory) -> ReportsOf:
    """Grades a notebook that lies alone in a student's folder, found as `genlab grade` finds it."""

    def run(notebook: Notebook, name: str, lab: str, *, outcomes: str = "") -> Report:
        folder = tmp_path_factory.mktemp("submitted") / "s01"
        folder.mkdir()
        (folder / name).write_text(json.dumps(notebook), encoding="utf-8")
        if outcomes:  # the name under which the checkpoint arrives
            torch.manual_seed(0)
            saved = save_checkpoint(lab, model=reference(lab)["AutoEncoder"](32), folder=folder)
            saved.rename(folder / outcomes)
        grader.only = None if outcomes else frozenset(POLICY[lab].components)
        (submission,) = find_submissions(folder)
        return grader.grade(submission)

    return run


@pytest.fixture(scope="module")
def solved() -> Callable[[str], Notebook]:
    return lambda lab: json.loads(nbformat.writes(build.instructor_notebook(lab)))


@pytest.fixture(scope="module", params=LABS)
def original(request: pytest.FixtureRequest, report_of: ReportsOf, solved) -> Report:
    report = report_of(solved(request.param), f"{request.param}.ipynb", request.param)
    assert report.status == "graded", report.message
    return report


def scores(report: Report) -> dict[str, tuple[str, float | None]]:
    return {part.name: (part.status, part.score) for part in report.components}


@pytest.mark.parametrize("tool", TOOLS)
def test_what_comes_back_has_the_scores_of_what_went_there(tool, original, report_of, solved):
    change, name = TOOLS[tool]
    lab = original.lab
    back = report_of(change(solved(lab)), name.format(lab), lab)
    assert (back.status, back.lab) == ("graded", lab), back.message
    assert scores(back) == scores(original)
    assert {scores(back)[name] for name in POLICY[lab].components} == {
        ("pass", points) for points in POLICY[lab].components.values()
    }


def test_outcomes_of_what_comes_back_are_those_of_what_went_there(report_of, solved):
    reports = [
        report_of(change(solved("ae")), f"{name}.ipynb", "ae", outcomes=checkpoint)
        for change, name, checkpoint in (
            (lambda same: same, "ae", "ae.safetensors"),
            (colab, "Copy of ae", "ae (1).safetensors"),  # downloaded twice
        )
    ]
    assert scores(reports[0])["learns"][0] == "pass"
    assert scores(reports[0])["trained_model"][0] not in ("missing", "error")
    assert scores(reports[0]) == scores(reports[1])


@pytest.mark.parametrize("tool", ["colab", "kaggle"])
def test_what_a_student_left_unwritten_is_missing_there_too(tool, report_of):
    path = Path(build.REPOSITORY, "course", "ae", "ae.ipynb")
    change, name = TOOLS[tool]
    back = report_of(change(json.loads(path.read_text(encoding="utf-8"))), name.format("ae"), "ae")
    assert {status for status, _ in scores(back).values() if status != "pending"} == {"missing"}


def test_imports_of_google_colab_fail_and_what_else_their_cell_defines_counts(report_of, solved):
    notebook = colab(solved("ae"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    imports = next(cell for cell in cells if "from course import (\n" in cell["source"])
    assert "from google.colab import drive\n" in imports["source"]
    loss = next(cell for cell in cells if any("def reconstruction_loss" in line for line in cell["source"]))
    imports["source"] += ["\n", *loss["source"]]
    notebook["cells"].remove(loss)
    assert scores(report_of(notebook, "ae.ipynb", "ae"))["reconstruction_loss"][0] == "pass"


def test_the_grader_says_that_a_gpu_in_the_code_was_taken_as_the_cpu(report_of, solved):
    report = report_of(colab(solved("vae")), "vae.ipynb", "vae")
    assert any("CPU" in finding.message for part in report.components for finding in part.findings)


def test_the_first_cell_neither_runs_nor_harms_where_work_is_graded(report_of, solved):
    notebook = solved("ae")
    first = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    assert any("%pip install" in line for line in first["source"])
    # With an address that would fail at once, as a student might leave it behind.
    first["source"] = ["!pip install http://127.0.0.1:9/genlab.whl\n", *first["source"]]
    report = report_of(notebook, "ae.ipynb", "ae")
    assert {part.status for part in report.components if part.name in POLICY["ae"].components} == {"pass"}
