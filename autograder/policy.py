"""The grading policy as data: read from a TOML file, validated, with errors that name the key."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEFAULT = Path(__file__).with_name("policy.toml")
NUMBER = (int, float)


class PolicyError(Exception):
    """The policy file cannot be used; the message says which key and what is expected."""


@dataclass(frozen=True)
class LabPolicy:
    """Points of one lab, by name, in the order of the notebook."""

    components: dict[str, float]
    outcomes: dict[str, float]
    discussion: dict[str, float]

    @property
    def points(self) -> dict[str, float]:
        """All points by name: components, outcomes, discussion."""
        return self.components | self.outcomes | self.discussion


@dataclass(frozen=True)
class Policy:
    """Everything an instructor may set."""

    name: str
    seed: int
    site: str
    limits: dict[str, float]
    relative: float  # tolerance
    absolute: float
    credit: dict[str, float]  # what a flaw of each severity leaves of a component's points
    outcomes: dict[str, dict[str, Any]]  # bands and short runs, by lab
    labs: dict[str, LabPolicy]


def load_policy(path: Path | None = None) -> Policy:
    """Read the default policy, or the default overlaid by the keys of a file.

    Raises:
        PolicyError: the file cannot be read, has an unknown key, or a value of the wrong kind.
    """
    default = _read(DEFAULT)
    if path is not None:
        _overlay(default, _read(path), where=str(path))
    labs = {
        lab: LabPolicy(*(dict(table[part]) for part in ("components", "outcomes", "discussion")))
        for lab, table in default["labs"].items()
    }
    return Policy(
        name=default["name"],
        seed=default["seed"],
        site=default["site"].rstrip("/"),
        limits=default["limits"],
        relative=default["tolerance"]["relative"],
        absolute=default["tolerance"]["absolute"],
        credit=default["credit"],
        outcomes={lab: table.get("settings", {}) for lab, table in default["labs"].items()},
        labs=labs,
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"cannot read the policy {path}: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"the policy {path} is not TOML: {error}") from None


def _overlay(base: dict[str, Any], changes: dict[str, Any], *, where: str, key: str = "") -> None:
    """Replace values of `base` by those of `changes`, which may only name what is there."""
    for name, value in changes.items():
        full = f"{key}.{name}".lstrip(".")
        if name not in base:
            raise PolicyError(f"{where}: unknown key `{full}`; known here: {', '.join(base)}")
        if isinstance(base[name], dict):
            if not isinstance(value, dict):
                raise PolicyError(f"{where}: `{full}` is a table, not {value!r}")
            _overlay(base[name], value, where=where, key=full)
            continue
        wanted = (
            NUMBER
            if isinstance(base[name], NUMBER) and not isinstance(base[name], bool)
            else type(base[name])
        )
        if not isinstance(value, wanted) or isinstance(value, bool) != isinstance(base[name], bool):
            raise PolicyError(f"{where}: `{full}` should be like {base[name]!r}, not {value!r}")
        if isinstance(value, NUMBER) and value < 0:
            raise PolicyError(f"{where}: `{full}` is {value}; it cannot be negative")
        base[name] = value
