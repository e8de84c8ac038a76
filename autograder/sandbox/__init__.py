"""Where student code runs: a bubblewrap sandbox with warm, sealed workers."""

from .errors import NO_SANDBOX_WARNING, SandboxUnavailable, WorkerDied, WorkerTimeout
from .host import Sandbox, SandboxKind, Worker
from .limits import Limits
from .probe import probe_sandbox

__all__ = [
    "NO_SANDBOX_WARNING",
    "Limits",
    "Sandbox",
    "SandboxKind",
    "SandboxUnavailable",
    "Worker",
    "WorkerDied",
    "WorkerTimeout",
    "probe_sandbox",
]
