"""The latent space: where codes lie, what lies between them, and what each dimension is used for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from course.plotting.canvas import CLASS_COLOURS, INK, PAPER, TRAIN_COLOUR, add_title, new_figure, plain_frame
from course.plotting.digits import SIDE, draw_sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def latent_scatter(codes: torch.Tensor, labels: torch.Tensor, *, title: str = "") -> Figure:
    """Codes `(N, L)` in two dimensions, each drawn as the digit it stands for.

    More than two latent dimensions are projected on the two directions in which the codes vary most
    (principal component analysis), and the axes say how much of the variance they carry.
    """
    points = codes.detach().cpu().double()
    names = ["first latent dimension", "second latent dimension"]
    if points.shape[1] > 2:
        points, shares = _principal(points)
        names = [f"{nth} principal component ({share:.0%} of the variance)"
                 for nth, share in zip(("first", "second"), shares, strict=True)]  # fmt: skip
    figure = new_figure(6.4, 5.6)
    draw_codes(figure.add_subplot(), points, labels, names)
    add_title(figure, title)
    return figure


def latent_plane(
    codes: torch.Tensor, labels: torch.Tensor, decoded: torch.Tensor, z: torch.Tensor, *, title: str = ""
) -> Figure:
    """A latent space of two dimensions: where the codes lie, and beside it what the plane decodes to.

    Shapes: codes (N, 2); labels (N,); z (n,), ascending; decoded (n, n, 784), where `decoded[i, j]` belongs
    to the code `(z[j], z[i])`. The circle holds 95 % of the prior N(0, I); the square is what the right part
    shows.
    """
    figure = new_figure(12.4, 5.9)
    left, right = figure.subplots(1, 2)
    names = ["first latent dimension", "second latent dimension"]
    draw_codes(left, codes.detach().cpu().double(), labels, names)
    low, high = float(z[0]), float(z[-1])
    angle, radius = np.linspace(0, 2 * np.pi, 200), np.sqrt(-2 * np.log(0.05))  # |z|^2 ~ chi^2 with 2
    circle = {"color": INK, "linewidth": 1.5, "linestyle": "--", "label": "95 % of the prior"}
    left.plot(radius * np.cos(angle), radius * np.sin(angle), **circle)
    corners = np.array([[low, low], [high, low], [high, high], [low, high], [low, low]]).T
    left.plot(*corners, color=INK, linewidth=1.5, linestyle=":", label="shown at the right")
    left.set_aspect("equal", adjustable="datalim")
    left.legend(frameon=True, facecolor=PAPER, framealpha=0.9, loc="upper right")
    n = len(z)
    draw_sheet(right, decoded.flip(0).reshape(n * n, -1), n, n, [""] * n, gap=0)
    ticks = [0, n // 4, n // 2, n - 1 - n // 4, n - 1]
    values = [f"{z[i]:.1f}".replace("-", "\u2212") for i in ticks]  # the minus sign of the left axes
    right.set_xticks([SIDE * (i + 0.5) for i in ticks], values)
    right.set_yticks([SIDE * (n - i - 0.5) for i in ticks], values)
    right.tick_params(length=3, labelsize=10)
    right.set_xlabel(names[0])
    right.set_ylabel(names[1])
    add_title(figure, title)
    return figure


def kl_per_dimension(
    kl: torch.Tensor, variance: torch.Tensor, *, threshold: float = 0.01, title: str = ""
) -> Figure:
    """The KL of each latent dimension, largest first, and which dimensions are active.

    Shapes: kl (L,), in nats, averaged over images; variance (L,), of the mean `mu` over images. A dimension is
    active if its mean moves with the image: variance above `threshold` (Burda et al. 2016, section 2).
    """
    order = kl.detach().cpu().argsort(descending=True)
    kl, variance = kl.detach().cpu()[order], variance.detach().cpu()[order]
    active = variance > threshold
    figure = new_figure(8.4, 5.2)
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    rank = np.arange(1, len(kl) + 1)
    bars = {"edgecolor": TRAIN_COLOUR, "linewidth": 1.2, "width": 0.75}
    for of, label, style in (
        (active, f"active: {int(active.sum())}", {"facecolor": TRAIN_COLOUR}),
        (~active, f"not active: {int((~active).sum())}", {"facecolor": PAPER, "hatch": "////"}),
    ):
        chosen = of.numpy()
        if not chosen.any():
            continue
        top.bar(rank[chosen], kl.numpy()[chosen], label=label, **bars, **style)
        bottom.plot(rank[chosen], variance.numpy()[chosen], "o", color=TRAIN_COLOUR,
                    markerfacecolor=style["facecolor"])  # fmt: skip
    top.set_ylabel("KL (nats)")
    top.set_title(f"all together {float(kl.sum()):.1f} nats", loc="right", fontsize=11, color=INK)
    top.legend(frameon=False, loc="upper right")
    bottom.set_yscale("log")
    bottom.axhline(threshold, color=INK, linewidth=1.2, linestyle="--")
    bottom.annotate(f"{threshold:g}: active above", (0.5, threshold), textcoords="offset points",
                    xytext=(4, 4), color=INK)  # fmt: skip
    bottom.set_ylabel("variance of mu\nover images")
    bottom.set_xlabel("latent dimension, the most used first")
    for axes in (top, bottom):
        axes.set_xlim(0.3, len(kl) + 0.7)
        axes.grid(alpha=0.25, axis="y")
        plain_frame(axes)
    add_title(figure, title)
    return figure


def draw_codes(axes: Axes, points: torch.Tensor, labels: torch.Tensor, names: list[str]) -> None:
    """Points `(N, 2)`, each as its digit, and a disc with the digit in the middle of its cloud."""
    classes = labels.detach().cpu()
    for digit in sorted(set(classes.tolist())):
        own = points[classes == digit].numpy()
        colour = CLASS_COLOURS[digit % len(CLASS_COLOURS)]
        axes.scatter(own[:, 0], own[:, 1], s=26, marker=f"${digit}$", color=colour, linewidths=0.2, alpha=0.8)
        _name_class(axes, str(digit), np.median(own, axis=0), colour)
    axes.set_xlabel(names[0])
    axes.set_ylabel(names[1])
    plain_frame(axes)


def _name_class(axes: Axes, name: str, at: np.ndarray, colour: str) -> None:
    circle = {"boxstyle": "circle,pad=0.25", "facecolor": PAPER, "edgecolor": colour, "linewidth": 1.8}
    axes.text(at[0], at[1], name, ha="center", va="center", fontweight="bold", color=INK, bbox=circle)


def _principal(points: torch.Tensor) -> tuple[torch.Tensor, list[float]]:
    """The first two principal components `(N, 2)` and their shares of the variance."""
    centred = points - points.mean(0)
    values, vectors = torch.linalg.eigh(centred.T @ centred)  # ascending
    axes = vectors[:, [-1, -2]]
    # An eigenvector may point either way; fix it, so that a picture does not flip between runs.
    axes = axes * axes.gather(0, axes.abs().argmax(0, keepdim=True)).sign()
    total = values.sum().clamp_min(1e-12)
    return centred @ axes, [float(values[-1] / total), float(values[-2] / total)]
