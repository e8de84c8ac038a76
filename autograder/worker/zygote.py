"""A process with torch imported that forks workers on request and never runs student code itself.

Starting Python and importing torch takes seconds, forking a process that has it takes milliseconds.
The grader talks to it over one socket: a line of JSON, and with `spawn` the worker's end of its channel.

    {"op": "spawn", "limits": {...}, "sealed": true} + descriptor  ->  {"pid": 7} or {"error": "why"}
    {"op": "end", "pid": 7, "grace": 0.5}  ->  {"exit": 0, "signal": null, "cpu_seconds": 1.2, "over": null,
                                                "ended_by_us": false, "peak_mb": 433.0}
    {"op": "usage", "pid": 7}              ->  {"rss_mb": 410.0, "peak_mb": 433.0}
    {"op": "cpu"}                          ->  {"cpu_seconds": 3.1}, its own and of workers that ended
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from . import limits, seal, syscalls, watch

TICK_SECONDS = 0.1
PRELOADED = (
    "torch",
    "torch.optim",
    "torch.nn.functional",
    "torch._dynamo",
    "safetensors.torch",
    "numpy",
    "matplotlib.pyplot",
    "IPython.core.inputtransformer2",
    "asyncio",
)

Target = Callable[[socket.socket], None]


class Zygote:
    """The workers of one sandbox, by process id."""

    def __init__(self, control: socket.socket, target: Target, *, boxed: bool) -> None:
        self.control = control
        self.target = target
        self.boxed = boxed  # whether bubblewrap is around us
        self.watched: dict[int, watch.Tree] = {}

    def run(self) -> None:
        """Answer requests until the grader closes the channel, then take every worker along."""
        buffer = b""
        while True:
            if not select.select([self.control], [], [], TICK_SECONDS if self.watched else None)[0]:
                for tree in self.watched.values():
                    tree.look()
                continue
            data, descriptors, _, _ = socket.recv_fds(self.control, 65536, 1)
            if not data:
                break
            buffer += data
            if not buffer.endswith(b"\n"):
                continue
            request, buffer = json.loads(buffer), b""
            try:
                answer = self.answer(request, descriptors)
            except (OSError, KeyError) as error:  # no process to be had; a worker that has gone
                answer = {"error": f"{type(error).__name__}: {error}"}
            self.control.sendall(json.dumps(answer).encode() + b"\n")
        for pid in list(self.watched):
            self.end(pid, grace=0.0)

    def answer(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        """One request of the grader, done."""
        match request["op"]:
            case "spawn":
                return self.spawn(request["limits"], descriptors[0], sealed=request["sealed"])
            case "end":
                return self.end(request["pid"], grace=request["grace"])
            case "cpu":
                return {"cpu_seconds": sum(os.times()[:4])}
            case "usage":
                return self.watched[request["pid"]].usage()
        raise ValueError(f"unknown request {request['op']!r}")

    def spawn(self, bounds: dict[str, int], channel: int, *, sealed: bool) -> dict[str, Any]:
        """Fork one worker and wait until it is locked in."""
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            self.become_worker(bounds, channel, writer, sealed=sealed)
        os.close(writer)
        os.close(channel)
        with open(reader) as report:
            news = [line.strip() for line in report]  # "pid 7", then "ready" or "error why"
        if sealed:
            os.waitpid(child, 0)  # it has left the worker behind, which is ours now
        pids = [int(line[4:]) for line in news if line.startswith("pid ")]
        if "ready" not in news:
            for pid in pids:
                os.waitpid(pid, 0)
            return {"error": next((line[6:] for line in news if line.startswith("error ")), "the fork died")}
        self.watched[pids[0]] = watch.Tree(pids[0], bounds)
        return {"pid": pids[0]}

    def become_worker(self, bounds: dict[str, int], channel: int, writer: int, *, sealed: bool) -> None:
        """In the fork: lock this process in, say so, serve, leave. Does not return."""
        try:
            if sealed:
                pid = seal.enter()
                if pid:
                    os.write(writer, b"pid %d\n" % pid)
                    os._exit(0)
                seal.mount_own_world(bounds["scratch_mb"])
            else:
                os.write(writer, b"pid %d\n" % os.getpid())
            prepare_process(keep={channel, writer})
            limits.apply_limits(bounds, own_user_namespace=self.boxed)
            if self.boxed:
                limits.drop_privileges()
                syscalls.refuse_calls()
            os.write(writer, b"ready\n")
            os.close(writer)
        except BaseException as error:
            os.write(writer, f"error {error}\n".encode())
            os._exit(1)
        try:
            self.target(socket.socket(fileno=channel))
        finally:
            os._exit(0)

    def end(self, pid: int, *, grace: float) -> dict[str, Any]:
        """Kill a worker with all it started, unless it ends by itself within `grace` seconds."""
        tree = self.watched.pop(pid)
        tree.usage()  # for the peak
        patience = time.monotonic() + grace
        while True:
            done, status, usage = os.wait4(pid, os.WNOHANG)
            if done:
                break
            if time.monotonic() >= patience:
                tree.kill()
                _, status, usage = os.wait4(pid, 0)
                break
            time.sleep(0.005)
        tree.sweep()
        return {
            "exit": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
            "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
            "cpu_seconds": usage.ru_utime + usage.ru_stime,
            "over": tree.over,
            "peak_mb": tree.peak_mb,
            "ended_by_us": not done,
        }


def prepare_process(*, keep: set[int]) -> None:
    """Give a fresh fork a session of its own, silence, and no descriptor but those to keep."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the grader, who ends its workers
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    for descriptor in map(int, os.listdir("/dev/fd")):
        if descriptor > 2 and descriptor not in keep:
            with contextlib.suppress(OSError):  # the listing's own descriptor is closed already
                os.close(descriptor)
    import torch

    torch.set_num_threads(1)


def main(arguments: list[str]) -> None:
    """`python -m genlab_worker.zygote DESCRIPTOR TARGET boxed|bare`, started by the grader only."""
    import importlib

    descriptor, target, boxed = int(arguments[0]), arguments[1], arguments[2] == "boxed"
    for name in PRELOADED:
        importlib.import_module(name)
    module, function = target.split(":")
    serve = getattr(importlib.import_module(module), function)
    for name in ("autograder", "solutions"):  # where they are installed, their empty folders can be seen
        sys.modules[name] = None  # type: ignore[assignment]
    control = socket.socket(fileno=descriptor)
    if sys.platform == "linux":
        seal.adopt_orphans()
    if boxed:
        seal.refresh_proc()
    control.sendall(b'{"ready": true}\n')
    Zygote(control, serve, boxed=boxed).run()


if __name__ == "__main__":
    main(sys.argv[1:])
