"""Reads a submitted checkpoint: bounded bytes, plain tensors, never a pickle, never a mapped file."""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors import torch as safetensors

from autograder.labs.probing import Raised
from autograder.outcomes.base import Verdict
from autograder.reports.model import ComponentStatus, Finding
from autograder.submissions import COPY_SUFFIX

HEADER_LIMIT = 8 * 2**20
WRAPPERS = re.compile(r"^(?:module\.|_orig_mod\.)+(?=.)")  # of nn.DataParallel and torch.compile
# The course's Augmented goes around discriminators; elsewhere the name may be the student's own.
AUGMENTED = re.compile(r"^(?:module\.|_orig_mod\.|wrapped\.)+(?=.)")


class CheckpointError(Exception):
    """There is no usable checkpoint; the message is for the student."""


class CheckpointMissing(CheckpointError):
    """No checkpoint was handed in."""


@dataclass(frozen=True)
class Checkpoint:
    """Weights by network name, such as "model", and the numbers their constructors were called with."""

    weights: dict[str, dict[str, torch.Tensor]]
    arguments: dict[str, dict[str, Any]]

    def latent_dim(self, default: int, *, most: int) -> int | str:
        """The latent size that the model was made with, or in words why it is not one."""
        latent = self.arguments.get("model", {}).get("latent_dim", default)
        if isinstance(latent, int) and not isinstance(latent, bool) and 1 <= latent <= most:
            return latent
        return f"The saved model has latent_dim={latent!r:.100}; this lab is about at most {most} numbers for a digit."


def unusable(error: CheckpointError, link: str) -> Verdict:
    """The verdict on a checkpoint that is not there or cannot be used."""
    status: ComponentStatus | None = "missing" if isinstance(error, CheckpointMissing) else None
    return Verdict(0.0, (Finding("checkpoint", "fail", str(error), None, link),), status)


def does_not_fit(error: Raised) -> bool:
    """Whether it was loading the weights that raised."""
    return "state_dict" in str(error.info.get("message"))


def misfit(error: Raised, first: str, model: str, link: str) -> Verdict:
    """The verdict where loading the weights into the student's classes raised.

    Raises:
        Raised: it was something else that raised.
    """
    if not does_not_fit(error):
        raise error
    message = f"{first}The checkpoint does not fit your `{model}`: train again with the classes as they are now, and save."
    return Verdict(0.0, (Finding("checkpoint", "fail", message, "checkpoint-does-not-fit", link),))


def read_bytes(folder: Path, lab: str, *, limit_mb: float) -> bytes:
    """The bytes of `<lab>.safetensors` in a folder, or of its only copy there, read once.

    Raises:
        CheckpointMissing: there is no such file.
        CheckpointError: it is too large, a link, or unreadable.
    """
    path = folder / f"{lab}.safetensors"
    if not path.is_file():
        # A browser that downloads it a second time, as from Colab, calls it `ae (1).safetensors`.
        copies = [p for p in folder.glob(f"{lab}*.safetensors") if COPY_SUFFIX.sub("", p.stem) == lab]
        path = copies[0] if len(copies) == 1 else path
    if not path.is_file():
        others = sorted(p.name for p in folder.glob("*.pt*"))[:3] if folder.is_dir() else []
        hint = f" ({', '.join(others)} is never loaded: a pickle can run code)" if others else ""
        raise CheckpointMissing(
            f"No `{lab}.safetensors` beside the notebook{hint}. Run the last cells, which save it, and hand in both files."
        )
    if path.is_symlink():
        raise CheckpointError(f"`{path.name}` is a link, not a file. Hand in the file itself.")
    try:
        with path.open("rb") as file:
            data = file.read(int(limit_mb * 2**20) + 1)
    except OSError as error:
        raise CheckpointError(f"`{path.name}` cannot be read: {error.strerror}.") from None
    if len(data) > limit_mb * 2**20:
        raise CheckpointError(f"`{path.name}` is larger than {limit_mb:g} MB. Save the model's weights only.")
    return data


def parse(data: bytes, lab: str) -> Checkpoint:
    """The weights in a checkpoint's bytes.

    Raises:
        CheckpointError: it is no safetensors file, of another lab, or holds values that are not finite.
    """
    name = f"`{lab}.safetensors`"
    if data[:2] in (b"PK", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"):
        raise CheckpointError(
            f"{name} is a pickle (from torch.save) under another name; pickles are never opened. Use `save_checkpoint`."
        )
    metadata = _metadata(data)
    if metadata is None:
        raise CheckpointError(
            f"{name} is damaged or not a safetensors file. Save it again with `save_checkpoint`."
        )
    try:
        tensors = safetensors.load(data)
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError, OverflowError, MemoryError):
        raise CheckpointError(f"{name} is damaged. Save it again with `save_checkpoint`.") from None
    if metadata.get("lab", lab) != lab:
        raise CheckpointError(
            f"{name} was saved by the lab `{str(metadata['lab'])[:40]}`. Hand in the one of `{lab}`."
        )
    if not tensors:
        raise CheckpointError(f"{name} holds no weights. Save the trained model with `save_checkpoint`.")
    bad = next((key for key, tensor in tensors.items() if not _finite(tensor)), None)
    if bad is not None:
        raise CheckpointError(
            f"{name} holds NaN, infinite or complex values in `{bad[:80]}`: training went wrong."
        )
    return Checkpoint(_by_network(tensors), _arguments(metadata))


def _metadata(data: bytes) -> dict[str, Any] | None:
    """The header's metadata, or None if there is no readable header."""
    if len(data) < 8:
        return None
    (size,) = struct.unpack("<Q", data[:8])
    if size > min(HEADER_LIMIT, len(data) - 8):
        return None
    try:
        header = json.loads(data[8 : 8 + size])
    except (ValueError, RecursionError):
        return None
    if not isinstance(header, dict):
        return None
    metadata = header.get("__metadata__", {})
    return metadata if isinstance(metadata, dict) else {}


def _finite(tensor: torch.Tensor) -> bool:
    """Whether it holds numbers that a network could use: finite, and of a type that torch computes with."""
    if not tensor.is_floating_point():
        return not tensor.is_complex()
    return bool(torch.isfinite(tensor.float()).all())


def _by_network(tensors: dict[str, torch.Tensor]) -> dict[str, dict[str, torch.Tensor]]:
    networks: dict[str, dict[str, torch.Tensor]] = {}
    plain = not any(key.split(".")[0] in ("model", "generator", "discriminator") for key in tensors)
    for key, tensor in tensors.items():
        network, rest = ("model", key) if plain else (key.split(".")[0], key.partition(".")[2])
        wrappers = AUGMENTED if network == "discriminator" else WRAPPERS
        networks.setdefault(network, {})[wrappers.sub("", rest)] = tensor
    return networks


def _arguments(metadata: dict[str, Any]) -> dict[str, dict[str, Any]]:
    try:
        arguments = json.loads(str(metadata.get("arguments", "{}")))
    except (ValueError, RecursionError):
        return {}
    if not isinstance(arguments, dict):
        return {}
    return {str(name): values for name, values in arguments.items() if isinstance(values, dict)}
