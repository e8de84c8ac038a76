"""Making a release: from the instructor's notebook, and from the package alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
from class_notebooks import RIGHT, cell_of, grade_id
from conftest import released

from autograder.gradebook.classroom import add_sources, release, setup_classroom


def sources(notebook: Path) -> list[tuple[str, str, str]]:
    cells = nbformat.read(notebook, as_version=4).cells
    return [(cell.cell_type, cell.source, grade_id(cell)) for cell in cells]


def test_solutions_do_not_reach_the_students(template: Path) -> None:
    notebook = released(template)
    for name, solution in RIGHT.items():
        assert "NotImplementedError" in cell_of(notebook, name).source
        assert solution.strip() not in cell_of(notebook, name).source


def test_what_comes_with_the_package_is_released_unchanged(tmp_path: Path) -> None:
    root = setup_classroom(tmp_path / "elsewhere")
    (source,) = (path for path in add_sources(root) if path.stem == "ae")
    assert sources(release(root, "ae") / "ae.ipynb") == sources(source)


def test_a_configuration_that_cannot_load_stops_nbgrader(template: Path) -> None:
    # Started without site-packages of ours in reach, nbgrader would go on with its own unsafe defaults.
    code = (
        "import sys; sys.modules['autograder.gradebook.config'] = None;"
        "from nbgrader.apps.nbgraderapp import main; sys.exit(main())"
    )
    command = [sys.executable, "-c", code, "autograde", "ae"]
    done = subprocess.run(command, cwd=template.parent, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "genlab is not installed" in done.stderr
