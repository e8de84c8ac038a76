"""What do GAN trainings look like that somebody broke on purpose? Recorded runs, ready to be looked at.

`python -m solutions.make_gan_runs` made them, each with the lab's recipe but for one change.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import safe_open

if TYPE_CHECKING:
    from course.adversarial import GanHistory

FILE = Path(__file__).with_name("gan_runs.safetensors")


def load_gan_runs(file: str | Path = FILE) -> dict[str, GanHistory]:
    """Recorded runs by name, the right recipe first.

    Each is a history as `fit_gan` returns it, with the last frame alone; its `test_distance` and
    `test_covered` are the Frechet distance of its samples to the art and the number of movements among them.
    Without the file there are none, and a printed line says so.
    """
    if not Path(file).is_file():
        print(f"There are no recorded runs: {Path(file).name} is missing from this copy of the course.")
        return {}
    with safe_open(file, "pt") as stored:
        notes = json.loads(stored.metadata()["runs"])
        return {name: unpack(name, stored.get_tensor, note) for name, note in notes.items()}


def pack(name: str, history: GanHistory, pictures: int) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """A run as tensors to store, small, and what else there is to note of it."""
    tensors = {f"{name}.frame": history.frames[-1:, :pictures].contiguous()}
    for curve, values in history.curves.items():
        tensors[f"{name}.{curve}"] = torch.tensor(values, dtype=torch.float32)
    tensors[f"{name}/steps"] = torch.tensor(history.steps, dtype=torch.int32)
    tensors[f"{name}/test_steps"] = torch.tensor(history.test_steps, dtype=torch.int32)
    note = {"curves": list(history.curves), "seconds": history.seconds, "frame_step": history.frame_steps[-1]}
    return tensors, note


def unpack(name: str, tensor: Callable[[str], torch.Tensor], note: dict[str, Any]) -> GanHistory:
    """The run that `pack` packed; `tensor` is a function that gives a tensor by its name."""
    from course.adversarial import GanHistory

    history = GanHistory()
    history.curves = {curve: tensor(f"{name}.{curve}").tolist() for curve in note["curves"]}
    history.steps = tensor(f"{name}/steps").tolist()
    history.test_steps = tensor(f"{name}/test_steps").tolist()
    history.frames, history.frame_steps = tensor(f"{name}.frame"), [int(note["frame_step"])]
    history.seconds = float(note["seconds"])
    return history
