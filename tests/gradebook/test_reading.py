"""What of a student's file reaches the gradebook's pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook, new_output

from autograder.gradebook.reading import LEFT_OUT, OUTPUTS_LIMIT, read_notebook


def outputs_after(folder: Path, *outputs: Any) -> list[Any]:
    path = folder / "ae.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("1", outputs=list(outputs))]), path)
    return list(read_notebook(path).cells[0].outputs)


def test_pictures_and_text_stay_and_html_goes(tmp_path: Path) -> None:
    outputs = outputs_after(
        tmp_path,
        new_output("display_data", {"image/png": "iVBORw0KGgo=", "text/html": "<b>x</b>"}),
        new_output("display_data", {"text/html": "<script>alert(1)</script>"}),
        new_output("stream", name="stdout", text="epoch 1\n"),
        new_output("stream", name="stderr", text="a warning\n"),
    )
    assert [output.get("data", output.get("text")) for output in outputs] == [
        {"image/png": "iVBORw0KGgo="},
        "epoch 1\n",
    ]


def test_fifty_megabytes_of_outputs_become_a_small_notebook(tmp_path: Path) -> None:
    outputs = [new_output("stream", name="stdout", text="x" * 5_000) for _ in range(10_000)]
    kept = outputs_after(tmp_path, *outputs)
    assert sum(len(output.text) for output in kept) < OUTPUTS_LIMIT + 10_000 * len(LEFT_OUT)
    assert kept[-1].text == LEFT_OUT


@pytest.mark.parametrize("content", ["", "{not json", "[]", '{"cells": 3}', "null", "[" * 100_000])
def test_what_is_no_notebook_is_refused_with_a_reason(tmp_path: Path, content: str) -> None:
    path = tmp_path / "ae.ipynb"
    path.write_text(content)
    with pytest.raises(ValueError, match="not a notebook"):
        read_notebook(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
CELL = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw", "table"]) | JSON,
        "source": JSON,
        "metadata": st.fixed_dictionaries({"nbgrader": st.fixed_dictionaries({"grade_id": JSON}) | JSON})
        | JSON,
        "outputs": st.lists(
            st.fixed_dictionaries(
                {"output_type": st.sampled_from(["stream", "display_data", "error", "x"]) | JSON},
                optional={"name": st.just("stdout"), "text": JSON, "data": JSON, "evalue": JSON},
            )
            | JSON,
            max_size=2,
        )
        | JSON,
        "attachments": JSON,
        "id": JSON,
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cells=st.lists(CELL | JSON, max_size=4))
def test_any_list_of_cells_becomes_a_valid_notebook(tmp_path: Path, cells: list[Any]) -> None:
    path = tmp_path / "ae.ipynb"
    path.write_text(json.dumps({"cells": cells}))
    nbformat.validate(read_notebook(path))


def test_a_notebook_of_the_old_format_is_read(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "input": "x = 1", "language": "python", "metadata": {}, "outputs": []}
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [cell]}]}
    path = tmp_path / "ae.ipynb"
    path.write_text(json.dumps(old))
    assert [cell.source for cell in read_notebook(path).cells] == ["x = 1"]
