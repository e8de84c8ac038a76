"""Digits as pictures: in a grid, in rows below each other, and rows beside rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from course.plotting.canvas import INK, add_title, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIDE, GAP = 28, 2  # pixels


def image_grid(images: torch.Tensor, *, columns: int = 10, title: str = "") -> Figure:
    """Digits `(N, 784)` in rows of `columns`."""
    rows = math.ceil(len(images) / columns)
    return _digits(images, rows, columns, [""] * rows, title)


def reconstructions(x: torch.Tensor, x_hat: torch.Tensor, *, title: str = "") -> Figure:
    """Originals `(N, 784)` above what the model made of them, `(N, 784)`."""
    return _digits(torch.cat([x, x_hat]), 2, len(x), ["original", "reconstruction"], title)


def interpolation(
    strips: Sequence[torch.Tensor], *, labels: Sequence[str] | None = None, title: str = ""
) -> Figure:
    """Strips `(steps, 784)`, one below the other: from the left image to the right one."""
    return _digits(
        torch.cat(list(strips)), len(strips), len(strips[0]), list(labels or [""] * len(strips)), title
    )


def side_by_side(
    panels: Mapping[str, Sequence[torch.Tensor]], *, labels: Sequence[str] | None = None, title: str = ""
) -> Figure:
    """Panels beside each other under their names, each of as many rows of digits `(n, 784)`.

    `labels` name the rows, once, at the left. For instance the walks of two models, or what models with
    different settings reconstruct and invent.
    """
    columns = [len(rows[0]) for rows in panels.values()]
    count = len(next(iter(panels.values())))
    figure = new_figure(0.55 * sum(columns) + (1.4 if labels else 0.2), 0.55 * count + 0.4)
    grid = figure.subplots(1, len(panels), width_ratios=columns, squeeze=False)[0]
    for i, (axes, (name, rows)) in enumerate(zip(grid, panels.items(), strict=True)):
        names = list(labels) if labels and i == 0 else [""] * count
        draw_sheet(axes, torch.cat(list(rows)), count, len(rows[0]), names)
        axes.set_title(name, color=INK, fontsize=12)
    add_title(figure, title)
    return figure


def draw_sheet(
    axes: Axes, images: torch.Tensor, rows: int, columns: int, names: Sequence[str], gap: int = GAP
) -> None:
    """Draw images `(rows * columns, 784)` as one picture, row by row, with a name before each row."""
    pixels = images.detach().cpu().float().reshape(-1, SIDE, SIDE).clamp(0, 1).numpy()
    sheet = np.zeros((rows * (SIDE + gap) - gap, columns * (SIDE + gap) - gap))
    for i, image in enumerate(pixels):
        top, left = (i // columns) * (SIDE + gap), (i % columns) * (SIDE + gap)
        sheet[top : top + SIDE, left : left + SIDE] = image
    axes.imshow(sheet, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([row * (SIDE + gap) + SIDE / 2 for row in range(rows)], list(names))
    axes.tick_params(length=0, labelsize=11)
    axes.spines[:].set_visible(False)


def _digits(images: torch.Tensor, rows: int, columns: int, names: list[str], title: str) -> Figure:
    """Images `(N, 784)` as one picture of `rows` by `columns`, with a name before each row."""
    figure = new_figure(0.75 * columns + (1.2 if any(names) else 0), 0.75 * rows)
    draw_sheet(figure.add_subplot(), images, rows, columns, names)
    add_title(figure, title)
    return figure
