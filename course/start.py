"""Copy the notebooks out of the installed course and open JupyterLab there: `genlab start`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def start(directory: str | Path = "genlab", *, launch: bool = True, options: Sequence[str] = ()) -> int:
    """Copy the notebooks to `directory` and open JupyterLab in it; return JupyterLab's exit status.

    A notebook that is there already is the student's and stays as it is. `launch=False` only copies;
    `options` go to JupyterLab, such as `--no-browser`. Works the same on Linux, macOS and Windows.

    Raises:
        OSError: the directory cannot be written.
    """
    directory = Path(directory).expanduser().resolve()
    for line in copy_notebooks(directory):
        print(line)
    if not launch:
        return 0
    command = [sys.executable, "-m", "jupyterlab", *options]
    if hasattr(os, "geteuid") and os.geteuid() == 0 and "--allow-root" not in options:
        command.append("--allow-root")  # containers have no other user, and JupyterLab refuses by default
    print(f"Opening JupyterLab in {directory}. Press Ctrl-C here to stop it.", flush=True)
    try:
        return subprocess.call(command, cwd=directory)
    except KeyboardInterrupt:
        return 0


def copy_notebooks(directory: Path, source: Path = PACKAGE) -> list[str]:
    """Copy each `<lab>/<lab>.ipynb` below `source` to `directory`; return a line on each for the reader.

    A copy that differs from the release is never overwritten. If the release is not the one that it
    started from, the new one is laid beside it, once, as `<lab>.new.ipynb`.
    """
    lines = []
    for notebook in sorted(source.glob("*/*.ipynb")):
        name = notebook.relative_to(source)
        release, target = notebook.read_bytes(), directory / name
        if not target.exists():
            _write(target, release)
            _write(_received(target), release)
            lines.append(f"Copied {name}.")
        elif target.read_bytes() == release:
            lines.append(f"{name} is there already.")
        elif _received(target).exists() and _received(target).read_bytes() == release:
            lines.append(f"Kept your {name}.")
        else:
            beside = _free(target)
            _write(beside, release)
            _write(_received(target), release)
            lines.append(
                f"Kept your {name}; the course has a newer one, which is now {beside.name} beside it."
            )
    return lines


def _free(notebook: Path) -> Path:
    """A name beside the notebook that no file has yet: `ae.new.ipynb`, `ae.new2.ipynb`, ..."""
    names = (notebook.with_name(f"{notebook.stem}.new{n}.ipynb") for n in ["", *range(2, 1000)])
    return next(name for name in names if not name.exists())


def _received(notebook: Path) -> Path:
    """Where the release that a student's copy began as is remembered."""
    return notebook.parent / ".genlab" / notebook.name


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
