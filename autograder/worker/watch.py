"""What a worker and all that it started use, seen from the zygote, and the end of one that uses too much.

Resource limits hold for each process alone. Shared memory, many processes, and the processes of root
escape them, so the zygote looks at the whole tree ten times a second.
"""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

_PROC = Path("/proc")
_SLACK = 1.25  # a tree may use this multiple of the memory of one process


class Tree:
    """One worker and its descendants."""

    def __init__(self, pid: int, limits: dict[str, int]) -> None:
        self.pid = pid
        self.limits = limits
        self.over: str | None = None  # "memory" or "processes" once it has been killed for it
        self.peak_mb = 0.0
        self._base_kb = _anonymous_kb(os.getpid())  # what the fork shares with the zygote

    def look(self) -> None:
        """Kill the worker if its tree exceeds the limits."""
        members = _descendants(self.pid)
        self.peak_mb = max(self.peak_mb, sum(_field_kb(pid, "status", "VmRSS") for pid in members) / 1024)
        limit_kb = _SLACK * self.limits["memory_mb"] * 1024
        private_kb = sum(max(0, _anonymous_kb(pid) - self._base_kb) for pid in members)
        # Forks share pages; count those properly only when the quick sum says that it matters.
        if private_kb > limit_kb and sum(map(_proportional_kb, members)) > limit_kb:
            self.over = "memory"
        elif sum(members.values()) > self.limits["processes"]:
            self.over = "processes"
        if self.over:
            self.kill()

    def usage(self) -> dict[str, float]:
        """Resident memory of the tree in MB, now and at its highest."""
        members = _descendants(self.pid)
        now = sum(_field_kb(pid, "status", "VmRSS") for pid in members) / 1024
        peak = sum(_field_kb(pid, "status", "VmHWM") for pid in members) / 1024
        self.peak_mb = max(self.peak_mb, peak)
        return {"rss_mb": now, "peak_mb": self.peak_mb}

    def kill(self) -> None:
        """End the whole tree. In a process namespace of its own the worker takes everything along."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.sweep()

    def sweep(self) -> None:
        """End what shares the worker's session, which a worker without namespaces may leave behind."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


def _descendants(root: int) -> dict[int, int]:
    """Process ids of a tree, with the number of threads of each."""
    parents: dict[int, tuple[int, int]] = {}
    for entry in _PROC.glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        parents[int(entry.name)] = (int(fields[1]), int(fields[17]))
    members: dict[int, int] = {}
    for pid in parents:
        ancestor = pid
        while ancestor in parents and ancestor != root:
            ancestor = parents[ancestor][0]
        if ancestor == root:
            members[pid] = parents[pid][1]
    return members


def _anonymous_kb(pid: int) -> int:
    return _field_kb(pid, "status", "RssAnon") + _field_kb(pid, "status", "RssShmem")


def _proportional_kb(pid: int) -> int:
    """Memory with shared pages divided among those who share them; the plain sum if it cannot be read."""
    fair = _field_kb(pid, "smaps_rollup", "Pss_Anon") + _field_kb(pid, "smaps_rollup", "Pss_Shmem")
    return fair or _anonymous_kb(pid)


def _field_kb(pid: int, file: str, name: str) -> int:
    try:
        for line in (_PROC / str(pid) / file).read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0
