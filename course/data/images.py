"""How does a folder of pictures become training data? And how do pixels become numbers in [-1, 1]?

Whatever a folder holds, each of its files is either loaded or named with the reason why not.
"""

from __future__ import annotations

import os
import stat
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError

from course.data.mnist import DataError

# Formats of pixels alone: EPS would start Ghostscript, icons hold several pictures at once.
_PIXELS_ALONE = ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "PPM", "TGA", "JPEG2000", "AVIF")
Image.init()  # an older Pillow knows fewer
FORMATS = tuple(name for name in _PIXELS_ALONE if name in Image.OPEN)
# A picture larger than this is refused before it is decoded: a few kilobytes can unpack to many gigabytes.
MAX_PIXELS = 89_478_485  # Pillow's own bound for its warning: a quarter of a gigabyte at 3 bytes a pixel
# What undoes each orientation that a camera can note (EXIF 2.3, tag 274).
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def to_signed(pixels: torch.Tensor) -> torch.Tensor:
    """Bytes 0 .. 255 as float32 in [-1, 1], the range of the generator's tanh; any shape."""
    return pixels.float().div_(127.5).sub_(1)


def to_bytes(images: torch.Tensor) -> torch.Tensor:
    """Images in [-1, 1] as bytes 0 .. 255, what lies outside cut off, NaN as mid-grey; undoes `to_signed`."""
    return images.detach().float().nan_to_num(0).clamp(-1, 1).add(1).mul(127.5).round().to(torch.uint8)


@dataclass(frozen=True)
class Skipped:
    """A file that is not among the pictures."""

    file: Path  # relative to the folder
    reason: str  # for a person, without a full stop


@dataclass(frozen=True)
class Pictures:
    """What was found in a folder, in the order of its names."""

    images: torch.Tensor  # (N, 3, size, size) float32 in [-1, 1]
    files: tuple[Path, ...]  # N, relative to the folder
    skipped: tuple[Skipped, ...]

    def summary(self, most: int = 20) -> str:
        """How many were loaded and skipped, and the first `most` that were skipped, each with its reason."""
        lines = [f"{len(self.files):,} pictures loaded, {len(self.skipped):,} files skipped"]
        lines += [f"  {_shown(one.file)}: {one.reason}" for one in self.skipped[:most]]
        if len(self.skipped) > most:
            lines.append(f"  ... and {len(self.skipped) - most:,} more")
        return "\n".join(lines)


def load_images(folder: str | Path, size: int = 64, progress: bool = True) -> Pictures:
    """Load every picture in a folder and its subfolders, whatever its size and format.

    Each is turned upright, laid on white where it is transparent, cut to its central square and resized
    with antialiasing to `size` x `size`; of an animation the first frame counts.

    Raises:
        DataError: the folder is missing, or no picture in it can be read; the message says what is there.
    """
    folder = Path(folder).expanduser()
    if not folder.is_dir():
        raise DataError(f"There is no folder {_shown(folder)}. Give the path of a folder with pictures.")
    if size < 1:
        raise ValueError(f"size is the side of the pictures in pixels, at least 1; it is {size}")
    from tqdm import tqdm  # imported here so that `import course` stays quick

    loaded: list[np.ndarray] = []
    files: list[Path] = []
    skipped: list[Skipped] = []
    found = list(_walk(folder))
    for path, reason in tqdm(found, desc="Reading pictures", disable=not progress, leave=False):
        picture = reason or _read(path, size)
        if isinstance(picture, str):
            skipped.append(Skipped(path.relative_to(folder), picture))
        else:
            loaded.append(picture)
            files.append(path.relative_to(folder))
    if not loaded:
        empty = Pictures(torch.empty(0, 3, size, size), (), tuple(skipped))
        raise DataError(f"No picture could be read in {_shown(folder)}: {empty.summary(most=10)}")
    pixels = torch.from_numpy(np.stack(loaded)).permute(0, 3, 1, 2).contiguous()  # (N, 3, size, size)
    return Pictures(to_signed(pixels), tuple(files), tuple(skipped))


def _shown(path: Path) -> str:
    """A path that can always be printed: file names may hold line breaks, or bytes that are no text."""
    text = str(path).encode("utf-8", "backslashreplace").decode()
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _walk(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file below a folder, in the order of names, with the reason not to open it ("" where none)."""
    seen: set[tuple[int, int]] = set()  # folders, by device and number: links can lead in circles
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        try:
            status = path.stat()
            if stat.S_ISDIR(status.st_mode):
                if (key := (status.st_dev, status.st_ino)) in seen:
                    yield path, "a link to a folder that is read already"
                    continue
                seen.add(key)
                waiting += sorted(path.iterdir(), key=lambda entry: os.fsencode(entry.name), reverse=True)
                continue
        except FileNotFoundError:
            yield path, "a link to nothing"
        except OSError as error:
            yield path, f"cannot be opened: {error.strerror or error}"
        else:
            # Opening a pipe would wait for ever.
            yield path, "" if stat.S_ISREG(status.st_mode) else "not a file but a pipe, socket or device"


def _read(path: Path, size: int) -> np.ndarray | str:
    """One picture, `(size, size, 3)` bytes, or why it cannot be read."""
    try:
        # Pillow warns of odd metadata; what matters here is whether the pixels can be read.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    return f"too large: {image.width:,} x {image.height:,} pixels, at most {MAX_PIXELS:,} are read"
                # A JPEG is decoded at an eighth, a quarter or half of its size where that is still ample.
                image.draft(None, (2 * size, 2 * size))
                image.load()
                orientation = _orientation(image)
                colours = _colours(image)
        if orientation in _UPRIGHT:
            colours = colours.transpose(_UPRIGHT[orientation])
        return np.asarray(_square(colours, size))
    except UnidentifiedImageError:
        return _what_it_is(path)
    except Image.DecompressionBombError:
        return f"too large: more than twice {MAX_PIXELS:,} pixels"
    except _Unreadable as error:
        return str(error)
    except Exception as error:  # a decoder fed with damaged bytes may raise anything at all
        return f"cut off or damaged: {str(error) or type(error).__name__}"


class _Unreadable(Exception):
    pass


def _orientation(image: Image.Image) -> int:
    """How the camera was held, 1 to 8; 1, upright, where the note is missing or damaged."""
    try:
        return int(image.getexif().get(274, 1))
    except Exception:
        return 1


def _colours(image: Image.Image) -> Image.Image:
    """Any picture as RGB."""
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_to_eight_bits(np.asarray(image))).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        white = Image.new("RGBA", image.size, "white")
        white.alpha_composite(image.convert("RGBA"))
        return white.convert("RGB")
    return image.convert("RGB")


def _to_eight_bits(values: np.ndarray) -> np.ndarray:
    """Grey in 16 bits, or in floats from 0 to 1, as bytes; Pillow itself would cut off what is above 255."""
    low, high = values.min(), values.max()
    if values.dtype.kind == "f" and low >= 0 and high <= 1:
        full = 1.0
    elif values.dtype.kind in "iu" and low >= 0 and high <= 65535:
        full = 65535.0
    else:
        raise _Unreadable(f"its values run from {low:g} to {high:g}: which of them is white is not known")
    return (values.astype(np.float64) * (255 / full) + 0.5).astype(np.uint8)


def _square(image: Image.Image, size: int) -> Image.Image:
    """The central square at `size` x `size`; Pillow's filters grow with the reduction, so nothing aliases."""
    side = min(image.size)
    left, top = (image.width - side) / 2, (image.height - side) / 2
    # Cut and resized in one go: the long side of a strip, scaled up whole, could be millions of pixels.
    return image.resize((size, size), Image.Resampling.LANCZOS, box=(left, top, left + side, top + side))


def _what_it_is(path: Path) -> str:
    """What a file holds that Pillow does not know, as far as its first bytes tell."""
    try:
        with path.open("rb") as file:
            start = file.read(256)
    except OSError as error:
        return f"cannot be opened: {error.strerror or error}"
    if not start:
        return "empty (0 bytes)"
    if start.lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<svg", b"%pdf", b"%!ps")):
        return "a web page or another document, not a picture"
    if all(byte >= 32 or byte in b"\t\n\r" for byte in start):
        return "text, not a picture"
    return "no picture in a format that is read here, or damaged from the start"
