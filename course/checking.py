"""`check("name")` asks the grader about one part of your work; `ready(...)` asks whether it is written."""

from __future__ import annotations

import dis
import importlib
import os
import sys
import threading
from pathlib import Path
from types import CodeType
from typing import Any


def check(name: str) -> Any:
    """Judge one component of the notebook, such as `check("Encoder")`, and return what was found.

    The same checks, with the same verdict, run when your work is graded. They look at what the name is
    bound to now, so run the cell above first. The result shows itself as a table in a notebook and as
    text in a terminal. Where the grader itself runs the notebook this does nothing.
    """
    if os.environ.get("GENLAB_WORKER") == "1":
        return None
    namespace = sys._getframe(1).f_globals
    try:
        judge = grader("notebook")
    except ImportError as error:
        print(error)
        return None
    return judge.check(name, namespace)


def warm_up() -> None:
    """Import in the background, while you read, what the first `check` and the first optimiser need.

    torch imports its compiler when the first optimiser is made, which takes a second.
    """

    def load() -> None:
        for module in ("torch._dynamo", "autograder.notebook"):
            try:
                importlib.import_module(module)
            except Exception:  # told where it is needed
                return

    threading.Thread(target=load, name="genlab-warm-up", daemon=True).start()


def ready(*names: str) -> bool:
    """Whether all these names exist and none of them still is the stub; if not, say which.

    It lets a notebook run from top to bottom while parts of it are still to be written.
    """
    if os.environ.get("GENLAB_WORKER") == "1":
        return False  # the grader only needs the definitions: nothing is trained or drawn there
    namespace = sys._getframe(1).f_globals
    missing = [name for name in names if name not in namespace]
    stubs = [name for name in names if name in namespace and _is_stub(namespace[name])]
    if stubs:
        print(f"Not yet: {_listed(stubs)} still to be written. Come back to this cell after that.")
    elif missing:
        print(f"Not yet: {_listed(missing)} not there. Run the cells above first.")
    return not (stubs or missing)


def _listed(names: list[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    text = quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
    return f"{text} {'is' if len(names) == 1 else 'are'}"


def _is_stub(thing: object) -> bool:
    """Whether a function, or a method of a class, can only end by raising NotImplementedError."""
    if isinstance(thing, type):
        return any(_is_stub(member) for member in vars(thing).values())
    code = getattr(thing, "__code__", None)
    if not isinstance(code, CodeType) or "NotImplementedError" not in code.co_names:
        return False
    # Finished code may raise it too, for a case that it does not handle; but it returns somewhere.
    return not any(step.opname.startswith("RETURN") for step in dis.get_instructions(code))


def grader(part: str) -> Any:
    """A module of this course's package `autograder`, such as "notebook".

    Raises:
        ImportError: it cannot be imported; the message says why and what to do.
    """
    try:
        package = importlib.import_module("autograder")
    except ImportError as error:
        raise ImportError(
            f"The grader is not available ({error}). Install the course again: pip install genlab "
            "from where you got it, into the Python that runs this notebook."
        ) from error
    home = Path(getattr(package, "__file__", None) or next(iter(getattr(package, "__path__", [""]))))
    folder = home.parent if home.suffix else home
    if not (folder / "policy.toml").is_file():  # every copy of our grader has it
        raise ImportError(
            f"Another package named `autograder` hides the grader of this course: {home}\n"
            "If you installed it with pip: pip uninstall autograder, then install the course again.\n"
            "If it is a file of your own: rename it. Restart the kernel after either."
        )
    try:
        return importlib.import_module(f"autograder.{part}")
    except ImportError as error:
        raise ImportError(
            f"The grader is installed but incomplete ({error}). Another package named `autograder` may have "
            "overwritten parts of it: pip uninstall autograder, then install the course again."
        ) from error
