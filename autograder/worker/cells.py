"""Runs a notebook's code cells by the rules of grading: statement by statement, nothing fatal.

A cell that raises is recorded and the rest goes on. A training cell, or one that takes too long,
contributes only its imports, definitions and assignments without calls.
"""

from __future__ import annotations
import __future__

import ast
import asyncio
import linecache
import re
import signal
import types
from collections.abc import Iterator
from typing import Any

from . import faults

FUTURES = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
PYTHON_CELL_MAGICS = ("time", "timeit", "capture", "prun")  # their body is Python and runs without them
DEFINITION = re.compile(r"^(?:async\s+def|def|class)\s+(\w+)|^(\w+)\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE)


class CellTimeout(BaseException):
    """Raised inside a cell that ran longer than its limit."""


class NoShell:
    """Stands where IPython's shell would be: every magic and shell line does nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None


class Notebook:
    """The namespace that a student's cells build, and what happened on the way."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self.at_check: dict[str, list[tuple[bool, Any]]] = {}  # name -> (by cell id, what it was bound to)
        self.skipped_names: dict[str, int] = {}  # names that only a skipped statement would have made
        self.syntax_errors: dict[str, dict[str, Any]] = {}  # name -> the error of the cell that defines it
        self.errors: list[dict[str, Any]] = []
        self._flags = 0

    def run(self, cell: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Run one cell: `index`, `source`, `grade_id`, `definitions_only`. Returns what to tell the grader."""
        index, grade_id = int(cell["index"]), cell.get("grade_id") or ""
        known = len(self.errors)
        try:
            tree = self._parse(cell["source"], index)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self._record_syntax_error(cell["source"], grade_id, index, error)
            return {"parsed": False, "errors": self.errors[known:]}
        if grade_id.startswith("check_"):
            self._note_binding(grade_id.removeprefix("check_"), by_id=True)
            if not any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in tree.body):
                return {"parsed": True, "skipped": "check"}
        if cell.get("definitions_only"):
            self._run_definitions(tree, index)
            return {"parsed": True, "skipped": "definitions_only", "errors": self.errors[known:]}
        before = dict(self.namespace)
        try:
            with _alarm(seconds):
                self._run_all(tree, index)
        except CellTimeout:
            self.namespace.clear()
            self.namespace.update(before)
            self._run_definitions(tree, index)
            return {"parsed": True, "skipped": "too_long", "errors": self.errors[known:]}
        return {"parsed": True, "errors": self.errors[known:]}

    def bind(self, names: list[str]) -> dict[str, bool]:
        """Settle what each component is: its binding at its check cell, otherwise the last one."""
        found: dict[str, bool] = {}
        for name in names:
            notes = self.at_check.get(name, [])
            notes = [note for note in notes if note[0]] or notes  # a cell id is better evidence than a call
            if notes:
                self.namespace[name] = notes[-1][1]
            found[name] = name in self.namespace
        return found

    def _parse(self, source: str, index: int) -> ast.Module:
        name = f"<cell {index}>"
        try:
            tree = compile(
                source, name, "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | self._flags
            )
        except SyntaxError:
            source = _without_magics(source)
            tree = compile(
                source, name, "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | self._flags
            )
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        assert isinstance(tree, ast.Module)
        return tree

    def _run_all(self, tree: ast.Module, index: int) -> None:
        for statement in tree.body:
            name = _checked_component(statement)
            if name is not None:
                self._note_binding(name, by_id=False)
                continue
            self._execute(statement, index)

    def _run_definitions(self, tree: ast.Module, index: int) -> None:
        for statement in tree.body:
            name = _checked_component(statement)
            if name is not None:
                self._note_binding(name, by_id=False)
            elif _is_definition(statement):
                self._execute(statement, index)
            else:
                for bound in _bound_names(statement):
                    if bound not in self.namespace:
                        self.skipped_names[bound] = index

    def _execute(self, statement: ast.stmt, index: int) -> None:
        module = ast.Module([statement], [])
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | self._flags
        try:
            code = compile(module, f"<cell {index}>", "exec", flags, dont_inherit=True)
            self._flags |= code.co_flags & FUTURES
            result = eval(code, self.namespace)
            if isinstance(result, types.CoroutineType):
                asyncio.run(result)
        except CellTimeout:
            raise
        except BaseException as error:
            self.errors.append(faults.describe(error, self.namespace) | {"cell": index})

    def _note_binding(self, name: str, *, by_id: bool) -> None:
        if name in self.namespace:
            self.at_check.setdefault(name, []).append((by_id, self.namespace[name]))

    def _record_syntax_error(self, source: str, grade_id: str, index: int, error: Exception) -> None:
        record = {
            "type": type(error).__name__,
            "message": str(getattr(error, "msg", None) or error)[:300],
            "line": getattr(error, "lineno", None),
            "cell": index,
        }
        self.errors.append(record)
        for match in DEFINITION.finditer(source):
            self.syntax_errors[match[1] or match[2]] = record
        if grade_id:
            self.syntax_errors[grade_id] = record


class _alarm:  # noqa: N801 - reads as the statement it is
    """Interrupts the block after so many seconds; again each second, should the block swallow it."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __enter__(self) -> None:
        def ring(*_: Any) -> None:
            raise CellTimeout

        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, self.seconds, 1.0)

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _without_magics(source: str) -> str:
    """Turn IPython's syntax into calls of a shell that does nothing; keep line numbers."""
    from IPython.core.inputtransformer2 import TransformerManager

    first = source.lstrip()
    if first.startswith("%%"):
        magic = first[2:].split(None, 1)[0] if first[2:].strip() else ""
        if magic not in PYTHON_CELL_MAGICS:
            return ""
        lines = source.splitlines(keepends=True)
        at = next(i for i, line in enumerate(lines) if line.strip())
        source = "".join([*lines[:at], "\n", *lines[at + 1 :]])
    return str(TransformerManager().transform_cell(source))  # type: ignore[no-untyped-call]


def _checked_component(statement: ast.stmt) -> str | None:
    """The name in a statement `check("name")`, if it is one."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Name(id="check"), args=[ast.Constant(value=str(name))])):
            return name
    return None


def _is_definition(statement: ast.stmt) -> bool:
    if isinstance(
        statement, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    ):
        return True
    if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        return not any(isinstance(node, ast.Call | ast.Await) for node in _evaluated(statement))
    return False


def _evaluated(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when the statement runs: the body of a lambda does not."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.Lambda) and child is node.body):
            yield from _evaluated(child)


def _bound_names(statement: ast.stmt) -> set[str]:
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    } | {node.name for node in ast.walk(statement) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
