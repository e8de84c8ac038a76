"""The stand-in model of a reconstruction lab: in the worker, and the grader's own copy of it.

The grader knows its weights, so it computes losses, gradients and updates itself. Its eval mode shifts
the output, so the numbers tell the mode; its gain makes gradients large, so clipping shows.
"""

from __future__ import annotations

import ast
from pathlib import Path

import torch
from torch import nn

from autograder.labs.judge import Judge
from autograder.labs.probing import Step, call_handle
from autograder.labs.stand_ins import ae as stand_ins

LATENT, GAIN, SHIFT = 6, 1000.0, 0.7
SOURCE = Path(stand_ins.__file__).read_text(encoding="utf-8")


def define(*names: str, keep: tuple[str, ...] = ("AutoEncoder",)) -> Step:
    """A step that puts stand-ins in place of the student's components `names`, and keeps `keep` as handles.

    Only what is named, and what that needs, travels: never a right version of the component that is judged.
    """
    return {"op": "define", "source": excerpt(names + keep), "names": list(names), "keep": list(keep)}


def excerpt(names: tuple[str, ...]) -> str:
    """The source of the stand-ins of these names, with the imports and definitions that they use."""
    tree = ast.parse(SOURCE)
    definitions = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    wanted, todo = set[str](), list(names)
    while todo:
        name = todo.pop()
        if name not in wanted:
            wanted.add(name)
            used = {node.id for node in ast.walk(definitions[name]) if isinstance(node, ast.Name)}
            todo += used & definitions.keys()
    kept: list[ast.stmt] = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom) or
            (isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name in wanted)]  # fmt: skip
    return ast.unparse(ast.Module(kept, []))


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
