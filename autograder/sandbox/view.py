"""What a worker can see of the machine: the bubblewrap command line.

Read-only: the operating system's libraries, Python with its packages, the worker package, `course`. Not
there: the grader, the solutions, the repository, home folders, submissions, the network.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import autograder
import autograder.worker
import course

HOME = "/genlab/tmp"  # scratch: not below /tmp, where a Python prefix may have to be mounted
LIBRARY = "/genlab/lib"
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime")
_PREFIX_PARTS = ("bin", "lib", "lib64", "pyvenv.cfg")  # not the prefix itself: it may be somebody's home

WORKER_PACKAGE = Path(autograder.worker.__file__).resolve().parent
COURSE_PACKAGE = Path(course.__file__).resolve().parent
_INSTALL_ROOT = Path(autograder.__file__).resolve().parent.parent  # the checkout, or site-packages


def worker_environment(home: str, library: str) -> dict[str, str]:
    """The whole environment of the zygote and its workers; nothing of the grader's own is passed on."""
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join([library, *(str(path) for path in _loose_packages())]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",  # the order of a set must not change a report
        "HOME": home,
        "TMPDIR": home,
        "USER": "student",
        "LOGNAME": "student",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": home,
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",
        "GENLAB_WORKER": "1",
        "TORCHDYNAMO_DISABLE": "1",  # torch.compile runs as it stands: no compiler starts in a worker
    }


def bubblewrap_command(
    executable: str, *, sealed: bool, scratch_mb: int, options: tuple[str, ...]
) -> list[str]:
    """The command line up to, and not with, the program to run inside.

    Args:
        executable: bubblewrap itself.
        sealed: workers will make their own namespaces inside; otherwise this sandbox is one worker's own.
        scratch_mb: size of the scratch space when it is not sealed.
        options: further options, such as `--disable-userns`.
    """
    # As root bubblewrap would do without a user namespace: ask for one, so that both cases are alike.
    command = [executable, "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session"]
    command += ["--hostname", "worker", "--clearenv"]
    for name, value in worker_environment(HOME, LIBRARY).items():
        command += ["--setenv", name, value]
    below_tmp = any(path.is_relative_to("/tmp") for path in _visible())
    if below_tmp and not sealed:  # a sealed worker makes its own, see worker/seal.py
        command += ["--size", str(scratch_mb * 2**20), "--tmpfs", "/tmp"]
    for _, mount in sorted(_mounts(), key=lambda item: item[0]):
        command += mount
    command += ["--proc", "/proc", "--dev", "/dev"]
    for folder in ("/dev/shm", HOME):
        size = [] if sealed else ["--size", str(scratch_mb * 2**20)]
        command += [*size, "--tmpfs", folder]
    if not below_tmp:
        command += ["--symlink", HOME, "/tmp"]
    command += ["--dir", f"{HOME}/work", *options]
    # Whatever is writable would be a letter box between workers.
    for folder in ("/dev", "/", *map(str, _hidden())):
        command += ["--remount-ro", folder]
    if not sealed:  # a worker of root could turn the kernel's switches in /proc/sys; a sealed one has its own
        command += ["--remount-ro", "/proc"]
    if os.geteuid() == 0:
        # Root inside keeps what the zygote needs to prepare sealing (see worker/seal.py); workers drop it.
        command += ["--cap-drop", "ALL"]
        if sealed:
            command += ["--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SETFCAP"]
    return [*command, "--chdir", f"{HOME}/work"]


def _mounts() -> list[tuple[int, list[str]]]:
    """Mount options with the depth of their target: a deeper one comes later and is not hidden."""
    mounts: list[tuple[int, list[str]]] = []

    def add(target: Path, *option: str) -> None:
        mounts.append((len(target.parts), [*option, str(target)]))

    for path in _visible():
        if path.is_symlink() and path.parent == Path("/"):
            add(path, "--symlink", os.readlink(path))
        else:
            add(path, "--ro-bind", str(path))
    hop = Path(sys.executable)
    while hop.is_symlink():
        if not _covered(hop):
            add(hop, "--symlink", os.readlink(hop))
        hop = hop.parent / os.readlink(hop)
    for hidden in _hidden():
        add(hidden, "--tmpfs")
    add(Path(LIBRARY) / "genlab_worker", "--ro-bind", str(WORKER_PACKAGE))
    add(Path(LIBRARY) / "course", "--ro-bind", str(COURSE_PACKAGE))
    return mounts


def _visible() -> list[Path]:
    """Host paths that appear inside at the same place."""
    paths = [Path(name) for name in (*_SYSTEM, *_SETTINGS)]
    for prefix in _prefixes():
        paths += [prefix / part for part in _PREFIX_PARTS]
    paths += _loose_packages()
    return [path for path in dict.fromkeys(paths) if path.exists()]


def _prefixes() -> list[Path]:
    named = [Path(sys.base_prefix), Path(sys.prefix)]
    return [path for path in dict.fromkeys([*named, *(p.resolve() for p in named)]) if path != Path("/usr")]


def _loose_packages() -> list[Path]:
    """The folder that holds torch, where that is not below Python's own prefix (`pip install --user`)."""
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return []
    folder = Path(spec.origin).parent.parent
    return [] if any(folder.is_relative_to(prefix) for prefix in (*_prefixes(), Path("/usr"))) else [folder]


def _hidden() -> list[Path]:
    """What must not be seen although it lies below something that is."""
    if (_INSTALL_ROOT / "pyproject.toml").exists():  # a checkout: hide all of it
        candidates = [_INSTALL_ROOT]
    else:  # beside other packages
        candidates = [_INSTALL_ROOT / "autograder", _INSTALL_ROOT / "solutions"]
    return [path for path in candidates if path.exists() and _covered(path)]


def _covered(path: Path) -> bool:
    return any(path != seen and path.is_relative_to(seen) for seen in _visible())
