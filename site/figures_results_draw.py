"""Draws the figures of the results' page: curves with a band over seeds, codes in a plane, a comparison in dots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from figures_draw import CLASSES, in_both_themes, spread
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

WITHIN = 2.448  # the radius that holds 95 % of a two-dimensional N(0, I)
GREEN = {"light": "#00795a", "dark": "#4cd3a5"}  # a third colour beside those of the themes
# What is compared, in rows: its name, the model, and of which samples.
ROWS = (("AE", "ae", "prior"), ("AE, fitted", "ae", "fitted"), ("VAE", "vae", "prior"), ("GAN", "gan", "prior"))  # fmt: skip
# Panels: title, measure (`*` for the kind of samples), whether less is better, limits.
PANELS = (
    ("reconstruction error", "test_mse", "less is better", (0, 0.0105)),
    ("Fréchet distance of samples", "*_frechet_distance", "less is better", None),
    ("precision of samples", "*_precision", "1 is best", (-0.03, 1.06)),
    ("recall of samples", "*_recall", "1 is best", (-0.03, 1.06)),
    ("coverage of samples", "*_coverage", "1 is best", (-0.03, 1.06)),
    ("classes covered", "*_class_coverage", "1 is best", (-0.03, 1.06)),
    ("separability of codes", "separability", "1 is best", (0.8, 1.01)),
    ("sharpness of reconstructions", "reconstruction_sharpness", "real is 1", (0, 1.06)),
)


def band(axes, curves: Sequence[Sequence[float]], colour: str, *, dotted: bool = False, **words: str) -> None:
    """The mean over seeds as a line, the seeds' range as a band; the first value is that before training."""
    values = np.asarray(curves)[:, 1:]
    epochs = np.arange(1, values.shape[1] + 1)
    axes.fill_between(epochs, values.min(0), values.max(0), color=colour, alpha=0.25, linewidth=0)
    style = (
        {"linestyle": (0, (1, 1.5)), "linewidth": 1.7}
        if dotted
        else {"linewidth": 2.2, "marker": "o", "markersize": 4}
    )
    axes.plot(epochs, values.mean(0), color=colour, **style, **words)


def losses(path: Path, ae: Mapping[str, Any], vae: Mapping[str, Any]) -> None:
    """The squared error per pixel of both models by epoch, on training and test digits."""

    def fill(axes, theme) -> None:
        for name, curves, colour in (("VAE", vae, theme["ours"]), ("AutoEncoder", ae, theme["other"])):
            band(axes, curves["test_mse"], colour, label=f"{name}, test")
            band(axes, curves["train_mse"], colour, dotted=True, label=f"{name}, training")
        ticks = [0.005, 0.007, 0.01, 0.015, 0.02, 0.03]
        axes.set(xlabel="epoch", ylabel="squared error per pixel", yscale="log", xticks=[1, 5, 10, 15, 20])
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.legend(frameon=False)

    in_both_themes(path, (6.6, 4.2), fill)


def terms(path: Path, curves: Mapping[str, Any]) -> None:
    """Both terms of the VAE's loss by epoch, one above the other."""

    def fill(axes, theme) -> None:
        for panel, name, label in zip(axes, ("reconstruction", "kl"), ("reconstruction", "KL"), strict=True):
            band(panel, curves[f"test_{name}"], theme["ours"], label="test")
            band(panel, curves[f"train_{name}"], theme["other"], dotted=True, label="training")
            panel.set_ylabel(f"{label} (nats)")
        axes[0].legend(frameon=False)
        axes[1].set(xlabel="epoch", xticks=[1, 5, 10, 15, 20])

    in_both_themes(path, (6.6, 5.2), fill, rows=2)


def planes(path: Path, kept: Mapping[str, torch.Tensor]) -> None:
    """The codes of test digits along their two widest axes, AutoEncoder and VAE, with where N(0, I) draws."""

    def fill(axes, theme) -> None:
        figure = axes.figure
        axes.remove()
        panels = figure.subplots(1, 2)
        for panel, lab, name in zip(panels, ("ae", "vae"), ("AutoEncoder", "VAE"), strict=True):
            points, labels = kept[f"{lab}_plane"].float(), kept["labels"]
            for digit, colour in enumerate(CLASSES):
                own = points[labels == digit]
                panel.scatter(own[:, 0], own[:, 1], s=5, color=colour, alpha=0.65, linewidth=0)
            reach = float(points.abs().flatten().quantile(0.999)) * 1.1  # an outlier would shrink all others
            middles = torch.stack([points[labels == digit].median(0).values for digit in range(10)])
            for digit, (colour, middle) in enumerate(zip(CLASSES, spread(middles, reach * 0.2), strict=True)):
                disc = {"boxstyle": "circle,pad=0.2", "facecolor": theme["halo"], "edgecolor": colour, "linewidth": 1.6}  # fmt: skip
                panel.text(*middle, str(digit), ha="center", va="center", fontsize=10, weight="bold", bbox=disc)  # fmt: skip
            centre = tuple(kept[f"{lab}_origin"].float().tolist())
            panel.add_patch(Circle(centre, WITHIN, fill=False, edgecolor=theme["ink"], linewidth=2, linestyle=(0, (4, 2)), zorder=6))  # fmt: skip
            share = float(kept[f"{lab}_shown"].float().sum())
            panel.set_title(f"{name}: {share:.0%} of the variance", fontsize=11, weight="bold")
            panel.set(aspect="equal", xlim=(-reach, reach), ylim=(-reach, reach), xlabel="widest axis of the codes")  # fmt: skip
        panels[0].set_ylabel("second widest")

    in_both_themes(path, (7.6, 4.1), fill, suffix="png", colours=256)


def way(path: Path, along: Mapping[str, Any], seeds: Sequence[int]) -> None:
    """The GAN of each seed along its training: Frechet distance, and how many movements its samples show."""

    def fill(axes, theme) -> None:
        steps = along["steps"]
        for seed, distance, classes in zip(seeds, along["frechet_distance"], along["class_coverage"], strict=True):  # fmt: skip
            style = {"color": CLASSES[seed % 10], "linewidth": 1.8, "marker": "o", "markersize": 4.5}
            axes[0].plot(steps, distance, label=str(seed), **style)
            axes[1].plot(steps, [10 * share for share in classes], **style)
        axes[0].set(ylabel="Fréchet distance to the art", yscale="log")
        ticks = [5, 10, 20, 50, 100, 200]
        axes[0].set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        axes[0].minorticks_off()
        axes[0].legend(title="seed", frameon=False, ncols=4, fontsize=10)
        axes[1].set(xlabel="step", ylabel="movements covered", ylim=(-0.5, 10.5), xticks=steps)
        axes[1].set_xticklabels([f"{step:,}" if step != steps[1] else "" for step in steps])

    in_both_themes(path, (6.6, 5.6), fill, rows=2)


def comparison(path: Path, models: Mapping[str, Any], real: Mapping[str, float]) -> None:
    """A panel for each measure, a line for each model, a dot for each seed, a bar for what real images reach."""

    def fill(axes, theme) -> None:
        figure, names = axes.figure, [row[0] for row in ROWS]
        axes.remove()
        panels = figure.subplots(4, 2, sharey=True)
        colours = {"ae": theme["other"], "vae": theme["ours"], "gan": GREEN["light" if theme["halo"] == "#ffffff" else "dark"]}  # fmt: skip
        for panel, (title, measure, better, limits) in zip(panels.flat, PANELS, strict=True):
            for place, (_, lab, kind) in enumerate(ROWS):
                name = measure.replace("*", kind)
                values = models.get(lab, {}).get("measures", {}).get(name, {}).get("seeds", [])
                if "*" not in measure and kind == "fitted":
                    values = []
                if not values:
                    panel.text(0.5, place, "–", transform=panel.get_yaxis_transform(), ha="center", va="center", color=theme["ink"], alpha=0.5)  # fmt: skip
                    continue
                panel.plot(values, [place] * len(values), "o", markersize=6, alpha=0.75, color=colours[lab], markeredgewidth=0)  # fmt: skip
                reference = real.get(f"{'art' if lab == 'gan' else 'digits'}_{measure.replace('*_', '')}")
                if reference is not None and "*" in measure:
                    panel.plot([reference], [place], "|", color=theme["ink"], markersize=13, markeredgewidth=1.8)  # fmt: skip
            panel.set_title(f"{title} ({better})", fontsize=10, loc="left")
            panel.set(ylim=(len(ROWS) - 0.5, -0.5), yticks=range(len(ROWS)))
            panel.set_yticks(range(len(ROWS)), names)
            if limits is None:
                panel.set_xscale("log")
                panel.set_xlim(0.07, 400)
                panel.set_xticks([0.1, 1, 10, 100], ["0.1", "1", "10", "100"])
                panel.minorticks_off()
            else:
                panel.set_xlim(*limits)
        bar = Line2D([], [], color=theme["ink"], marker="|", linestyle="", markersize=12, markeredgewidth=1.8)
        figure.legend([bar], ["real images, held against other real ones"], frameon=False, loc="outside lower center")  # fmt: skip

    in_both_themes(path, (7.6, 7.6), fill)
