"""Which calls into the kernel a worker is refused: memory that no limit counts, and favourite ways out.

Nothing that the labs, torch or numpy use is among them. What else a worker may do is bounded by its
namespaces and limits; this only makes the kernel's surface smaller.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

# Number of each call by machine (`os.uname().machine`); calls since Linux 5 have one number everywhere.
_REFUSED = {
    "memfd_create": {"x86_64": 319, "aarch64": 279},  # memory outside of any process
    "memfd_secret": {"x86_64": 447, "aarch64": 447},
    "shmget": {"x86_64": 29, "aarch64": 194},
    "msgget": {"x86_64": 68, "aarch64": 186},
    "unshare": {"x86_64": 272, "aarch64": 97},  # namespaces and mounts
    "setns": {"x86_64": 308, "aarch64": 268},
    "mount": {"x86_64": 165, "aarch64": 40},
    "umount2": {"x86_64": 166, "aarch64": 39},
    "pivot_root": {"x86_64": 155, "aarch64": 41},
    "open_tree": {"x86_64": 428, "aarch64": 428},
    "move_mount": {"x86_64": 429, "aarch64": 429},
    "fsopen": {"x86_64": 430, "aarch64": 430},
    "mount_setattr": {"x86_64": 442, "aarch64": 442},
    "open_by_handle_at": {"x86_64": 304, "aarch64": 265},
    "ptrace": {"x86_64": 101, "aarch64": 117},  # other processes
    "process_vm_readv": {"x86_64": 310, "aarch64": 270},
    "process_vm_writev": {"x86_64": 311, "aarch64": 271},
    "pidfd_getfd": {"x86_64": 438, "aarch64": 438},
    "bpf": {"x86_64": 321, "aarch64": 280},  # large and often broken parts of the kernel
    "io_uring_setup": {"x86_64": 425, "aarch64": 425},
    "perf_event_open": {"x86_64": 298, "aarch64": 241},
    "userfaultfd": {"x86_64": 323, "aarch64": 282},
    "keyctl": {"x86_64": 250, "aarch64": 219},
    "add_key": {"x86_64": 248, "aarch64": 217},
    "request_key": {"x86_64": 249, "aarch64": 218},
    "kexec_load": {"x86_64": 246, "aarch64": 104},
}
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_FOREIGN_ABI = 0x40000000  # x32 calls on x86_64 carry this bit

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # classic BPF
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2


def refuse_calls() -> None:
    """Install the filter for this process and all it will start; `no_new_privs` must be set already.

    A no-op on machines whose call numbers are not in the table.

    Raises:
        OSError: the kernel did not take the filter.
    """
    machine = os.uname().machine
    if sys.platform != "linux" or machine not in _AUDIT_ARCH:
        return
    code = _filter(_AUDIT_ARCH[machine], [numbers[machine] for numbers in _REFUSED.values()])
    buffer = ctypes.create_string_buffer(code)
    program = struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.c_char_p(program), 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel did not take the worker's system call filter")


def _filter(architecture: int, refused: list[int]) -> bytes:
    """The BPF program: calls of another architecture or in the list end with EPERM, all others pass."""

    def instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
        return struct.pack("=HBBI", code, if_true, if_false, value)

    tests = [(_AT_LEAST, _FOREIGN_ABI), *((_EQUAL, number) for number in refused)]
    program = [instruction(_LOAD, 4), instruction(_EQUAL, architecture, 0, len(tests) + 2)]
    program.append(instruction(_LOAD, 0))
    program += [instruction(code, value, len(tests) - at) for at, (code, value) in enumerate(tests)]
    return b"".join([*program, instruction(_RETURN, _ALLOW), instruction(_RETURN, _ERROR | errno.EPERM)])
