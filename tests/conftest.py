"""A warm sandbox for all tests of the engine, and short limits so that endless code ends soon."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.engine import Grader
from autograder.policy import load_policy
from autograder.sandbox.host import SandboxUnavailable
from autograder.submissions import Submission

SHORT = {"cell_seconds": 3, "component_seconds": 20}


@pytest.fixture(scope="session")
def grader() -> Iterator[Grader]:
    policy = load_policy()
    policy = replace(policy, limits=policy.limits | SHORT)
    try:
        grader = Grader(policy, seed=policy.seed, sandbox="auto")
    except SandboxUnavailable as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no sandbox here: {error}")
    yield grader
    grader.close()


@pytest.fixture
def grade(grader: Grader):
    def run(notebook: Path, only: list[str] | None = None):
        grader.only = frozenset(only) if only else None
        return grader.grade(Submission(notebook.parent.parent.name, notebook, notebook.parent))

    return run
