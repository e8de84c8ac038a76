"""The exchange: release, fetch, submit and collect with the stock commands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
from class_notebooks import answered

from autograder.gradebook.config import COURSE_ID


def test_a_lab_goes_to_a_student_and_comes_back_with_its_checkpoint(course: Path, tmp_path: Path) -> None:
    exchange, student = tmp_path / "exchange", tmp_path / "student"
    exchange.mkdir()
    exchange.chmod(0o777)  # nbgrader's exchange must be writable by all
    student.mkdir()
    home = {"HOME": str(student), "JUPYTER_CONFIG_DIR": str(student), "JUPYTER_DATA_DIR": str(student)}

    def nbgrader(folder: Path, *arguments: str) -> None:
        command = [sys.executable, "-m", "nbgrader", *arguments, f"--Exchange.root={exchange}"]
        done = subprocess.run(
            command, cwd=folder, env=os.environ | home, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    nbgrader(course.parent, "release_assignment", "ae")
    nbgrader(student, "fetch_assignment", "ae", f"--course={COURSE_ID}")
    notebook = student / "ae" / "ae.ipynb"
    nbformat.write(answered(nbformat.read(notebook, as_version=4)), notebook)
    (student / "ae" / "ae.safetensors").write_bytes(b"weights")
    nbgrader(student, "submit", "ae", f"--course={COURSE_ID}")
    nbgrader(course.parent, "collect", "ae")

    (collected,) = (course / "submitted").glob("*/ae")
    assert (collected / "ae.safetensors").read_bytes() == b"weights"
    assert "because of the bottleneck" in (collected / "ae.ipynb").read_text()
