"""What can go wrong with a sandbox or a worker, in words for the person who reads it."""

from __future__ import annotations

from typing import Literal

DeathReason = Literal["memory", "cpu", "exit", "protocol"]

NO_SANDBOX_WARNING = """\
******************************************************************************************
WARNING: --sandbox none. Student code runs as a plain process with YOUR rights: it can read
your files, the solutions and the gradebook, and it can use the network. Only limits on time
and memory hold. Use this for code that you trust, or on a machine where nothing is to lose.
******************************************************************************************"""


class SandboxUnavailable(Exception):
    """There is no working sandbox; the message says what is missing and what to do."""


class WorkerTimeout(Exception):
    """A worker did not answer in time and has been killed."""


class WorkerDied(Exception):
    """A worker ended by itself, or was killed for what it used.

    Attributes:
        reason: "memory" or "cpu" when a limit ended it, "exit" when it left, "protocol" when its answer was
            not one.
        detail: the same for people.
    """

    def __init__(self, reason: DeathReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: DeathReason = reason
        self.detail = detail
