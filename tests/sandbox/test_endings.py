"""However a worker ends, the grader learns of it in time and the next one is fine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.sandbox import Sandbox, Worker, WorkerDied, WorkerTimeout

from .conftest import make_sandbox, run

HANG_IN_PYTHON = "while True: pass"
HANG_IN_C = "import ctypes; ctypes.PyDLL(None).sleep(3600)"  # holds the interpreter: no exception gets in
IGNORES_SIGNALS = """
import signal, time
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
time.sleep(3600)
"""
DRIBBLE = """
import time
while True:
    sock.send(b"GLW1"[:1])
    time.sleep(0.01)
"""
DRIBBLE_A_TRUE_FRAME = """
import struct, time
sock.sendall(struct.pack("<4sIQ", b"GLW1", 2**20, 0))
while True:
    sock.send(b" ")
    time.sleep(0.01)
"""


def family() -> dict[int, str]:
    """The processes below this one, with their state."""
    parents: dict[int, tuple[int, str]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(entry.parent.name)] = (int(fields[1]), fields[0])
    members: dict[int, str] = {}
    for pid in parents:
        ancestor = pid
        while ancestor in parents and ancestor != os.getpid():
            ancestor = parents[ancestor][0]
        if ancestor == os.getpid() and pid != ancestor:
            members[pid] = parents[pid][1]
    return members


def left_after_a_while(pids: set[int]) -> list[int]:
    """Which of these processes stay, however long one waits."""
    patience = time.monotonic() + 30
    while (left := [pid for pid in pids if Path(f"/proc/{pid}").exists()]) and time.monotonic() < patience:
        time.sleep(0.05)
    return left


@pytest.mark.parametrize(
    "source",
    [HANG_IN_PYTHON, HANG_IN_C, IGNORES_SIGNALS, DRIBBLE_A_TRUE_FRAME],
    ids=["in Python", "in C", "ignoring signals", "dribbling"],
)
def test_a_worker_that_never_answers_is_killed(sandbox: Sandbox, worker: Worker, source: str) -> None:
    with pytest.raises(WorkerTimeout, match="no answer within 1 s"):
        run(worker, source, timeout=1)
    with pytest.raises(WorkerTimeout):
        run(worker, "result = 1")
    with sandbox.worker() as next_one:
        assert run(next_one, "result = 1") == 1


def test_a_request_that_nobody_reads_times_out(worker: Worker) -> None:
    with pytest.raises(WorkerTimeout):
        worker.request({"op": "run", "source": "#" * 2**23 + "\nimport time; time.sleep(60)"}, timeout=1)


@pytest.mark.parametrize(
    ("source", "reason", "words"),
    [
        ("import os; os._exit(3)", "exit", "exit status 3"),
        ("import ctypes; ctypes.string_at(0)", "exit", "signal 11"),
        ("import os; os.abort()", "exit", "signal"),
        ("sock.close()", "exit", "exit status 0"),
        ("sock.sendall(b'x' * 64); import time; time.sleep(60)", "protocol", "not a frame"),
        (DRIBBLE, "protocol", "not a frame"),
        ("import socket, time; sock.shutdown(socket.SHUT_RDWR); time.sleep(60)", "protocol", "closed"),
    ],
    ids=["exit", "segfault", "abort", "closing", "noise", "slow noise", "silence"],
)
def test_the_way_a_worker_ended_is_told(worker: Worker, source: str, reason: str, words: str) -> None:
    with pytest.raises(WorkerDied) as death:
        run(worker, source)
    assert death.value.reason == reason
    assert words in death.value.detail


def test_a_hanging_fork_takes_the_worker_along_and_no_other(sandbox: Sandbox, worker: Worker) -> None:
    with sandbox.worker() as bystander:
        fork = worker.fork(timeout=10)
        with pytest.raises(WorkerTimeout):
            run(fork, HANG_IN_C, timeout=1)
        with pytest.raises(WorkerDied):
            worker.fork(timeout=10)
        assert run(bystander, "result = 1") == 1


def test_a_fork_that_dies_leaves_the_worker(worker: Worker) -> None:
    with worker.fork(timeout=10) as fork, pytest.raises(WorkerDied):
        run(fork, "import os; os._exit(1)")
    assert run(worker, "result = 1") == 1


def test_many_workers_in_a_row_leave_no_process_behind(sandbox: Sandbox) -> None:
    before = family()
    for _ in range(30):
        with sandbox.worker() as worker:
            run(worker, "import os, time; os.fork() or time.sleep(60)", timeout=60)
    after = family()
    assert len(after) == len(before)
    assert "Z" not in after.values()


def test_closing_the_sandbox_ends_every_worker(bubblewrap: str) -> None:
    before = family()
    with make_sandbox() as own:
        own.worker()
        own.worker()
        started = family().keys() - before.keys()
        assert len(started) >= 5  # bubblewrap twice, the zygote, two workers
    assert left_after_a_while(started) == []


def test_a_grader_that_is_killed_leaves_nothing_running(bubblewrap: str) -> None:
    program = "from tests.sandbox.conftest import make_sandbox; s = make_sandbox(); w = s.worker()"
    program += "; print('up', flush=True); import time; time.sleep(600)"
    before = family()
    grader = subprocess.Popen(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True
    )
    assert grader.stdout is not None
    assert grader.stdout.readline() == "up\n"
    started = family().keys() - before.keys()
    grader.kill()
    grader.wait()
    assert left_after_a_while(started) == []


def test_processor_time_of_workers_is_told(sandbox: Sandbox) -> None:
    before = sandbox.cpu_seconds()
    with sandbox.worker() as worker:
        run(worker, "import time; start = time.process_time()\nwhile time.process_time() < start + 1: pass")
    assert sandbox.cpu_seconds() - before >= 1


def test_resident_memory_is_seen_from_outside(worker: Worker) -> None:
    before = worker.rss_mb()
    run(worker, "import torch; x = torch.ones(100 * 2**18)")
    grown = worker.rss_mb()
    assert 90 < grown - before < 200
    worker.kill()
    assert worker.rss_mb() >= grown
