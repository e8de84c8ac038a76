"""Judges `comparison_table`: models down, metrics across, as first met; what is missing is NaN."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograder.labs.judge import Judge, Severity
from autograder.labs.probing import Answer, Unanswered, call, reseeds

Results = dict[str, dict[str, float | int | None]]
NONE = object()  # in place of a cell that holds None
CHECK = "matches_results"
EXACT = 1e-6  # relative: float32 is enough for a table, rounding to some digits is not


@dataclass(frozen=True)
class Table:
    """What came back: labels as they are, cells as floats, `NONE`, or words for anything else."""

    index: list[Any]
    columns: list[Any]
    rows: list[list[Any]]

    def cell(self, model: str, metric: str) -> Any:
        return self.rows[self.index.index(model)][self.columns.index(metric)]


def judge_comparison_table(j: Judge) -> None:
    """Several results: gaps, None, one model, one metric, odd names, large and small numbers."""
    cases = _cases(j)
    answers = j.ask([call("comparison_table", {"value": results}, seed=j.new_seed()) for results in cases])
    tables = [_need_table(j, answer) for answer in answers]
    if all(_judge_one(j, table, results) for table, results in zip(tables, cases, strict=True)):
        j.passed(
            CHECK,
            "Models are the rows, metrics the columns, in the order met, and every number is in its place.",
        )
    _judge_side_effects(j, answers)


def _cases(j: Judge) -> list[Results]:
    """The first metric is in every model and no model is empty: plain pandas keeps the order then."""

    def number(scale: float = 1.0) -> float:
        return round(float(j.uniform(1)) + 0.1, 6) * scale

    def count() -> int:
        return 1000 + int(j.uniform(1) * 2_000_000)

    return [
        {
            "vae": {"seconds": number(100), "mse": number(0.01), "elbo": -number(100), "parameters": count()},
            "gan": {"seconds": number(100), "parameters": count(), "frechet": number(30), "elbo": None},
            "ae": {"seconds": number(100), "mse": number(0.01), "recall": number(), "frechet": number(50)},
        },
        {"only one": {"z": number(), "a": count(), "m": number(1e-5)}},
        {
            "b": {"index": number(), "columns": None, "Precision": number()},
            "a": {"index": None, "columns": number(1e4)},
            "B": {"index": None, "Precision": None, "columns": None},  # nothing but gaps, and still a model
            "c": {"index": number(), "0": 0.0, "columns": 0},
        },
        {"model 2": {"x": number()}, "model 10": {"x": number()}, "model 1": {"x": number()}},
        {"w": {"k": count(), "n": 3}, "v": {"k": 7, "n": count()}},
    ]


# Reading ---------------------------------------------------------------------------------------


def _need_table(j: Judge, answer: Answer) -> Table:
    """The returned DataFrame, or the end of the judgement with the reason."""
    value = answer.value
    kind = value.get("type")
    if kind != "frame":
        told = {
            "none": "None (is a `return` missing?)",
            "dict": "a dict",
            "str": "text",
            "sequence": "a tuple or list",
        }
        raise j.stop("table", f"`comparison_table` should return a pandas.DataFrame, but it is {told.get(str(kind)) or 'a ' + str(value.get('of', kind))}.",
                     misconception="not-a-table")  # fmt: skip
    parts = value.get("items")
    if not isinstance(parts, dict):
        raise Unanswered("a table without parts")
    index, columns, rows = (_items(parts.get(name)) for name in ("index", "columns", "rows"))
    cells = [[_cell(item) for item in _items(row)] for row in rows]
    if len(cells) != len(index) or any(len(row) != len(columns) for row in cells):
        raise Unanswered("a table whose parts do not fit")
    return Table([_label(item) for item in index], [_label(item) for item in columns], cells)


def _items(value: Any) -> list[dict[str, Any]]:
    items = value.get("items") if isinstance(value, dict) else None
    if not isinstance(items, list):
        raise Unanswered("a table whose parts are no lists")
    return items


def _label(item: dict[str, Any]) -> Any:
    value = item.get("value")
    return value if isinstance(value, str | int | float) else str(item.get("of", item.get("type")))


def _cell(item: dict[str, Any]) -> Any:
    value = item.get("value")
    if item.get("type") == "number" and isinstance(value, int | float):
        return float(value)
    if item.get("type") == "none":
        return NONE
    return f"'{value}'" if item.get("type") == "str" else str(item.get("of", item.get("type")))


# Judging ---------------------------------------------------------------------------------------


def _judge_one(j: Judge, table: Table, results: Results) -> bool:
    models = list(results)
    metrics = list(dict.fromkeys(name for values in results.values() for name in values))
    fault = _shape_fault(table, models, metrics) or _cell_fault(table, results, metrics)
    if fault is not None:
        j.fail(CHECK, fault.message, severity=fault.severity, misconception=fault.name)
    return fault is None


@dataclass(frozen=True)
class Fault:
    """What is wrong with a table."""

    message: str
    name: str  # of the misconception
    severity: Severity = "wrong"


def _shape_fault(table: Table, models: list[str], metrics: list[str]) -> Fault | None:
    index, columns = table.index, table.columns
    if index == models and columns == metrics:
        return None
    if _same_set(index, metrics) and _same_set(columns, models):
        return Fault("The table is transposed: models should be the rows, metrics the columns.", "table-transposed", "near")  # fmt: skip
    if index == list(range(len(models))):
        told = ", beside a column of their names" if len(columns) > len(metrics) else ""
        return Fault(f"The rows are numbered{told}; the index should be the names of the models.", "index-not-models", "near")  # fmt: skip
    for what, got, wanted in (("model", index, models), ("metric", columns, metrics)):
        absent = [name for name in wanted if name not in got]
        extra = [name for name in got if name not in wanted]
        if absent:
            return Fault(f"The {what} '{absent[0]}' is missing from the table: keep every {what}, also those with gaps.", f"{what}s-dropped")  # fmt: skip
        if extra:
            return Fault(f"The table has a {what} {extra[0]!r} that is not in the results.", f"{what}s-added")
        if len(got) != len(wanted):
            return Fault(f"A {what} is in the table more than once.", f"{what}s-repeated")
        if got != wanted:
            told = f"{_listed(got)}; in the order met they are {_listed(wanted)}"
            return Fault(f"The {what}s come in another order: {told}.", "order-not-as-met", "near")
    return None


def _cell_fault(table: Table, results: Results, metrics: list[str]) -> Fault | None:
    cells = [(model, metric) for metric in metrics for model in results]
    faults = (
        _fault_of(table.cell(model, metric), results[model].get(metric), f"the cell of '{model}' and '{metric}'")
        for model, metric in cells
    )  # fmt: skip
    return next((fault for fault in faults if fault is not None), None)


def _fault_of(got: Any, right: float | None, where: str) -> Fault | None:
    """What is wrong with one cell: a float, `NONE`, or words for anything else."""
    if right is None:
        if got is NONE:
            return Fault(f"None stays None in {where}; it should be NaN, which can be reckoned with.", "none-kept", "flaw")  # fmt: skip
        if isinstance(got, float) and math.isnan(got):
            return None
        name = "zero-for-missing" if got == 0 else "gap-filled"
        return Fault(f"In {where} is {_shown(got)}; what is not known should be NaN.", name)
    if isinstance(got, str):
        return Fault(f"In {where} is {got}; it should be the number {right:g}.", "cells-not-numbers")
    if got is NONE or math.isnan(got):
        return Fault(f"In {where} is {_shown(got)}; it should be {right:g}.", "number-lost")
    if abs(got - right) <= EXACT * abs(right):
        return None
    if _rounded(got, right):
        return Fault(f"In {where} is {got:g} in place of {right:g}: keep the numbers as they are, and round where they are shown.", "table-rounded", "flaw")  # fmt: skip
    return Fault(f"In {where} is {_shown(got)}; it should be {right:g}.", "cells-misplaced")


def _rounded(got: float, right: float) -> bool:
    """Whether it is the number rounded to some decimals, or to some digits."""
    decimals = any(abs(got - round(got, n)) <= 1e-9 and abs(got - right) <= 0.6 * 10**-n for n in range(7))
    return decimals or any(math.isclose(got, float(f"{right:.{n}g}"), rel_tol=1e-9) for n in range(1, 7))


def _judge_side_effects(j: Judge, answers: Sequence[Answer]) -> None:
    if any(answer.result.get("changed_values") for answer in answers):
        j.fail("leaves_input", "`comparison_table` changes `results`, or a dict in it; copy what you want to change.",
               severity="flaw", misconception="input-modified")  # fmt: skip
    if reseeds(answers):
        j.fail("leaves_random_state", "`comparison_table` reseeds the global random state; leave seeds to the notebook.",
               severity="flaw", misconception="reseeds-global-state")  # fmt: skip


def _same_set(got: list[Any], wanted: list[str]) -> bool:
    return len(got) == len(wanted) and set(map(str, got)) == set(wanted)


def _listed(names: Sequence[Any]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _shown(got: Any) -> str:
    return "None" if got is NONE else f"{got:g}" if isinstance(got, float) else str(got)
