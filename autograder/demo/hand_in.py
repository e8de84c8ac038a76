"""Makes the submissions of the sample class: the released notebook with cells filled in, models trained."""

from __future__ import annotations

import contextlib
import copy
import io
import json
from collections.abc import Sequence
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


def hand_in(samples: Sequence[Sample], released: Path, submitted: Path) -> None:
    """Write every sample below `submitted/<student>/ae/`, with its checkpoint where it has one.

    Raises:
        KeyError: a sample fills in a cell that the released notebook does not have.
    """
    notebook = json.loads(released.read_text(encoding="utf-8"))
    data = course.load_mnist()
    for sample in samples:
        folder = submitted / sample.student / LAB
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(filled_in(notebook, sample), ensure_ascii=False, indent=1)
        arrived = text[: int(len(text) * sample.cut_at)]
        (folder / sample.file_name).write_text(arrived, encoding="utf-8")
        if sample.epochs or sample.steps:
            print(f"  training {sample.student}'s model", flush=True)
            train(sample, data.train_images, folder)


def filled_in(notebook: dict[str, Any], sample: Sample) -> dict[str, Any]:
    """A copy of the released notebook in which the sample's cells hold the sample's answers."""
    filled = copy.deepcopy(notebook)
    cells = {cell["metadata"].get("nbgrader", {}).get("grade_id"): cell for cell in filled["cells"]}
    for grade_id, source in sample.cells.items():
        cells[grade_id]["source"] = source.strip().splitlines(keepends=True)
    return filled


def train(sample: Sample, images: torch.Tensor, folder: Path) -> None:
    """Train the sample's own networks with its own step on real digits and save `ae.safetensors`."""
    names: dict[str, Any] = {"torch": torch, "nn": nn, "F": F, "__name__": "__main__"}
    for component in COMPONENTS:
        exec(sample.cells[component], names)  # our own text, from `answers`
    course.set_seed(0)
    model = names["AutoEncoder"](32)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, fused=True)
    if sample.epochs:
        course.fit(lambda x: names["train_step"](model, optimizer, x), images, epochs=sample.epochs)
    for _ in range(sample.steps):
        names["train_step"](model, optimizer, images[:128])
    with contextlib.redirect_stdout(io.StringIO()):  # it reports each file, which says nothing here
        course.save_checkpoint(LAB, folder=folder, model=model)
