"""Two workers of one sandbox never meet, though both come from one process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from autograder.sandbox import Sandbox, Worker

from .conftest import run


def test_workers_are_forked_from_one_shared_process(sandbox: Sandbox) -> None:
    assert sandbox.sealed, "this system denies nested namespaces: the shared sandbox cannot be tested here"


def test_a_worker_is_alone_among_its_processes(sandbox: Sandbox, worker: Worker) -> None:
    with sandbox.worker() as sibling:
        for one in (worker, sibling):
            run(one, "import os; result = os.getpid()")
            assert run(one, "result = [name for name in os.listdir('/proc') if name.isdigit()]") == ["1"]


def test_what_one_worker_writes_no_other_can_read(sandbox: Sandbox, worker: Worker) -> None:
    places = ["/tmp/note", "/dev/shm/note", "/genlab/tmp/note", "/genlab/tmp/work/note", "note"]
    for place in places:
        run(worker, f"open({place!r}, 'w').write('answer')")
        assert run(worker, f"result = open({place!r}).read()") == "answer"
    with sandbox.worker() as sibling:
        found = run(sibling, f"import os; result = [place for place in {places!r} if os.path.exists(place)]")
    assert found == []


def test_named_sockets_are_not_shared(sandbox: Sandbox, worker: Worker) -> None:
    listen = "import socket; s = socket.socket(socket.AF_UNIX); s.bind('\\0meet'); s.listen()"
    assert run(worker, listen) is None
    with sandbox.worker() as sibling:
        call = "import socket; socket.socket(socket.AF_UNIX).connect('\\0meet')"
        assert "refused" in run(sibling, call)


def test_no_terminal_is_shared(worker: Worker) -> None:
    assert "Error" in run(worker, "import os; os.openpty()")


def test_what_one_worker_changes_in_python_no_other_sees(sandbox: Sandbox, worker: Worker) -> None:
    run(worker, "import torch; torch.relu = None; torch.manual_seed(5)")
    with sandbox.worker() as sibling:
        assert run(sibling, "import torch; result = torch.relu is not None") is True


def test_threads_can_share_a_sandbox(sandbox: Sandbox) -> None:
    def grade(number: int) -> int:
        with sandbox.worker() as worker:
            run(worker, f"x = {number}")
            with worker.fork(timeout=60) as fork:
                return int(run(fork, "result = x * x"))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(grade, range(24))) == [number * number for number in range(24)]


def test_a_fork_has_its_parents_state_and_keeps_changes_to_itself(worker: Worker) -> None:
    run(worker, "x = 1")
    with worker.fork(timeout=10) as fork:
        assert run(fork, "result = x; x = 2") == 1
        assert run(fork, "result = x") == 2
        assert run(worker, "result = x") == 1


def test_closing_a_fork_leaves_the_worker_and_other_forks(worker: Worker) -> None:
    first, second = worker.fork(timeout=10), worker.fork(timeout=10)
    first.kill()
    assert run(second, "result = 2") == 2
    assert run(worker, "result = 1") == 1
    second.kill()
    assert run(
        worker, "result = sorted(int(n) for n in __import__('os').listdir('/proc') if n.isdigit())"
    ) == [1]
