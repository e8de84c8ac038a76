"""The request loop of one worker: cells to run, probes to answer, forks to make."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from typing import Any

import torch

from . import devices, wire
from .cells import NoShell, Notebook
from .probes import Probes
from .values import fresh_module

PAYLOAD_LIMIT = 4 * 2**30


class Session:
    """One namespace and everything that the grader asked of it."""

    def __init__(self, namespace: dict[str, Any] | None = None) -> None:
        if namespace is None:  # a worker: the notebook's own __main__; in a kernel it is there already
            module = fresh_module("__main__")
            sys.modules["__main__"] = module
            namespace = module.__dict__
            namespace["get_ipython"] = NoShell
            # A pool of threads does not survive a fork: whoever asks for one here keeps the single thread.
            torch.set_num_threads = lambda nthreads: None
            namespace["check"] = lambda *args, **kwargs: None
        self.notebook = Notebook(namespace)
        self.probes = Probes(namespace)

    def handle(self, header: dict[str, Any], tensors: wire.Tensors) -> tuple[dict[str, Any], wire.Tensors]:
        """Answer one request. Student exceptions come back as data."""
        match header["op"]:
            case "cell":
                if "torchvision" in header["cell"]["source"]:
                    _mend_torchvision()
                if devices.mentioned(header["cell"]["source"]):
                    devices.map_to_cpu(told=not header["cell"].get("definitions_only"))
                return self.notebook.run(header["cell"], header["seconds"]), {}
            case "bind":
                return {
                    "bound": self.notebook.bind(header["names"]),
                    "skipped_names": self.notebook.skipped_names,
                    "syntax_errors": self.notebook.syntax_errors,
                    "device_mapped": devices.is_mapped(),
                }, {}
            case "probe":
                results, out = self.probes.run(header["steps"], tensors)
                return {"results": results}, out
        raise ValueError(f"unknown request {header['op']!r}")


def serve(sock: socket.socket) -> None:
    """Answer requests until the grader closes the channel, then leave without a word."""
    session = Session()
    while True:
        try:
            header, tensors = wire.receive(sock, payload_limit=PAYLOAD_LIMIT)
            if header["op"] == "fork":
                child = _fork(sock)
                if child is not None:
                    sock = child
                continue
            if header["op"] == "kill":
                _kill(int(header["pid"]))
                wire.send(sock, {})
                continue
            reply, out = session.handle(header, tensors)
            _reap()
        except (wire.WireError, OSError):
            os._exit(0)
        except MemoryError:
            reply, out = {"memory": True}, {}
        except BaseException as error:  # our own fault or sabotage: told, never fatal for the grader
            reply, out = {"broken": f"{type(error).__name__}: {str(error)[:300]}"}, {}
        try:
            wire.send(sock, reply, out)
        except OSError:
            os._exit(0)
        except BaseException as error:
            wire.send(
                sock, {"memory": True} if "memory" in str(error).lower() else {"broken": "unsendable answer"}
            )


def _mend_torchvision() -> None:
    """Let student code import torchvision where its compiled operators do not match this torch."""
    with contextlib.suppress(Exception):
        from course.data.vision import import_torchvision

        import_torchvision()


def _fork(sock: socket.socket) -> socket.socket | None:
    """Make a child that serves the channel which follows as a file descriptor. Returns it in the child."""
    _, descriptors, _, _ = socket.recv_fds(sock, 1, 1)
    pid = os.fork()
    if pid == 0:
        sock.close()
        return socket.socket(fileno=descriptors[0])
    os.close(descriptors[0])
    wire.send(sock, {"pid": pid})
    return None


def _kill(pid: int) -> None:
    try:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):
        pass


def _reap() -> None:
    """Collect children that ended, so that a long worker leaves no zombies."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
