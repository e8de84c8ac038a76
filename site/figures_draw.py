"""Draws the figures of the site: digits as plain pixels, curves as SVG in a light and a dark version."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
import torch
from PIL import Image

mpl.use("Agg")
from matplotlib import pyplot as plt

SCALE = 3  # one pixel of a digit becomes 3 x 3, sharp on every screen
GAP = 9
# Okabe & Ito's palette, which people with any colour vision can tell apart; the tenth is a mid grey.
CLASSES = [
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#9a8700",
    "#8a6fdf",
    "#a0522d",
    "#7f7f7f",
]
THEMES = {
    "light": {"ink": "#1f2333", "faint": "#d5d8e4", "ours": "#4338ca", "other": "#b45309", "halo": "#ffffff"},
    "dark": {"ink": "#e6e8f2", "faint": "#434a63", "ours": "#a5b4fc", "other": "#fbbf24", "halo": "#1e2129"},
}


def digit_rows(path: Path, rows: Sequence[torch.Tensor]) -> None:
    """Write rows of digits, each `(N, 784)` in [0, 1], as one grey picture with clear gaps."""
    side = 28 * SCALE
    count = max(len(row) for row in rows)
    sheet = np.zeros((len(rows) * (side + GAP) - GAP, count * (side + GAP) - GAP, 2), dtype=np.uint8)
    for i, row in enumerate(rows):
        for j, digit in enumerate(row.clamp(0, 1).mul(255).byte().view(-1, 28, 28).numpy()):
            top, left = i * (side + GAP), j * (side + GAP)
            sheet[top : top + side, left : left + side, 0] = digit.repeat(SCALE, 0).repeat(SCALE, 1)
            sheet[top : top + side, left : left + side, 1] = 255
    Image.fromarray(sheet, "LA").save(path, optimize=True)


def in_both_themes(
    path: Path,
    size: tuple[float, float],
    fill,
    suffix: str = "svg",
    rows: int = 1,
    colours: int = 0,
    **layout: object,
) -> None:
    """Call `fill(axes, theme)` once for each theme and save beside each other as `-light` and `-dark`.

    With more than one row, `axes` is the sequence of the panels, which share their horizontal axis. With
    `colours`, a picture of pixels is cut down to so many.
    """
    for name, theme in THEMES.items():
        ink = theme["ink"]
        style = {
            "font.family": "sans-serif", "font.size": 11, "svg.fonttype": "path", "svg.hashsalt": path.name,
            "text.color": ink, "axes.labelcolor": ink, "axes.edgecolor": theme["faint"], "xtick.color": ink,
            "ytick.color": ink, "xtick.major.size": 0, "ytick.major.size": 0, "ytick.minor.size": 0,
            "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "axes.axisbelow": True,
            "grid.color": theme["faint"], "grid.linewidth": 0.6,
        }  # fmt: skip
        with mpl.rc_context(style):
            figure, axes = plt.subplots(rows, figsize=size, layout="constrained", sharex=True, **layout)
            fill(axes, theme)
            target = path.with_name(f"{path.name}-{name}.{suffix}")
            # No date and no version inside: the same numbers give the same file.
            metadata = {"Date": None, "Creator": None} if suffix == "svg" else {"Software": None}
            figure.savefig(target, transparent=True, metadata=metadata, dpi=130)
            plt.close(figure)
            if suffix == "svg":
                target.write_text(_shorter(target.read_text(encoding="utf-8")), encoding="utf-8")
            elif colours:
                with Image.open(target) as picture:
                    few = picture.convert("RGBA").quantize(colours, Image.Quantize.FASTOCTREE)
                few.save(target, optimize=True)


def _shorter(svg: str) -> str:
    """The same drawing with every place on the page given to a hundredth of a point, and without indentation."""
    place = re.compile(r"-?\d+\.\d{3,}")
    # A glyph is placed by a scale that would not survive rounding.
    return "\n".join(
        line.strip()
        if "scale(" in line
        else place.sub(lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), line.strip())
        for line in svg.splitlines()
    )


def loss_curves(path: Path, training: list[float], test: list[float], pca: float) -> None:
    """Training and test loss by epoch, with the error of PCA as a line to beat."""

    def fill(axes, theme) -> None:
        epochs = range(1, len(test) + 1)
        axes.axhline(pca, color=theme["other"], linewidth=1.6, linestyle=(0, (5, 3)))
        axes.text(len(test), pca * 1.03, "PCA", color=theme["other"], ha="right", va="bottom")
        axes.plot(epochs, training, color=theme["ours"], linewidth=1.6, linestyle=":", label="training")
        axes.plot(epochs, test, color=theme["ours"], linewidth=2.2, marker="o", markersize=4, label="test")
        axes.set(xlabel="epoch", ylabel="mean squared error", yscale="log", xticks=[1, 5, 10, 15, 20])
        ticks = [0.01, 0.02, 0.04, 0.08]
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.legend(frameon=False)

    in_both_themes(path, (7.6, 4.0), fill)


def latent_sizes(path: Path, by_size: dict[int, tuple[float, float]]) -> None:
    """Test error of AutoEncoder and PCA by latent size."""

    def fill(axes, theme) -> None:
        sizes = list(by_size)
        axes.plot(
            sizes, [by_size[s][1] for s in sizes], color=theme["other"], marker="s", markersize=5,
            linestyle=(0, (5, 3)), label="PCA",
        )  # fmt: skip
        axes.plot(
            sizes, [by_size[s][0] for s in sizes], color=theme["ours"], marker="o", linewidth=2.2,
            label="AutoEncoder",
        )  # fmt: skip
        axes.set_xscale("log", base=2)
        axes.set_xticks(sizes, [str(size) for size in sizes])
        axes.set(xlabel="latent size", ylabel="test mean squared error", ylim=(0, None))
        axes.minorticks_off()
        axes.legend(frameon=False)

    in_both_themes(path, (7.6, 4.0), fill)


def spread(points: torch.Tensor, apart: float) -> torch.Tensor:
    """Push points `(N, 2)` that lie closer than `apart` away from each other, so that labels can be read."""
    points = points.clone()
    for _ in range(100):
        offset = points[:, None] - points[None]  # (N, N, 2)
        distance = offset.norm(dim=2, keepdim=True).clamp(min=1e-6)
        points += (offset / distance * (apart - distance).clamp(min=0)).sum(1) / 4
    return points


def scatter(path: Path, points: torch.Tensor, labels: torch.Tensor) -> None:
    """Codes in two dimensions `(N, 2)`, coloured by class; each class is named at its middle too."""

    def fill(axes, theme) -> None:
        for digit, colour in enumerate(CLASSES):
            own = points[labels == digit]
            axes.scatter(own[:, 0], own[:, 1], s=9, color=colour, alpha=0.7, linewidth=0)
        middles = torch.stack([points[labels == digit].median(0).values for digit in range(len(CLASSES))])
        for digit, (colour, middle) in enumerate(zip(CLASSES, spread(middles, apart=2.2), strict=True)):
            disc = {
                "boxstyle": "circle,pad=0.25",
                "facecolor": theme["halo"],
                "edgecolor": colour,
                "linewidth": 2,
            }
            axes.text(*middle, str(digit), ha="center", va="center", fontsize=12, weight="bold", bbox=disc)
        axes.set(xlabel="first principal component of the codes", ylabel="second", aspect="equal")

    in_both_themes(path, (7.6, 5.8), fill, suffix="png")
