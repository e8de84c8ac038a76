"""How a forked process becomes a world of its own: namespaces, private scratch space, no way back.

The zygote is inside bubblewrap already. Sealing separates one worker from the zygote and from the other
workers: own users, processes, mounts, network, IPC. Nothing of a student runs before it is complete.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

SCRATCH = Path("/genlab/tmp")  # where bubblewrap leaves an empty directory for us to mount on
WORK = SCRATCH / "work"

_NEWNS, _NEWUTS, _NEWIPC = 0x00020000, 0x04000000, 0x08000000
_NEWUSER, _NEWPID, _NEWNET = 0x10000000, 0x20000000, 0x40000000
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _BIND, _REC = 1, 2, 4, 8, 4096, 16384
_PR_SET_CHILD_SUBREAPER = 36


class SealError(Exception):
    """The kernel refused a namespace or a mount; the message says which one."""


def adopt_orphans() -> None:
    """Make this process the parent of grandchildren whose parent has gone (`enter` leaves them)."""
    _check(_libc().prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "becoming the parent of orphans")


def refresh_proc() -> None:
    """Mount a fresh /proc over the one bubblewrap made, where that is allowed.

    For root bubblewrap covers parts of /proc, and the kernel lets nobody in a nested user namespace mount a
    /proc while the visible one is partly covered. Other users need nothing: there this is refused, and right.
    """
    _libc().mount(b"proc", b"/proc", b"proc", _NOSUID | _NODEV | _NOEXEC, None)


def enter() -> int:
    """Leave for new namespaces and fork: returns 0 in the child, which is process 1 there, else its pid.

    Raises:
        SealError: nested user namespaces are not allowed here.
    """
    uid, gid = os.getuid(), os.getgid()
    everything = _NEWUSER | _NEWPID | _NEWNS | _NEWIPC | _NEWNET | _NEWUTS
    _check(_libc().unshare(everything), "new namespaces (unshare)")
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"1000 {uid} 1")
    _write("/proc/self/gid_map", f"1000 {gid} 1")
    return os.fork()


def mount_own_world(scratch_mb: int) -> None:
    """In process 1 of the new namespaces: private scratch space and /proc, everything else read-only.

    Scratch space and /dev/shm share one budget of `scratch_mb`.

    Raises:
        SealError: a mount is not allowed here.
    """
    _write("/proc/self/oom_score_adj", "1000")  # when the machine is short of memory, a worker goes first
    _write("/proc/sys/user/max_user_namespaces", "0")  # and no further namespaces, a favourite way out
    quiet = _NOSUID | _NODEV
    size = f"size={scratch_mb}m,nr_inodes=65536,mode=700".encode()
    _mount(b"tmpfs", str(SCRATCH).encode(), b"tmpfs", quiet, size)
    shared, shm = SCRATCH / "shm", b"/dev/shm"
    shared.mkdir()
    WORK.mkdir()
    _mount(str(shared).encode(), shm, None, _BIND, None)
    _mount(b"tmpfs", b"/dev/pts", b"tmpfs", quiet | _RDONLY, b"size=4k")  # terminals are shared: hide them
    # Read-only, because a worker of root would otherwise reach the kernel's switches in /proc/sys.
    _mount(b"proc", b"/proc", b"proc", quiet | _NOEXEC | _RDONLY, None)
    _make_tmp_scratch()
    os.chdir(WORK)


def _make_tmp_scratch() -> None:
    """Let /tmp be the scratch space too. Mostly it is a link to it; not so where Python itself lies below /tmp."""
    tmp = Path("/tmp")
    if tmp.is_symlink():
        return
    for entry in tmp.iterdir():
        place = SCRATCH / entry.name
        place.mkdir()
        _mount(str(entry).encode(), str(place).encode(), None, _BIND | _REC, None)
    _mount(str(SCRATCH).encode(), b"/tmp", None, _BIND | _REC, None)


def _libc() -> ctypes.CDLL:
    if sys.platform != "linux":
        raise SealError("sealing a worker needs Linux")
    return ctypes.CDLL(None, use_errno=True)


def _mount(source: bytes, target: bytes, kind: bytes | None, flags: int, data: bytes | None) -> None:
    _check(_libc().mount(source, target, kind, flags, data), f"mounting {target.decode()}")


def _check(result: int, what: str) -> None:
    if result < 0:
        raise SealError(f"{what}: {os.strerror(ctypes.get_errno())}")


def _write(path: str, text: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)
    except OSError as error:
        raise SealError(f"writing {path}: {error.strerror}") from None
