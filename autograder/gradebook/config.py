"""How nbgrader's stock commands come to use this grader: one call in `nbgrader_config.py`.

An instructor who has only the installed package gets a folder of their own from

    python -m autograder.gradebook.classroom FOLDER

Classes that grade are named by strings, so that other commands start without importing torch.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from autograder.gradebook.release import steps

CLASSROOM = "classroom"  # nbgrader's working folder: source, release, submitted, gradebook.db, ...
COURSE_ID = "genlab"


def configure(c: Any, config_file: str | os.PathLike[str] = "nbgrader_config.py") -> None:
    """Set up `c`, the traitlets configuration of an nbgrader command or of the formgrader.

    Args:
        c: what `get_config()` returns inside a traitlets configuration file.
        config_file: path of that file; the course lives in `classroom/` beside it.
    """
    put_own_commands_on_path()
    c.CourseDirectory.root = str(Path(config_file).resolve().parent / CLASSROOM)
    c.CourseDirectory.course_id = COURSE_ID

    c.GenerateAssignment.preprocessors = steps()
    # `nbgrader zip_collect` would leave the trained weights behind.
    c.FileNameCollectorPlugin.valid_ext = [".ipynb", ".safetensors"]

    # Grading: what is read, repaired and judged is ours; the gradebook and the order of steps nbgrader's.
    c.Autograde.exporter_class = "autograder.gradebook.exporter.GradingExporter"
    c.Autograde.sanitize_preprocessors = [
        "nbgrader.preprocessors.OverwriteKernelspec",
        "nbgrader.preprocessors.OverwriteCells",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    c.Autograde.autograde_preprocessors = [
        "autograder.gradebook.scores.WriteFindings",
        "autograder.gradebook.scores.SaveScores",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]

    # Pages: whatever a student wrote as markdown is sanitised as it is rendered, here and in the formgrader.
    c.HTMLExporter.filters = {"markdown2html": "autograder.gradebook.safe_html.markdown2html"}
    c.GenerateFeedback.exporter_class = "autograder.gradebook.feedback.FeedbackExporter"
    c.GenerateFeedback.preprocessors = [
        "autograder.gradebook.feedback.GetScores",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]

    c.ExportApp.plugin_class = "autograder.gradebook.export.GradesExport"


def put_own_commands_on_path() -> None:
    """Let nbgrader find `alembic`, which it calls by name, also when no virtual environment is active."""
    own = str(Path(sys.executable).parent)
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if own not in folders:
        os.environ["PATH"] = os.pathsep.join([own, *folders])
