"""Draws the figures of the comparison's chapter, as SVG in a light and a dark version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from figures_draw import CLASSES, in_both_themes
from matplotlib.collections import PatchCollection
from matplotlib.patches import Circle

GREEN = CLASSES[2]


def carried(path: Path) -> None:
    """Two bell curves, and where the best way to carry one into the other takes each point."""

    def fill(axes, theme) -> None:
        x = np.linspace(-3.6, 10.5, 400)
        for mean, width, colour, base, sign, name in (
            (0.0, 1.0, theme["ours"], 1.0, 1, "a"),
            (5.0, 2.0, theme["other"], 0.0, -1, "b"),
        ):
            height = 0.9 * np.exp(-(((x - mean) / width) ** 2) / 2) / width
            axes.fill_between(x, base, base + sign * height, color=colour, alpha=0.25, linewidth=0)
            axes.plot(x, base + sign * height, color=colour, linewidth=2)
            axes.text(mean, base + sign * 0.22, name, ha="center", va="center", color=theme["ink"], style="italic", fontsize=14)  # fmt: skip
        for t in (-2, -1, 0, 1, 2):
            axes.annotate("", (5 + 2 * t, 0), (t, 1), arrowprops={"arrowstyle": "->", "color": theme["ink"], "linewidth": 1.3})  # fmt: skip
            axes.text(t - 0.1, 0.97, f"{t:+d}" if t else "0", ha="right", va="top", fontsize=9)
        axes.set(yticks=[], xlabel="one feature", ylim=(-0.62, 2.0))
        axes.spines["left"].set_visible(False)
        axes.grid(visible=False)

    in_both_themes(path, (7.0, 3.2), fill)


def by_count(path: Path, counts: Sequence[int], lines: Mapping[str, Sequence[float]], excess: Sequence[float]) -> None:  # fmt: skip
    """Distances over the number of pictures, with what theory expects between two sets of real ones."""

    def fill(axes, theme) -> None:
        styles = {
            "ae": ("samples of the AE", theme["other"], "s"),
            "vae": ("samples of the VAE", theme["ours"], "^"),
            "real": ("other real digits", GREEN, "o"),
        }
        for name, (label, colour, marker) in styles.items():
            axes.plot(counts, lines[name], color=colour, linewidth=2.2, marker=marker, markersize=6, label=label)  # fmt: skip
        axes.plot(counts, excess, color=theme["ink"], linewidth=1.4, linestyle=(0, (4, 3)), label="theory, two sets of one Gaussian")  # fmt: skip
        axes.set(xlabel="pictures in each set", ylabel="Fréchet distance", xscale="log", yscale="log")
        axes.set_xticks(counts, [f"{count:,}" for count in counts])
        ticks = [0.2, 0.5, 1, 2, 5, 10, 20]
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.legend(frameon=False, fontsize=10)

    in_both_themes(path, (7.0, 4.2), fill)


def balls(path: Path, real: torch.Tensor, fake: torch.Tensor, k: int) -> None:
    """What precision and recall look at, for two sets in the plane `(N, 2)`: the balls of one set, the points of the other."""

    def fill(axes, theme) -> None:
        figure = axes.figure
        axes.remove()
        panels = figure.subplots(1, 2, sharex=True, sharey=True)
        rows = (
            ("precision", "balls of real points", real, fake, (GREEN, theme["other"])),
            ("recall", "balls of samples", fake, real, (theme["other"], GREEN)),
        )
        for panel, (name, whose, centres, points, (own, others)) in zip(panels, rows, strict=True):
            radii = torch.cdist(centres, centres).sort(1).values[:, k]
            inside = (torch.cdist(points, centres) <= radii).any(1)
            circles = [Circle(tuple(c), r) for c, r in zip(centres.tolist(), radii.tolist(), strict=True)]
            panel.add_collection(PatchCollection(circles, facecolor=own, alpha=0.09, edgecolor="none"))
            panel.scatter(*centres.T.numpy(), s=5, color=own, zorder=2)
            for chosen, face in ((inside, others), (~inside, theme["halo"])):
                panel.scatter(*points[chosen].T.numpy(), s=19, facecolor=face, edgecolor=others, linewidth=1.1, zorder=3)  # fmt: skip
            panel.set_title(f"{name} {float(inside.double().mean()):.2f}: {whose}", fontsize=11, weight="bold")  # fmt: skip
            panel.set(aspect="equal", xticks=[], yticks=[], xlim=(-2.3, 2.3), ylim=(-2.3, 2.3))
            panel.grid(visible=False)
            panel.spines[["left", "bottom"]].set_visible(False)

    in_both_themes(path, (7.6, 4.0), fill)


def counted(path: Path, curves: tuple[list[float], dict[str, list[float]]]) -> None:
    """How probably a mode counts as covered, over the number of samples that it is asked for."""

    def fill(axes, theme) -> None:
        places, lines = curves
        styles = ((GREEN, "-"), (theme["ours"], (0, (5, 2))), (theme["other"], (0, (1, 1))))
        for (name, values), (colour, style) in zip(lines.items(), styles, strict=True):
            axes.plot(places, values, color=colour, linestyle=style, linewidth=2.4, label=name)
        for place, name in ((1, "one sample"), (20, "a tenth"), (200, "the fair share")):
            axes.axvline(place, color=theme["ink"], linewidth=1, linestyle=":")
            axes.text(place, 1.06, name, ha="left" if place == 1 else "center", va="bottom", fontsize=10)
        axes.set(xscale="log", xlabel="samples from which on a mode counts", ylabel="probability that it counts", ylim=(-0.03, 1.05))  # fmt: skip
        ticks = [1, 2, 5, 10, 20, 50, 100, 200]
        axes.set_xticks(ticks, [f"{tick}" for tick in ticks])
        axes.minorticks_off()
        axes.legend(frameon=False, title="samples that show it", alignment="left", loc="lower left", bbox_to_anchor=(0.0, 0.08))  # fmt: skip

    in_both_themes(path, (7.0, 3.8), fill)


def neighbours(path: Path, counts: Sequence[int], lines: Mapping[str, Sequence[float]]) -> None:
    """Separability over the number of neighbours that vote."""

    def fill(axes, theme) -> None:
        styles = {
            "pixels": (theme["ink"], ":", "v"),
            "PCA": (GREEN, (0, (5, 2)), "D"),
            "AE": (theme["other"], "-", "s"),
            "VAE": (theme["ours"], "-", "^"),
        }
        labels = {"pixels": "784 pixels", "PCA": "PCA, 32 numbers", "AE": "codes of the AE", "VAE": "codes of the VAE"}  # fmt: skip
        for name, values in lines.items():
            colour, style, marker = styles[name]
            axes.plot(counts, values, color=colour, linestyle=style, marker=marker, markersize=5, linewidth=2, label=labels[name])  # fmt: skip
        axes.axvline(5, color=theme["faint"], linewidth=1.4)
        axes.set(xscale="log", xlabel="neighbours that vote", ylabel="separability")
        axes.set_xticks(counts, [str(count) for count in counts])
        axes.minorticks_off()
        axes.legend(frameon=False)

    in_both_themes(path, (7.0, 4.0), fill)


def plane(path: Path, results: Mapping[str, Any]) -> None:
    """Precision against recall: a small dot for each seed, a name at each model, hollow for real images."""

    def fill(axes, theme) -> None:
        models, real = results["models"], results["real"]
        shown = (
            ("ae", "prior", "AE, from N(0, I)", theme["other"], (10, 8), "left"),
            ("ae", "fitted", "AE, fitted codes", theme["other"], (-10, -14), "right"),
            ("vae", "prior", "VAE", theme["ours"], (0, -26), "center"),
            ("gan", "prior", "GAN (art)", GREEN, (0, -38), "center"),
            ("gan", "untrained", "GAN, untrained", GREEN, (12, -3), "left"),
        )
        for lab, kind, name, colour, place, side in shown:
            if lab not in models:
                continue
            measures = models[lab]["measures"]
            x, y = (measures[f"{kind}_{what}"] for what in ("recall", "precision"))
            axes.plot(x["seeds"], y["seeds"], "o", color=colour, markersize=5.5, alpha=0.8, markeredgewidth=0, clip_on=False)  # fmt: skip
            axes.annotate(name, (x["mean"], y["mean"]), xytext=place, textcoords="offset points", color=colour, ha=side)  # fmt: skip
        for kind, marker, place in (("digits", "s", (0, 11)), ("art", "D", (0, -20))):
            point = (real[f"{kind}_recall"], real[f"{kind}_precision"])
            axes.plot(*point, marker, color="none", markeredgecolor=theme["ink"], markersize=8, markeredgewidth=1.6)  # fmt: skip
            axes.annotate(f"real {kind}", point, xytext=place, textcoords="offset points", ha="center")
        axes.set(xlabel="recall: real images that the model could have made", ylabel="precision: samples that could be real", xlim=(-0.02, 1.06), ylim=(-0.02, 1.08), aspect="equal")  # fmt: skip

    in_both_themes(path, (6.4, 6.0), fill)
