"""What happened in training: curves over the epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from course.plotting.canvas import (
    INK,
    LINES,
    PAPER,
    TEST_COLOUR,
    TRAIN_COLOUR,
    add_title,
    new_figure,
    plain_frame,
)
from course.training import settled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from course.training import History


def loss_curve(history: History, *, epochs: int | None = None, log: bool = False, title: str = "") -> Figure:
    """Each quantity of a history over the epochs, training and test together.

    `epochs` fixes the right end of the axis while training goes on; `log` makes the other axis logarithmic.
    """
    names = [name for name in history.curves if not name.startswith("test_")] or ["loss"]
    figure = new_figure(max(5.0, 4.2 * len(names)), 3.2)
    for i, name in enumerate(names):
        axes = figure.add_subplot(1, len(names), i + 1)
        for key, label, colour, style in (
            (name, "training", TRAIN_COLOUR, "-"),
            (f"test_{name}", "test", TEST_COLOUR, "--"),
        ):
            _line(axes, history.curves.get(key, []), label, colour, style)
        _finish(axes, name, max(epochs or 0, len(history)), log)
    add_title(figure, title)
    return figure


def curves(
    panels: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    log: bool = False,
    title: str = "",
) -> Figure:
    """Several lines in each of several panels over the epochs, such as one line for each of some models.

    `panels` maps what is measured, such as "KL (nats)", to the lines: their names and one value per epoch
    each. Panels do not share their vertical axes, because their units differ.
    """
    figure = new_figure(max(5.0, 4.4 * len(panels)), 3.9)
    for i, (name, lines) in enumerate(panels.items()):
        axes = figure.add_subplot(1, len(panels), i + 1)
        for (label, values), (colour, style) in zip(lines.items(), LINES, strict=False):
            _line(axes, list(values), label, colour, style)
        _finish(axes, "", max(map(len, lines.values()), default=0), log)
        axes.set_title(name, loc="left", fontsize=12, color=INK)
        # Below the panel, where it covers no line.
        columns = 1 if len(lines) == 3 else 2
        axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=columns)
    add_title(figure, title)
    return figure


def kl_evolution(
    history: History, *, batches: Sequence[float] = (), tolerance: float = 0.05, title: str = ""
) -> Figure:
    """The KL over the epochs, and the epoch in which it settles.

    `batches` is the KL of every single training batch, drawn thin behind the curve. Settled means: from that
    epoch on, the test KL stays within `tolerance` of its value at the end (see `course.training.settled`).
    """
    values = list(history.curves.get("test_kl") or history["kl"])
    figure = new_figure(7.5, 3.8)
    axes = figure.add_subplot()
    if batches:
        x = np.arange(1, len(batches) + 1) * len(values) / len(batches)
        axes.plot(x, batches, color=TRAIN_COLOUR, linewidth=0.7, alpha=0.75, label="each training batch")
    epochs = np.arange(1, len(values) + 1)
    label = f"test digits, {values[-1]:.1f} nats at the end"
    axes.plot(epochs, values, "--o", color=TEST_COLOUR, linewidth=2, markersize=4, label=label)
    low, high = values[-1] * (1 - tolerance), values[-1] * (1 + tolerance)
    band = f"within {tolerance:.0%} of the end"
    axes.axhspan(low, high, facecolor=INK, alpha=0.10, label=band)
    epoch = settled(values, tolerance)
    axes.axvline(epoch, color=INK, linewidth=1.2, linestyle=":")
    _finish(axes, "KL (nats)", len(values), log=False)
    axes.set_xlim(0, max(2, len(values)) + 0.3)
    highest = max([*values, *batches])
    axes.set_ylim(0, 1.15 * highest if highest > 0 else 1)
    # At the top of the line: the curves are far below it there, whatever their heights.
    left = epoch > 0.6 * len(values)
    axes.annotate(
        f"settles in epoch {epoch}",
        xy=(epoch, 0.97),
        xycoords=("data", "axes fraction"),
        xytext=(-6 if left else 6, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="top",
        color=INK,
    )
    axes.legend(frameon=True, facecolor=PAPER, edgecolor=PAPER, framealpha=1, loc="lower right")
    add_title(figure, title)
    return figure


def _line(axes: Axes, values: Sequence[float], label: str, colour: str, style: Any) -> None:
    if not values:
        return
    x, few = np.arange(1, len(values) + 1), "o" if len(values) < 3 else ""
    text = f"{label} {values[-1]:.3g}"
    axes.plot(x, values, linestyle=style, color=colour, linewidth=2, marker=few, label=text)


def _finish(axes: Axes, name: str, epochs: int, log: bool) -> None:
    """Axes, grid and legend that all curves share."""
    from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

    axes.set_xlim(1, max(2, epochs))
    if log:
        axes.set_yscale("log")
        low, high = axes.get_ylim()
        # Over few powers of ten, three ticks in each; over many, that would be a wall of numbers.
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 1e3 * low else (1,)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("epoch")
    axes.set_ylabel(name)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.25)
    plain_frame(axes)
    if axes.lines:
        axes.legend(frameon=False)
