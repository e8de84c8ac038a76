"""`make demo`: a sample class hands in the labs, and everything an instructor gets is made.

The road is the real one: nbgrader releases the notebooks, students fill them in, nbgrader's autograde calls
our engine, whose workers run the students' code in a sandbox; then gradebook, feedback, class table.
"""

from __future__ import annotations

import argparse
import importlib
import itertools
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from autograder import __version__
from autograder.demo.hand_in import hand_in
from autograder.demo.sample_class import SAMPLES, Sample
from autograder.gradebook.classroom import (
    GRADES,
    ClassroomError,
    add_students,
    grade_class,
    release,
    setup_classroom,
)
from autograder.gradebook.store import report_path
from autograder.reports.class_page import write_feedback
from autograder.reports.json_file import read_reports, write_json
from autograder.reports.model import Report, document
from autograder.reports.terminal import display_width, pad
from autograder.reports.words import lab_title, number, to_do
from autograder.sandbox import NO_SANDBOX_WARNING, SandboxUnavailable, probe_sandbox

REPOSITORY = Path(__file__).resolve().parents[2]
MARK = ".genlab-demo"  # a folder with this file in it was made by the demo and may be made anew


class DemoError(Exception):
    """The demo cannot start; the message says what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m autograder.demo", description="Grade a sample class.")
    parser.add_argument(
        "--out", type=Path, default=REPOSITORY / "build" / "demo", help="folder for all of it"
    )
    parser.add_argument("--jobs", type=int, default=2, help="submissions graded at the same time")
    options = parser.parse_args(arguments)
    try:
        run(options.out.resolve(), SAMPLES, jobs=options.jobs)
    except (DemoError, ClassroomError) as error:
        print(f"\nThe demo stopped: {error}", file=sys.stderr)
        return 2
    return 0


def run(out: Path, samples: Sequence[Sample], *, jobs: int = 2) -> list[Report]:
    """Make a classroom in `out`, hand in, grade, and write every page; returns the reports.

    Raises:
        DemoError: `out` holds something that the demo did not make, or the repository is not complete.
        ClassroomError: one of nbgrader's commands failed.
    """
    began = time.monotonic()
    empty(out)
    sandbox = choose_sandbox()
    classroom = setup_classroom(out)

    say("1. The instructor releases the labs")
    labs = write_sources(classroom)
    for lab in labs:
        release(classroom, lab)
    handed_in = [lab for lab in labs if any(sample.lab == lab for sample in samples)]

    students = list(dict.fromkeys(sample.student for sample in samples))
    say(f"2. {len(students)} students hand in {len(samples)} notebooks")
    hand_in(samples, classroom / "release", classroom / "submitted", jobs=jobs)
    add_students(classroom, {each.name: (each.first_name, each.last_name) for each in students})

    say("3. nbgrader grades them, each student's code in a sandbox of its own" if sandbox != "none" else
        "3. nbgrader grades them, WITHOUT a sandbox")  # fmt: skip
    for lab in handed_in:
        print(f"\n{lab_title(lab)}", flush=True)
        grade_class(classroom, lab, sandbox=sandbox, jobs=jobs)

    say("4. Feedback for the students, an overview for the instructor")
    reports, versions = collect(classroom, samples)
    class_table = write_feedback(reports, out / "feedback", versions=versions)
    write_json(
        out / "reports.json", document(reports, seed=reports[0].seed, policy="default", versions=versions)
    )

    print("\n" + overview(samples, reports))
    show_places(out, classroom, class_table, reports, time.monotonic() - began)
    return reports


def empty(out: Path) -> None:
    """Make `out` an empty folder, but remove only what an earlier demo left.

    Raises:
        DemoError: there is something else in it.
    """
    if out.exists() and any(out.iterdir()):
        if not (out / MARK).exists():
            raise DemoError(f"{out} holds other files. Choose an empty folder with --out.")
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    (out / MARK).touch()


def choose_sandbox() -> str:
    """The sandbox to grade in; without one a loud warning, for these samples are our own."""
    try:
        return probe_sandbox("auto")
    except SandboxUnavailable as reason:
        print(f"{NO_SANDBOX_WARNING}\n\n{reason}\n", file=sys.stderr)
        print(
            "The demo goes on all the same, because its sample students are part of this repository.\n"
            "For real submissions `genlab grade` and `nbgrader autograde` refuse.",
            file=sys.stderr,
            flush=True,
        )
        return "none"


def write_sources(classroom: Path) -> tuple[str, ...]:
    """Put the instructor's notebooks where nbgrader releases them from; returns the labs, in their order.

    Raises:
        DemoError: this is not a checkout of the repository.
    """
    try:  # by name, for the package knows nothing of the solutions
        labs: tuple[str, ...] = importlib.import_module("solutions.source").LABS
        outputs = importlib.import_module("solutions.build").outputs
    except ImportError as error:
        raise DemoError(f"start it at the root of the repository, with `make demo` ({error})") from None
    for path, text in itertools.chain.from_iterable(outputs(lab).items() for lab in labs):
        if path.parts[0] == classroom.name:
            target = classroom.parent / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    return labs


def collect(classroom: Path, samples: Sequence[Sample]) -> tuple[list[Report], dict[str, str]]:
    """The reports that grading stored beside the gradebook, and what made them."""
    import torch

    reports = [
        report
        for sample in samples
        for report in read_reports(report_path(classroom, sample.student.name, sample.lab))
    ]
    return reports, {"genlab": __version__, "torch": str(torch.__version__)}


def overview(samples: Sequence[Sample], reports: Sequence[Report]) -> str:
    """A table a lab with one line a student: what was handed in, its points, and where something is to do."""
    head = ("student", "handed in", "points", "to do")
    rows = [
        (
            sample.student.name,
            sample.story,
            "-" if report.score is None else number(report.score),
            left(report),
        )
        for sample, report in zip(samples, reports, strict=True)
    ]
    widths = [max(display_width(row[column]) for row in [head, *rows]) for column in range(3)]
    tables = []
    for lab in dict.fromkeys(sample.lab for sample in samples):
        of_lab = [row for sample, row in zip(samples, rows, strict=True) if sample.lab == lab]
        lines = ["  ".join([*map(pad, row, widths), row[3]]).rstrip() for row in [head, *of_lab]]
        rule = "-" * max(map(display_width, lines))
        tables.append("\n".join([lab_title(lab), rule, lines[0], rule, *lines[1:]]))
    return "\n\n".join(tables)


def left(report: Report) -> str:
    """What is left to do for the student, in a few words."""
    if not report.components:
        return report.status  # a broken file cannot tell
    names = [component.name for component in to_do(report.components)]
    judged = sum(component.status != "pending" for component in report.components)
    return "everything" if len(names) == judged > 0 else ", ".join(names)


def show_places(
    out: Path, classroom: Path, class_table: Path, reports: Sequence[Report], seconds: float
) -> None:
    """Say what was made, and where it is."""
    places = {
        "class page": class_table,
        "feedback pages": out / "feedback",
        "class table": classroom / GRADES,
        "gradebook": classroom / "gradebook.db",
        "nbgrader feedback": classroom / "feedback",
        "all as JSON": out / "reports.json",
    }
    graded = sum(report.status == "graded" for report in reports)
    open_ones = len(reports) - graded
    print(f"\n{len(reports)} submissions in {seconds:.0f} s: {graded} graded, {open_ones} without a score.")
    for name, place in places.items():
        print(f"  {name:<18} {place}")
    print(f"\nOpen the class page in a browser: {class_table.as_uri()}")


def say(text: str) -> None:
    """One step of the demo."""
    print(f"\n{text}", flush=True)
