"""What bounds a worker process: resource limits and the capabilities it gives up.

The numbers arrive from the grader (`policy.toml`, section limits) as a plain mapping, because this
package knows nothing of the grader.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import sys
from collections.abc import Mapping

_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_CAP_VERSION_3 = 0x20080522
_HIGHEST_CAPABILITY = 63  # the kernel refuses the numbers it does not know


def apply_limits(limits: Mapping[str, int], *, own_user_namespace: bool) -> None:
    """Set the limits on this process and all it will start; they cannot be raised again.

    Args:
        limits: `memory_mb`, `scratch_mb`, `processes`, `open_files`, `cpu_seconds`.
        own_user_namespace: whether processes are counted for this worker alone. Elsewhere the kernel
            counts all processes of the user, so that only the zygote's watch can bound them.
    """
    # Importing torch has taken private memory already: the limit is what student code gets on top.
    _lower(resource.RLIMIT_DATA, _data_bytes() + limits["memory_mb"] * 2**20)
    _lower(resource.RLIMIT_FSIZE, limits["scratch_mb"] * 2**20)
    _lower(resource.RLIMIT_NOFILE, limits["open_files"])
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_CPU, limits["cpu_seconds"])
    if own_user_namespace and _kernel() >= (5, 14):
        _lower(resource.RLIMIT_NPROC, limits["processes"])


def drop_privileges() -> None:
    """Give up every capability, now and for whatever is executed later. A no-op outside Linux."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(_HIGHEST_CAPABILITY + 1):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)  # refused where there is nothing to give up
    header = (ctypes.c_uint32 * 2)(_CAP_VERSION_3, 0)
    if libc.capset(header, (ctypes.c_uint32 * 6)()) or libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel did not let the worker drop its capabilities")
    # Entering a user namespace hid this process from the zygote, which has to watch its memory.
    libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)


def _lower(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    # macOS refuses some limits (RLIMIT_DATA below what is in use): there they are a courtesy.
    with contextlib.suppress(ValueError, OSError) if sys.platform != "linux" else contextlib.nullcontext():
        resource.setrlimit(which, (value, value))


def _data_bytes() -> int:
    """Private writable memory of this process, as RLIMIT_DATA counts it; 0 where it cannot be told."""
    if sys.platform != "linux":
        return 0
    with open("/proc/self/statm") as file:
        return int(file.read().split()[5]) * resource.getpagesize()


def _kernel() -> tuple[int, int]:
    major, minor = (os.uname().release if sys.platform == "linux" else platform.release()).split(".")[:2]
    return int(major), int("".join(c for c in minor if c.isdigit()) or 0)
