"""A scratch course with a real gradebook; a class in it, graded once by the stock commands."""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from class_notebooks import (
    SUMMED,
    answered,
    hand_in,
    hostile,
    source_notebook,
    with_copy,
    without,
    without_metadata,
)
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograder.gradebook.classroom import grade_class, release, setup_classroom
from autograder.sandbox import SandboxUnavailable, probe_sandbox

ANA = "Nuñez, Ana"


@pytest.fixture(scope="session")
def sandbox() -> str:
    """A sandbox to grade in; without one the test is skipped here and fails in CI."""
    try:
        return probe_sandbox("auto")
    except SandboxUnavailable as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI must have a sandbox. {error}")
        pytest.skip(f"no sandbox: {error}")


def make_course(folder: Path) -> Path:
    """A course with the lab released; returns its `classroom/` folder."""
    root = setup_classroom(folder)
    (root / "source" / "ae").mkdir()
    nbformat.write(source_notebook(), root / "source" / "ae" / "ae.ipynb")
    release(root, "ae")
    return root


def released(root: Path) -> NotebookNode:
    """The students' notebook of a course."""
    return nbformat.read(root / "release" / "ae" / "ae.ipynb", as_version=4)


def open_gradebook(root: Path) -> Gradebook:
    """The course's gradebook; use it in a `with`."""
    return Gradebook(f"sqlite:///{root / 'gradebook.db'}")


def read_grades(root: Path) -> dict[str, dict[str, str]]:
    """The exported class table by student."""
    with (root / "grades.csv").open(newline="", encoding="utf-8") as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with the lab released and nothing handed in, to copy: nbgrader takes seconds to start."""
    return make_course(tmp_path_factory.mktemp("template"))


@pytest.fixture
def course(template: Path, tmp_path: Path) -> Path:
    """An empty class of its own for one test."""
    shutil.copytree(template.parent, tmp_path / "course")
    return tmp_path / "course" / template.name


@pytest.fixture(scope="session")
def graded(template: Path, tmp_path_factory: pytest.TempPathFactory, sandbox: str) -> Path:
    """A class with everything that goes wrong with notebooks, after autograde, feedback and export."""
    course = tmp_path_factory.mktemp("graded") / "course"
    shutil.copytree(template.parent, course)
    root = course / template.name
    lab = released(root)
    few = ("reconstruction_loss",)  # one right component is enough to see that it counts
    hand_in(root, ANA, answered(lab, reconstruction_loss=SUMMED))
    hand_in(root, "untouched", lab)
    hand_in(root, "renamed", answered(lab, *few), name="ae (1).ipynb")
    hand_in(root, "deleted", without(answered(lab, *few), "check_reconstruction_loss", "discussion_2"))
    hand_in(root, "copied", with_copy(answered(lab, *few), "check_Encoder", points=1000, solution=True))
    hand_in(root, "stripped", without_metadata(answered(lab, *few)))
    hand_in(root, "hostile", hostile(answered(lab, *few)))
    hand_in(root, "broken", '{"cells": [')
    hand_in(root, "empty", "")
    (root / "submitted" / "no notebook" / "ae").mkdir(parents=True)
    with open_gradebook(root) as gradebook:
        gradebook.add_student("absent", first_name="Zoë", last_name="O'Neil, Jr.")
    grade_class(root, "ae", sandbox=sandbox, jobs=2)
    return root


@pytest.fixture
def again(graded: Path, tmp_path: Path) -> Path:
    """A copy of the graded class for a test that grades on."""
    shutil.copytree(graded.parent, tmp_path / "course")
    return tmp_path / "course" / graded.name


def script_sources(page: str) -> str:
    """All that a browser would run of a page's own: inline scripts and event handlers, in one string."""
    soup = BeautifulSoup(page, "html.parser")
    handlers = [
        value for tag in soup.find_all(True) for name, value in tag.attrs.items() if name.startswith("on")
    ]
    return "\n".join([*(str(script.string) for script in soup.find_all("script")), *handlers])
