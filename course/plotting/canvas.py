"""What a figure is drawn on, its colours, and how it gets into the notebook with words of its own."""

from __future__ import annotations

import base64
import html
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # matplotlib is slow to import: each function asks for it when it is needed
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#1b1f24"
PAPER = "#ffffff"
# Ten colours that stay apart for colour-blind readers: Paul Tol's "muted" with a darker cyan and sand,
# which would be faint on paper, and a dark grey.
# https://sronpersonalpages.nl/~pault/
CLASS_COLOURS = (
    "#332288", "#4aa3df", "#44aa99", "#117733", "#999933",
    "#ddaa33", "#cc6677", "#882255", "#aa4499", "#555555",
)  # fmt: skip
# Okabe & Ito's blue, vermilion, green, purple and black; each has a dash pattern too, never colour alone.
LINES: tuple[tuple[str, Any], ...] = (
    ("#0072b2", "-"),
    ("#d55e00", "--"),
    ("#009e73", "-."),
    ("#a6518b", ":"),
    (INK, (0, (6, 1, 1, 1))),
)
TRAIN_COLOUR, TEST_COLOUR = LINES[0][0], LINES[1][0]


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


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of `width` by `height` inches on paper of its own."""
    # A Figure of its own, not pyplot: nothing global, and no second copy at the end of the cell.
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), facecolor=PAPER, edgecolor=INK, layout="constrained")


def add_title(figure: Figure, title: str) -> None:
    """Put `title` above the figure, unless it is empty."""
    if title:
        figure.suptitle(title, color=INK, fontsize=12)


def plain_frame(axes: Axes) -> None:
    """Leave of the frame only the two sides that carry numbers."""
    axes.spines[["top", "right"]].set_visible(False)
