"""What happened while two networks trained against each other, and what one of them can paint at the end."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from course.plotting.art import draw_art
from course.plotting.canvas import CLASS_COLOURS, INK, LINES, PAPER, add_title, new_figure, plain_frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from course.adversarial import GanHistory

PANELS: dict[str, dict[str, str]] = {  # what is drawn: the curves of a history and their names
    "loss": {"d_loss": "discriminator", "g_loss": "generator"},
    "accuracy of the discriminator": {"real": "on real", "fake": "on fake"},
    "norm of the gradient": {"d_gradient": "discriminator", "g_gradient": "generator"},
    "Frechet distance": {"test_distance": "of samples"},
}
LOGARITHMIC = ("norm of the gradient", "Frechet distance")


def gan_curves(history: GanHistory, *, steps: int | None = None, floor: float | None = None) -> Figure:
    """Losses, accuracies, gradient norms and, where it was measured, the Frechet distance, over the steps.

    Single notes are drawn thin, their running mean thick. `floor` is the distance of real from real; `steps`
    fixes the right end of the axes.
    """
    panels = _panels(history)
    figure = new_figure(3.3 * len(panels), 3.1)
    for i, (title, names) in enumerate(panels.items()):
        _panel(figure.add_subplot(1, len(panels), i + 1), history, title, names, steps, floor)
    return figure


def gan_progress(history: GanHistory, *, steps: int) -> Figure:
    """The curves so far, and below them the paintings of fixed noise as they are now."""
    panels = _panels(history)
    figure = new_figure(12.8, 4.9)
    grid = figure.add_gridspec(2, len(panels), height_ratios=[3.0, 1.75])
    for i, (title, names) in enumerate(panels.items()):
        _panel(figure.add_subplot(grid[0, i]), history, title, names, steps, None)
    axes = figure.add_subplot(grid[1, :])
    if len(history.frames):
        draw_art(axes, history.frames[-1], columns=16)
    else:
        axes.axis("off")
    return figure


def coverage(
    counts: Mapping[str, torch.Tensor] | torch.Tensor, movements: Sequence[str], samples: int
) -> Figure:
    """How many of so many samples show each movement, with a line at the tenth of a fair share.

    A movement below the line counts as lost. What shows none of them is counted in a last, hatched bar. A
    mapping gives one panel for each of its names.
    """
    panels = counts if isinstance(counts, Mapping) else {"": counts}
    figure = new_figure(max(7.5, 5.2 * len(panels)), 3.5)
    fair = samples / len(movements)
    names = [*movements, "none of them"]
    for i, (title, each) in enumerate(panels.items()):
        axes = figure.add_subplot(1, len(panels), i + 1)
        heights = [int(count) for count in each]
        heights.append(samples - sum(heights))
        bars = axes.bar(
            range(len(names)), heights, color=[*CLASS_COLOURS, PAPER], edgecolor=INK, linewidth=0.6
        )
        bars[-1].set_hatch("///")
        axes.bar_label(bars, padding=2, fontsize=9, color=INK)
        axes.axhline(fair, color=INK, linewidth=1, linestyle=":", label=f"fair share: {fair:g}")
        axes.axhline(
            fair / 10, color=LINES[1][0], linewidth=1.6, linestyle="--", label=f"a tenth of it: {fair / 10:g}"
        )
        axes.set_xticks(range(len(names)), names, rotation=40, ha="right", rotation_mode="anchor")
        axes.set_ylabel("samples")
        axes.set_ylim(0, 1.25 * max([*heights, fair]))
        axes.set_title(title, loc="left", fontsize=12, color=INK)
        axes.legend(frameon=False, loc="upper right", ncols=2, fontsize=9)
        plain_frame(axes)
    return figure


def broken_runs(
    runs: Mapping[str, GanHistory],
    notes: Mapping[str, str] | None = None,
    *,
    pictures: int = 16,
    title: str = "",
) -> Figure:
    """Runs below each other: the paintings at the end, the discriminator's accuracies, the gradient norms.

    `notes` are lines of text for each run, below its name.
    """
    from matplotlib.ticker import LogLocator

    columns = max(1, pictures // 2)
    figure = new_figure(13.2, 1.5 * len(runs) + 0.7)
    grid = figure.add_gridspec(len(runs), 4, width_ratios=[1.8, 5.6, 2.9, 2.9])
    last = max((each.steps[-1] for each in runs.values() if each.steps), default=2)
    for row, (name, history) in enumerate(runs.items()):
        words = figure.add_subplot(grid[row, 0])
        words.axis("off")
        words.text(0, 0.9, name, fontsize=12, fontweight="bold", color=INK, va="top")
        words.text(0, 0.68, (notes or {}).get(name, ""), fontsize=10, color=INK, va="top")
        axes = figure.add_subplot(grid[row, 1])
        axes.axis("off")
        if len(history.frames):
            draw_art(axes, history.frames[-1][:pictures], columns=columns)
        for column, panel in ((2, "accuracy of the discriminator"), (3, "norm of the gradient")):
            axes = figure.add_subplot(grid[row, column])
            _panel(axes, history, panel, PANELS[panel], last, None)
            legend = axes.get_legend()
            if legend is not None:
                legend.remove()
            axes.set_title("", loc="left")
            if row == 0:  # one title and one legend for all rows, above the first
                _names_above(axes, panel, PANELS[panel].values())
            if row < len(runs) - 1:
                axes.set_xlabel("")
                axes.set_xticklabels([])
            if panel in LOGARITHMIC:
                axes.set_ylim(*_range(runs.values(), PANELS[panel]))
                axes.yaxis.set_major_locator(LogLocator())  # the same labels in every row
    add_title(figure, title)
    return figure


def _names_above(axes: Axes, title: str, names: Iterable[str]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=colour, linestyle=style, linewidth=1.8, label=label)
        for label, (colour, style) in zip(names, LINES, strict=False)
    ]
    axes.legend(
        handles=handles, frameon=False, fontsize=9, loc="lower left", bbox_to_anchor=(-0.03, 0.97), ncols=2
    )
    axes.set_title(title, loc="left", fontsize=11, color=INK, pad=22)


def _range(runs: Iterable[GanHistory], names: Iterable[str]) -> tuple[float, float]:
    """The smallest and largest value of these curves in any run, with some room; for logarithmic axes."""
    smooth = [running_mean(run.curves.get(name, [])) for run in runs for name in names]
    values = [value for curve in smooth for value in curve if math.isfinite(value) and value > 0]
    return (min(values) / 1.5, max(values) * 1.5) if values else (0.1, 10.0)


def _panels(history: GanHistory) -> dict[str, dict[str, str]]:
    measured = "test_distance" in history.curves
    return {title: names for title, names in PANELS.items() if measured or title != "Frechet distance"}


def _panel(
    axes: Axes,
    history: GanHistory,
    title: str,
    names: Mapping[str, str],
    steps: int | None,
    floor: float | None,
) -> None:
    for (name, label), (colour, style) in zip(names.items(), LINES, strict=False):
        values = history.curves.get(name, [])
        if values:
            _curve(axes, history.along(name), values, label, colour, style, name)
    if title.startswith("accuracy"):
        axes.axhline(0.5, color=INK, linewidth=0.8, linestyle=":")
        axes.set_ylim(-0.03, 1.06)
        axes.set_yticks([0, 0.5, 1])
    elif title in LOGARITHMIC and axes.lines:
        _logarithmic(axes)
    if title == "Frechet distance" and floor is not None:
        axes.axhline(floor, color=INK, linewidth=1.2, linestyle=":", label=f"real from real {floor:.2g}")
    end = steps or max([2, *history.steps, *history.test_steps])
    axes.set_xlim(0, max(2, end))
    axes.set_xlabel("step")
    axes.set_title(title, loc="left", fontsize=11, color=INK)
    axes.grid(alpha=0.25)
    plain_frame(axes)
    if axes.lines and any(not str(line.get_label()).startswith("_") for line in axes.lines):
        # Below the panel, where it covers no line.
        axes.legend(frameon=False, fontsize=9, loc="upper center", bbox_to_anchor=(0.5, -0.2))


def _logarithmic(axes: Axes) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter

    axes.set_yscale("log")
    low, high = axes.get_ylim()
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 1e2 * low else (1,)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())


def _curve(
    axes: Axes, steps: Sequence[int], values: Sequence[float], label: str, colour: str, style: Any, name: str
) -> None:
    noisy = not name.startswith("test_") and len(values) >= 10
    if noisy:
        axes.plot(steps, values, color=colour, linewidth=0.6, alpha=0.35)
        values = running_mean(values)
    last = f" {values[-1]:.3g}" if math.isfinite(values[-1]) else ""
    marker = "" if noisy else "o"
    axes.plot(
        steps,
        values,
        color=colour,
        linestyle=style,
        linewidth=1.8,
        marker=marker,
        markersize=3.5,
        label=label + last,
    )


def running_mean(values: Sequence[float], width: int = 9) -> list[float]:
    """The mean of each value and up to `width // 2` before and after it; NaN counts as not there."""
    array, half = np.asarray(values, dtype=float), width // 2
    windows = (array[max(0, i - half) : i + half + 1] for i in range(len(array)))
    return [float(w[np.isfinite(w)].mean()) if np.isfinite(w).any() else math.nan for w in windows]
