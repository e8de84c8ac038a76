"""The JSON report file that `genlab grade --json` and the gradebook write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.reports.files import write_atomically


def write_json(path: Path, document: Mapping[str, Any]) -> Path:
    """Write `document` (see `model.document`, `Report.to_dict`) atomically; returns the path.

    Plain ASCII with escapes, so that a name that is no valid Unicode cannot stop it.

    Raises:
        ValueError: a number in it is NaN or infinite, which JSON cannot say.
        OSError: the file cannot be written.
    """
    return write_atomically(path, json.dumps(document, indent=1, allow_nan=False) + "\n")
