"""Puts the lines of a wrong implementation together as a student would type them."""

from __future__ import annotations

from collections.abc import Iterable


def function(signature: str, *lines: str) -> str:
    """The source of `def signature:` with these lines as its body."""
    return f"def {signature}:\n{indented(lines, 4)}"


def indented(lines: Iterable[str], by: int) -> str:
    """The lines, each after `by` spaces."""
    return "\n".join(" " * by + line for line in lines)
