"""What the repository holds: sizes, the lock, the commands that the README promises."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
MEGABYTE = 1_000_000


def lock() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def declared() -> list[Requirement]:
    """Every direct dependency in pyproject.toml, those of the extras included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    requirements = [Requirement(line) for group in groups for line in group]
    return [requirement for requirement in requirements if requirement.name != "genlab"]


def test_no_file_is_over_3_megabytes_and_all_are_under_30(tracked: list[Path]) -> None:
    sizes = {str(name): (ROOT / name).stat().st_size for name in tracked}
    assert {name: size for name, size in sizes.items() if size > 3 * MEGABYTE} == {}
    assert sum(sizes.values()) < 30 * MEGABYTE


def test_the_lock_pins_every_direct_dependency_to_a_plain_version() -> None:
    assert {requirement.name for requirement in declared()} <= set(lock())
    # No local build such as 2.13.0+cpu, no address, no path: the same file serves every machine.
    assert [version for version in lock().values() if not re.fullmatch(r"[\w.]+", version)] == []


def test_the_locked_versions_satisfy_the_declared_ranges() -> None:
    outside = {r.name: lock()[r.name] for r in declared() if not r.specifier.contains(lock()[r.name])}
    assert outside == {}


def test_every_make_target_that_the_texts_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    texts = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "site/docs").glob("*.md")]
    named = {
        name
        for text in texts
        for name in re.findall(r"(?:^|`)make ([a-z-]+)", text.read_text(), re.MULTILINE)
    }
    assert {"demo", "test", "site", "labs", "lint"} <= named
    assert named <= targets


def test_every_local_link_and_picture_of_the_readme_exists() -> None:
    for text in ("README.md", "CONTRIBUTING.md"):
        links = re.findall(r"\]\((?!https?:|#)([^)#]+)", (ROOT / text).read_text())
        assert [link for link in links if not (ROOT / link).exists()] == []


def test_run_time_folders_are_ignored_by_git() -> None:
    places = [".venv/x", "build/site/index.html", "classroom/gradebook.db", "classroom/source/ae/ae.ipynb"]
    run = subprocess.run(["git", "check-ignore", *places], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout.split() == places


def test_scripts_of_ci_can_be_run(tracked: list[Path]) -> None:
    for name in (".ci/run", ".ci/setup"):
        assert Path(name) in tracked
        assert (ROOT / name).stat().st_mode & 0o111
        shell = (ROOT / name).read_text().splitlines()[0].split("/")[-1].split()[-1]
        subprocess.run([shell, "-n", ROOT / name], check=True)
