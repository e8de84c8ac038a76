"""Where does the art of the lab `gan` come from? From the course's own painter, or from a real gallery."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from course.data import painter
from course.data.images import Pictures, load_images, to_signed
from course.data.mnist import DOWNLOADS, DataError

# https://www.kaggle.com/datasets/bryanb/abstract-art-gallery
GALLERY = "bryanb/abstract-art-gallery"


@dataclass(frozen=True)
class Art:
    """Paintings and the movement of each.

    Images are float32 in [-1, 1], shape `(N, 3, 64, 64)`; labels int64, shape `(N,)`, indices into
    `movements`. Painting i belongs to movement i mod 10: every stretch of them is balanced.
    """

    images: torch.Tensor
    labels: torch.Tensor
    movements: tuple[str, ...]


def load_art(
    count: int = 5_000,
    seed: int = 0,
    softness: float = painter.SOFTNESS,
    cache: str | Path | None = None,
    device: torch.device | str | None = None,
    progress: bool = True,
) -> Art:
    """Paint abstract art, or take it from where an earlier call kept it.

    The same seed gives the same bytes on any machine, and fewer paintings are the first of more.
    `softness` is the blur that ends every painting, in pixels (the sigma of a Gaussian; 0 leaves edges
    hard). `cache` is the folder that keeps what was painted: by default the one that the environment
    variable GENLAB_CACHE names, else `.cache/genlab` in your home folder; where it cannot be written,
    paintings are painted anew each time.

    Raises:
        ValueError: `count` is below 1, `seed` or `softness` below 0.
    """
    if count < 1 or seed < 0 or not 0 <= softness < painter.SIZE:
        raise ValueError(
            f"count must be at least 1, seed and softness (in pixels) at least 0; "
            f"they are {count}, {seed} and {softness}"
        )
    file = _kept_in(cache, count, seed, softness)
    pixels = _kept(file, count)
    if pixels is None:
        pixels = painter.paint(count, seed, softness, progress)
        _keep(file, pixels)
    images = to_signed(torch.from_numpy(pixels).to(device))  # move bytes, not floats
    labels = torch.from_numpy(painter.labels(count)).to(device)
    return Art(images, labels, painter.MOVEMENTS)


def load_gallery(folder: str | Path | None = None, size: int = 64, progress: bool = True) -> Pictures:
    """Load real art: a folder of your own, or the Abstract Art Gallery, which kagglehub downloads once.

    Raises:
        DataError: kagglehub is missing, the download failed, or no picture can be read.
    """
    return load_images(folder if folder is not None else _download(), size, progress)


def _download() -> str:
    instead = (
        "Or go on without it: load_art() paints art of its own, and load_gallery(folder) reads any folder "
        f"of pictures, such as this gallery downloaded by hand from https://www.kaggle.com/datasets/{GALLERY}"
    )
    try:
        import kagglehub
    except ImportError as error:
        raise DataError(
            "The Abstract Art Gallery comes through the package kagglehub, which is not installed. "
            f"Install it and run the cell again: pip install kagglehub. {instead}"
        ) from error
    try:
        return str(kagglehub.dataset_download(GALLERY))
    except Exception as error:  # whatever the network or the site did, the way out is the same
        raise DataError(
            f"The Abstract Art Gallery could not be downloaded: {type(error).__name__}: {error}. "
            f"Check the network and run the cell again. {instead}"
        ) from error


# The file that keeps paintings: the SHA-256 of what follows (32 bytes), then the pixels.


def _kept_in(cache: str | Path | None, count: int, seed: int, softness: float) -> Path | None:
    """The file for these paintings by this very painter; None where there is no place for it."""
    try:
        folder = Path(cache or os.environ.get("GENLAB_CACHE") or DOWNLOADS).expanduser()
        source = b"".join(file.read_bytes() for file in sorted(Path(painter.__file__).parent.glob("*.py")))
    except (OSError, RuntimeError):  # nobody's home; a course that is not in files
        return None
    version = hashlib.sha256(source).hexdigest()[:12]  # a painter that has changed paints anew
    return folder / f"art-{count}-seed-{seed}-softness-{softness:g}-{version}.bin"


def _kept(file: Path | None, count: int) -> np.ndarray | None:
    """The paintings in the file; None where it is missing or damaged."""
    if file is None:
        return None
    try:
        content = np.fromfile(file, np.uint8)
    except OSError:
        return None
    checksum, pixels = content[:32].tobytes(), content[32:]
    if len(pixels) != count * 3 * painter.SIZE**2 or hashlib.sha256(pixels.data).digest() != checksum:
        return None
    return pixels.reshape(count, 3, painter.SIZE, painter.SIZE)


def _keep(file: Path | None, pixels: np.ndarray) -> None:
    """Write beside, then move: a reader sees all of it or nothing, whoever else writes."""
    if file is None:
        return
    beside = None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}.")
        with os.fdopen(handle, "wb") as out:
            out.write(hashlib.sha256(pixels.data).digest())
            out.write(pixels.data)
        os.chmod(beside, 0o644)  # a folder for a whole class: others read it too
        os.replace(beside, file)
    except OSError:  # no home, no room: the paintings are there all the same
        if beside:
            with suppress(OSError):
                os.unlink(beside)
