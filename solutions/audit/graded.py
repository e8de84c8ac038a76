"""Grades one piece of student code through the real engine, in the real sandbox, and keeps what was said."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from autograder.engine import Grader
from autograder.labs import load_labs
from autograder.policy import load_policy
from autograder.reports.model import ComponentReport
from autograder.submissions import Submission
from solutions.calibrate.jobs import Record
from solutions.source import read

IMPORTS = (
    "import math\n\nimport numpy as np\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
)


@cache
def grader() -> Grader:
    """One warm sandbox for all that this process grades."""
    policy = load_policy()
    return Grader(policy, seed=policy.seed, sandbox="auto")


@cache
def reference(lab: str) -> dict[str, str]:
    """The reference solution's text of every component."""
    names = [component.name for component in load_labs()[lab].components]
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in read(lab).cells}
    return {name: cells[name] for name in names}


def graded(lab: str, changed: Mapping[str, str], *, seed: int, only: Sequence[str]) -> Record:
    """What the grader says of the reference solution with some components replaced.

    Args:
        only: the components to judge.

    Returns:
        By component: status, share of the points, and what each failed check said.

    Raises:
        RuntimeError: the engine could not grade it at all.
    """
    sources = reference(lab) | changed
    engine = grader()
    engine.seed, engine.only = seed, frozenset(only)
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "audited" / lab / f"{lab}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook(lab, sources)), encoding="utf-8")
        report = engine.grade(Submission("audited", path, path.parent))
    if report.status != "graded":
        raise RuntimeError(f"{lab}, {', '.join(changed)}: {report.status}, {report.message}")
    return {found.name: told(found) for found in report.components if found.name in only}


def told(found: ComponentReport) -> Record:
    """What is kept of the judgement of a component."""
    failed = [finding for finding in found.findings if finding.status == "fail"]
    return {
        "status": found.status,
        "share": round((found.score or 0.0) / found.max_score, 4) if found.max_score else 0.0,
        "failed": [[finding.check, finding.misconception, finding.message] for finding in failed],
    }


def notebook(lab: str, sources: Mapping[str, str]) -> Record:
    """A notebook of these components, one cell each."""
    cells = [_cell(IMPORTS, {})]
    for name, source in sources.items():
        cells += [
            _cell(source, {"nbgrader": {"grade_id": name, "solution": True}}),
            _cell(f'check("{name}")', {"nbgrader": {"grade_id": f"check_{name}", "grade": True}}),
        ]
    return {"cells": cells, "metadata": {"genlab": {"lab": lab}}, "nbformat": 4, "nbformat_minor": 5}


def _cell(source: str, metadata: Record) -> Record:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": metadata,
        "outputs": [],
        "source": source,
    }
