"""Of the machine a worker sees Python, `course` and itself; the rest is not there."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox.view import HOME, LIBRARY, worker_environment

Ask = Callable[[str], Any]
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("address", ["1.1.1.1", "192.168.1.1"])
def test_no_address_can_be_reached(ask: Ask, address: str) -> None:
    answer = ask(f"import socket; socket.create_connection(({address!r}, 80), timeout=2)")
    assert "unreachable" in answer


def test_there_is_no_network_interface_but_its_own_loopback(ask: Ask) -> None:
    assert ask("import socket; result = [name for _, name in socket.if_nameindex()]") == ["lo"]


def test_names_cannot_be_resolved(ask: Ask) -> None:
    assert ask("import socket; socket.getaddrinfo('example.org', 80)").startswith("gaierror")


def test_a_server_on_this_machine_cannot_be_reached(ask: Ask) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert "Error" in ask(f"import socket; socket.create_connection(('127.0.0.1', {port}), timeout=2)")


@pytest.mark.parametrize("name", ["autograder", "autograder.labs", "solutions", "nothing_of_this_name"])
def test_the_grader_and_the_solutions_cannot_be_imported(ask: Ask, name: str) -> None:
    assert ask(f"import {name}").startswith("ModuleNotFoundError")


def test_course_and_the_libraries_of_the_labs_can_be_imported(ask: Ask) -> None:
    assert ask("import course.data, torch, numpy, matplotlib.pyplot") is None
    assert ask("import course; result = course.__file__") == "/genlab/lib/course/__init__.py"


def test_files_of_the_repository_and_of_homes_are_not_there(ask: Ask) -> None:
    own = [REPOSITORY / "autograder", REPOSITORY / "pyproject.toml", Path.home() / ".bashrc"]
    hidden = [*map(str, own), "/etc/shadow", "/etc/passwd", "/root/.ssh", "/var", "/run", "/sys"]
    if not sys.prefix.startswith("/home"):  # where Python lies in a home folder, the way to it is there
        hidden.append("/home")
    assert ask(f"import os; result = [path for path in {hidden!r} if os.path.exists(path)]") == []


def test_no_file_outside_python_and_the_system_is_readable(ask: Ask) -> None:
    top = ask("import os; result = sorted(os.listdir('/'))")
    prefixes = {Path(prefix).resolve().parts[1] for prefix in (sys.prefix, sys.base_prefix, sys.executable)}
    system = {"usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "etc", "proc", "dev", "tmp", "genlab"}
    assert set(top) <= system | prefixes


def test_the_graders_environment_is_not_passed_on(ask: Ask) -> None:
    own = set(os.environ.items()) - set(worker_environment(HOME, LIBRARY).items())
    assert own
    seen = ask("import os; result = list(os.environ.items())")
    assert own.isdisjoint(map(tuple, seen))
    # Nor through the process that started the worker's.
    first = ask("result = open('/proc/1/environ', errors='replace').read()")
    assert not [name for name, value in own if f"{name}={value}" in first.split("\0")]


def test_nothing_can_be_written_outside_the_scratch_space(ask: Ask) -> None:
    places = ["/", "/dev", "/genlab", "/genlab/lib/course", "/usr", "/proc", sys.prefix + "/lib"]
    source = f"""
result = []
for place in {places!r}:
    try:
        open(place + "/left-behind", "w").close()
        result.append(place)
    except OSError:
        pass
"""
    assert ask(source) == []


@pytest.mark.parametrize("folder", [".", "/tmp", "/dev/shm", "/genlab/tmp"])
def test_scratch_space_can_be_written(ask: Ask, folder: str) -> None:
    source = (
        f"import os; f = {folder!r} + '/x'; open(f, 'w').write('abc'); result = open(f).read(); os.remove(f)"
    )
    assert ask(source) == "abc"


def test_no_mount_but_scratch_space_is_writable(ask: Ask) -> None:
    lines = ask("result = open('/proc/self/mountinfo').read()").splitlines()
    topmost = {
        line.split()[4]: line.split()[5].split(",") for line in lines
    }  # a later mount hides an earlier
    writable = {place for place, options in topmost.items() if "ro" not in options}
    devices = {f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty", "pts")}
    assert writable - devices - {"/tmp"} == {"/genlab/tmp", "/dev/shm"}  # /tmp is the scratch space too


def test_no_capability_is_left_and_none_can_come_back(ask: Ask) -> None:
    status = ask("result = open('/proc/self/status').read()")
    fields = dict(line.split(":\t", 1) for line in status.splitlines())
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(fields[name], 16) == 0, name
    assert fields["NoNewPrivs"] == "1"


def test_a_worker_makes_no_namespaces_and_no_mounts(ask: Ask) -> None:
    source = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
flags = {"user": 0x10000000, "mount": 0x20000, "network": 0x40000000}
result = [name for name, flag in flags.items() if libc.unshare(flag) == 0]
result += ["tmpfs"] if libc.mount(b"x", b"/genlab/tmp", b"tmpfs", 0, None) == 0 else []
result += ["umount"] if libc.umount2(b"/genlab/tmp", 2) == 0 else []
"""
    assert ask(source) == []


def test_the_kernels_switches_cannot_be_turned(ask: Ask) -> None:
    source = """
result = []
for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/sys/vm/drop_caches"):
    try:
        open(path, "w").close()
        result.append(path)
    except OSError:
        pass
"""
    assert ask(source) == []


def test_no_descriptor_is_open_but_silence_and_the_channel(ask: Ask) -> None:
    source = """
import os
result = {}
for number in os.listdir("/proc/self/fd"):
    try:
        result[number] = os.readlink("/proc/self/fd/" + number).split(":")[0]
    except OSError:
        pass
"""
    found = ask(source)
    assert sorted(found.values()) == ["/dev/null", "/dev/null", "/dev/null", "socket"]


def test_processes_of_the_machine_are_invisible(ask: Ask) -> None:
    pids = ask("import os; result = sorted(int(name) for name in os.listdir('/proc') if name.isdigit())")
    assert len(pids) <= 3  # in a sandbox of its own: bubblewrap, zygote, worker
    assert "No such process" in ask(f"import os; os.kill({os.getpid()}, 0)") or os.getpid() in pids


def test_torch_computes_with_one_thread(ask: Ask) -> None:
    source = """
import torch
layer = torch.nn.Linear(784, 32)
layer(torch.ones(8, 784)).sum().backward()
result = [torch.get_num_threads(), float(layer.bias.grad.sum())]
"""
    assert ask(source) == [1, 256.0]
