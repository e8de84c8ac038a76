"""nbgrader with the sandboxed grader of this course; `autograder/gradebook/config.py` says what it sets."""

try:
    from autograder.gradebook.config import configure
except ImportError as error:
    # nbgrader goes on without a configuration that fails, and would then run student code unprotected.
    raise SystemExit(f"nbgrader_config.py: genlab is not installed in this Python ({error}).") from error

configure(get_config(), __file__)  # noqa: F821  (traitlets gives `get_config` to this file)
