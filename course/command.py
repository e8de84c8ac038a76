"""The command `genlab`, once it is sure that `autograder` is this course's grader and no other package."""

from __future__ import annotations

import sys

from course.checking import grader


def main() -> int:
    """Run the command; returns its exit status, 2 where another package hides the grader."""
    try:
        cli = grader("cli")
    except ImportError as error:
        print(f"genlab: {error}", file=sys.stderr)
        return 2
    return int(cli.main())
