"""A student's notebook, run in workers: loaded once, forked for each judgement, loaded anew when it dies."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from autograder.labs.probing import Asks
from autograder.policy import Policy
from autograder.sandbox.host import Sandbox, Worker, WorkerDied, WorkerTimeout
from autograder.submissions import Cell, ReadNotebook

FULL, DEFINITIONS, NOTHING = 0, 1, 2  # how much of a cell is run
RESTARTS = 6
GRACE_SECONDS = 3.0  # for a cell to notice that its time is up, before its worker is killed


class CannotRun(Exception):
    """The notebook cannot be run at all; the message says why."""


class Loaded:
    """What running the cells told."""

    def __init__(self) -> None:
        self.bound: dict[str, bool] = {}
        self.syntax_errors: dict[str, dict[str, Any]] = {}
        self.skipped_names: dict[str, int] = {}
        self.notes: list[str] = []


class StudentCode:
    """Workers that hold one submission's definitions.

    `fork()` gives a copy for one judgement. `apart()` gives one from a worker of its own that nothing
    else of the submission can reach, for evaluations in pieces.
    """

    def __init__(self, sandbox: Sandbox, notebook: ReadNotebook, names: list[str], policy: Policy) -> None:
        self._sandbox = sandbox
        self._cells = notebook.cells
        self._names = names
        self._limits = policy.limits
        self._level: dict[int, int] = {
            cell.index: DEFINITIONS if cell.train else FULL for cell in notebook.cells
        }
        self._roots: dict[str, Worker] = {}
        self.loaded = Loaded()
        self.peak_mb = 0.0  # resident memory of the largest worker with all its forks

    def close(self) -> None:
        """End every worker."""
        for root in self._roots.values():
            root.kill()
            self.peak_mb = max(self.peak_mb, root.rss_mb())
        self._roots.clear()

    @contextlib.contextmanager
    def fork(self, root: str = "main") -> Iterator[Asks]:
        """A worker with the definitions, for one judgement; gone afterwards.

        Raises:
            CannotRun: the notebook keeps ending its worker.
        """
        worker = self._fork(root)
        try:
            yield worker
        finally:
            worker.kill()

    def apart(self) -> contextlib.AbstractContextManager[Asks]:
        """As `fork`, from a worker that shares nothing with the others but the notebook."""
        return self.fork("apart")

    def _fork(self, root: str) -> Worker:
        for _ in range(2):
            if root not in self._roots:
                self._roots[root] = self._load()
            try:
                return self._roots[root].fork(timeout=GRACE_SECONDS + self._limits["cell_seconds"])
            except (WorkerDied, WorkerTimeout):
                self._roots.pop(root).kill()
        raise CannotRun("its code ends the process in which it runs")

    def load(self) -> Loaded:
        """Run the cells once, and say what came of it."""
        if "main" not in self._roots:
            self._roots["main"] = self._load()
        return self.loaded

    def _load(self) -> Worker:
        for _ in range(RESTARTS):
            worker = self._sandbox.worker()
            failed = self._run_cells(worker)
            if failed is None and self._bind(worker):
                return worker
            worker.kill()
            if failed is not None:
                self._level[failed.index] += 1
            else:  # it died between the cells: run definitions only
                self._level = {index: max(level, DEFINITIONS) for index, level in self._level.items()}
        raise CannotRun("running its cells ends or blocks the process again and again")

    def _run_cells(self, worker: Worker) -> Cell | None:
        """Run every cell; returns the one that ended or blocked the worker, if one did."""
        notes: list[str] = []
        end = time.monotonic() + self._limits["notebook_seconds"]
        for cell in self._cells:
            level = self._level[cell.index]
            if level >= NOTHING:
                notes.append(f"Cell {cell.index} was left out: it ends or blocks the process that runs it.")
                continue
            limit = min(self._limits["cell_seconds"], max(0.0, end - time.monotonic()))
            over = limit <= 0 or level == DEFINITIONS
            request = {
                "op": "cell",
                "seconds": max(limit, 0.1),
                "cell": {
                    "index": cell.index,
                    "source": cell.source,
                    "grade_id": cell.grade_id,
                    "definitions_only": over,
                },
            }
            try:
                reply, _ = worker.request(request, timeout=max(limit, 1.0) + GRACE_SECONDS)
            except (WorkerDied, WorkerTimeout):
                return cell
            if reply.get("skipped") == "too_long" or (over and not cell.train):
                notes.append(
                    f"Cell {cell.index} takes too long: of it only imports and definitions were used."
                )
        self.loaded.notes = notes
        return None

    def _bind(self, worker: Worker) -> bool:
        try:
            reply, _ = worker.request({"op": "bind", "names": self._names}, timeout=GRACE_SECONDS + 5)
        except (WorkerDied, WorkerTimeout):
            return False
        self.loaded.bound = {name: bool(_table(reply, "bound").get(name)) for name in self._names}
        self.loaded.syntax_errors = {
            name: error for name, error in _table(reply, "syntax_errors").items() if isinstance(error, dict)
        }
        self.loaded.skipped_names = {
            name: cell for name, cell in _table(reply, "skipped_names").items() if isinstance(cell, int)
        }
        if reply.get("device_mapped"):
            self.loaded.notes.append("The grader has no GPU: `cuda` and `mps` were taken as the CPU.")
        return True


def _table(reply: dict[str, Any], key: str) -> dict[str, Any]:
    table = reply.get(key)
    return table if isinstance(table, dict) else {}
