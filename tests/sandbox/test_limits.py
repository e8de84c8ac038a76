"""A worker that takes too much is stopped, alone, and told apart from one that is merely wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.sandbox import Sandbox, Worker, WorkerDied

from .conftest import LIMITS, make_sandbox, run


def still_fine(sandbox: Sandbox) -> bool:
    """Whether the sandbox goes on to serve others."""
    with sandbox.worker() as next_one:
        return bool(run(next_one, "result = 6 * 7") == 42)


def test_too_large_a_tensor_is_an_error_inside_the_worker(worker: Worker) -> None:
    assert "allocate memory" in run(worker, "import torch; torch.ones(600 * 2**18)")
    assert run(worker, "result = float(torch.ones(100 * 2**18).sum())") == 100 * 2**18


def test_too_large_a_list_is_a_memory_error_inside_the_worker(worker: Worker) -> None:
    assert run(worker, "b = bytearray(600 * 2**20)").startswith("MemoryError")


@pytest.mark.parametrize(
    "source",
    [
        "import mmap; m = mmap.mmap(-1, 2**30); [m.__setitem__(i, 1) for i in range(0, 2**30, 4096)]",
        """
import os, time
for _ in range(6):
    if os.fork() == 0:
        held = bytearray(300 * 2**20)
        for i in range(0, len(held), 4096):
            held[i] = 1
        time.sleep(60)
time.sleep(60)
""",
    ],
    ids=["shared memory", "many processes"],
)
def test_memory_that_escapes_the_process_limit_ends_the_worker(
    sandbox: Sandbox, worker: Worker, source: str
) -> None:
    with pytest.raises(WorkerDied) as death:
        run(worker, source)
    assert death.value.reason == "memory"
    assert still_fine(sandbox)


def test_a_fork_bomb_is_contained(sandbox: Sandbox, worker: Worker) -> None:
    bomb = """
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
"""
    with pytest.raises(Exception, match=r"processes|no answer"):
        run(worker, bomb, timeout=10)
    assert still_fine(sandbox)


@pytest.mark.parametrize(
    "call",
    ["os.memfd_create('x')", "os.listdir('/') if libc.shmget(1, 2**20, 0o1600) >= 0 else os.stat('/none')"],
    ids=["memfd", "System V"],
)
def test_memory_that_belongs_to_no_process_is_refused(worker: Worker, call: str) -> None:
    assert "Error" in run(worker, f"import ctypes, os; libc = ctypes.CDLL(None); {call}")


def test_disk_space_is_bounded_over_all_places_together(worker: Worker) -> None:
    fill = "open({place!r}, 'wb').write(bytes({mb} * 2**20))"
    assert run(worker, fill.format(place="/tmp/a", mb=8)) is None
    assert "No space left" in run(worker, fill.format(place="/dev/shm/b", mb=12))


def test_a_single_file_is_bounded_by_its_size(worker: Worker) -> None:
    assert "Error" in run(worker, "import os; os.truncate(os.open('big', os.O_CREAT | os.O_RDWR), 2**40)")


def test_open_files_are_bounded(worker: Worker) -> None:
    assert "Too many open files" in run(worker, "held = [open('/dev/null') for _ in range(100)]")


def test_limits_cannot_be_raised_again(worker: Worker) -> None:
    source = """
import resource
result = []
for name in ("DATA", "FSIZE", "NOFILE", "CPU", "CORE"):
    which = getattr(resource, "RLIMIT_" + name)
    try:
        resource.setrlimit(which, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        result.append(name)
    except (OSError, ValueError):
        pass
"""
    assert run(worker, source) == []


def test_processor_time_is_bounded(bubblewrap: str) -> None:
    with make_sandbox(replace(LIMITS, cpu_seconds=2)) as small, small.worker() as worker:
        with pytest.raises(WorkerDied) as death:
            run(worker, "while True: pass")
        assert death.value.reason == "cpu"
        assert still_fine(small)


def test_an_answer_longer_than_allowed_is_refused(sandbox: Sandbox, worker: Worker) -> None:
    with pytest.raises(WorkerDied) as death:
        run(worker, "import struct; sock.sendall(struct.pack('<4sIQ', b'GLW1', 2, 2**50) + b'{}')")
    assert death.value.reason == "protocol"
    assert still_fine(sandbox)
