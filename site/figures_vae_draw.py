"""Draws the figures of the VAE chapter: curves as SVG, the plane of a 2-D VAE as pixels, light and dark."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from figures_draw import CLASSES, in_both_themes, spread

REACH = 4.6  # the plane is shown from -REACH to REACH
SIDE = 17  # decoded points along each side of it


def terms(path: Path, curves: Mapping[str, list[float]], settles: int) -> None:
    """Both terms of the loss by epoch, one above the other, with the epoch at which the KL has settled."""

    def fill(axes, theme) -> None:
        for panel, name, label in zip(axes, ("reconstruction", "kl"), ("reconstruction", "KL"), strict=True):
            test, training = curves[f"test_{name}"], curves[name]
            panel.plot(
                range(1, len(test)),
                training,
                color=theme["ours"],
                linewidth=1.6,
                linestyle=":",
                label="training",
            )
            panel.plot(
                range(len(test)),
                test,
                color=theme["ours"],
                linewidth=2.2,
                marker="o",
                markersize=4,
                label="test",
            )
            panel.set_ylabel(f"{label} (nats)")
        axes[0].legend(frameon=False)
        axes[0].set_ylim(0, None)
        kl = curves["test_kl"]
        axes[1].axhspan(0.95 * kl[-1], 1.05 * kl[-1], color=theme["other"], alpha=0.15, linewidth=0)
        axes[1].axvline(settles, color=theme["other"], linewidth=1.6, linestyle=(0, (5, 3)))
        axes[1].text(settles - 0.3, 2, f"settled from epoch {settles}", color=theme["other"], ha="right")
        axes[1].set(xlabel="epoch", xticks=[0, 5, 10, 15, 20], ylim=(0, None))

    in_both_themes(path, (6.4, 5.2), fill, rows=2)


def one_scale(path: Path, ae: list[float], vae: list[float], pca: float) -> None:
    """The squared error per pixel of AutoEncoder and VAE by epoch, with that of PCA."""

    def fill(axes, theme) -> None:
        epochs = range(1, len(ae))
        axes.axhline(pca, color=theme["faint"], linewidth=2)
        axes.text(1, pca * 0.97, "PCA", ha="left", va="top")
        axes.plot(epochs, ae[1:], color=theme["other"], linewidth=2, marker="s", markersize=5, linestyle=(0, (5, 2)),
                  label="AutoEncoder, MSE")  # fmt: skip
        axes.plot(
            epochs,
            vae[1:],
            color=theme["ours"],
            linewidth=2.2,
            marker="o",
            markersize=5,
            label="VAE, BCE + KL",
        )
        ticks = [0.01, 0.02, 0.04]
        axes.set(
            xlabel="epoch", ylabel="test squared error per pixel", yscale="log", xticks=[1, 5, 10, 15, 20]
        )
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.legend(frameon=False)

    in_both_themes(path, (6.4, 4.0), fill)


def units(path: Path, by_beta: Mapping[float, tuple[torch.Tensor, torch.Tensor]]) -> None:
    """The KL of each latent, largest first, for two betas; inactive ones are hatched."""

    top = 1.1 * max(float(kl.max()) for kl, _ in by_beta.values())

    def fill(axes, theme) -> None:
        for panel, (beta, (kl, active)) in zip(axes, by_beta.items(), strict=True):
            order = kl.argsort(descending=True)
            places, heights, on = np.arange(1, len(kl) + 1), kl[order].numpy(), active[order].numpy()
            panel.bar(places[on], heights[on], color=theme["ours"], width=0.8, label="active")
            if not on.all():  # a collapsed latent has almost no height: the cross marks its place
                panel.plot(
                    places[~on],
                    heights[~on] + 0.04 * top,
                    "x",
                    color=theme["other"],
                    markersize=6,
                    label="inactive",
                )
            words = f"β = {beta:g}: {int(on.sum())} of {len(kl)} active, {heights.sum():.1f} nats"
            panel.text(0.99, 0.92, words, transform=panel.transAxes, ha="right", va="top", weight="bold")
            panel.set(ylabel="KL (nats)", xlim=(0.2, len(kl) + 0.8), ylim=(0, top))
            panel.grid(axis="x", visible=False)
        axes[-1].set_xlabel("latent, sorted by its KL")
        axes[-1].legend(frameon=False, loc="center right")

    in_both_themes(path, (6.4, 5.0), fill, rows=2)


FORMULAS: dict[str, tuple[Callable[[np.ndarray], np.ndarray], object, str]] = {
    "right": (lambda v: 0.5 * (np.exp(v) - v - 1), "-", "ours"),
    "½ forgotten": (lambda v: np.exp(v) - v - 1, (0, (6, 2)), "ink"),
    "logvar taken for log σ": (lambda v: 0.5 * (np.exp(2 * v) - 2 * v - 1), (0, (1, 1.2)), "other"),
    "σ not squared": (lambda v: 0.5 * (np.exp(v / 2) - v - 1), (0, (6, 1.5, 1, 1.5)), "other"),
    "KL(p ‖ q)": (lambda v: 0.5 * (np.exp(-v) + v - 1), (0, (3, 1.2)), "ink"),
    "sign flipped": (lambda v: -0.5 * (np.exp(v) - v - 1), (0, (1, 3)), "ink"),
}


def kl_formulas(path: Path) -> None:
    """The KL of one latent with mu = 0 against logvar: the right formula and its frequent distortions."""

    def fill(axes, theme) -> None:
        v = np.linspace(-2.6, 2.2, 200)
        axes.axvspan(-0.25, 0.25, color=theme["faint"], alpha=0.5, linewidth=0)
        axes.text(0, 3.75, "at initialisation", ha="center", va="top", fontsize=9.5)
        for name, (formula, style, colour) in FORMULAS.items():
            axes.plot(
                v,
                formula(v),
                color=theme[colour],
                linestyle=style,
                linewidth=3 if name == "right" else 1.9,
                label=name,
            )
        axes.set(
            xlabel="logvar", ylabel="KL of one latent (nats), μ = 0", ylim=(-1.6, 3.9), xlim=(v[0], v[-1])
        )
        axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, handlelength=3.2)

    in_both_themes(path, (6.6, 4.8), fill)


def plane(path: Path, means: torch.Tensor, labels: torch.Tensor) -> None:
    """Means `(N, 2)` of test digits in the plane of a 2-D VAE; circles of the prior's 1, 2 and 3 sigma."""

    def fill(axes, theme) -> None:
        for radius in (1, 2, 3):
            axes.add_patch(_circle(radius, theme["ink"]))
        for digit, colour in enumerate(CLASSES):
            own = means[labels == digit]
            axes.scatter(own[:, 0], own[:, 1], s=9, color=colour, alpha=0.7, linewidth=0)
        middles = torch.stack([means[labels == digit].median(0).values for digit in range(10)])
        for digit, (colour, middle) in enumerate(zip(CLASSES, spread(middles, apart=0.55), strict=True)):
            disc = {
                "boxstyle": "circle,pad=0.25",
                "facecolor": theme["halo"],
                "edgecolor": colour,
                "linewidth": 2,
            }
            axes.text(*middle, str(digit), ha="center", va="center", fontsize=12, weight="bold", bbox=disc)
        axes.set(
            xlabel="first latent",
            ylabel="second latent",
            aspect="equal",
            xlim=(-REACH, REACH),
            ylim=(-REACH, REACH),
        )

    in_both_themes(path, (5.6, 5.6), fill, suffix="png", colours=256)


@torch.no_grad()
def grid(path: Path, decoder: Callable[[torch.Tensor], torch.Tensor]) -> None:
    """The same plane, decoded at `SIDE` by `SIDE` points and put where they lie."""
    steps = (torch.arange(SIDE) + 0.5) / SIDE * 2 * REACH - REACH
    z = torch.stack(torch.meshgrid(steps, steps, indexing="xy"), -1).view(-1, 2)  # rows: second latent
    tiles = decoder(z).view(SIDE, SIDE, 28, 28).flip(0)  # the picture's top is the largest second latent
    sheet = tiles.permute(0, 2, 1, 3).reshape(SIDE * 28, SIDE * 28).numpy()

    def fill(axes, theme) -> None:
        axes.imshow(
            sheet,
            cmap="gray",
            vmin=0,
            vmax=1,
            extent=(-REACH, REACH, -REACH, REACH),
            interpolation="antialiased",
        )
        axes.set(xlabel="first latent", ylabel="second latent")
        axes.grid(visible=False)
        for radius in (1, 2, 3):
            axes.add_patch(_circle(radius, "#fbbf24"))

    in_both_themes(path, (5.6, 5.6), fill, suffix="png", colours=128)


def _circle(radius: float, colour: str):
    from matplotlib.patches import Circle

    return Circle((0, 0), radius, fill=False, edgecolor=colour, linewidth=1, linestyle=(0, (4, 3)), alpha=0.8)
