"""`.ci/setup` says what is missing, in a copy of the repository with a space in its path."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ["sh", "dirname", "cat", "cksum", "pwd", "id", "uname", "env", "mktemp"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What `.ci/setup` needs, and an empty folder `bin` that will be the whole PATH."""
    folder = tmp_path / "a folder"
    (folder / ".ci").mkdir(parents=True)
    for name in (".ci/setup", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, folder / name)
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        if path := shutil.which(tool):
            (tmp_path / "bin" / tool).symlink_to(path)
    return folder


def python_named(folder: Path, name: str, prelude: str = "") -> None:
    """A command `name` that runs this Python after the lines of `prelude`, seen at its start."""
    hook = folder.parent / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(prelude)
    script = f'#!/bin/sh\nPYTHONPATH="{hook}" exec "{sys.executable}" "$@"\n'
    command = folder.parent / "bin" / name
    command.write_text(script)
    command.chmod(0o755)


def setup(folder: Path, extras: str = "test") -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(folder.parent / "bin"), "GENLAB_NO_SYSTEM_PACKAGES": "1", "HOME": str(folder)}
    command = [shutil.which("sh") or "sh", ".ci/setup", extras]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_without_python_it_says_which_version_is_needed(checkout: Path) -> None:
    run = setup(checkout)
    assert run.returncode == 1
    assert "Python 3.11 or newer is needed" in run.stderr
    assert not (checkout / ".venv").exists()


def test_a_python_that_is_too_old_is_passed_over(checkout: Path) -> None:
    python_named(checkout, "python3", "import sys; sys.version_info = (3, 10, 0)\n")
    run = setup(checkout)
    assert run.returncode == 1
    assert "Python 3.11 or newer is needed" in run.stderr


def test_without_ensurepip_it_names_the_package_to_install(checkout: Path) -> None:
    python_named(checkout, "python3", "import sys; sys.modules['ensurepip'] = None\n")
    run = setup(checkout)
    assert run.returncode == 1
    assert "ensurepip is missing" in run.stderr
    assert f"python{sys.version_info[0]}.{sys.version_info[1]}-venv" in run.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is for Linux")
def test_without_bubblewrap_it_says_how_to_get_it_and_goes_on(checkout: Path) -> None:
    run = setup(checkout)
    assert "bubblewrap is missing" in run.stderr
    assert "Python 3.11" in run.stderr  # it went on to the next step


def test_packages_are_installed_once_and_again_when_the_project_changes(checkout: Path) -> None:
    # In place of a virtual environment: a command that notes how it is called. What pip does with
    # the call is shown by every fresh clone; installing PyTorch once more would show no more.
    python, calls = checkout / ".venv/bin/python", checkout / "calls"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$@" >>calls\n')
    python.chmod(0o755)

    def installations() -> int:
        return calls.read_text().count("pip install")

    assert setup(checkout, "test").returncode == 0
    assert "-c requirements.lock -e .[test]" in calls.read_text()
    assert installations() == 1
    setup(checkout, "test")
    setup(checkout, "grade,site")  # `test` includes what the demo needs
    assert installations() == 1
    for name in ("pyproject.toml", "requirements.lock"):
        before = installations()
        with (checkout / name).open("a") as file:
            file.write("# changed\n")
        setup(checkout, "test")
        assert installations() == before + 1
