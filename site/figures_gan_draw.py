"""Draws the figures of the GAN chapter: paintings as WebP, curves as SVG in a light and a dark version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from figures_draw import CLASSES, in_both_themes
from matplotlib.patheffects import withStroke
from PIL import Image

GAP = 6  # pixels between two paintings
ACROSS = 10  # paintings of each movement on the contact sheet


def art_rows(path: Path, rows: Sequence[torch.Tensor]) -> None:
    """Write rows of paintings, each `(N, 3, 64, 64)` in [-1, 1], as one picture with clear gaps."""
    count = max(len(row) for row in rows)
    sheet = np.zeros((len(rows) * (64 + GAP) - GAP, count * (64 + GAP) - GAP, 4), dtype=np.uint8)
    for i, row in enumerate(rows):
        pixels = row.detach().clamp(-1, 1).add(1).mul(127.5).round().byte().permute(0, 2, 3, 1).numpy()
        for j, painting in enumerate(pixels):
            top, left = i * (64 + GAP), j * (64 + GAP)
            sheet[top : top + 64, left : left + 64, :3] = painting
            sheet[top : top + 64, left : left + 64, 3] = 255
    Image.fromarray(sheet, "RGBA").save(path, quality=86, method=6)


def contact_sheet(path: Path, images: torch.Tensor, labels: torch.Tensor, movements: int) -> None:
    """The first paintings of each movement, a row for each."""
    art_rows(path, [images[labels == movement][:ACROSS] for movement in range(movements)])


def checkerboard(path: Path, by_kernel: Mapping[int, tuple[list[int], torch.Tensor]]) -> None:
    """For each kernel: the stamps of a row, how many reach each pixel, and three layers in a plane."""

    def fill(axes, theme) -> None:
        figure = axes.figure
        axes.remove()
        panels = figure.subplots(2, len(by_kernel), height_ratios=(1, 1.55), squeeze=False)
        for column, (kernel, (counts, plane)) in enumerate(by_kernel.items()):
            row, field = panels[0, column], panels[1, column]
            for stamp in range(8):  # stamps that overlap lie in different tracks
                left, track = 2 * stamp, stamp % 2
                row.barh(-0.75 - 0.62 * track, kernel - 0.18, left=left + 0.09, height=0.42, align="center",
                         color=theme["other"], alpha=0.9)  # fmt: skip
            places = np.arange(len(counts)) + 0.5
            row.bar(places, counts, width=0.86, color=theme["ours"])
            for place, count in zip(places, counts, strict=True):
                row.text(place, count + 0.08, str(count), ha="center", va="bottom", fontsize=8.5)
            row.set(xlim=(-0.2, 18.2), ylim=(-1.75, 2.7), xticks=[], yticks=[])
            row.set_title(f"kernel {kernel}, stride 2", fontsize=12, weight="bold")
            row.grid(visible=False)
            row.spines[["left", "bottom"]].set_visible(False)
            field.imshow(plane.numpy(), cmap="gray", vmin=0, vmax=1.2, interpolation="nearest")
            field.set(xticks=[], yticks=[])
            field.grid(visible=False)
            field.spines[["left", "bottom"]].set_visible(False)
        panels[0, 0].set_ylabel("stamps, and how\nmany reach a pixel", fontsize=10)
        panels[1, 0].set_ylabel("three layers,\nall weights equal", fontsize=10)

    in_both_themes(path, (6.8, 5.2), fill)


def generator_losses(path: Path) -> None:
    """Both losses of the generator, and their slopes, against the logit of a fake."""

    def fill(axes, theme) -> None:
        logit = np.linspace(-8, 6, 400)
        belief = 1 / (1 + np.exp(-logit))
        curves = (
            (np.log1p(np.exp(-logit)), -np.log1p(np.exp(logit)), "loss"),
            (belief - 1, -belief, "slope"),
        )
        for panel, (ours, other, label) in zip(axes, curves, strict=True):
            panel.axvspan(-8, -3, color=theme["faint"], alpha=0.4, linewidth=0)
            panel.axhline(0, color=theme["faint"], linewidth=1.2)
            panel.plot(logit, ours, color=theme["ours"], linewidth=2.6, label="−log D, the lab's")
            panel.plot(logit, other, color=theme["other"], linewidth=2.2, linestyle=(0, (5, 2)), label="log(1 − D), saturating")  # fmt: skip
            panel.set(ylabel=label, xlim=(-8, 6))
        axes[0].text(-5.5, -5.4, "the judge tells the fake:\nwhere training begins", ha="center", va="center", fontsize=9.5)  # fmt: skip
        axes[0].legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
        axes[1].set(xlabel="logit of a fake", ylim=(-1.1, 0.12), yticks=[-1, -0.5, 0])
        axes[1].text(-7.8, -0.11, "hardly a pull", color=theme["other"], fontsize=9.5, va="top")
        axes[1].text(-7.8, -0.93, "full pull", color=theme["ours"], fontsize=9.5, va="bottom")

    in_both_themes(path, (6.6, 5.2), fill, rows=2)


def smoothing(path: Path) -> None:
    """The best discriminator of two densities on a line: no smoothing, of real labels, of both."""

    def normal(x, mean: float, sigma: float):
        return np.exp(-0.5 * ((x - mean) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))

    def fill(axes, theme) -> None:
        x = np.linspace(-6, 8, 600)
        data = 0.5 * normal(x, -2.2, 0.8) + 0.5 * normal(x, 1.0, 0.8)
        painted = 0.55 * normal(x, 1.0, 0.8) + 0.45 * normal(x, 4.6, 0.7)
        top, bottom = axes
        top.fill_between(x, data, color=theme["ours"], alpha=0.25, linewidth=0)
        top.plot(x, data, color=theme["ours"], linewidth=2.2, label="the art")
        top.fill_between(x, painted, color=theme["other"], alpha=0.2, linewidth=0)
        top.plot(x, painted, color=theme["other"], linewidth=2.2, linestyle=(0, (5, 2)), label="what the generator paints")  # fmt: skip
        top.set(ylabel="density", yticks=[0, 0.1, 0.2, 0.3], ylim=(0, None))
        top.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=10)
        both = data + painted
        bottom.axvspan(3.4, 6.2, color=theme["faint"], alpha=0.4, linewidth=0)
        for alpha, beta, style, colour, name in (
            (1.0, 0.0, (0, (1, 1.5)), "ink", "targets 1 and 0"),
            (0.9, 0.0, "-", "ours", "0.9 and 0: the lab's"),
            (0.9, 0.1, (0, (5, 2)), "other", "0.9 and 0.1"),
        ):
            bottom.plot(x, (alpha * data + beta * painted) / both, color=theme[colour], linestyle=style, linewidth=2.3, label=name)  # fmt: skip
        bottom.text(4.8, 0.20, "painted, and no art:\n0.1 instead of 0", ha="center", va="bottom", fontsize=9.5)  # fmt: skip
        bottom.set(xlabel="all pictures, on a line", ylabel="best D", ylim=(-0.04, 1.06), xlim=(-5, 7), xticks=[], yticks=[0, 0.1, 0.5, 0.9, 1])  # fmt: skip
        bottom.legend(frameon=False, loc="lower left", fontsize=10, bbox_to_anchor=(0.0, 0.12))

    in_both_themes(path, (6.6, 5.4), fill, rows=2)


def divergence(path: Path) -> None:
    """The Jensen-Shannon divergence of two equal bells against how far they are apart."""
    x = np.linspace(-12, 24, 20_000)
    apart = np.linspace(0, 10, 101)

    def bell(mean: float):
        return np.exp(-0.5 * (x - mean) ** 2) / np.sqrt(2 * np.pi) + 1e-300

    p = bell(0)
    values = []
    for distance in apart:
        q = bell(distance)
        m = (p + q) / 2
        values.append(np.trapezoid(0.5 * p * np.log(p / m) + 0.5 * q * np.log(q / m), x))

    def fill(axes, theme) -> None:
        axes.axhline(np.log(2), color=theme["other"], linewidth=1.8, linestyle=(0, (5, 2)))
        axes.text(0.1, np.log(2) + 0.015, "log 2", color=theme["other"], va="bottom")
        axes.plot(apart, values, color=theme["ours"], linewidth=2.6)
        axes.axvspan(6, 10, color=theme["faint"], alpha=0.4, linewidth=0)
        axes.text(8, 0.35, "no overlap,\nno slope", ha="center", va="center", fontsize=10)
        axes.set(xlabel="distance of the means, in standard deviations", ylabel="JS (nats)", xlim=(0, 10), ylim=(0, 0.79))  # fmt: skip

    in_both_themes(path, (6.4, 3.2), fill)


def distances(path: Path, steps: Sequence[int], by_seed: Mapping[int, Sequence[float]], floor: float) -> None:
    """The Frechet distance along the training of each seed, on a logarithmic scale, with the floor."""

    def fill(axes, theme) -> None:
        axes.axhline(floor, color=theme["other"], linewidth=1.8, linestyle=(0, (5, 2)))
        axes.text(steps[-1], floor * 1.12, f"real from real: {floor:.2f}", color=theme["other"], ha="right", va="bottom")  # fmt: skip
        for seed, values in by_seed.items():
            first = seed == min(by_seed)
            axes.plot(steps, values, color=theme["ours"], linewidth=2.4 if first else 1.2, marker="o",
                      markersize=5 if first else 3.5, alpha=1 if first else 0.6)  # fmt: skip
        axes.text(steps[0], next(iter(by_seed.values()))[0] * 1.15, " untrained", va="bottom")
        axes.set(xlabel="step", ylabel="Fréchet distance to the art", yscale="log", xticks=steps)
        axes.set_xticklabels([f"{step:,}" for step in steps])
        ticks = [tick for tick in (0.1, 0.3, 1, 3, 10, 30, 100, 300) if floor / 2 < tick]
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()

    in_both_themes(path, (6.6, 4.2), fill)


def coverage(path: Path, by_step: Mapping[int, torch.Tensor], movements: Sequence[str], count: int) -> None:
    """How many samples show each movement, early in the training and at its end."""

    def fill(axes, theme) -> None:
        fair = count / len(movements)
        names = [*movements, "none"]
        for panel, (step, found) in zip(axes, by_step.items(), strict=True):
            heights = [*found.tolist(), count - int(found.sum())]
            colours = [*CLASSES, "none"]
            panel.bar(range(len(names)), heights, color=colours, edgecolor=[*CLASSES, theme["ink"]], width=0.74)  # fmt: skip
            for place, height in enumerate(heights):
                words = panel.text(place, height + 0.02 * max(heights), f"{height:,}", ha="center", va="bottom", fontsize=9, zorder=5)  # fmt: skip
                words.set_path_effects([withStroke(linewidth=3.5, foreground=theme["halo"])])
            panel.axhline(fair, color=theme["ink"], linewidth=1.2, linestyle=(0, (5, 3)))
            panel.axhline(fair / 10, color=theme["other"], linewidth=1.4)
            covered = sum(height * 10 >= fair for height in heights[:-1])
            panel.set_title(f"step {step:,}: {covered} of {len(movements)} movements", fontsize=11.5, weight="bold", loc="left")  # fmt: skip
            panel.set(ylabel="samples", ylim=(0, 1.16 * max(*heights, fair)))
            panel.grid(axis="x", visible=False)
        axes[-1].set_xticks(range(len(names)), names, rotation=38, ha="right", rotation_mode="anchor")

    in_both_themes(path, (6.8, 5.4), fill, rows=2)


def accuracies(path: Path, runs: Mapping[str, object]) -> None:
    """The discriminator's accuracies on real and on fake pictures in each run."""

    def fill(axes, theme) -> None:
        for panel, (name, run) in zip(axes, runs.items(), strict=True):
            panel.plot(run.steps, smooth(run["real"]), color=theme["ours"], linewidth=2, label="real")
            panel.plot(run.steps, smooth(run["fake"]), color=theme["other"], linewidth=1.8, linestyle=(0, (4, 1.5)), label="fake")  # fmt: skip
            panel.set(ylim=(-0.03, 1.06), yticks=[0, 0.5, 1], xlim=(0, run.steps[-1]))
            panel.set_ylabel(name.replace(" ", "\n", 1), rotation=0, ha="right", va="center", labelpad=8)
        axes[0].legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
        axes[-1].set_xlabel("step; lines: share of pictures that the discriminator judges rightly")

    in_both_themes(path, (6.8, 1.1 * len(runs) + 0.8), fill, rows=len(runs))


def gradients(path: Path, runs: Mapping[str, object]) -> None:
    """The norm of the generator's gradient in each run, beside that of the recipe."""
    right = next(iter(runs))
    drawn = np.concatenate([smooth(run["g_gradient"]) for run in runs.values()])
    low, high = max(np.nanmin(drawn), 1e-4) / 1.25, np.nanmax(drawn) * 1.25  # panels compare
    ticks = [tick for tick in (0.001, 0.01, 0.1, 1, 10, 100, 1000) if low <= tick <= high]

    def fill(axes, theme) -> None:
        others = [name for name in runs if name != right]
        for panel, name in zip(axes, others, strict=True):
            for which, colour, style in ((right, "ours", "-"), (name, "other", (0, (4, 1.5)))):
                run = runs[which]
                panel.plot(run.steps, smooth(run["g_gradient"]), color=theme[colour], linestyle=style, linewidth=2, label=which)  # fmt: skip
            panel.set(yscale="log", xlim=(0, runs[right].steps[-1]), ylim=(low, high))
            panel.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
            panel.minorticks_off()
            panel.set_ylabel(name.replace(" ", "\n", 1), rotation=0, ha="right", va="center", labelpad=8)
        axes[0].legend(axes[0].lines[:2], [right, "with the change"], frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)  # fmt: skip
        axes[-1].set_xlabel("step; lines: norm of the generator's gradient")

    in_both_themes(path, (6.8, 1.1 * (len(runs) - 1) + 0.8), fill, rows=len(runs) - 1)


def smooth(values: Sequence[float], width: int = 5) -> np.ndarray:
    """The running mean over `width` notes, which leaves out what chance does to a single batch."""
    padded = np.pad(np.asarray(values, dtype=float), width // 2, mode="edge")
    return np.convolve(padded, np.ones(width) / width, mode="valid")
