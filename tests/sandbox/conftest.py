"""Real sandboxes with a worker that does what it is told.

Without a working bubblewrap these tests skip, saying so; where `CI` is set they fail instead.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox import Limits, Sandbox, SandboxUnavailable, Worker, probe_sandbox

HERE = Path(__file__).parent
OBEDIENT = ("--ro-bind", str(HERE / "obedient.py"), "/genlab/lib/obedient.py")
LIMITS = Limits(memory_mb=512, scratch_mb=16, processes=48, open_files=64, message_mb=64, cpu_seconds=60)
NESTED_DENIED = ("--disable-userns",)  # what AppArmor does on some systems: no namespaces in namespaces


def make_sandbox(limits: Limits = LIMITS, options: tuple[str, ...] = ()) -> Sandbox:
    return Sandbox("bubblewrap", limits, target="obedient:serve", options=OBEDIENT + options)


def run(worker: Worker, source: str, *, timeout: float = 60.0) -> Any:
    """Run Python in the worker; returns what it bound to `result`, or its error as a string."""
    answer, _ = worker.request({"op": "run", "source": source}, timeout=timeout)
    return answer.get("error") or answer["result"]


@pytest.fixture(scope="session")
def bubblewrap() -> str:
    try:
        return probe_sandbox("bubblewrap")
    except SandboxUnavailable as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI must have a sandbox. {error}")
        pytest.skip(f"no sandbox here: {str(error).splitlines()[0]}")


@pytest.fixture(scope="session")
def can_deny_nesting(bubblewrap: str) -> None:
    words = subprocess.run(["bwrap", "--help"], capture_output=True, text=True, check=False)
    if "--disable-userns" not in words.stdout + words.stderr:
        pytest.skip("this bubblewrap is older than 0.8 and cannot deny nested namespaces")


@pytest.fixture(scope="session")
def sandbox(bubblewrap: str) -> Iterator[Sandbox]:
    """A sandbox shared by the tests of one session; its workers are each test's own."""
    with make_sandbox() as shared:
        yield shared


@pytest.fixture
def worker(sandbox: Sandbox) -> Iterator[Worker]:
    with sandbox.worker() as fresh:
        yield fresh


@pytest.fixture(scope="session", params=["shared sandbox", "sandbox of its own"])
def either_worker(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Worker]:
    """One worker of each kind, for questions that leave it as it was."""
    if request.param == "shared sandbox":
        with sandbox.worker() as fresh:
            yield fresh
        return
    request.getfixturevalue("can_deny_nesting")
    with make_sandbox(options=NESTED_DENIED) as alone, alone.worker() as fresh:
        yield fresh


@pytest.fixture
def ask(either_worker: Worker) -> Callable[[str], Any]:
    return lambda source: run(either_worker, source)
