"""What is in the wheel, and that it works without the repository around it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("course", "autograder")


@pytest.fixture(scope="module")
def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, installed into a folder of its own."""
    target = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", target]
    subprocess.run([*pip, wheel], check=True)
    return target


def test_every_module_of_both_packages_is_in_the_wheel(contents: set[str], tracked: list[Path]) -> None:
    modules = {str(name) for name in tracked if name.parts[0] in PACKAGES and name.suffix == ".py"}
    assert modules - contents == set()


def test_notebooks_policy_digits_and_page_templates_are_in_the_wheel(
    contents: set[str], tracked: list[Path]
) -> None:
    kinds = {".ipynb", ".toml", ".npz", ".css", ".html"}
    data = {str(name) for name in tracked if name.parts[0] in PACKAGES and name.suffix in kinds}
    assert {"course/ae/ae.ipynb", "course/data/mnist.npz", "autograder/policy.toml"} <= data
    assert data - contents == set()


def test_nothing_but_the_two_packages_is_in_the_wheel(contents: set[str]) -> None:
    tops = {name.split("/")[0] for name in contents}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_no_text_in_the_wheel_holds_a_solution(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        notebooks = [name for name in archive.namelist() if name.endswith(".ipynb")]
        assert notebooks
        for name in notebooks:
            assert b"BEGIN SOLUTION" not in archive.read(name)


def test_the_wheel_installs_the_command_genlab(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        entry = next(name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert b"genlab = course.command:main" in archive.read(entry)


def test_the_installed_course_loads_its_digits_away_from_the_repository(
    installed: Path, tmp_path: Path
) -> None:
    code = (
        "import course, course.data.mnist as m; d = course.load_mnist();"
        "print(m.__file__, tuple(d.train_images.shape), tuple(d.test_images.shape))"
    )
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(str(installed))
    assert "(10000, 784) (2000, 784)" in run.stdout


def test_the_students_zip_holds_notebooks_the_wheel_and_how_to_install_them(
    wheel: Path, tmp_path: Path
) -> None:
    spec = importlib.util.spec_from_file_location("student_zip", ROOT / ".ci/student_zip.py")
    student_zip = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(student_zip)
    with zipfile.ZipFile(student_zip.pack(tmp_path / "zip" / "student.zip", wheel=wheel)) as archive:
        assert archive.read("genlab/requirements.txt").decode().strip() == f"./{wheel.name}"
        assert f"genlab/{wheel.name}" in archive.namelist()
        assert archive.read("genlab/ae/ae.ipynb") == (ROOT / "course/ae/ae.ipynb").read_bytes()
        assert b"genlab start" in archive.read("genlab/README.md")
