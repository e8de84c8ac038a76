"""The stand-in models of a lab: in the worker, and the grader's own copies of them.

The grader knows its weights, so it computes losses, gradients and updates itself. Its eval mode shifts
the output, so the numbers tell the mode; its gain makes gradients large, so clipping shows.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import torch
from torch import nn

from autograder.labs.judge import Judge
from autograder.labs.probing import Step, call_handle
from autograder.labs.stand_ins import ae, gan, vae

LATENT, GAIN, SHIFT = 6, 1000.0, 0.7
MODULES: dict[str, Any] = {"ae": ae, "vae": vae, "gan": gan}  # where the stand-ins of each lab are
MODELS = {"ae": "AutoEncoder", "vae": "VAE"}  # the whole model of each lab with one
PAIR = ("Generator", "Discriminator")  # of the lab `gan`


def define(*names: str, keep: tuple[str, ...] | None = None, lab: str = "ae") -> Step:
    """A step that puts stand-ins in place of the student's components `names`, and keeps `keep` as handles.

    Only what is named, and what that needs, travels: never a right version of the component that is judged.
    """
    if keep is None:
        keep = PAIR if lab == "gan" else (MODELS[lab],)
    return {"op": "define", "source": excerpt(names + keep, lab), "names": list(names), "keep": list(keep)}


def excerpt(names: tuple[str, ...], lab: str = "ae") -> str:
    """The source of the stand-ins of these names, with the imports and definitions that they use."""
    imports, definitions = _source(lab)
    wanted, todo = set[str](), list(names)
    while todo:
        name = todo.pop()
        if name not in wanted:
            wanted.add(name)
            used = {node.id for node in ast.walk(definitions[name]) if isinstance(node, ast.Name)}
            todo += used & definitions.keys()
    kept = [node for name, node in definitions.items() if name in wanted]
    return ast.unparse(ast.Module([*imports, *kept], []))


def _source(lab: str) -> tuple[list[ast.stmt], dict[str, ast.stmt]]:
    """Imports and definitions of a lab's stand-ins; what they import from another lab's is among these."""
    imports: list[ast.stmt] = []
    definitions: dict[str, ast.stmt] = {}
    for node in ast.parse(Path(MODULES[lab].__file__).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(ae.__package__ or ""):
            _, theirs = _source(str(node.module).rpartition(".")[2])
            definitions |= theirs
        elif isinstance(node, ast.Import | ast.ImportFrom):
            imports.append(node)
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            definitions[node.name] = node
    return imports, definitions


def stand_in_model(
    j: Judge, *, shift: float = SHIFT, gain: float = GAIN, slow: float = 1.0
) -> tuple[list[Step], dict[str, torch.Tensor], nn.Module]:
    """Steps that make the stand-in model in the worker, its weights, and the grader's own copy of it.

    Args:
        shift: added in eval mode.
        gain: gradients grow with it, while the outputs stay as they are.
        slow: how much less the means of a VAE move than the rest.
    """
    options = {"shift": shift, "gain": gain} | ({"slow": slow} if j.lab == "vae" else {})
    name = MODELS[j.lab]
    model = getattr(MODULES[j.lab], name)(LATENT, **options)
    state = {key: _weights(j, key, value, gain, slow) for key, value in model.state_dict().items()}
    model.load_state_dict(state)
    kwargs = {key: {"value": value} for key, value in options.items()}
    steps = [
        call_handle(name, LATENT, kwargs=kwargs, store="model", returns=False),
        {"op": "load", "of": "model", "prefix": "model."},
    ]
    return steps, {f"model.{key}": value for key, value in state.items()}, model


def _weights(j: Judge, key: str, like: torch.Tensor, gain: float, slow: float) -> torch.Tensor:
    """Weights of ordinary size; what multiplies by the gain starts that much smaller."""
    drawn: torch.Tensor = j.normal(*like.shape) / (max(like.shape[-1], 6) ** 0.5)
    if j.lab != "vae":
        return drawn.div(gain) if key.startswith("decoder") else drawn
    if key.startswith("encoder"):  # small biases: sigma stays below the distances of the means
        own = gain / slow if key.startswith("encoder.mu") else gain
        return drawn.div(own * (10.0 if key.endswith("bias") else 1.0))
    return drawn.div(4 * gain)  # logits of a few units: far from where float32 rounds a pixel to 1


def stand_in_pair(
    j: Judge,
    *,
    shift: float = SHIFT,
    gain: float = GAIN,
    latent: int = LATENT,
    stores: tuple[str, str] = ("generator", "discriminator"),
) -> tuple[list[Step], dict[str, torch.Tensor], gan.Generator, gan.Discriminator]:
    """Steps that make generator and discriminator in the worker (after `define`), their weights, the grader's copies.

    Args:
        shift: added in eval mode, before the generator's tanh and to the discriminator's logits.
        gain: gradients grow with it, while the outputs stay as they are.
        latent: `latent_dim` of the generator.
        stores: the handles of both, with which the keys of their weights begin as well.
    """
    options = {"shift": shift, "gain": gain}
    generator = gan.Generator(latent, shift=shift, gain=gain)
    discriminator = gan.Discriminator(shift=shift, gain=gain)
    steps: list[Step] = []
    tensors: dict[str, torch.Tensor] = {}
    for name, store, network in zip(PAIR, stores, (generator, discriminator), strict=True):
        state = {
            key: _weights_of_pair(j, key, value, name, gain) for key, value in network.state_dict().items()
        }
        network.load_state_dict(state)
        given: dict[str, Any] = options | ({"latent_dim": latent} if name == "Generator" else {})
        kwargs = {key: {"value": value} for key, value in given.items()}
        steps += [
            call_handle(name, kwargs=kwargs, store=store, returns=False),
            {"op": "load", "of": store, "prefix": f"{store}."},
        ]
        tensors |= {f"{store}.{key}": value for key, value in state.items()}
    return steps, tensors, generator, discriminator


def _weights_of_pair(j: Judge, key: str, like: torch.Tensor, name: str, gain: float) -> torch.Tensor:
    """Weights of ordinary size; what multiplies by the gain starts that much smaller; nothing seen yet."""
    if key.endswith("seen"):
        return torch.zeros_like(like)
    if key == "level":
        return like.clone()
    drawn: torch.Tensor = j.normal(*like.shape) / (like.shape[-1] ** 0.5 if key.endswith("weight") else 5.0)
    # The generator's: far from where float32 rounds a tanh to 1.
    return drawn / (gain if name == "Discriminator" else 2 * gain)
