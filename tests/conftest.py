"""A warm sandbox with short limits, so that endless code ends soon; and a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.engine import Grader
from autograder.policy import load_policy
from autograder.sandbox.host import SandboxUnavailable
from autograder.submissions import Submission

SHORT = {"cell_seconds": 3, "component_seconds": 20}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = [
    "--no-sandbox",  # the pages are ours, and CI runs as root
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


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


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """One real Chromium for all tests of a process: the system's, or playwright's own.

    Without either they are skipped, and fail in CI. There is one fixture for reports and site alike,
    because playwright starts only once in a process.
    """
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(
                executable_path=next(filter(None, map(shutil.which, BROWSERS)), None), args=QUIET
            )
        except Error as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"no Chromium to look at the pages with: {str(error).splitlines()[0]}")
        yield chromium
        chromium.close()
