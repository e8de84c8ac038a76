"""The command `genlab`: `start` for students, `grade` for instructors, `calibrate` and `audit` for who works on the grader."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

OK, SOME_UNGRADABLE, BROKEN = 0, 1, 2
# Commands whose code is in `solutions/`, which no installation has.
CHECKOUT = {
    "calibrate": "measure how sure the thresholds of the outcomes are",
    "audit": "grade the grader with all that is known to be wrong or right",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns the exit status: 0 all graded, 1 something ungradable, 2 usage or our fault."""
    arguments, rest = _parser().parse_known_args(argv)
    if rest and arguments.run is not _of_checkout:
        _parser().error(f"unrecognized arguments: {' '.join(rest)}")
    arguments.rest = rest
    try:
        return int(arguments.run(arguments))
    except KeyboardInterrupt:
        print("genlab: stopped", file=sys.stderr)
        return BROKEN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="genlab", description="A self-grading course on deep generative models."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    start = commands.add_parser("start", help="copy the notebooks out and open JupyterLab (for students)")
    start.add_argument("directory", nargs="?", type=Path, default=Path("genlab"), metavar="DIR")
    start.add_argument("--no-open", action="store_true", help="only copy the notebooks")
    start.set_defaults(run=_start)

    grade = commands.add_parser("grade", help="grade notebooks, a student's folder or a tree of submissions")
    grade.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    grade.add_argument("--json", type=Path, metavar="FILE", help="write the reports as JSON")
    grade.add_argument(
        "--feedback", type=Path, metavar="DIR", help="write feedback pages and the class table"
    )
    grade.add_argument("--jobs", type=_positive, default=1, metavar="N", help="submissions graded at once")
    grade.add_argument("--seed", type=int, metavar="S", help="of the random probes (default: the policy's)")
    grade.add_argument("--only", metavar="NAME,...", help="judge only these components")
    grade.add_argument("--policy", type=Path, metavar="FILE", help="points, tolerances, limits that differ")
    grade.add_argument("--sandbox", choices=("auto", "bubblewrap", "none"), default="auto",
                       help="how student code is locked in; `none` only for code that you trust")  # fmt: skip
    grade.set_defaults(run=_grade)

    for name, words in CHECKOUT.items():
        own = commands.add_parser(name, help=f"{words} (in a checkout)", add_help=False)
        own.set_defaults(run=_of_checkout, name=name)
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def _start(arguments: argparse.Namespace) -> int:
    from course.start import start

    return start(arguments.directory, launch=not arguments.no_open)


def _of_checkout(arguments: argparse.Namespace) -> int:
    sys.path.insert(0, str(Path(__file__).parents[1]))  # the root, if this is a checkout
    try:  # by name, for the package knows nothing of the solutions
        command = importlib.import_module(f"solutions.{arguments.name}.__main__")
    except ImportError as error:
        return _complain(
            f"{arguments.name} needs a checkout of the repository with its tools for tests ({error})"
        )
    return int(command.main(arguments.rest))


def _grade(arguments: argparse.Namespace) -> int:
    # Imported here, so that `genlab --help` and `genlab start` do not wait for torch.
    from autograder.engine import grade, versions
    from autograder.policy import PolicyError, load_policy
    from autograder.reports.json_file import write_json
    from autograder.reports.model import Report, document
    from autograder.reports.terminal import table
    from autograder.reports.words import one_line
    from autograder.sandbox.errors import NO_SANDBOX_WARNING, SandboxUnavailable
    from autograder.submissions import SubmissionError, find_submissions

    try:
        policy = load_policy(arguments.policy)
        only = _names(arguments.only)
        found = [submission for path in arguments.paths for submission in find_submissions(path)]
    except (PolicyError, SubmissionError, ValueError) as error:
        return _complain(str(error))
    if arguments.sandbox == "none":
        print(NO_SANDBOX_WARNING, file=sys.stderr)
    seed = policy.seed if arguments.seed is None else arguments.seed

    def told(report: Report) -> None:
        print(f"{one_line(report.student)} {report.lab or '?'}: {report.status}", file=sys.stderr, flush=True)

    try:
        reports = grade(found, policy=policy, seed=seed, jobs=arguments.jobs, sandbox=arguments.sandbox,
                        only=only, on_report=told if len(found) > 1 else None)  # fmt: skip
    except SandboxUnavailable as error:
        return _complain(str(error))
    print(table(reports))
    try:
        if arguments.json:
            write_json(arguments.json, document(reports, seed=seed, policy=policy.name, versions=versions()))
        if arguments.feedback:
            from autograder.reports.class_page import write_feedback

            print(f"Feedback: {write_feedback(reports, arguments.feedback)}")
    except OSError as error:
        return _complain(f"cannot write {error.filename}: {error.strerror}")
    statuses = {report.status for report in reports}
    if "grader_error" in statuses:
        return BROKEN
    return SOME_UNGRADABLE if "ungradable" in statuses else OK


def _names(text: str | None) -> list[str] | None:
    if text is None:
        return None
    from autograder.labs import load_labs
    from autograder.policy import load_policy

    names = [name.strip() for name in text.split(",") if name.strip()]
    known = {
        name for lab, points in load_policy().labs.items() if lab in load_labs() for name in points.points
    }
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise ValueError(
            f"--only: no component {', '.join(unknown) or text!r}; there are {', '.join(sorted(known))}"
        )
    return names


def _complain(message: str) -> int:
    print(f"genlab: {message}", file=sys.stderr)
    return BROKEN


if __name__ == "__main__":
    sys.exit(main())
