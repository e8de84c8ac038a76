"""What of a submitted notebook reaches the gradebook's pages: a fresh notebook with its harmless parts.

Whatever a student's file holds, however malformed, this gives a valid notebook or says why it cannot.
Sources stay as they are. Of the outputs, plain text and PNG or JPEG pictures stay, up to a limit, because
who grades the discussion by hand needs the figures; HTML, scripts, widgets and all other metadata do not.
"""

# nbformat has no types.
# mypy: disable-error-code="no-untyped-call,no-any-return"
from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

TEXT_LIMIT = 20_000  # characters of one output
PICTURE_LIMIT = 2_000_000  # characters of one picture in base64
OUTPUTS_LIMIT = 10_000_000  # all outputs of a notebook together
PICTURES = ("image/png", "image/jpeg")
LEFT_OUT = "[output left out: too large]"

_NEW_CELL = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}


def read_notebook(path: Path) -> NotebookNode:
    """Read a student's notebook; each cell keeps its claimed grade id in `metadata.nbgrader.grade_id`.

    Raises:
        ValueError: the file is no notebook.
        OSError: the file cannot be read.
    """
    try:
        raw = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not a notebook: {type(error).__name__}") from None
    if isinstance(raw, dict) and "worksheets" in raw:  # nbformat 3 and older
        raw = _upgraded(raw)
    if not isinstance(raw, dict) or not isinstance(raw.get("cells"), list):
        raise ValueError("not a notebook: it has no list of cells")
    budget = [OUTPUTS_LIMIT]
    return new_notebook(cells=[_cell(cell, budget) for cell in raw["cells"] if isinstance(cell, dict)])


def _upgraded(raw: dict[str, Any]) -> Any:
    try:
        return nbformat.convert(nbformat.from_dict(raw), 4)
    except Exception as error:  # an arbitrary file through an arbitrary converter
        raise ValueError(f"not a notebook: {type(error).__name__}") from None


def _cell(raw: dict[str, Any], budget: list[int]) -> NotebookNode:
    kind = raw.get("cell_type")
    make = _NEW_CELL.get(kind if isinstance(kind, str) else "", new_raw_cell)
    cell: NotebookNode = make(_text(raw.get("source")))
    # The released cells carry their grade id as the cell's id too, which more editors keep.
    grade_id = claimed_id(raw) or raw.get("id")
    if grade_id and isinstance(grade_id, str):
        cell.metadata["nbgrader"] = {"grade_id": grade_id}
    if kind == "code":
        outputs = raw.get("outputs")
        outputs = (
            [_output(out, budget) for out in outputs if isinstance(out, dict)]
            if isinstance(outputs, list)
            else []
        )
        cell.outputs = [output for output in outputs if output is not None]
    elif kind == "markdown":
        attachments = _attachments(raw.get("attachments"), budget)
        if attachments:
            cell["attachments"] = attachments
    return cell


def claimed_id(cell: Any) -> str | None:
    """The grade id in a cell's metadata, if there is a readable one."""
    for key in ("metadata", "nbgrader", "grade_id"):
        cell = cell.get(key) if isinstance(cell, dict) else None
    return cell if isinstance(cell, str) else None


def _text(value: Any) -> str:
    """A multi-line string of the notebook format: a string, or a list of them."""
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    # A lone surrogate is valid JSON, and no file or database takes it.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _output(raw: dict[str, Any], budget: list[int]) -> NotebookNode | None:
    kind = raw.get("output_type")
    if kind == "stream":
        return _stream(_text(raw.get("text")), budget) if raw.get("name") == "stdout" else None
    if kind == "error":
        return _stream(f"{_text(raw.get('ename'))}: {_text(raw.get('evalue'))}\n", budget)
    data = raw.get("data")
    if not isinstance(data, dict):
        return None
    for mime in PICTURES:
        picture = _picture(data.get(mime), budget)
        if picture:
            return new_output("display_data", {mime: picture})
    return _stream(_text(data.get("text/plain")), budget)


def _stream(text: str, budget: list[int]) -> NotebookNode | None:
    if not text:
        return None
    if len(text) > TEXT_LIMIT:
        text = text[:TEXT_LIMIT] + "\n" + LEFT_OUT
    return new_output("stream", name="stdout", text=text if _fits(text, budget) else LEFT_OUT)


def _picture(value: Any, budget: list[int]) -> str | None:
    picture = _text(value)
    if not picture or len(picture) > PICTURE_LIMIT or not re.fullmatch(r"[A-Za-z0-9+/=\s]+", picture):
        return None
    return picture if _fits(picture, budget) else None


def _attachments(raw: Any, budget: list[int]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, data in raw.items() if isinstance(raw, dict) else ():
        for mime in PICTURES:
            picture = _picture(data.get(mime), budget) if isinstance(data, dict) else None
            if picture:
                found[str(name)] = {mime: picture}
    return found


def _fits(text: str, budget: list[int]) -> bool:
    if len(text) > budget[0]:
        return False
    budget[0] -= len(text)
    return True
