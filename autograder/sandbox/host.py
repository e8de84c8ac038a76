"""Workers for student code: one warm sandbox, a fresh worker in milliseconds, deadlines that hold."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Literal, Self

from autograder.worker import wire

from .errors import SandboxUnavailable, WorkerDied, WorkerTimeout
from .limits import Limits
from .probe import probe_sandbox
from .zygote import Zygote

SandboxKind = Literal["auto", "bubblewrap", "none"]
Ending = WorkerDied | WorkerTimeout
SERVE = "genlab_worker.serve:serve"
_SIGKILL = 9
_DYING_SECONDS = 0.5  # between the end of a channel and the end of its process

__all__ = ["Limits", "Sandbox", "SandboxKind", "SandboxUnavailable", "Worker", "WorkerDied", "WorkerTimeout"]
__all__ += ["probe_sandbox"]


class Sandbox:
    """A place for workers, reused over many submissions; several threads may share it.

    Make it in a thread that lives as long: the kernel ends the sandbox with the thread that started it, so
    that nothing outlives a grader that is killed.

    Args:
        kind: "auto" and "bubblewrap" need bubblewrap; "none" runs plain processes and must be asked for.
        limits: bounds of each worker.
        target: what serves a worker's channel, as `module:function` inside the sandbox.
        options: further options for bubblewrap.

    Raises:
        SandboxUnavailable: with what is missing and what to do.
    """

    def __init__(
        self, kind: SandboxKind, limits: Limits, *, target: str = SERVE, options: tuple[str, ...] = ()
    ) -> None:
        self.limits = limits
        self.sealed = False  # whether workers are forked from one shared zygote, each in its own namespaces
        self._spent = 0.0
        self._target = target
        self._options = options
        self._bare = kind == "none"
        self._single: list[Zygote] = []
        self._shared: Zygote | None = None
        self._shared = self._zygote("bare" if self._bare else "sealed")
        if not self._bare:
            try:
                self._spawn(self._shared, sealed=True).kill()
                self.sealed = True
            except PermissionError:  # namespaces inside namespaces are denied: one sandbox a worker
                self.close()

    def worker(self) -> Worker:
        """A fresh worker, ready for requests, that no other worker can see.

        Raises:
            SandboxUnavailable: the sandbox broke down meanwhile.
        """
        try:
            if self._shared:
                return self._spawn(self._shared, sealed=self.sealed)
            zygote = self._zygote("single")
            self._single.append(zygote)
            worker = self._spawn(zygote, sealed=False)
            worker.at_end = lambda: self._retire(zygote)
            return worker
        except OSError as error:
            message = f"The sandbox no longer starts workers ({error}). Run the command again."
            raise SandboxUnavailable(message) from error

    def cpu_seconds(self) -> float:
        """Processor time so far of the sandbox's start and of all workers that have ended.

        Workers do not count among this process's children for `resource.getrusage`, so ask here.
        """
        return self._spent + (self._shared.cpu_seconds() if self._shared else 0.0)

    def close(self) -> None:
        """End the sandbox with every worker in it."""
        for zygote in [*self._single, *([self._shared] if self._shared else [])]:
            self._retire(zygote)
        self._shared = None

    def _retire(self, zygote: Zygote) -> None:
        with contextlib.suppress(OSError):
            self._spent += zygote.cpu_seconds()
        zygote.close()
        if zygote in self._single:
            self._single.remove(zygote)

    def _zygote(self, box: Literal["sealed", "single", "bare"]) -> Zygote:
        return Zygote(box, scratch_mb=self.limits.scratch_mb, target=self._target, options=self._options)

    def _spawn(self, zygote: Zygote, *, sealed: bool) -> Worker:
        ours, theirs = socket.socketpair()
        with theirs:
            request = {"op": "spawn", "limits": self.limits.for_worker(), "sealed": sealed}
            answer = zygote.ask(request, (theirs.fileno(),))
        if "error" in answer:
            ours.close()
            raise PermissionError(str(answer["error"]))
        return Worker(ours, self.limits, zygote, int(answer["pid"]))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Worker:
    """One process with one student's definitions, or a fork of it."""

    def __init__(
        self, channel: socket.socket, limits: Limits, zygote: Zygote, pid: int, root: Worker | None = None
    ) -> None:
        self.pid = pid  # as the zygote counts, or as the root worker does for a fork
        self._channel = channel
        self._limits = limits
        self._zygote = zygote
        self._root = root
        self._ending: Ending | None = None
        self._peak_mb = 0.0
        self.at_end: Callable[[], None] = lambda: None  # what else ends with it

    def request(
        self, header: dict[str, Any], tensors: wire.Tensors | None = None, *, timeout: float
    ) -> tuple[dict[str, Any], wire.Tensors]:
        """Send one request and return the answer's header and tensors.

        Args:
            timeout: seconds for everything together, whatever the worker dribbles.

        Raises:
            WorkerTimeout: no complete answer in time; the worker, with all its forks, has been killed.
            WorkerDied: it ended, and why.
        """
        return self._exchange(wire.pack(header, tensors), None, timeout)

    def fork(self, *, timeout: float) -> Worker:
        """A copy of this worker as it is now; closing the copy leaves this one as it was.

        Raises:
            WorkerTimeout, WorkerDied: as for `request`.
        """
        if self._root is not None:
            raise ValueError("only a worker itself can be forked, not a fork of it")
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                answer, _ = self._exchange(wire.pack({"op": "fork"}), theirs.fileno(), timeout)
                return Worker(ours, self._limits, self._zygote, int(answer["pid"]), self)
            except (WorkerTimeout, WorkerDied):
                ours.close()
                raise
            except (KeyError, TypeError, ValueError):
                ours.close()
                raise self._die(WorkerDied("protocol", f"it could not be forked: {answer}")) from None

    def kill(self) -> None:
        """End this worker and what it started. A fork ends alone, a worker takes its forks along."""
        if self._ending is None:
            self._end(WorkerDied("exit", "it has been closed"), grace=0.0)

    def rss_mb(self) -> float:
        """Highest resident memory so far of the worker and all that it started, seen from outside, in MB."""
        root = self._root or self
        if root._ending is None:
            root._peak_mb = float(self._zygote.ask({"op": "usage", "pid": root.pid})["peak_mb"])
        return root._peak_mb

    def _exchange(
        self, frame: bytes, descriptor: int | None, timeout: float
    ) -> tuple[dict[str, Any], wire.Tensors]:
        if self._root is not None and self._root._ending is not None:
            self._end(self._root._ending, grace=0.0)
        if self._ending is not None:
            raise self._ending
        deadline = time.monotonic() + timeout
        try:
            self._channel.settimeout(timeout)
            self._channel.sendall(frame)
            if descriptor is not None:
                socket.send_fds(self._channel, [b"f"], [descriptor])
            return wire.receive(
                self._channel, payload_limit=self._limits.message_mb * 2**20, deadline=deadline
            )
        except TimeoutError:
            error = WorkerTimeout(f"no answer within {timeout:g} s")
            raise self._die(error, whole=True) from None
        except (wire.ChannelClosed, OSError):
            raise self._die(WorkerDied("protocol", "it closed its channel"), left=True) from None
        except wire.WireError as error:
            raise self._die(WorkerDied("protocol", str(error))) from None

    def _die(self, ending: Ending, *, whole: bool = False, left: bool = False) -> Ending:
        """End the worker because of `ending`; returns the exception to raise.

        Args:
            whole: end the worker that this one was forked from too.
            left: it may have ended by itself, so ask how.
        """
        if self._root is not None and whole:
            # A fork that hangs may have siblings and children: the reliable end is that of the whole tree.
            self._root._die(WorkerDied("exit", "it was killed because a fork of it did not answer"))
        self._end(ending, grace=_DYING_SECONDS if left else 0.0)
        assert self._ending is not None
        return self._ending

    def _end(self, ending: Ending, *, grace: float) -> None:
        self._ending = ending
        self._channel.close()
        if self._root is not None:
            if self._root._ending is None:
                with contextlib.suppress(WorkerTimeout, WorkerDied):
                    self._root.request({"op": "kill", "pid": self.pid}, timeout=10.0)
            return
        try:
            report = self._zygote.ask({"op": "end", "pid": self.pid, "grace": grace})
        except OSError:
            report = {}
        self._peak_mb = max(self._peak_mb, _number(report, "peak_mb"))
        self.at_end()
        if grace and isinstance(ending, WorkerDied):
            self._ending = _cause(report, ending, self._limits)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


def _cause(report: dict[str, Any], ending: WorkerDied, limits: Limits) -> WorkerDied:
    """Why a worker ended, from what the zygote saw of its end."""
    over, code, signal = report.get("over"), report.get("exit"), report.get("signal")
    cpu = _number(report, "cpu_seconds")
    if over == "memory":
        return WorkerDied("memory", f"it used more than {limits.memory_mb} MB")
    if over == "processes":
        return WorkerDied("exit", f"it started more than {limits.processes} processes and threads")
    if signal is not None and cpu > limits.cpu_seconds - 1:
        return WorkerDied("cpu", f"it used {cpu:.0f} s of processor time, {limits.cpu_seconds} are allowed")
    if code is not None:
        return WorkerDied("exit", f"its process ended with exit status {code}")
    if signal == _SIGKILL and not report.get("ended_by_us"):
        return WorkerDied("memory", "the system killed it, most likely for lack of memory")
    if signal is not None and not report.get("ended_by_us"):
        return WorkerDied("exit", f"its process ended by signal {signal}")
    return ending  # it still ran: its answer was no answer


def _number(report: dict[str, Any], name: str) -> float:
    value = report.get(name)
    return float(value) if isinstance(value, int | float) else 0.0
