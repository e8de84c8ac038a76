"""Paintings as pictures: in a grid, in rows with names, as they grow, and as an animation."""

from __future__ import annotations

import base64
import html
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from course.data.images import to_bytes
from course.plotting.canvas import INK, add_title, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GAP = 3  # pixels of paper between two paintings
INCHES = 0.8  # of one painting on the page


def art_grid(images: torch.Tensor, *, columns: int = 10, title: str = "") -> Figure:
    """Paintings `(N, 3, H, W)`, in [-1, 1] or as bytes, in rows of `columns`."""
    rows = math.ceil(len(images) / columns)
    figure = new_figure(INCHES * columns, INCHES * rows)
    draw_art(figure.add_subplot(), images, columns)
    add_title(figure, title)
    return figure


def art_rows(
    strips: Sequence[torch.Tensor],
    *,
    labels: Sequence[str] = (),
    above: Sequence[str] = (),
    title: str = "",
) -> Figure:
    """Strips of paintings `(n, 3, H, W)` below each other, with names before the rows and above the columns.

    For instance latent walks, or samples and what lies nearest to them.
    """
    columns, side = len(strips[0]), strips[0].shape[-1]
    figure = new_figure(
        INCHES * columns + (1.3 if labels else 0), INCHES * len(strips) + (0.3 if above else 0)
    )
    axes = figure.add_subplot()
    draw_art(axes, torch.cat([_bytes(strip) for strip in strips]), columns)
    if labels:
        axes.set_yticks([row * (side + GAP) + side / 2 for row in range(len(strips))], list(labels))
    if above:
        axes.set_xticks([column * (side + GAP) + side / 2 for column in range(columns)], list(above))
        axes.tick_params(labeltop=True, labelbottom=False)
    add_title(figure, title)
    return figure


def growth(frames: torch.Tensor, steps: Sequence[int], *, rows: int = 4, columns: int = 9) -> Figure:
    """How paintings of the same noise grow: one row for each of `rows` noises, one column for a step.

    `frames` (K, n, 3, H, W) were kept at these `steps`; `columns` of them are shown, more of them early.
    """
    chosen = sorted({round((len(steps) - 1) * k / (columns - 1)) for k in range(columns)})
    strips = [frames[chosen, row] for row in range(min(rows, frames.shape[1]))]
    return art_rows(strips, above=[f"{steps[k]:,}" for k in chosen], title="step")


def draw_art(axes: Axes, images: torch.Tensor, columns: int) -> None:
    """Draw paintings `(N, 3, H, W)` as one picture, row by row."""
    axes.imshow(sheet(images, columns), interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.tick_params(length=0, labelsize=11, labelcolor=INK)
    axes.spines[:].set_visible(False)


def sheet(images: torch.Tensor, columns: int) -> np.ndarray:
    """Paintings `(N, 3, H, W)` on one sheet of paper, `(height, width, 3)` bytes."""
    pixels = _bytes(images).permute(0, 2, 3, 1).numpy()  # (N, H, W, 3)
    rows, (height, width) = math.ceil(len(pixels) / columns), pixels.shape[1:3]
    paper = np.full((rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, 3), 255, np.uint8)
    for i, picture in enumerate(pixels):
        top, left = (i // columns) * (height + GAP), (i % columns) * (width + GAP)
        paper[top : top + height, left : left + width] = picture
    return paper


def save_animation(
    frames: torch.Tensor, file: str | Path, *, columns: int = 8, milliseconds: int = 120
) -> Path:
    """Write frames `(K, n, 3, H, W)` as an animated GIF that stays for two seconds on the last one."""
    from PIL import Image

    # A palette for each frame: early ones are grey, later ones are not.
    pictures = [
        Image.fromarray(sheet(frame, columns)).quantize(128, dither=Image.Dither.NONE) for frame in frames
    ]
    times = [milliseconds] * (len(pictures) - 1) + [2000]
    file = Path(file)
    pictures[0].save(file, save_all=True, append_images=pictures[1:], duration=times, loop=0)
    return file


def show_animation(file: str | Path, *, alt: str) -> None:
    """Show an animated GIF in the notebook, with `alt` as the words for those who cannot see it."""
    from course.training import in_notebook

    if not alt.strip():
        raise ValueError("A picture needs words too: alt='what there is to see'.")
    if in_notebook():
        from IPython.display import HTML, display

        data = base64.b64encode(Path(file).read_bytes()).decode()
        words = html.escape(alt)
        tag = f'<img src="data:image/gif;base64,{data}" alt="{words}" style="max-width: 100%; height: auto;">'
        display(HTML(tag))  # type: ignore[no-untyped-call]


def _bytes(images: torch.Tensor) -> torch.Tensor:
    return images.cpu() if images.dtype == torch.uint8 else to_bytes(images).cpu()
