"""Draws the histograms of the calibration page from the committed measurements of `genlab calibrate`.

Every `autograder/outcomes/calibration/<lab>.json` gives a picture for each of its views, and `numbers.json`
notes of which file they are, so that the site does not build with pictures of another.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from calibration_views import View, all_values, views
from figures_draw import in_both_themes
from figures_lab import ROOT, assets, write_numbers

MEASURED = ROOT / "autograder" / "outcomes" / "calibration"
BINS = 72
FAR = 12.0  # so many times further out than the threshold: the axis becomes logarithmic beyond it

Scale = Callable[[np.ndarray], np.ndarray]


def make() -> None:
    """Draw every view of every lab that was calibrated; pictures of views that are gone go too."""
    folder, made, drawn = assets("calibration"), {}, set()
    for source in sorted(MEASURED.glob("*.json")):
        content = source.read_bytes()
        for view in views(json.loads(content)):
            histograms(folder / view.slug, view)
            drawn |= {f"{view.slug}-light.svg", f"{view.slug}-dark.svg"}
        made[source.stem] = hashlib.sha256(content).hexdigest()
    for picture in folder.glob("*.svg"):
        if picture.name not in drawn:
            picture.unlink()
    write_numbers("calibration", made)


def histograms(path: Path, view: View) -> None:
    """A row for each kind of code, right ones on top; the marks through all of them."""
    linear = linear_part(view)
    # Any place of the axis as a length of ink: linear near the threshold, logarithmic far out.
    squeeze: Scale = (lambda v: np.arcsinh(v / linear)) if linear else (lambda v: v)
    stretch: Scale = (lambda v: linear * np.sinh(v)) if linear else (lambda v: v)
    low, high = (squeeze(end) for end in ends(view))
    margin = 0.04 * (high - low or 1.0)
    edges = stretch(np.linspace(low - margin, high + margin, BINS))
    above = view.side == "above"

    def fill(axes, theme) -> None:
        panels = np.atleast_1d(axes)
        for i, (panel, row) in enumerate(zip(panels, view.rows, strict=True)):
            counts, _ = np.histogram(np.clip(row.finite, edges[0], edges[-1]), edges)
            some = np.flatnonzero(counts) if counts.any() else np.array([0])
            bars = slice(some[0], some[-1] + 1)  # nothing is drawn where there is nothing
            heights = np.sqrt(counts)  # so that a single run is still to be seen beside a thousand
            colour, hatch = (theme["ours"], None) if row.right else (theme["other"], "//////")
            panel.stairs(
                heights[bars],
                edges[bars.start : bars.stop + 1],
                fill=row.right,
                facecolor=colour,
                edgecolor=colour,
                hatch=hatch,
                linewidth=1,
            )
            fails = (view.threshold, edges[-1]) if above else (edges[0], view.threshold)
            panel.axvspan(*fails, color=theme["faint"], alpha=0.35, linewidth=0, zorder=0)
            for k, (place, _) in enumerate(view.marks):
                panel.axvline(place, color=theme["ink"], linewidth=1.6, linestyle=(0, (4, 3)) if k else "-")
            if linear:
                panel.set_xscale("function", functions=(squeeze, stretch))
            panel.set(yticks=[], xlim=(edges[0], edges[-1]), ylim=(0, max(heights.max(), 1) * 1.08))
            panel.grid(visible=False)
            panel.spines["left"].set_visible(False)
            panel.set_ylabel(f"{row.name}\n{row.count}", rotation=0, ha="right", va="center", labelpad=8,
                             fontsize=12 if i == 0 else 10.5, weight="bold" if i == 0 else "normal")  # fmt: skip
        label_marks(panels[0], view)
        if linear:
            panels[-1].set_xticks(ticks(edges[0], edges[-1], linear))
        panels[-1].xaxis.set_major_formatter("{x:g}")
        panels[-1].set_xlabel(view.axis)

    ratios = [2.2] + [0.85] * (len(view.rows) - 1)
    in_both_themes(
        path,
        (6.6, 1.1 + 0.52 * sum(ratios)),
        fill,
        rows=len(ratios),
        gridspec_kw={"height_ratios": ratios},
    )


def label_marks(panel, view: View) -> None:
    """Name the marks above the first row, and say on which side code fails."""
    above = view.side == "above"
    sides = ("center",) if len(view.marks) == 1 else ("right", "left")  # two may stand close together
    for (place, words), side in zip(view.marks, sides, strict=True):
        shift = {"center": 0, "right": 4, "left": -4}[side]
        panel.annotate(f"{words} {place:g}".replace("-", "−"), (place, 1), (shift, 5), xycoords=("data", "axes fraction"),
                       textcoords="offset points", ha=side, va="bottom", weight="bold")  # fmt: skip
    if len(view.marks) == 1:
        words, side, shift = ("fails →", "left", 7) if above else ("← fails", "right", -7)
        panel.annotate(words, (view.threshold, 0.94), (shift, 0), xycoords=("data", "axes fraction"),
                       textcoords="offset points", ha=side, va="top", style="italic")  # fmt: skip


def ends(view: View) -> tuple[float, float]:
    """From where to where the axis reaches: all of the failing side, and as much of the other as right code needs.

    Wrong code that lies still further out on the passing side is drawn at the end.
    """
    values = all_values(view)
    right = [value for row in view.rows if row.right for value in row.finite] + [view.threshold]
    spread = max(right) - min(right)
    if view.side == "above":
        return max(min(values), min(right) - spread), max(values)
    return min(values), min(max(values), max(right) + spread)


def linear_part(view: View) -> float:
    """Up to which distance from 0 the axis is linear; 0.0 where all of it can be."""
    right = [abs(value) for row in view.rows if row.right for value in row.finite]
    near = max([abs(view.threshold), *(right if len(view.marks) == 1 else []), 1e-9])
    return near / 2 if max(map(abs, all_values(view))) > FAR * near else 0.0


def ticks(low: float, high: float, linear: float) -> list[float]:
    """Round values for an axis that is linear up to `linear` and logarithmic beyond: 0, powers of ten, few between."""
    first, last = math.floor(math.log10(2 * linear)), math.ceil(math.log10(max(abs(low), abs(high))))
    between = (1, 2, 5) if low > 0 and last - first <= 2 else (1,)
    powers = [digit * 10.0**power for power in range(first, last + 1) for digit in between]
    return [tick for tick in [-p for p in reversed(powers)] + [0.0] + powers if low <= tick <= high]
