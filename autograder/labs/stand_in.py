"""The stand-in model of a reconstruction lab: in the worker, and the grader's own copy of it.

The grader knows its weights, so it computes losses, gradients and updates itself. Its eval mode shifts
the output, so the numbers tell the mode; its gain makes gradients large, so clipping shows.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from autograder.labs.judge import Judge, Step, call_handle
from autograder.labs.stand_ins import ae as stand_ins

LATENT, GAIN, SHIFT = 6, 1000.0, 0.7
SOURCE = Path(stand_ins.__file__).read_text(encoding="utf-8")


def define(*names: str, keep: tuple[str, ...] = ("AutoEncoder", "train_step")) -> Step:
    """A step that puts stand-ins in place of the student's components of these names."""
    return {"op": "define", "source": SOURCE, "names": list(names), "keep": list(keep)}


def stand_in_model(
    j: Judge, *, shift: float = SHIFT, gain: float = GAIN
) -> tuple[list[Step], dict[str, torch.Tensor], nn.Module]:
    """Steps that make the stand-in model in the worker, its weights, and the grader's own copy of it."""
    model = stand_ins.AutoEncoder(LATENT, shift=shift, gain=gain)
    state = {
        key: j.normal(*value.shape) / (max(value.shape[-1], 6) ** 0.5)
        for key, value in model.state_dict().items()
    }
    state = {key: value / gain if key.startswith("decoder") else value for key, value in state.items()}
    model.load_state_dict(state)
    kwargs = {"shift": {"value": shift}, "gain": {"value": gain}}
    steps = [
        call_handle("AutoEncoder", LATENT, kwargs=kwargs, store="model", returns=False),
        {"op": "load", "of": "model", "prefix": "model."},
    ]
    return steps, {f"model.{key}": value for key, value in state.items()}, model
