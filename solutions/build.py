"""Make the notebooks from their text sources: `python -m solutions.build [--check]`, or `make labs`.

    solutions/<lab>.py  ->  classroom/source/<lab>/<lab>.ipynb   with solutions, for nbgrader and teachers
                        ->  course/<lab>/<lab>.ipynb             what students get; committed

To what is written there the build adds what is the same for every lab: below the title, links that open the
notebook elsewhere and the time of a clean run, and a first code cell that installs the course where it is missing.

The second is what `nbgrader generate_assignment` makes of the first: its own steps in its own order,
with the configuration of this repository, leaving out the one that writes to the gradebook. The same
source always gives the same bytes. `--check` writes nothing and exits with 1 if a notebook is stale.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import SaveCells
from traitlets.config import Config

from autograder import __version__
from autograder.gradebook.config import configure
from autograder.policy import LabPolicy, load_policy
from solutions import away, clean_run, source

REPOSITORY = Path(__file__).resolve().parent.parent
NBGRADER_CELL = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}


class SourceError(Exception):
    """The text source of a lab does not fit the policy or the contract of a notebook."""


def instructor_notebook(lab: str, policy: LabPolicy | None = None) -> NotebookNode:
    """The notebook with solutions, complete metadata, points from the policy, and stable cell ids.

    Raises:
        SourceError: the cells that give points are not exactly those of the policy.
    """
    policy = policy or load_policy().labs[lab]
    notebook = source.read(lab)
    address = away.repository()
    if address is not None:
        at = next(place for place, cell in enumerate(notebook.cells) if cell.cell_type == "code")
        notebook.cells.insert(at, nbformat.v4.new_code_cell(away.first_cell(address)))
    kernel = notebook.metadata["kernelspec"]
    notebook.metadata = nbformat.from_dict(
        {
            "genlab": {"lab": lab, "version": __version__},
            "kernelspec": kernel,
            "language_info": {"name": "python"},
        }
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        mark = cell.metadata.get("nbgrader")
        if mark is not None:
            mark = {**NBGRADER_CELL, **mark}
            if mark["grade"]:
                mark["points"] = _points(lab, mark["grade_id"], policy)
            cell.metadata["nbgrader"] = nbformat.from_dict(mark)
        # An id says which cell this is: its part in the lab, else its text. So a change elsewhere in
        # the notebook does not touch it, and nbgrader and git see only what changed.
        text = cell.source if address is None else cell.source.replace(away.release(address), "")
        cell.id = mark["grade_id"] if mark else hashlib.sha256(text.encode()).hexdigest()[:12]
        seen[cell.id] = seen.get(cell.id, 0) + 1
        if seen[cell.id] > 1:
            cell.id = f"{cell.id}-{seen[cell.id]}"
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = None, []
    _complete_title(
        lab, notebook.cells[0], address
    )  # after the ids: it keeps its own when an address changes
    _compare_with_policy(lab, notebook, policy)
    nbformat.validate(notebook)
    return notebook


def student_notebook(notebook: NotebookNode) -> NotebookNode:
    """What nbgrader releases of an instructor's notebook: solutions cleared, check cells locked."""
    config = Config()
    configure(config, REPOSITORY / "nbgrader_config.py")
    released, resources = nbformat.from_dict(notebook), {}
    steps = config.GenerateAssignment.get("preprocessors", GenerateAssignment.preprocessors.default_args[0])
    for step in steps:
        if step is not SaveCells:  # the only one that needs the gradebook, and it changes nothing here
            released, resources = step(config=config).preprocess(released, resources)
    nbformat.validate(released)
    return released


def outputs(lab: str) -> dict[Path, str]:
    """The files to write for a lab, by their path from the root of the repository."""
    instructor = instructor_notebook(lab)
    return {
        Path("classroom/source", lab, f"{lab}.ipynb"): _text(instructor),
        Path("course", lab, f"{lab}.ipynb"): _text(student_notebook(instructor)),
    }


def shared_outputs() -> dict[Path, str]:
    """The files that are not of one lab: what Binder installs, if there is an address to install from."""
    address = away.repository()
    return {} if address is None else {away.BINDER: away.binder_requirements(address)}


def stale(root: Path = REPOSITORY) -> list[str]:
    """The committed files below `root` that differ from what their sources give now."""
    found = [
        f"{path} (from pyproject.toml)"
        for path, text in shared_outputs().items()
        if not _holds(root / path, text)
    ]
    for lab in source.LABS:
        for path, text in outputs(lab).items():
            if path.parts[0] != "course":
                continue  # the classroom is made anew on every machine and never committed
            if not _holds(root / path, text):
                found.append(f"{path} (from solutions/{lab}.py)")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Build all labs, or with `--check` report what is stale; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m solutions.build", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a notebook is stale")
    if parser.parse_args(arguments).check:
        found = stale()
        for line in found:
            print(f"stale: {line}", file=sys.stderr)
        if found:
            print("Run `make labs` and commit what it changes.", file=sys.stderr)
        return 1 if found else 0
    for made in (shared_outputs(), *map(outputs, source.LABS)):
        for path, text in made.items():
            file = REPOSITORY / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
            print(f"wrote {path}")
    return 0


def _holds(file: Path, text: str) -> bool:
    return file.exists() and file.read_text(encoding="utf-8") == text


def _complete_title(lab: str, cell: NotebookNode, address: str | None) -> None:
    title, rest = cell.source.split("\n", 1)
    links = [] if address is None else [away.links(lab, address)]
    cell.source = "\n\n".join([title, *links, rest.strip("\n"), clean_run.sentence(lab)])


def _points(lab: str, grade_id: str, policy: LabPolicy) -> float:
    name = grade_id.removeprefix("check_")
    if name not in policy.points:
        raise SourceError(f"solutions/{lab}.py: the policy has no points for the cell {grade_id!r}")
    return policy.points[name]


def _compare_with_policy(lab: str, notebook: NotebookNode, policy: LabPolicy) -> None:
    marks = [cell.metadata["nbgrader"] for cell in notebook.cells if "nbgrader" in cell.metadata]
    graded = {mark["grade_id"] for mark in marks if mark["grade"]}
    solved = {mark["grade_id"] for mark in marks if mark["solution"]}
    wanted = {f"check_{name}" for name in policy.components | policy.outcomes} | set(policy.discussion)
    written = set(policy.components) | set(policy.discussion)
    for kind, missing in (("graded", wanted - graded), ("solution", written ^ solved)):
        if missing:
            raise SourceError(f"solutions/{lab}.py and the policy differ in {kind} cells: {sorted(missing)}")


def _text(notebook: NotebookNode) -> str:
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"


if __name__ == "__main__":
    sys.exit(main())
