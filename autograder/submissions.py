"""Finds submissions on disk and reads them: whatever is there, never a traceback.

Student files are only read here, never run. What cannot be read becomes a `problem` in words.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LAB_NAMES = {
    "ae": {"Encoder", "Decoder", "AutoEncoder", "reconstruction_loss", "train_step", "evaluate", "interpolate"},
    "vae": {"Encoder", "Decoder", "VAE", "reparameterize", "kl_divergence", "vae_loss", "reconstruction_loss",
            "train_step", "sample", "interpolate"},
    "gan": {"Generator", "Discriminator", "init_weights", "discriminator_loss", "generator_loss",
            "make_optimizers", "discriminator_step", "generator_step", "train_step", "sample"},
    "compare": {"frechet_distance", "precision_recall", "mode_coverage", "latent_separability",
                "comparison_table"},
}  # fmt: skip
COPY_SUFFIX = re.compile(r"(?:\s*\(\d+\)|[-_ ]copy\d*|-checkpoint)+$", re.IGNORECASE)
DEFINES = re.compile(r"^[ \t]*(?:async\s+def|def|class)\s+(\w+)|^(\w+)\s*=", re.MULTILINE)
SKIPPED_FOLDERS = {".ipynb_checkpoints", "__pycache__", "__MACOSX"}


class SubmissionError(Exception):
    """A path names nothing that could be graded; the message says what was looked for."""


@dataclass(frozen=True)
class Submission:
    """One student's notebook for one lab, found on disk but not opened yet."""

    student: str
    notebook: Path
    folder: Path  # where its checkpoint would be
    lab: str | None = None  # as the place on disk suggests; the notebook itself knows better
    problem: str = ""  # set when it is known already that it cannot be graded


@dataclass(frozen=True)
class Cell:
    """A code cell as the grader needs it."""

    index: int  # position among the code cells, from 1, as a person counts them
    source: str
    grade_id: str | None
    train: bool


@dataclass(frozen=True)
class ReadNotebook:
    """What a notebook holds, or why it cannot be read (`problem`)."""

    sha256: str
    lab: str | None = None
    cells: tuple[Cell, ...] = ()
    problem: str = ""


def find_submissions(path: Path) -> list[Submission]:
    """The submissions at a path: a notebook, a student's folder, or a tree `<student>/<lab>/`.

    Raises:
        SubmissionError: there is no such path, or nothing below it looks like a submission.
    """
    if not path.exists():
        raise SubmissionError(f"{path}: no such file or folder")
    if path.is_file():
        folder = path.parent
        known = folder.name in LAB_NAMES and folder.parent.name
        return [Submission(folder.parent.name if known else folder.resolve().name, path, folder)]
    found = list(_in_folder(path))
    if not found:
        raise SubmissionError(f"{path}: no notebook (.ipynb) in this folder or below it")
    return sorted(found, key=lambda s: (s.student, s.lab or "", str(s.notebook)))


def _in_folder(path: Path) -> Iterable[Submission]:
    """Tell a student's folder from a tree of students by where notebooks lie."""
    if _notebooks(path):  # <student>/x.ipynb or <student>/<lab>/x.ipynb named directly
        student = path.resolve().parent.name if path.name in LAB_NAMES else path.resolve().name
        yield from _of_student(path, student)
        return
    folders = _subfolders(path)
    if any(folder.name in LAB_NAMES for folder in folders):  # a student's folder
        for folder in folders:
            yield from _of_student(folder, path.resolve().name)
        return
    for one in folders:  # nbgrader's submitted/ tree
        if _notebooks(one):
            yield from _of_student(one, one.name)
        for folder in _subfolders(one):
            yield from _of_student(folder, one.name)


def _of_student(folder: Path, student: str) -> Iterable[Submission]:
    """One submission a lab: of several notebooks for the same lab, the one with the lab's own name wins."""
    notebooks = _notebooks(folder)
    expected = folder.name if folder.name in LAB_NAMES else None
    best: dict[str | None, tuple[Any, Path]] = {}
    for notebook in notebooks:
        lab = read_notebook(notebook).lab or expected
        rank = (
            COPY_SUFFIX.sub("", notebook.stem) != lab,
            notebook.stem != lab,
            -_modified(notebook),
            notebook.name,
        )
        if lab not in best or rank < best[lab][0]:
            best[lab] = (rank, notebook)
    if len(best) > 1:  # notes and scratch notebooks beside the real ones are not submissions
        best.pop(None, None)
    for lab, (_, notebook) in best.items():
        yield Submission(student, notebook, folder, lab)


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _notebooks(folder: Path) -> list[Path]:
    return sorted(
        p for p in folder.iterdir() if p.suffix == ".ipynb" and p.is_file() and not p.name.startswith(".")
    )


def _subfolders(folder: Path) -> list[Path]:
    return sorted(
        p
        for p in folder.iterdir()
        if p.is_dir() and not p.name.startswith(".") and p.name not in SKIPPED_FOLDERS
    )


def read_notebook(path: Path, *, limit_mb: float = 200) -> ReadNotebook:
    """Read a notebook's code cells. Never raises for what a file may contain."""
    try:
        if path.stat().st_size > limit_mb * 2**20:
            return ReadNotebook(
                "", problem=f"{path.name} is larger than {limit_mb:g} MB: clear its outputs and save again"
            )
        data = path.read_bytes()
    except OSError as error:
        return ReadNotebook("", problem=f"{path.name} cannot be read: {error.strerror}")
    sha256 = hashlib.sha256(data).hexdigest()
    if not data.strip():
        return ReadNotebook(sha256, problem=f"{path.name} is empty: save the notebook and hand it in again")
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return ReadNotebook(
            sha256, problem=f"{path.name} is not a notebook (its JSON is broken): download or save it again"
        )
    if not isinstance(content, dict):
        return ReadNotebook(sha256, problem=f"{path.name} is JSON, but not a notebook")
    raw = _raw_cells(content)
    if raw is None:
        return ReadNotebook(
            sha256, problem=f"{path.name} is JSON, but has no list of cells: it is not a notebook"
        )
    cells = tuple(_cells(raw))
    metadata = content.get("metadata") if isinstance(content.get("metadata"), dict) else {}
    lab = _which_lab(metadata or {}, cells)
    if lab is None:
        return ReadNotebook(
            sha256,
            cells=cells,
            problem=f"{path.name} is no notebook of this course: it has neither the lab's metadata nor any of its components",
        )
    return ReadNotebook(sha256, lab, cells)


def _raw_cells(content: dict[str, Any]) -> list[Any] | None:
    cells = content.get("cells")
    if cells is None and isinstance(content.get("worksheets"), list):  # nbformat 3
        sheets = [s for s in content["worksheets"] if isinstance(s, dict)]
        cells = [cell for s in sheets for cell in _list(s.get("cells"))]
    return cells if isinstance(cells, list) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _cells(raw: list[Any]) -> Iterable[Cell]:
    index = 0
    for cell in raw:
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        index += 1
        source = cell.get("source", cell.get("input", ""))
        if isinstance(source, list):
            source = "".join(part for part in source if isinstance(part, str))
        metadata = cell.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        nbgrader = metadata.get("nbgrader")
        grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
        tags = metadata.get("tags")
        yield Cell(
            index,
            # lone surrogates are legal in JSON, not in UTF-8
            (source if isinstance(source, str) else "").encode("utf-8", "replace").decode(),
            grade_id if isinstance(grade_id, str) else None,
            isinstance(tags, list) and "train" in tags,
        )


def _which_lab(metadata: dict[str, Any], cells: tuple[Cell, ...]) -> str | None:
    """Notebook metadata, then grade ids, then the names that are defined; never the file name."""
    stamped = metadata.get("genlab")
    if isinstance(stamped, dict) and isinstance(stamped.get("lab"), str) and stamped["lab"] in LAB_NAMES:
        return str(stamped["lab"])
    by_id = {cell.grade_id.removeprefix("check_") for cell in cells if cell.grade_id}
    by_name = {m[1] or m[2] for cell in cells for m in DEFINES.finditer(cell.source)}
    for names in (by_id, by_name):
        shares = {lab: len(known & names) / len(known) for lab, known in LAB_NAMES.items()}
        # what only one lab has counts first: `VAE` settles a notebook that shares `Encoder` with two
        own = {
            lab: len(names & (known - set().union(*(LAB_NAMES[o] for o in LAB_NAMES if o != lab))))
            for lab, known in LAB_NAMES.items()
        }
        best = max(LAB_NAMES, key=lambda lab: (own[lab], shares[lab]))
        if shares[best] > 0:
            return best
    return None
