"""Models beside each other: their pictures, their clouds of features, their modes, their codes, their costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from course.data.images import to_bytes
from course.plotting.canvas import INK, LINES, PAPER, add_title, new_figure, plain_frame
from course.plotting.latent import draw_codes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

REAL, FAKE = LINES[0][0], LINES[1][0]
MARKERS = "osD^v"


def picture_rows(rows: Mapping[str, torch.Tensor], *, columns: int = 12, title: str = "") -> Figure:
    """A row of pictures for each name, digits and paintings in tiles of one size.

    Digits `(N, 784)` are in [0, 1] or bytes, drawn as ink on paper; paintings `(N, 3, H, H)` in [-1, 1] or bytes.
    """
    figure = new_figure(0.72 * columns + 1.6, 0.76 * len(rows))
    grid = figure.subplots(len(rows), columns, squeeze=False)
    for line, (name, pictures) in zip(grid, rows.items(), strict=True):
        tiles = _tiles(pictures[:columns])
        for axes in line:
            axes.set_axis_off()
        for axes, tile in zip(line, tiles, strict=False):
            axes.imshow(tile, interpolation="nearest")
        line[0].text(-0.15, 0.5, name, transform=line[0].transAxes, ha="right", va="center", color=INK)
    add_title(figure, title)
    return figure


def distance_by_count(
    counts: Sequence[int], lines: Mapping[str, Sequence[float]], *, title: str = ""
) -> Figure:
    """A distance over the number of pictures that it was measured with, for several comparisons."""
    figure = new_figure(7.2, 4.0)
    axes = figure.add_subplot()
    for (name, values), (colour, style) in zip(lines.items(), LINES, strict=False):
        axes.plot(
            counts, values, linestyle=style, color=colour, marker="o", markersize=4, linewidth=2, label=name
        )
    axes.set_xscale("log")
    _logarithmic(axes.yaxis, axes.set_yscale)
    axes.set_xticks(counts, [f"{count:,}" for count in counts])
    axes.minorticks_off()
    axes.set_xlabel("pictures in each set")
    axes.set_ylabel("Frechet distance")
    axes.grid(alpha=0.25)
    plain_frame(axes)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    add_title(figure, title)
    return figure


def neighbourhoods(real: torch.Tensor, fake: torch.Tensor, k: int = 5, *, title: str = "") -> Figure:
    """The balls of precision and recall, for two sets of points in the plane, `(N, 2)` each.

    At the left the balls around real points, out to the k-th other real point, and which samples lie in one of them;
    at the right the balls around samples, and which real points lie in one.
    """
    figure = new_figure(11.6, 5.6)
    left, right = figure.subplots(1, 2, sharex=True, sharey=True)
    for axes, centres, points, colours, words in (
        (left, real, fake, (REAL, FAKE), ("precision", "balls around real points", "samples")),
        (right, fake, real, (FAKE, REAL), ("recall", "balls around samples", "real points")),
    ):
        inside = _draw_balls(axes, centres, k, colours[0], points)
        marker = "s" if colours[1] == FAKE else "o"
        for chosen, face, word in ((inside, colours[1], "inside"), (~inside, PAPER, "outside")):
            axes.scatter(*points[chosen].T.numpy(), s=20, marker=marker, facecolor=face, edgecolor=colours[1],
                         linewidth=1.1, label=f"{words[2]} {word}: {int(chosen.sum())}", zorder=3)  # fmt: skip
        share = float(inside.double().mean())
        axes.set_title(f"{words[0]} {share:.2f}: {words[1]}", loc="left", fontsize=12, color=INK)
        axes.set_aspect("equal")
        axes.legend(frameon=True, facecolor=PAPER, framealpha=0.9, loc="upper right")
        plain_frame(axes)
    add_title(figure, title)
    return figure


def coverage_of_models(
    counts: Mapping[str, torch.Tensor], names: Mapping[str, Sequence[str]], *, title: str = ""
) -> Figure:
    """How many samples of each model show each mode, beside the fair share and a tenth of it, which counts as covered."""
    figure = new_figure(4.3 * len(counts), 3.9)
    for i, (model, own) in enumerate(counts.items()):
        axes = figure.add_subplot(1, len(counts), i + 1)
        fair = float(own.sum()) / len(own)
        places = np.arange(len(own))
        covered = (own >= fair / 10).numpy()
        for chosen, face, hatch in ((covered, REAL, ""), (~covered, PAPER, "////")):
            bars = (places[chosen], own.numpy()[chosen])
            axes.bar(*bars, facecolor=face, hatch=hatch, edgecolor=REAL, width=0.75)
        axes.axhline(fair, color=INK, linewidth=1.2, linestyle="--", label=f"fair share {fair:.0f}")
        axes.axhline(
            fair / 10, color=INK, linewidth=1.2, linestyle=":", label=f"a tenth of it {fair / 10:.0f}"
        )
        for place in places[~covered]:  # such a bar is hardly seen
            above = (place, float(own[place]) + fair / 10)
            paper: dict[str, Any] = {"facecolor": PAPER, "edgecolor": "none", "pad": 1}
            axes.text(
                *above, "missing", rotation=90, ha="center", va="bottom", color=INK, fontsize=10, bbox=paper
            )
        turned = max(map(len, names[model])) > 2
        axes.set_xticks(
            places, list(names[model]), rotation=60 if turned else 0, ha="right" if turned else "center"
        )
        axes.set_title(f"{model}: {int(covered.sum())} of {len(own)}", loc="left", fontsize=12, color=INK)
        axes.set_ylabel("samples" if i == 0 else "")
        axes.legend(
            frameon=True, facecolor=PAPER, edgecolor=PAPER, framealpha=0.9, fontsize=9, loc="upper right"
        )
        axes.set_ylim(0, 1.3 * float(own.max()))
        plain_frame(axes)
    add_title(figure, title)
    return figure


def latent_maps(points: Mapping[str, torch.Tensor], labels: torch.Tensor, *, title: str = "") -> Figure:
    """The codes of several models in the plane, `(N, 2)` each, every one drawn as the digit it stands for."""
    figure = new_figure(6.0 * len(points), 5.4)
    for i, (name, own) in enumerate(points.items()):
        axes = figure.add_subplot(1, len(points), i + 1)
        draw_codes(axes, own.detach().cpu().double(), labels, ["first direction", "second direction"])
        axes.set_title(name, loc="left", fontsize=12, color=INK)
    add_title(figure, title)
    return figure


def spectra(
    panels: Mapping[str, Mapping[str, tuple[torch.Tensor, torch.Tensor]]], *, title: str = ""
) -> Figure:
    """How much contrast pictures have at each frequency; each line is what `course.spectrum` returned."""
    figure = new_figure(5.4 * len(panels), 3.9)
    for i, (name, lines) in enumerate(panels.items()):
        axes = figure.add_subplot(1, len(panels), i + 1)
        for (label, (frequency, power)), (colour, style) in zip(lines.items(), LINES, strict=False):
            axes.plot(frequency, power, linestyle=style, color=colour, linewidth=2, label=label)
        axes.set_yscale("log")
        axes.axvline(0.2, color=INK, linewidth=1, linestyle=":")
        axes.annotate("fine detail", (0.2, 0.97), xycoords=("data", "axes fraction"), xytext=(5, 0),
                      textcoords="offset points", va="top", color=INK)  # fmt: skip
        axes.set_xlabel("cycles per pixel")
        axes.set_ylabel("power" if i == 0 else "")
        axes.set_title(name, loc="left", fontsize=12, color=INK)
        axes.grid(alpha=0.25)
        axes.legend(frameon=False, loc="lower left")
        plain_frame(axes)
    add_title(figure, title)
    return figure


def trade_offs(
    table: pd.DataFrame, pairs: Sequence[tuple[str, str]], *, log: Sequence[str] = (), title: str = ""
) -> Figure:
    """Two columns of a table against each other in each panel, one marker for each row; rows without a value are left out.

    `log` names the columns whose axis is logarithmic.
    """
    from matplotlib.ticker import MaxNLocator

    figure = new_figure(4.4 * len(pairs), 3.9)
    for i, (across, up) in enumerate(pairs):
        axes = figure.add_subplot(1, len(pairs), i + 1)
        for j, name in enumerate(table.index):
            x, y = float(table.loc[name, across]), float(table.loc[name, up])
            if not np.isfinite([x, y]).all():
                continue
            colour, marker = LINES[j % len(LINES)][0], MARKERS[j % len(MARKERS)]
            axes.plot(x, y, marker, color=colour, markersize=10)
            place = (9, 7 if j % 2 == 0 else -15)  # names of near ones lie above and below
            axes.annotate(str(name), (x, y), xytext=place, textcoords="offset points", color=INK)
        axes.margins(0.25)
        for column, axis, scale in ((across, axes.xaxis, axes.set_xscale), (up, axes.yaxis, axes.set_yscale)):
            if column in log:
                _logarithmic(axis, scale)
            else:
                axis.set_major_locator(MaxNLocator(5))
        axes.set_xlabel(across)
        axes.set_ylabel(up)
        axes.grid(alpha=0.25)
        plain_frame(axes)
    add_title(figure, title)
    return figure


def _draw_balls(axes: Axes, centres: torch.Tensor, k: int, colour: str, points: torch.Tensor) -> torch.Tensor:
    """Draw the ball of each centre, out to its k-th other one; which of `points` lie in a ball, `(M,)` bool."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Circle

    radii = torch.cdist(centres, centres).sort(1).values[:, k]  # the first is the centre itself
    circles = [Circle((float(p[0]), float(p[1])), float(r)) for p, r in zip(centres, radii, strict=True)]
    axes.add_collection(PatchCollection(circles, facecolor=colour, alpha=0.10, edgecolor="none"))
    x, y = centres.T.numpy()
    axes.scatter(x, y, s=6, color=colour, alpha=0.7, zorder=2)
    inside: torch.Tensor = (torch.cdist(centres, points) <= radii[:, None]).any(0)
    return inside


def _tiles(pictures: torch.Tensor) -> np.ndarray:
    """Pictures as bytes `(N, H, H, 3)`."""
    own = pictures.detach().cpu()
    if own.ndim == 2:
        side = round(own.shape[1] ** 0.5)
        grey = own if own.dtype == torch.uint8 else (own.float().clamp(0, 1) * 255).round().to(torch.uint8)
        return (255 - grey).view(-1, side, side, 1).expand(-1, -1, -1, 3).numpy()
    coloured = own if own.dtype == torch.uint8 else to_bytes(own)
    return coloured.permute(0, 2, 3, 1).numpy()


def _logarithmic(axis: Any, set_scale: Any) -> None:
    """A logarithmic axis with plain numbers, also where it spans less than a power of ten."""
    from matplotlib.ticker import LogLocator, NullFormatter

    set_scale("log")
    low, high = axis.get_view_interval()
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 1e3 * low else (1,)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())
