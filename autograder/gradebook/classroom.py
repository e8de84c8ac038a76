"""A whole class through nbgrader's own commands: release, autograde, feedback, class table.

For the demo and for scripts; an instructor types the same commands. Each runs once, for all students.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path

from nbgrader.api import Gradebook

from autograder.gradebook.config import CLASSROOM

CONFIG_NAME = "nbgrader_config.py"
CONFIG = '''"""nbgrader with the sandboxed grader of genlab."""

try:
    from autograder.gradebook.config import configure
except ImportError as error:
    # nbgrader goes on without a configuration that fails, and would then run student code unprotected.
    raise SystemExit(f"nbgrader_config.py: genlab is not installed in this Python ({error}).") from error

configure(get_config(), __file__)
'''
GRADES = "grades.csv"
FOLDERS = ("source", "release", "submitted", "autograded", "feedback")


class ClassroomError(Exception):
    """One of nbgrader's commands failed; the message holds what it said last."""


def setup_classroom(course: Path) -> Path:
    """Make `course` a place where nbgrader's commands work; returns its `classroom/` folder.

    An existing configuration and existing work stay as they are.
    """
    course.mkdir(parents=True, exist_ok=True)
    config = course / CONFIG_NAME
    if not config.exists():
        config.write_text(CONFIG, encoding="utf-8")
    root = course / CLASSROOM
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)
    return root


def add_sources(root: Path) -> list[Path]:
    """Put the notebooks that come with the package where `nbgrader generate_assignment` looks for them.

    For instructors without the repository: these have stubs and no solutions. What is there already
    stays as it is.

    Args:
        root: the `classroom/` folder.

    Returns:
        The notebooks that were copied.
    """
    package = find_spec("course")  # found, not imported: that would take a second for torch
    copied = []
    for folder in (package.submodule_search_locations or []) if package else []:
        for notebook in sorted(Path(folder).glob("*/*.ipynb")):
            target = root / "source" / notebook.stem / notebook.name
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(notebook, target)
                copied.append(target)
    return copied


def add_students(root: Path, students: Mapping[str, tuple[str, str]]) -> None:
    """Add or rename students in the gradebook.

    Args:
        root: the `classroom/` folder.
        students: first and last name by student id.
    """
    with Gradebook(f"sqlite:///{root.resolve() / 'gradebook.db'}", "") as gradebook:
        for student, (first, last) in students.items():
            gradebook.update_or_create_student(student, first_name=first, last_name=last)


def release(root: Path, lab: str) -> Path:
    """Make the students' version of `source/<lab>/` and enter the lab into the gradebook.

    Returns:
        The folder `release/<lab>` with the released notebook.

    Raises:
        ClassroomError: nbgrader could not do it.
    """
    nbgrader(root, ["generate_assignment", lab, "--force"])
    return root / "release" / lab


def grade_class(root: Path, lab: str, *, sandbox: str = "auto", jobs: int = 1) -> None:
    """Grade what is in `submitted/`, write the feedback pages and the class table `grades.csv`.

    Submissions that were graded before and have not changed since are not graded again.

    Args:
        root: the `classroom/` folder.
        lab: the assignment, for instance `ae`.
        sandbox: where student code runs; see `genlab grade --sandbox`.
        jobs: submissions graded at the same time.

    Raises:
        ClassroomError: nbgrader could not do it, for instance for lack of a sandbox.
    """
    nbgrader(root, ["autograde", lab, f"--GenlabGrade.jobs={jobs}"], sandbox=sandbox)
    nbgrader(root, ["generate_feedback", lab, "--force"])
    nbgrader(root, ["export", "--to", str(root.resolve() / GRADES)])


def nbgrader(root: Path, arguments: Iterable[str], *, sandbox: str = "auto") -> str:
    """Run one of nbgrader's commands for the classroom; its own lines on stdout come through.

    Returns:
        nbgrader's log.

    Raises:
        ClassroomError: it failed.
    """
    # The module of the running Python, so that no virtual environment has to be active.
    command = [sys.executable, "-m", "nbgrader", *arguments, "--log-level=WARN"]
    done = subprocess.run(
        command,
        cwd=root.resolve().parent,
        env=os.environ | {"GENLAB_SANDBOX": sandbox},
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        last = "\n".join(done.stderr.splitlines()[-20:])
        raise ClassroomError(f"`nbgrader {' '.join(command[3:])}` failed:\n{last}")
    return done.stderr


def main(arguments: list[str] | None = None) -> int:
    """Make the folders named on the command line ready for nbgrader's commands; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m autograder.gradebook.classroom",
        description="Make a folder ready for nbgrader's commands, with the labs of this course in it.",
    )
    parser.add_argument("course", type=Path, help="folder of a course, made if needed")
    course = parser.parse_args(arguments).course
    root = setup_classroom(course)
    for notebook in add_sources(root):
        print(f"wrote {notebook}")
    print(f"Ready. Next, in {course}: nbgrader generate_assignment <lab>")
    return 0


if __name__ == "__main__":
    sys.exit(main())
