"""The JSON report file that `genlab grade --json` and the gradebook write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.reports.files import write_atomically
from autograder.reports.model import SCHEMA, ComponentReport, Finding, Report


def write_json(path: Path, document: Mapping[str, Any]) -> Path:
    """Write `document` (see `model.document`, `Report.to_dict`) atomically; returns the path.

    Plain ASCII with escapes, so that a name that is no valid Unicode cannot stop it.

    Raises:
        ValueError: a number in it is NaN or infinite, which JSON cannot say.
        OSError: the file cannot be written.
    """
    return write_atomically(path, json.dumps(document, indent=1, allow_nan=False) + "\n")


def read_reports(path: Path) -> list[Report]:
    """The reports of a JSON document that `write_json` wrote.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is not a report document of this schema.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return [_report(report) for report in content["reports"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no report document of schema {SCHEMA}: {error!r}") from None


def _report(values: Mapping[str, Any]) -> Report:
    components = tuple(
        ComponentReport(**{**part, "findings": tuple(Finding(**finding) for finding in part["findings"])})
        for part in values["components"]
    )
    return Report(**{**values, "components": components})
