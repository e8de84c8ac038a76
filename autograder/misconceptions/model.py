"""What a named mistake is, and how a file of the catalogue writes many of them down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Shows = Literal["numeric", "effect"]
Variants = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True)
class Mistake:
    """One known wrong implementation of one component. All other components are right ones then.

    What the student did is told by the check that finds it; the catalogue adds what to look at.
    """

    lab: str
    component: str
    name: str  # stable, such as "kl-sign-flipped"; the same as `Finding.misconception`
    variant: str  # tells implementations of one name apart, in words; "" for the plainest
    code: str  # what a student would write for the component
    look: str  # one sentence: what to look at, without the answer
    shows: Shows  # in numbers that come back, or in what happens to a model, gradients, modes, random state
    also: tuple[str, ...] = ()  # further names that are true of it: of a second mistake in the same code

    @property
    def key(self) -> str:
        """ "lab.component.name" or "lab.component.name.variant", with dashes in the variant."""
        parts = [self.lab, self.component, self.name, *([self.variant] if self.variant else [])]
        return ".".join(part.replace(" ", "-").replace(".", "-") for part in parts)


@dataclass(frozen=True)
class Known:
    """A name with what to look at, and the ways in which students write it.

    A way is the code, or a tuple of the code and further names that are true of it.
    """

    look: str
    variants: Variants
    shows: Shows | None = None  # None: as most of its component


Entries = Mapping[str, Known | Variants]  # by name; without words of its own, a name has the common ones


def written_down(
    lab: str, component: str, shows: Shows, known: Entries, common: Mapping[str, str]
) -> tuple[Mistake, ...]:
    """The mistakes of one component, in order.

    Args:
        shows: how they show, where a name does not say otherwise.
        known: the mistakes by name.
        common: what to look at, by name.

    Raises:
        KeyError: a name has neither words of its own nor common ones.
    """
    found = []
    for name, entry in known.items():
        if not isinstance(entry, Known):
            entry = Known(common[name], entry)
        for variant, code in entry.variants.items():
            text, *also = (code,) if isinstance(code, str) else code
            found.append(
                Mistake(lab, component, name, variant, text.strip() + "\n", entry.look, entry.shows or shows, tuple(also))
            )  # fmt: skip
    return tuple(found)
