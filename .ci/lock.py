"""Writes `requirements.lock`: the versions that this environment holds, as constraints for pip.

`make lock` runs it. To move to newer versions: `.venv/bin/python -m pip install -U -e ".[test]"`, then
`make test`, then `make lock`. Local version suffixes (`2.13.0+cpu`) are dropped, so that the same file
serves every build of a package; nothing about the index they came from is written.
"""

from __future__ import annotations

import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path

from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
OURS = {"genlab", "pip"}
HEADER = (
    "# Versions that the tests passed with, as constraints: pip install -c requirements.lock -e .\n"
    "# Written by `make lock`; see .ci/lock.py.\n"
)


def locked() -> list[str]:
    """One `name==version` for each installed distribution, sorted by name."""
    versions = {
        dist.name.lower().replace("_", "-"): dist.version.split("+")[0]
        for dist in distributions()
        # CUDA libraries follow from the build of torch that the platform chooses.
        if dist.name.lower() not in OURS and not dist.name.lower().startswith(("nvidia", "triton"))
    }
    return [f"{name}=={version}" for name, version in sorted(versions.items())]


def too_new() -> list[str]:
    """Installed distributions that the oldest Python of pyproject.toml cannot install."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest = project["requires-python"].removeprefix(">=") + ".0"
    return [
        f"{dist.name} {dist.version} needs Python {needs}, but genlab promises {oldest}: install an older version"
        for dist in distributions()
        if (needs := dist.metadata.get("Requires-Python")) and oldest not in SpecifierSet(needs)
    ]


if __name__ == "__main__":
    if problems := too_new():
        sys.exit("\n".join(problems))
    LOCK.write_text(HEADER + "\n".join(locked()) + "\n", encoding="utf-8")
    print(f"{LOCK.name}: {len(locked())} versions")
