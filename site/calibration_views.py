"""What is shown of a calibration: the rows of every histogram and the marks on its axis, as data.

Both the pictures (`figures_calibration.py`) and the page (`hooks/calibration.py`) are made from these.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Value = float | None  # None: the run diverged


@dataclass(frozen=True)
class Row:
    """Values of one kind of code."""

    name: str
    values: tuple[Value, ...]
    right: bool
    unit: str = "runs"

    @property
    def finite(self) -> list[float]:
        """The values that are numbers."""
        return [value for value in self.values if is_number(value)]

    @property
    def count(self) -> str:
        """How many there are, in words."""
        diverged = len(self.values) - len(self.finite)
        return f"{len(self.values):,} {self.unit}" + (f", {diverged:,} diverged" if diverged else "")


@dataclass(frozen=True)
class View:
    """One histogram: rows of values, and where on the axis points are lost."""

    lab: str
    name: str
    outcome: str
    title: str
    what: str
    unit: str
    side: str  # "above" or "below": which side of the first mark fails
    marks: tuple[tuple[float, str], ...]  # places of the axis, and what they are called
    rows: tuple[Row, ...]
    false_fail: Mapping[str, Any] | None = None

    @property
    def threshold(self) -> float:
        """Beyond this place, points are lost."""
        return self.marks[0][0]

    @property
    def slug(self) -> str:
        """Its name in addresses: of the picture, and of its place on the page."""
        return f"{self.lab}-{self.name}-{self.side}".replace(".", "-").replace("_", "-")

    @property
    def axis(self) -> str:
        """What the axis measures, with its unit where there is one."""
        return self.title + (f" ({self.unit})" if self.unit else "")

    def beyond(self, value: Value) -> bool:
        """Whether a value lies on the failing side; a diverged run does."""
        if not is_number(value):
            return True
        return value > self.threshold if self.side == "above" else value < self.threshold


@dataclass(frozen=True)
class Figure:
    """A figure of trained models: what is measured, and the policy's setting that says what it is worth."""

    measure: str
    setting: str
    title: str
    what: str
    unit: str = ""


FIGURES = (
    Figure("loss", "trained_mse", "Held-out squared error per pixel", "Measured in pieces."),
    Figure(
        "loss",
        "trained_loss",
        "Minus the held-out ELBO",
        "Measured in pieces; for half of the points.",
        "nats",
    ),
    Figure(
        "frechet_distance",
        "trained_frechet",
        "Fréchet distance of the samples",
        "Between the features of real pictures and of what the model makes of the grader's own noise.",
    ),
)


def views(measured: Mapping[str, Any]) -> list[View]:
    """Every histogram of one lab's calibration, in the order of the page."""
    lab, pairs = measured["lab"], "pairs" if measured.get("runs", {}).get("pairs") else "runs"
    found = [statistic(lab, each, pairs) for each in measured["statistics"]]
    models = measured.get("trained") or {"thresholds": {}}
    shown = [figure for figure in FIGURES if f"{figure.setting}_full" in models["thresholds"]]
    return found + [trained(lab, figure, models) for figure in shown]


def statistic(lab: str, s: Mapping[str, Any], pairs: str) -> View:
    """One statistic of the short runs."""
    rows = [Row("right", tuple(s["right"]), right=True, unit=pairs)]
    rows += [Row(plain(name), tuple(values), right=False) for name, values in s["wrong"].items()]
    marks = ((float(s["threshold"]), "threshold"),)
    return View(
        lab, s["name"], s["outcome"], s["title"], s["what"], s.get("unit") or "", s["side"], marks, tuple(rows), s["false_fail"]
    )  # fmt: skip


def trained(lab: str, figure: Figure, found: Mapping[str, Any]) -> View:
    """One figure of the trained models."""
    rows = [
        Row(kind, tuple(each.get(figure.measure, ())), is_right(kind), "models")
        for kind, each in in_order(found["kinds"])
    ]
    full, none = (float(found["thresholds"][f"{figure.setting}_{end}"]) for end in ("full", "none"))
    return View(
        lab=lab,
        name=f"trained.{figure.measure}",
        outcome="trained_model",
        title=figure.title,
        what=figure.what,
        unit=figure.unit,
        side="above",
        marks=((full, "all points up to"), (none, "none from")),
        rows=tuple(row for row in rows if row.values),
    )


def in_order(kinds: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Kinds of trained models: right ones first, the longest trained before the others."""

    def rank(item: tuple[str, Any]) -> tuple[bool, bool, int]:
        name = item[0]
        digits = "".join(c for c in name if c.isdigit())
        return not is_right(name), not name.startswith("default"), -int(digits or 0) if is_right(name) else 0

    return sorted(kinds.items(), key=rank)


def is_right(kind: str) -> bool:
    """Whether a kind of trained models is of right code."""
    return kind.startswith(("right", "default run"))


def is_number(value: Value) -> bool:
    """Whether a run ended with a number."""
    return value is not None and math.isfinite(value)


def plain(name: str) -> str:
    """The name of a class of wrong code as words."""
    return name.replace("-", " ").replace("_", " ")


def all_values(view: View) -> Sequence[float]:
    """Everything that has a place on the axis."""
    return [value for row in view.rows for value in row.finite] + [place for place, _ in view.marks]
