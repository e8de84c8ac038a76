"""What judging an outcome needs, and the result it gives."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, cast

from autograder.labs.probing import Asks
from autograder.policy import Policy
from autograder.reports.model import ComponentStatus, Finding

T = TypeVar("T")


class Workers(Protocol):
    """Gives workers that hold the student's definitions."""

    def fork(self) -> contextlib.AbstractContextManager[Asks]: ...

    def apart(self) -> contextlib.AbstractContextManager[Asks]: ...


@dataclass(frozen=True)
class Verdict:
    """An outcome's judgement: a share of its points, and what to say."""

    credit: float
    findings: tuple[Finding, ...]
    status: ComponentStatus | None = None  # where it is not pass, partial or fail by the credit


@dataclass(frozen=True)
class Context:
    """One submission, as the outcomes see it."""

    lab: str
    policy: Policy
    settings: Mapping[str, Any]
    seed: int
    workers: Workers
    checkpoint: Callable[[], bytes]  # raises CheckpointError
    statuses: Mapping[str, ComponentStatus] = field(default_factory=dict)  # of the components judged so far
    kept: dict[str, Any] = field(default_factory=dict)  # what several outcomes of a submission look at

    @property
    def timeout(self) -> float:
        return float(self.policy.limits["outcome_seconds"])

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives, or raises, made at most once for all outcomes of a submission."""
        if name not in self.kept:
            try:
                self.kept[name] = make()
            except Exception as error:
                self.kept[name] = error
        found = self.kept[name]
        if isinstance(found, Exception):
            raise found
        return cast("T", found)

    def link(self, anchor: str) -> str:
        return f"{self.policy.site}/{self.lab}/#{anchor}"

    def seed_for(self, name: str) -> int:
        return derive(self.seed, name)

    def mend_first(self, names: tuple[str, ...]) -> str:
        """Words that name the components that did not pass, because an outcome suffers from them."""
        bad = [name for name in names if self.statuses.get(name, "pass") not in ("pass",)]
        return f"First mend {', '.join(f'`{name}`' for name in bad)}, which this builds on. " if bad else ""


class Failed(Protocol):
    """Makes the verdict on an outcome that fails."""

    def __call__(self, message: str, misconception: str | None = None, credit: float = 0.0) -> Verdict: ...


def failing(context: Context, check: str, needs: tuple[str, ...]) -> Failed:
    """What makes the verdict where `check` fails; it first names the components to mend among `needs`."""
    link, first = context.link(check.replace("_", "-")), context.mend_first(needs)

    def failed(message: str, misconception: str | None = None, credit: float = 0.0) -> Verdict:
        return Verdict(credit, (Finding(check, "fail", first + message, misconception, link),))

    return failed


@dataclass(frozen=True)
class Outcome:
    """Something that training the student's code, or their checkpoint, must show."""

    name: str
    anchor: str
    needs: tuple[str, ...]  # components that it runs
    judge: Callable[[Context], Verdict]


def derive(seed: int, *parts: str) -> int:
    """A seed for one purpose, from the recorded one."""
    text = "/".join([str(seed), *parts])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % 2**31
