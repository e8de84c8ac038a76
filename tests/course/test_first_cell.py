"""The first code cell of a notebook, away from home: a real wheel, a real server, a Python without the course."""

from __future__ import annotations

import http.server
import importlib.util
import os
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from solutions import away

ROOT = Path(__file__).parents[2]
OURS = ("genlab", "__editable__", "course", "autograder")  # what another machine does not have


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    spec = importlib.util.spec_from_file_location("student_zip", ROOT / ".ci/student_zip.py")
    student_zip = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(student_zip)
    source = tmp_path_factory.mktemp("source")
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file() and name.split("/")[0] in (
            "course",
            "autograder",
            "pyproject.toml",
            "README.md",
            "LICENSE",
        ):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", target, source]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return next(target.glob("*.whl"))


@pytest.fixture(scope="module")
def requested() -> list[str]:
    return []


@pytest.fixture(scope="module")
def address(wheel: Path, tmp_path_factory: pytest.TempPathFactory, requested: list[str]) -> Iterator[str]:
    """Where the release lies, laid out as on GitHub: another host, but the same path."""
    root = tmp_path_factory.mktemp("releases")
    path = away.release("").strip("/")
    (root / path).parent.mkdir(parents=True)
    (root / path).write_bytes(wheel.read_bytes())

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            requested.append(self.path)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(root))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with all that is installed here but the course, as a hosted notebook's is: its executable."""
    folder = tmp_path_factory.mktemp("elsewhere")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    packages = folder / "packages"
    packages.mkdir()
    for entry in Path(sysconfig.get_paths()["purelib"]).iterdir():
        if not entry.name.startswith(OURS):
            (packages / entry.name).symlink_to(entry)
    python = next((folder / "venv").glob("[bS][ic]*/python*"))
    own = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"],
        capture_output=True,
        text=True,
    ).stdout.strip()
    (Path(own) / "packages.pth").write_text(str(packages))
    return python


def run_in(python: Path, folder: Path, cell: str) -> str:
    """Run a cell in IPython, then say where the course is and what data it brings; returns all output."""
    script = folder / "first_cell.ipy"
    after = "\nimport course\nprint(course.__file__, tuple(course.load_mnist().train_images.shape))\n"
    script.write_text(cell + after)
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    # No index: what is there already must be left alone, and the release comes from its own address.
    environment |= {
        "PIP_NO_INDEX": "1",
        "IPYTHONDIR": str(folder / "ipython"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    command = [python, "-m", "IPython", "--no-banner", "--colors=NoColor", script]
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    return run.stdout + run.stderr


def test_where_the_course_is_missing_the_first_cell_installs_the_release_with_its_data(
    elsewhere: Path, address: str, tmp_path: Path, requested: list[str]
) -> None:
    said = run_in(elsewhere, tmp_path, "pass\n")
    assert "No module named 'course'" in said
    said = run_in(elsewhere, tmp_path, away.first_cell(address))
    assert f"{elsewhere.parent.parent}" in said, said
    assert "(10000, 784)" in said
    assert any(away.release("") in line for line in requested)

    # A second run of the notebook finds it there: nothing is asked of any server, were there one or not.
    requested.clear()
    said = run_in(elsewhere, tmp_path, away.first_cell("http://127.0.0.1:9"))
    assert "(10000, 784)" in said, said
    assert "pip" not in said
    assert requested == []


def test_where_the_course_is_there_the_first_cell_does_nothing_offline_included(tmp_path: Path) -> None:
    cell = away.first_cell("http://127.0.0.1:9")
    script = tmp_path / "cell.ipy"
    script.write_text(cell)
    command = [sys.executable, "-m", "IPython", "--no-banner", script]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(tmp_path / "ipython")}
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (run.returncode, run.stdout.strip()) == (0, ""), run.stderr
