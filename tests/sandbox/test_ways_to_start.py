"""Who can run a sandbox, what happens where there is none, and where only part of one is allowed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

import pytest

from autograder.sandbox import Limits, Sandbox, SandboxKind, SandboxUnavailable, WorkerTimeout, probe_sandbox

from .conftest import LIMITS, NESTED_DENIED, make_sandbox, run

REPOSITORY = Path(__file__).resolve().parents[2]
ROUND_TRIP = """
import os, sys
sys.path.insert(0, sys.argv[1])
from tests.sandbox.conftest import make_sandbox, run
with make_sandbox() as sandbox, sandbox.worker() as worker:
    print(os.getuid(), sandbox.sealed, run(worker, "result = 6 * 7"))
"""
# Python may be installed where a plain user cannot go (below /root): in a mount namespace of the test's own,
# each folder that is closed to others is replaced by one that holds nothing but what the test needs.
OPEN_THE_WAY = """
set -e
hold=$(mktemp -d)
index=0
for needed in "$@"; do
    index=$((index + 1)); mkdir "$hold/$index"; mount --bind "$needed" "$hold/$index"
done
for closed in $CLOSED; do mount -t tmpfs -o mode=755 opened "$closed"; done
index=0
for needed in "$@"; do
    index=$((index + 1)); mkdir -p "$needed"; mount --bind "$hold/$index" "$needed"
done
exec setpriv --reuid 65534 --regid 65534 --clear-groups "$PYTHON" -c "$PROGRAM" "$REPOSITORY"
"""


def test_without_nested_namespaces_every_worker_has_a_sandbox_of_its_own(can_deny_nesting: None) -> None:
    with make_sandbox(options=NESTED_DENIED) as sandbox:
        assert not sandbox.sealed
        with sandbox.worker() as worker:
            run(worker, "open('/tmp/note', 'w').write('answer')")
            with sandbox.worker() as sibling:
                assert run(sibling, "import os; result = os.path.exists('/tmp/note')") is False
            with worker.fork(timeout=10) as fork:
                assert run(fork, "result = open('/tmp/note').read()") == "answer"
            with pytest.raises(WorkerTimeout):
                run(worker, "while True: pass", timeout=1)


def test_a_plain_user_can_run_a_sandbox(bubblewrap: str) -> None:
    environment = dict(os.environ)
    command = [sys.executable, "-c", ROUND_TRIP, str(REPOSITORY)]
    expected = str(os.getuid())
    if os.getuid() == 0:
        needed = list(dict.fromkeys([sys.base_prefix, sys.prefix, str(REPOSITORY)]))
        closed = {str(p) for n in needed for p in Path(n).parents if not p.stat().st_mode & 0o001}
        environment |= {"CLOSED": " ".join(sorted(closed)), "PROGRAM": ROUND_TRIP}
        environment |= {"PYTHON": sys.executable, "REPOSITORY": str(REPOSITORY), "HOME": "/nonexistent"}
        command = ["unshare", "--mount", "sh", "-c", OPEN_THE_WAY, "sh", *needed]
        expected = "65534"
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd="/", check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[:3] == [expected, "True", "42"]


INSTALLED = """
import json, sys
from autograder.sandbox import Limits, Sandbox
with Sandbox("auto", Limits()) as sandbox, sandbox.worker() as worker:
    cell = {"index": 0, "source": sys.argv[1]}
    print(json.dumps(worker.request({"op": "cell", "seconds": 60, "cell": cell}, timeout=60)[0]))
"""


def test_an_installed_grader_is_hidden_and_python_may_live_below_tmp(bubblewrap: str) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        venv.create(folder, symlinks=True)
        packages = Path(sysconfig.get_path("purelib", vars={"base": folder}))
        for name in ("autograder", "course"):
            shutil.copytree(REPOSITORY / name, packages / name)
        (packages / "solutions").mkdir()
        (packages / "solutions" / "ae.py").write_text("answer = 42\n")
        (packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
        hidden = [str(packages / name) for name in ("autograder", "solutions")]
        source = f"import os, course, torch\nraise SystemError([os.listdir(p) for p in {hidden}], "
        source += f"[os.access(p, os.W_OK) for p in {hidden}])"
        command = [f"{folder}/bin/python", "-c", INSTALLED, source]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
    assert done.returncode == 0, done.stderr
    assert [error["message"] for error in json.loads(done.stdout)["errors"]] == ["([[], []], [False, False])"]


def test_without_a_sandbox_workers_still_have_limits_and_deadlines() -> None:
    cell = {"op": "cell", "seconds": 60, "cell": {"index": 0, "source": "while True: pass"}}
    with Sandbox("none", LIMITS) as plain:
        assert not plain.sealed
        with plain.worker() as worker, pytest.raises(WorkerTimeout):
            worker.request(cell, timeout=1)
        with plain.worker() as worker:
            too_much = cell | {"cell": {"index": 0, "source": "x = bytearray(600 * 2**20)"}}
            answer, _ = worker.request(too_much, timeout=30)
            assert answer["errors"][0]["type"] == "MemoryError"
            with worker.fork(timeout=10) as fork:
                assert fork.request(too_much, timeout=30)[0]["parsed"]


def test_a_missing_bubblewrap_is_told_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    for attempt in (lambda: probe_sandbox("auto"), lambda: Sandbox("auto", Limits())):
        with pytest.raises(SandboxUnavailable, match=r"(?s)not installed.*apt install.*--sandbox none"):
            attempt()


def test_a_denied_bubblewrap_is_told_in_its_own_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    denied = tmp_path / "bwrap"
    denied.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    denied.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    for attempt in (lambda: probe_sandbox("auto"), lambda: Sandbox("bubblewrap", Limits())):
        with pytest.raises(SandboxUnavailable, match=r"(?s)uid map: Permission denied.*administrator"):
            attempt()


@pytest.mark.parametrize("kind", ["none", "bubblewrap"])
def test_a_broken_installation_is_not_blamed_on_bubblewrap(kind: SandboxKind, bubblewrap: str) -> None:
    with pytest.raises(
        SandboxUnavailable, match=r"(?s)Python failed.*No module named 'nowhere'.*Install genlab"
    ):
        Sandbox(kind, Limits(), target="nowhere:serve")


def test_an_unknown_kind_of_sandbox_is_refused() -> None:
    with pytest.raises(ValueError, match="no sandbox 'docker'"):
        probe_sandbox("docker")
