"""`check` and `ready` where there is no notebook: what they say, and to whom they pass the question."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import torch

import autograder
import course
from autograder import notebook
from autograder.policy import load_policy
from solutions.source import reference

ROOT = str(Path(course.__file__).parents[1])


def python(code, *, path=(), **environment):
    """Run code in a Python of its own; `path` comes first on sys.path."""
    paths = os.pathsep.join([*map(str, path), ROOT, os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=path[0] if path else None,  # or the folder of this checkout would come first
        env={**os.environ, "PYTHONPATH": paths, **environment},
    )


def make_grader(folder, policy=True):
    """A package `autograder` whose `check` reports what it was asked."""
    package = folder / "autograder"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "notebook.py").write_text("def check(name, namespace): return name, namespace['answer']\n")
    if policy:
        (package / "policy.toml").write_text("")
    return folder


def test_check_asks_the_grader_about_the_callers_names(tmp_path):
    done = python(
        "from course import check\nanswer = 41\ndef inside(): return check('Encoder')\n"
        "print(check('Encoder'))\nanswer = 42\nprint(inside())",
        path=[make_grader(tmp_path)],
    )
    assert done.stdout.splitlines() == ["('Encoder', 41)", "('Encoder', 42)"], done.stderr


def test_check_does_nothing_where_the_grader_runs(tmp_path):
    code = "import sys; from course import *; print(check('E'), ready('E'), 'autograder' in sys.modules)"
    done = python(code, path=[make_grader(tmp_path)], GENLAB_WORKER="1")
    assert done.stdout.split() == ["None", "False", "False"], done.stderr


def test_an_unrelated_package_named_autograder_is_named_with_the_way_out(tmp_path):
    done = python("from course import check; check('Encoder')", path=[make_grader(tmp_path, policy=False)])
    assert "Another package named `autograder`" in done.stdout
    assert str(tmp_path / "autograder") in done.stdout
    assert "pip uninstall autograder" in done.stdout
    assert done.returncode == 0


def test_the_command_names_an_unrelated_package_too(tmp_path):
    code = "import sys; from course.command import main; sys.exit(main())"
    done = python(code, path=[make_grader(tmp_path, policy=False)])
    assert "Another package named `autograder`" in done.stderr
    assert done.returncode == 2


def test_a_students_own_file_named_autograder_is_named_too(tmp_path):
    (tmp_path / "autograder.py").write_text("points = 100\n")
    done = python("from course import check; check('Encoder')", path=[tmp_path])
    assert "Another package named `autograder`" in done.stdout, done.stderr
    assert str(tmp_path / "autograder.py") in done.stdout


def test_a_grader_that_lacks_its_parts_is_reported_kindly(tmp_path):
    folder = make_grader(tmp_path)
    (folder / "autograder" / "notebook.py").write_text("import a_part_that_is_not_there")
    done = python("from course import check; check('Encoder')", path=[folder])
    assert "installed but incomplete" in done.stdout, done.stderr


def test_ready_names_what_is_still_a_stub_and_what_is_not_there(capsys):
    code = """
from course import ready
def done(): return 1
def stub(): raise NotImplementedError()
class Half:
    def __init__(self): self.x = 1
    def forward(self, x): raise NotImplementedError("to do")
class Whole:
    size = 3
    def forward(self, x):
        if x is None:
            raise NotImplementedError("no input")
        return x
print(ready("done", "Whole"))
print(ready("done", "stub", "Half"))
print(ready("model"))
def inside(): return ready("done")
print(inside())
"""
    lines = python(code).stdout.splitlines()
    assert lines[0] == "True"
    assert "`stub` and `Half` are still to be written" in lines[1]
    assert lines[2] == "False"
    assert "`model` is not there" in lines[3]
    assert lines[4:] == ["False", "True"]


def test_all_parts_of_the_project_have_one_version():
    stated = tomllib.loads((Path(ROOT) / "pyproject.toml").read_text())["project"]["version"]
    assert course.__version__ == autograder.__version__ == stated


def test_a_name_that_two_labs_have_is_judged_by_the_lab_that_the_notebook_names():
    # Right after its own cell nothing but `Encoder` is there, or `sample`, which says nothing about the lab.
    for name, labs in (("Encoder", ("ae", "vae")), ("sample", ("vae", "gan"))):
        for lab in labs:
            report = notebook.check(name, {"LAB": lab, name: reference(lab)[name]}).report
            assert report.max_score == load_policy().labs[lab].components[name]
            assert report.score == report.max_score, report.findings


def test_a_notebook_that_names_no_lab_is_told_by_most_of_its_names():
    names = reference("vae")
    for LAB in (None, 3, torch.ones(2)):
        report = notebook.check("Encoder", {**names, "LAB": LAB}).report
        assert report.max_score == load_policy().labs["vae"].components["Encoder"]
