"""`genlab grade` as a shell user meets it: exit status, table, JSON, repeatability."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.labs.ae_base import RIGHT, solution_notebook

QUICK = "reconstruction_loss,interpolate"


def genlab(*arguments: object, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autograder", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)


@pytest.fixture
def submitted(tmp_path, grader) -> Path:
    """A tree of three submissions; asking for `grader` skips where there is no sandbox."""
    tree = tmp_path / "submitted"
    solution_notebook(tree / "anna" / "ae" / "ae.ipynb")
    halved = "def reconstruction_loss(x_hat, x):\n    return F.mse_loss(x_hat, x) / 2"
    solution_notebook(tree / "ben" / "ae" / "ae.ipynb", reconstruction_loss=halved)
    random = RIGHT["interpolate"].replace("t = ", "t = torch.rand(1) * 0 + ")
    solution_notebook(tree / "chloé" / "ae" / "ae.ipynb", interpolate=random)
    return tree


def without_seconds(path: Path) -> dict:
    document = json.loads(path.read_text())
    for report in document["reports"]:
        assert report.pop("seconds") >= 0
    return document


def test_it_grades_a_tree_prints_a_table_and_writes_the_documented_json(submitted, tmp_path):
    done = genlab("grade", submitted, "--json", tmp_path / "r.json", "--only", QUICK)
    assert done.returncode == 0, done.stderr
    assert "chloé" in done.stdout
    document = json.loads((tmp_path / "r.json").read_text())
    assert (document["schema"], document["seed"], document["policy"]) == (1, 7, "default")
    assert set(document["versions"]) == {"genlab", "torch"}
    anna, ben, _ = document["reports"]
    assert (anna["student"], anna["lab"], anna["status"], anna["score"]) == ("anna", "ae", "graded", 16)
    assert anna["submission_sha256"]
    assert anna["source"].endswith("ae.ipynb")
    component = next(c for c in ben["components"] if c["name"] == "reconstruction_loss")
    assert (component["status"], component["score"], component["max_score"]) == ("partial", 4, 8)
    finding = component["findings"][0]
    assert set(finding) == {"check", "status", "misconception", "message", "link"}
    assert finding["misconception"] == "mse-halved"
    assert finding["link"].endswith("/ae/#reconstruction-loss")


def test_the_same_seed_gives_the_same_report_whatever_the_number_of_jobs(submitted, tmp_path):
    for name, jobs, seed in (("a", 1, 3), ("b", 2, 3), ("c", 1, 4)):
        options = ("--only", QUICK, "--jobs", jobs, "--seed", seed, "--json", tmp_path / name)
        assert genlab("grade", submitted, *options).returncode == 0
    assert without_seconds(tmp_path / "a") == without_seconds(tmp_path / "b")
    scores = [[r["score"] for r in without_seconds(tmp_path / name)["reports"]] for name in "ac"]
    assert scores[0] == scores[1]


def test_something_ungradable_is_exit_status_one_and_blank_not_zero(submitted, tmp_path):
    (submitted / "dora" / "ae").mkdir(parents=True)
    (submitted / "dora" / "ae" / "ae.ipynb").write_text('{"cells": [')
    done = genlab("grade", submitted, "--json", tmp_path / "r.json", "--only", QUICK)
    assert done.returncode == 1
    report = next(
        r for r in json.loads((tmp_path / "r.json").read_text())["reports"] if r["student"] == "dora"
    )
    assert (report["status"], report["score"]) == ("ungradable", None)
    assert "JSON is broken" in report["message"]
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["grade", "no-such-folder"], "no such file"),
        (["grade", ".", "--only", "Encodr"], "no component 'Encodr'"),
        (["grade", ".", "--policy", "no-such-policy.toml"], "cannot read the policy"),
        (["grade"], "usage"),
        (["grade", ".", "--jobs", "0"], "at least 1"),
        ([], "usage"),
    ],
)
def test_wrong_usage_is_exit_status_two_with_words(arguments, words):
    done = genlab(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_policy_may_change_points_and_names_a_key_that_it_cannot(submitted, tmp_path):
    policy = tmp_path / "mine.toml"
    policy.write_text('name = "mine"\n[labs.ae.components]\ninterpolate = 10\n')
    done = genlab(
        "grade",
        submitted / "anna",
        "--only",
        "interpolate",
        "--policy",
        policy,
        "--json",
        tmp_path / "r.json",
    )
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "r.json").read_text())
    assert (document["policy"], document["reports"][0]["score"]) == ("mine", 10)
    policy.write_text("[labs.ae.components]\ninterpolat = 10\n")
    done = genlab("grade", submitted, "--policy", policy)
    assert done.returncode == 2
    assert "labs.ae.components.interpolat" in done.stderr
