"""Save and load trained weights and outputs as safetensors: plain numbers, nothing that can run.

`<lab>.safetensors` holds the state dict with keys such as `model.encoder.0.weight`. Its metadata, all
strings, are `lab`, `version` (of the course) and `arguments`: JSON that maps the name of each network to
the numbers its constructor was called with, such as `{"model": {"latent_dim": 32}}`.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import nn

from course.training import History

# One small file for each lab whose outputs later labs draw from; `python -m solutions.make_examples`.
EXAMPLES = Path(__file__).with_name("data")
# What wraps a network, and the attribute that holds the network itself.
WRAPPERS = {
    "DataParallel": "module",
    "DistributedDataParallel": "module",
    "OptimizedModule": "_orig_mod",  # of torch.compile
    "Augmented": "wrapped",
}


def save_checkpoint(lab: str, *, folder: str | Path = ".", **models: nn.Module) -> Path:
    """Write the weights of the models to `<lab>.safetensors` and return its path.

    For instance `save_checkpoint("ae", model=model)`. What is wrapped (`nn.DataParallel`, `torch.compile`,
    `Augmented`) is saved as the network inside. The grader reads the file that lies beside the
    notebook. The models stay as they are, on their device.

    Raises:
        ValueError: no model was given, or a value in one is not finite.
    """
    if not models:
        raise ValueError(f'Nothing to save: write save_checkpoint("{lab}", model=model).')
    tensors = {}
    for name, model in models.items():
        for key, tensor in _state(model).items():
            if tensor.is_floating_point() and not torch.isfinite(tensor).all():
                raise ValueError(
                    f"`{key}` of `{name}` holds NaN or infinity: training went wrong, so nothing was saved. "
                    "Look at the loss curve, mend the cause and train again."
                )
            tensors[f"{name}.{key}"] = tensor
    arguments = {name: _constructor_arguments(model) for name, model in models.items()}
    return _write(Path(folder) / f"{lab}.safetensors", tensors, lab, arguments=json.dumps(arguments))


def load_checkpoint(lab: str, *, folder: str | Path = ".", **models: nn.Module) -> None:
    """Put the weights of `<lab>.safetensors` into models of the same shape.

    Raises:
        FileNotFoundError: there is no such file; run the training and `save_checkpoint` first.
        RuntimeError: the weights do not fit the model; torch names the ones that differ.
    """
    path = Path(folder) / f"{lab}.safetensors"
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist: train the model and run save_checkpoint first.")
    tensors = load(path.read_bytes())
    for name, model in models.items():
        own = {key.removeprefix(f"{name}."): t for key, t in tensors.items() if key.startswith(f"{name}.")}
        _plain(model).load_state_dict(own)


def save_outputs(
    lab: str, *, history: History | None = None, folder: str | Path = ".", **outputs: torch.Tensor | float
) -> Path:
    """Write tensors and numbers that later labs draw from to `<lab>_outputs.safetensors`.

    A number becomes a tensor without axes. Of a history come the curves, as `history.<name>`, and how long the
    training took, as `seconds_training`.
    """
    # A copy of each: safetensors refuses tensors that share memory, such as samples and the first few of them.
    tensors = {
        name: torch.as_tensor(value).detach().cpu().clone().contiguous() for name, value in outputs.items()
    }
    if history is not None:
        for name, values in history.curves.items():
            tensors[f"history.{name}"] = torch.tensor(values)
        tensors["seconds_training"] = torch.tensor(history.seconds)
    return _write(Path(folder) / f"{lab}_outputs.safetensors", tensors, lab)


def load_outputs(
    lab: str, *, folder: str | Path = ".", device: torch.device | str | None = None
) -> dict[str, torch.Tensor]:
    """What the notebook of `lab` saved with `save_outputs`, or the examples that come with the course.

    Looks for `<lab>_outputs.safetensors` in `folder` and in `../<lab>/`, where the notebooks lie beside each
    other. A file that is missing, damaged or lacks something is replaced by the examples as a whole, and a
    printed line says which of the two came. Everything is float32 but for labels, counts and pictures stored as
    bytes; curves of the history are named such as `history.test_loss`.
    """
    examples = load((EXAMPLES / f"{lab}_example.safetensors").read_bytes())
    name = f"{lab}_outputs.safetensors"
    found = [path for path in (Path(folder) / name, Path(folder) / ".." / lab / name) if path.is_file()]
    if found:
        outputs, problem = _read_outputs(found[0], examples)
        if not problem:
            print(f"Outputs of the lab `{lab}`: yours, from {found[0].as_posix()}.")
    else:
        outputs, problem = examples, f"there is no {name} here or in ../{lab}/"
    if problem:
        print(f"Outputs of the lab `{lab}`: the examples that come with the course ({problem}).")
    # The examples are stored in half precision, to be small.
    return {
        key: (tensor.float() if tensor.is_floating_point() else tensor).to(device)
        for key, tensor in outputs.items()
    }


def _read_outputs(path: Path, examples: dict[str, torch.Tensor]) -> tuple[dict[str, torch.Tensor], str]:
    """The tensors of the file, or the examples and what is wrong with the file."""
    try:
        outputs = load(path.read_bytes())
    except (OSError, SafetensorError) as error:
        return examples, f"{path.as_posix()} cannot be read: {error}"
    for key, example in examples.items():
        if key not in outputs:
            return examples, f"{path.as_posix()} has no `{key}`: run the last cells of that lab again"
        if not _fits(key, outputs[key], example):
            shapes = f"{tuple(outputs[key].shape)}, expected {tuple(example.shape)}"
            return examples, f"`{key}` in {path.as_posix()} has the shape {shapes}"
        # A curve may have gaps, such as a gradient that nobody noted; what is measured may not.
        if not key.startswith("history.") and not torch.isfinite(outputs[key]).all():
            return examples, f"`{key}` in {path.as_posix()} holds NaN or infinity: look at that lab again"
    return outputs, ""


def _fits(key: str, own: torch.Tensor, example: torch.Tensor) -> bool:
    """Whether an output has the shape that later labs take."""
    if key.startswith("history.") or key in ("steps", "test_steps"):
        return own.ndim == example.ndim  # a training may be longer or shorter
    if key == "codes":  # ... and a latent space wider or narrower
        return own.ndim == example.ndim and len(own) == len(example)
    return own.shape == example.shape


def _write(path: Path, tensors: dict[str, torch.Tensor], lab: str, **metadata: str) -> Path:
    from course import __version__

    # Written beside and then moved: an interrupted cell never leaves half a file.
    unfinished = path.with_suffix(".unfinished")
    # As bytes, because safetensors' own `save_file` makes a file that only its owner may read.
    unfinished.write_bytes(save(tensors, metadata={"lab": lab, "version": __version__, **metadata}))
    unfinished.replace(path)
    print(f"Saved {path.name} ({path.stat().st_size / 1e6:.1f} MB).")
    return path


def _plain(model: nn.Module) -> nn.Module:
    """The network that was written, without what was put around it."""
    while (attribute := WRAPPERS.get(type(model).__name__)) is not None and hasattr(model, attribute):
        model = getattr(model, attribute)
    return model


def _state(model: nn.Module) -> dict[str, torch.Tensor]:
    # A copy of each: safetensors refuses tensors that share memory, such as tied weights.
    state = _plain(model).state_dict()
    return {key: tensor.detach().cpu().clone().contiguous() for key, tensor in state.items()}


def _constructor_arguments(model: nn.Module) -> dict[str, int | float | bool]:
    """The numbers among the constructor's arguments that the model carries under the same name."""
    plain = _plain(model)
    values = {name: getattr(plain, name, None) for name in inspect.signature(type(plain).__init__).parameters}
    return {name: value for name, value in values.items() if isinstance(value, int | float)}
