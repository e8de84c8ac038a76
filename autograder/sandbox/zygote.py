"""The grader's end of a zygote: start one, ask it for workers, end it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Literal

from . import view
from .errors import SandboxUnavailable
from .probe import explain

Box = Literal["sealed", "single", "bare"]  # shared by sealed workers; one worker's own; no sandbox
START_SECONDS = 120.0  # a cold disk may have to deliver all of torch
ANSWER_SECONDS = 30.0
_REPLY_LIMIT = 65536


class Zygote:
    """A process with torch imported, in a sandbox of its own unless `box` is "bare".

    Args:
        box: see `Box`.
        scratch_mb: size of the scratch space of a "single" box.
        target: `module:function` that serves a worker's channel.
        options: further options for bubblewrap.

    Raises:
        SandboxUnavailable: bubblewrap is missing or refused, or Python did not start; with what they said.
    """

    def __init__(
        self,
        box: Box,
        *,
        scratch_mb: int,
        target: str = "genlab_worker.serve:serve",
        options: tuple[str, ...] = (),
    ) -> None:
        self.box = box
        self._lock = threading.Lock()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed in `close`)
        self._control, theirs = socket.socketpair()
        # -P and -s: nothing from the current folder or the user's packages; -B: nothing is written.
        program = [
            sys.executable,
            "-P",
            "-s",
            "-B",
            "-m",
            "genlab_worker.zygote",
            str(theirs.fileno()),
            target,
        ]
        environment: dict[str, str] = {}  # bubblewrap sets the worker's; its own could be read from /proc
        folder = "/"
        if box == "bare":
            command, environment, folder = [*program, "bare"], *self._bare_place()
        else:
            bubblewrap = shutil.which("bwrap")
            if bubblewrap is None:
                raise SandboxUnavailable(explain(""))
            sealed = box == "sealed"
            command = view.bubblewrap_command(
                bubblewrap, sealed=sealed, scratch_mb=scratch_mb, options=options
            )
            command += [*program, "boxed"]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self._errors,
            stderr=self._errors,
            env=environment,
            cwd=folder,
            pass_fds=[theirs.fileno()],
            start_new_session=True,  # Ctrl-C in the terminal reaches the grader alone
        )
        theirs.close()
        try:
            self._answer(time.monotonic() + START_SECONDS)
        except OSError:
            words = self.close()
            raise SandboxUnavailable(explain(words)) from None

    @property
    def pid(self) -> int:
        """Process id of the outermost process, on this machine."""
        return self._process.pid

    def ask(self, request: dict[str, Any], descriptors: tuple[int, ...] = ()) -> dict[str, Any]:
        """One request and its answer.

        Raises:
            OSError: the zygote is gone or does not answer, now and ever after.
        """
        with self._lock:
            line = json.dumps(request).encode() + b"\n"
            try:
                self._control.settimeout(ANSWER_SECONDS)
                if descriptors:
                    socket.send_fds(self._control, [line], list(descriptors))
                else:
                    self._control.sendall(line)
                return self._answer(time.monotonic() + ANSWER_SECONDS)
            except BaseException:
                self._control.close()  # a late answer must not be taken for that of the next question
                raise

    def cpu_seconds(self) -> float:
        """Processor time of the zygote and of its workers that have ended.

        Raises:
            OSError: as for `ask`.
        """
        return float(self.ask({"op": "cpu"}).get("cpu_seconds", 0.0))

    def close(self) -> str:
        """End the zygote and everything in its sandbox. Returns what it wrote to standard error."""
        self._control.close()
        if self.box == "bare":  # it ends its workers first
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
        self._process.kill()
        self._process.wait()
        if self._folder:
            self._folder.cleanup()
            self._folder = None
        if self._errors.closed:
            return ""
        self._errors.seek(0)
        words = self._errors.read(65536).decode(errors="replace").strip()
        self._errors.close()
        return words

    def _bare_place(self) -> tuple[dict[str, str], str]:
        """Environment and folder of a zygote without a sandbox: the same packages under the same names."""
        self._folder = tempfile.TemporaryDirectory(prefix="genlab-", ignore_cleanup_errors=True)
        library, scratch = Path(self._folder.name, "lib"), Path(self._folder.name, "work")
        library.mkdir()
        scratch.mkdir()
        os.symlink(view.WORKER_PACKAGE, library / "genlab_worker")
        os.symlink(view.COURSE_PACKAGE, library / "course")
        return view.worker_environment(str(scratch), str(library)), str(scratch)

    def _answer(self, deadline: float) -> dict[str, Any]:
        # In a "single" box student code could reach the other end: trust neither size nor time nor content.
        line = b""
        while not line.endswith(b"\n"):
            self._control.settimeout(max(0.001, deadline - time.monotonic()))
            piece = self._control.recv(_REPLY_LIMIT)
            line += piece
            if not piece or len(line) > _REPLY_LIMIT:
                raise ConnectionError("the zygote has ended")
        try:
            answer = json.loads(line)
        except ValueError:
            raise ConnectionError("the zygote's answer is not JSON") from None
        if not isinstance(answer, dict):
            raise ConnectionError("the zygote's answer is not an object")
        return answer
