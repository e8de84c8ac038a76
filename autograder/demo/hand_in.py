"""Makes the submissions of the sample class: the released notebooks with cells filled in, models trained."""

from __future__ import annotations

import copy
import json
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from autograder.demo.sample_class import Sample
from autograder.demo.train import train


def hand_in(samples: Sequence[Sample], release: Path, submitted: Path, *, jobs: int = 1) -> None:
    """Write every sample below `submitted/<student>/<lab>/`, with its checkpoint where it has one.

    Args:
        release: folder with the released notebooks, `<lab>/<lab>.ipynb`.
        jobs: how many models are trained at the same time, each on one core.

    Raises:
        KeyError: a sample fills in a cell that the released notebook does not have.
    """
    for sample in samples:
        released = release / sample.lab / f"{sample.lab}.ipynb"
        notebook = json.loads(released.read_text(encoding="utf-8"))
        folder = folder_of(sample, submitted)
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(filled_in(notebook, sample), ensure_ascii=False, indent=1)
        arrived = text[: int(len(text) * sample.cut_at)]
        (folder / sample.file_name).write_text(arrived, encoding="utf-8")
    trained = [sample for sample in samples if sample.epochs or sample.steps]
    folders = [folder_of(sample, submitted) for sample in trained]
    # Fresh processes: a fork of one whose torch has already started threads may hang.
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        for sample, told in zip(trained, pool.map(train, trained, folders), strict=True):
            print(f"  {sample.student.name} trained a model, lab {sample.lab}: {told}", flush=True)


def folder_of(sample: Sample, submitted: Path) -> Path:
    """Where a sample is handed in."""
    return submitted / sample.student.name / sample.lab


def filled_in(notebook: dict[str, Any], sample: Sample) -> dict[str, Any]:
    """A copy of the released notebook in which the sample's cells hold the sample's answers."""
    filled = copy.deepcopy(notebook)
    cells = {cell["metadata"].get("nbgrader", {}).get("grade_id"): cell for cell in filled["cells"]}
    for grade_id, source in sample.cells.items():
        cells[grade_id]["source"] = source.strip().splitlines(keepends=True)
    return filled
