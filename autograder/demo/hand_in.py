"""Makes the submissions of the sample class: the released notebook with cells filled in, models trained."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

import course
from autograder.demo.sample_class import Sample

LAB = "ae"
COMPONENTS = (
    "Encoder", "Decoder", "AutoEncoder", "reconstruction_loss", "train_step", "evaluate", "interpolate",
)  # fmt: skip


def hand_in(samples: Sequence[Sample], released: Path, submitted: Path, *, jobs: int = 1) -> None:
    """Write every sample below `submitted/<student>/ae/`, with its checkpoint where it has one.

    Args:
        jobs: how many models are trained at the same time, each on one core.

    Raises:
        KeyError: a sample fills in a cell that the released notebook does not have.
    """
    notebook = json.loads(released.read_text(encoding="utf-8"))
    for sample in samples:
        folder = submitted / sample.student / LAB
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(filled_in(notebook, sample), ensure_ascii=False, indent=1)
        arrived = text[: int(len(text) * sample.cut_at)]
        (folder / sample.file_name).write_text(arrived, encoding="utf-8")
    trained = [sample for sample in samples if sample.epochs or sample.steps]
    # Fresh processes: a fork of one whose torch has already started threads may hang.
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        folders = [submitted / sample.student / LAB for sample in trained]
        for sample, loss in zip(trained, pool.map(train, trained, folders), strict=True):
            print(f"  {sample.student} trained a model: test loss {loss:.4f} per pixel", flush=True)


def filled_in(notebook: dict[str, Any], sample: Sample) -> dict[str, Any]:
    """A copy of the released notebook in which the sample's cells hold the sample's answers."""
    filled = copy.deepcopy(notebook)
    cells = {cell["metadata"].get("nbgrader", {}).get("grade_id"): cell for cell in filled["cells"]}
    for grade_id, source in sample.cells.items():
        cells[grade_id]["source"] = source.strip().splitlines(keepends=True)
    return filled


def train(sample: Sample, folder: Path) -> float:
    """Train the sample's own networks with its own step on real digits and save `ae.safetensors`.

    Returns:
        Mean squared error per pixel on the test digits.
    """
    torch.set_num_threads(1)
    data = course.load_mnist()
    names: dict[str, Any] = {"torch": torch, "nn": nn, "F": F, "__name__": "__main__"}
    for component in COMPONENTS:
        exec(sample.cells[component], names)  # our own text, from `answers`
    course.set_seed(0)
    model = names["AutoEncoder"](32)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, fused=True)
    # Several train at once: their progress bars and notices would only run into each other.
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        if sample.epochs:
            course.fit(
                lambda x: names["train_step"](model, optimizer, x), data.train_images, epochs=sample.epochs
            )
        for _ in range(sample.steps):
            names["train_step"](model, optimizer, data.train_images[:128])
        course.save_checkpoint(LAB, folder=folder, model=model)
    with torch.no_grad():
        return float(F.mse_loss(model.eval()(data.test_images), data.test_images))
