"""How labs go out and come back with the stock commands: the exchange, and an LMS download."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
from class_notebooks import answered

from autograder.gradebook.classroom import nbgrader
from autograder.gradebook.config import COURSE_ID


def test_a_lab_goes_to_a_student_and_comes_back_with_its_checkpoint(course: Path, tmp_path: Path) -> None:
    exchange, student = tmp_path / "exchange", tmp_path / "student"
    exchange.mkdir()
    exchange.chmod(0o777)  # nbgrader's exchange must be writable by all
    student.mkdir()
    home = {"HOME": str(student), "JUPYTER_CONFIG_DIR": str(student), "JUPYTER_DATA_DIR": str(student)}

    def command_of(folder: Path, *arguments: str) -> None:
        command = [sys.executable, "-m", "nbgrader", *arguments, f"--Exchange.root={exchange}"]
        done = subprocess.run(
            command, cwd=folder, env=os.environ | home, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    command_of(course.parent, "release_assignment", "ae")
    command_of(student, "fetch_assignment", "ae", f"--course={COURSE_ID}")
    notebook = student / "ae" / "ae.ipynb"
    nbformat.write(answered(nbformat.read(notebook, as_version=4)), notebook)
    (student / "ae" / "ae.safetensors").write_bytes(b"weights")
    command_of(student, "submit", "ae", f"--course={COURSE_ID}")
    command_of(course.parent, "collect", "ae")

    (collected,) = (course / "submitted").glob("*/ae")
    assert (collected / "ae.safetensors").read_bytes() == b"weights"
    assert "because of the bottleneck" in (collected / "ae.ipynb").read_text()


def test_a_download_from_an_lms_keeps_the_checkpoint(course: Path) -> None:
    archive = course / "downloaded" / "ae" / "archive"
    archive.mkdir(parents=True)
    name = "ae_s01_attempt_2024-01-30-15-00-00_ae"
    (archive / f"{name}.ipynb").write_text((course / "release" / "ae" / "ae.ipynb").read_text())
    (archive / f"{name}.safetensors").write_bytes(b"weights")
    names = r".*_(?P<student_id>\w+)_attempt_(?P<timestamp>[0-9\-]+)_(?P<file_id>\w+)"
    nbgrader(course, ["zip_collect", "ae", f"--FileNameCollectorPlugin.named_regexp={names}"])
    assert (course / "submitted" / "s01" / "ae" / "ae.safetensors").read_bytes() == b"weights"
