"""The training loop of the labs: epochs, shuffled batches, a progress bar, a live curve, a history."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch

Step = Callable[[torch.Tensor], "float | Mapping[str, float]"]
Evaluate = Callable[[], "float | Mapping[str, float]"]

REDRAW_SECONDS = 0.5  # a live curve more often than this costs more time than it tells


class History:
    """What happened in training: one value per epoch for each quantity.

    `history["loss"]` is the mean training loss of each epoch, `history["test_loss"]` what `evaluate`
    said after it, `history.seconds` how long all of it took. A step that returns a dict, as in the VAE
    lab, gives one curve per key, and its evaluation `test_<key>`.
    """

    def __init__(self) -> None:
        self.curves: dict[str, list[float]] = {}
        self.seconds = 0.0

    def __getitem__(self, name: str) -> list[float]:
        return self.curves[name]

    def __len__(self) -> int:
        """The number of finished epochs."""
        return max((len(values) for values in self.curves.values()), default=0)

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {values[-1]:.5f}" for name, values in self.curves.items())
        return f"History({len(self)} epochs in {self.seconds:.1f} s; at the end: {last or 'nothing yet'})"

    def add(self, values: Mapping[str, float]) -> None:
        """Append the values of one epoch."""
        for name, value in values.items():
            self.curves.setdefault(name, []).append(float(value))


def fit(
    step: Step,
    images: torch.Tensor,
    *,
    epochs: int,
    batch_size: int = 128,
    evaluate: Evaluate | None = None,
) -> History:
    """Call `step(batch)` on shuffled batches of `images`, `epochs` times over; return the history.

    `images` is one tensor `(N, ...)` that stays in memory, so that a batch is a single indexing and
    nothing is loaded or converted on the way: that is why this is fast. `evaluate()` is called after
    every epoch. In a notebook a progress bar and a live curve appear; a script shows a bar if it runs in
    a terminal. Interrupt the cell to stop early: what was learned until then stays.

    Raises:
        TypeError: the step or the evaluation returned something else than a number or a dict of numbers.
    """
    # The course's own tests shorten every training with this variable.
    epochs = min(epochs, int(os.environ.get("GENLAB_EPOCHS", epochs)))
    history = History()
    began = time.perf_counter()
    curve = _LiveCurve(epochs)
    with progress_bar(total=epochs * -(-len(images) // batch_size)) as bar:
        try:
            for epoch in range(1, epochs + 1):
                bar.set_description_str(f"epoch {epoch} of {epochs}")
                sums: dict[str, float] = {}
                for batch in batches(images, batch_size):
                    values = named_values(step(batch), "the step")
                    for name, value in values.items():
                        sums[name] = sums.get(name, 0.0) + value * len(batch)
                    # refresh=False: the bar redraws itself a few times a second, not at every batch
                    bar.set_postfix_str("  ".join(f"{k} {v:.5f}" for k, v in values.items()), refresh=False)
                    bar.update()
                history.add({name: total / len(images) for name, total in sums.items()})
                if evaluate is not None:
                    values = named_values(evaluate(), "evaluate")
                    history.add({f"test_{name}": value for name, value in values.items()})
                history.seconds = time.perf_counter() - began
                curve.update(history)
        except KeyboardInterrupt:
            print(f"Stopped after {len(history)} of {epochs} epochs; the model keeps what it has learned.")
    return history


def batches(images: torch.Tensor, batch_size: int) -> Iterator[torch.Tensor]:
    """Go through `images` once in a fresh random order; the last batch may be smaller."""
    order = torch.randperm(len(images), device=images.device)
    for start in range(0, len(images), batch_size):
        yield images[order[start : start + batch_size]]


def settled(values: Sequence[float], tolerance: float = 0.05) -> int:
    """The first epoch (counted from 1) from which on all values stay within `tolerance` of the last one.

    `tolerance` is a share of the last value. A curve that is still moving settles in its last epoch.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("No epochs yet: nothing can have settled.")
    end = values[-1]
    epoch = len(values)
    while epoch > 1 and abs(values[epoch - 2] - end) <= tolerance * abs(end):
        epoch -= 1
    return epoch


def seconds_for(call: Callable[[], object], times: int = 5) -> float:
    """How many seconds one `call()` takes, all that a GPU has to do included: the median of so many calls."""

    def now() -> float:
        if torch.cuda.is_available():
            torch.cuda.synchronize()  # a GPU only takes orders, and works them off later
        elif torch.backends.mps.is_available():
            torch.mps.synchronize()
        return time.perf_counter()

    spent = []
    for _ in range(times):
        began = now()
        call()
        spent.append(now() - began)
    return float(np.median(spent))


def device() -> torch.device:
    """The fastest device of this computer: an NVIDIA GPU, an Apple GPU, or else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def set_seed(seed: int) -> None:
    """Make what follows repeatable: the same seed gives the same weights, batches and draws."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)  # every GPU's generator too


def in_notebook() -> bool:
    """Whether this runs in a notebook's kernel (Jupyter, VS Code, Colab) and not in a terminal."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


def named_values(values: object, source: str) -> dict[str, float]:
    """A number as `{"loss": number}`, a dict of numbers as it is.

    Raises:
        TypeError: it is neither; `source` says in the message where it came from.
    """
    named = values if isinstance(values, Mapping) else {"loss": values}
    try:
        return {str(name): float(value) for name, value in named.items()}  # type: ignore[arg-type]
    except (TypeError, ValueError, RuntimeError):
        hint = " Is a `return` missing?" if values is None else ""
        raise TypeError(
            f"{source} returned {type(values).__name__}, expected a float or a dict of floats.{hint}"
        ) from None


def progress_bar(total: int) -> Any:
    """A tqdm bar of `total` steps: text in a notebook and in a terminal, nothing where the output goes to a file."""
    from tqdm import tqdm  # imported here so that `import course` stays quick

    return tqdm(
        total=total,
        bar_format="{desc} {percentage:3.0f}%|{bar:24}| {elapsed} passed, {remaining} left{postfix}",
        mininterval=0.25,
        # Text and no widget: it is still there when the notebook is opened again, in any editor. On
        # stdout, because notebooks paint stderr red.
        file=sys.stdout if in_notebook() else sys.stderr,
        # None: a script whose output goes to a file shows no bar.
        disable=False if in_notebook() else None,
    )


class _LiveCurve:
    """The loss curve above the progress bar, drawn anew in the same place as training goes on."""

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs
        self.active = in_notebook() and epochs > 1
        self.handle: Any = None
        self.drawn = 0.0
        # Empty axes first: a figure that came after the bar's text would cut that text in two.
        self.update(History())

    def update(self, history: History) -> None:
        finished = len(history) == self.epochs
        if not self.active or (time.perf_counter() - self.drawn < REDRAW_SECONDS and not finished):
            return
        from course import plotting

        last = ", ".join(f"{name} {values[-1]:.5f}" for name, values in history.curves.items())
        alt = f"Loss curves after {len(history)} of {self.epochs} epochs. {last}"
        figure = plotting.loss_curve(history, epochs=self.epochs)
        self.handle = plotting.show_in_place(self.handle, figure, alt=alt)
        self.drawn = time.perf_counter()
