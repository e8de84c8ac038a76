"""The figures of the labs. Every function returns a matplotlib figure; `show` puts it into the notebook.

Figures have a background of their own, so that they read the same on a light and a dark page, and
never tell classes or curves apart by colour alone.
"""

from __future__ import annotations

import base64
import html
import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:  # matplotlib is slow to import: each function asks for it when it is needed
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from course.training import History

INK = "#1b1f24"
PAPER = "#ffffff"
# Ten colours that stay apart for colour-blind readers: Paul Tol's "muted" with a darker cyan and sand,
# which would be faint on paper, and a dark grey.
# https://sronpersonalpages.nl/~pault/
CLASS_COLOURS = (
    "#332288", "#4aa3df", "#44aa99", "#117733", "#999933",
    "#ddaa33", "#cc6677", "#882255", "#aa4499", "#555555",
)  # fmt: skip
TRAIN_COLOUR, TEST_COLOUR = "#0072b2", "#d55e00"  # Okabe & Ito's blue and vermilion


def show(figure: Figure, *, alt: str) -> None:
    """Show a figure in the notebook, with `alt` as the words for those who cannot see it.

    In a plain script nothing is shown: use `figure.savefig("name.png")` there.

    Raises:
        ValueError: `alt` is empty.
    """
    show_in_place(None, figure, alt=alt)


def show_in_place(handle: Any, figure: Figure, *, alt: str) -> Any:
    """Like `show`, but in the place of the figure that `handle` stands for; None begins a new place.

    Returns the handle for the next call.
    """
    from course.training import in_notebook

    if not alt.strip():
        raise ValueError("A figure needs words too: alt='what there is to see'.")
    if not in_notebook():
        return None
    from IPython.display import HTML, display

    shown = HTML(image_tag(figure, alt))  # type: ignore[no-untyped-call]
    if handle is None:
        return display(shown, display_id=True)  # type: ignore[no-untyped-call]
    handle.update(shown)
    return handle


def image_tag(figure: Figure, alt: str) -> str:
    """The figure as an HTML `<img>` that carries its own pixels and the text `alt`."""
    buffer = io.BytesIO()
    # No metadata: the same figure gives the same bytes whatever made it.
    figure.savefig(buffer, format="png", dpi=150, bbox_inches="tight", metadata={"Software": None})
    data = base64.b64encode(buffer.getvalue()).decode()
    width = round(figure.get_figwidth() * 96)  # twice as many pixels as needed: sharp on any screen
    style = f"width: {width}px; max-width: 100%; height: auto;"
    return f'<img src="data:image/png;base64,{data}" alt="{html.escape(alt)}" style="{style}">'


def image_grid(images: torch.Tensor, *, columns: int = 10, title: str = "") -> Figure:
    """Digits `(N, 784)` in rows of `columns`."""
    rows = math.ceil(len(images) / columns)
    return _digits(images, rows, columns, [""] * rows, title)


def reconstructions(x: torch.Tensor, x_hat: torch.Tensor, *, title: str = "") -> Figure:
    """Originals `(N, 784)` above what the model made of them, `(N, 784)`."""
    return _digits(torch.cat([x, x_hat]), 2, len(x), ["original", "reconstruction"], title)


def interpolation(
    strips: Sequence[torch.Tensor], *, labels: Sequence[str] | None = None, title: str = ""
) -> Figure:
    """Strips `(steps, 784)`, one below the other: from the left image to the right one."""
    return _digits(
        torch.cat(list(strips)), len(strips), len(strips[0]), list(labels or [""] * len(strips)), title
    )


def loss_curve(history: History, *, epochs: int | None = None, log: bool = False, title: str = "") -> Figure:
    """Each quantity of a history over the epochs, training and test together.

    `epochs` fixes the right end of the axis while training goes on; `log` makes the other axis logarithmic.
    """
    from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

    names = [name for name in history.curves if not name.startswith("test_")] or ["loss"]
    figure = _figure(max(5.0, 4.2 * len(names)), 3.2)
    for i, name in enumerate(names):
        axes = figure.add_subplot(1, len(names), i + 1)
        for key, label, colour, style in (
            (name, "training", TRAIN_COLOUR, "-"),
            (f"test_{name}", "test", TEST_COLOUR, "--"),
        ):
            values = history.curves.get(key, [])
            if values:
                x, few = np.arange(1, len(values) + 1), "o" if len(values) < 3 else ""
                text = f"{label} {values[-1]:.3g}"
                axes.plot(x, values, style, color=colour, linewidth=2, marker=few, label=text)
        axes.set_xlim(1, max(2, epochs or 0, len(history)))
        if log:
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_major_formatter("{x:g}")
            axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("epoch")
        axes.set_ylabel(name)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        if axes.lines:
            axes.legend(frameon=False)
    _title(figure, title)
    return figure


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
    classes = labels.detach().cpu()
    figure = _figure(6.4, 5.6)
    axes = figure.add_subplot()
    for digit in sorted(set(classes.tolist())):
        own = points[classes == digit].numpy()
        colour = CLASS_COLOURS[digit % len(CLASS_COLOURS)]
        axes.scatter(own[:, 0], own[:, 1], s=26, marker=f"${digit}$", color=colour, linewidths=0.2, alpha=0.8)
        _name_class(axes, str(digit), np.median(own, axis=0), colour)
    axes.set_xlabel(names[0])
    axes.set_ylabel(names[1])
    axes.spines[["top", "right"]].set_visible(False)
    _title(figure, title)
    return figure


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


def _digits(images: torch.Tensor, rows: int, columns: int, names: list[str], title: str) -> Figure:
    """Images `(N, 784)` as one picture of `rows` by `columns`, with a name before each row."""
    gap, side = 2, 28
    pixels = images.detach().cpu().float().reshape(-1, side, side).clamp(0, 1).numpy()
    sheet = np.zeros((rows * (side + gap) - gap, columns * (side + gap) - gap))
    for i, image in enumerate(pixels):
        top, left = (i // columns) * (side + gap), (i % columns) * (side + gap)
        sheet[top : top + side, left : left + side] = image
    figure = _figure(0.75 * columns + (1.2 if any(names) else 0), 0.75 * rows)
    axes = figure.add_subplot()
    axes.imshow(sheet, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([row * (side + gap) + side / 2 for row in range(rows)], names)
    axes.tick_params(length=0, labelsize=11)
    axes.spines[:].set_visible(False)
    _title(figure, title)
    return figure


def _figure(width: float, height: float) -> Figure:
    # A Figure of its own, not pyplot: nothing global, and no second copy at the end of the cell.
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), facecolor=PAPER, edgecolor=INK, layout="constrained")


def _title(figure: Figure, title: str) -> None:
    if title:
        figure.suptitle(title, color=INK, fontsize=12)
