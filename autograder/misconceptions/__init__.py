"""The catalogue of misconceptions: named wrong implementations, and what to look at for each."""

from __future__ import annotations

from functools import cache

from autograder.misconceptions.common import LOOKS
from autograder.misconceptions.model import Mistake


@cache
def load_catalogue() -> tuple[Mistake, ...]:
    """Every named mistake, lab by lab, in the order of the components."""
    from autograder.misconceptions import (
        ae,
        compare,
        gan_losses,
        gan_networks,
        gan_steps,
        vae_functions,
        vae_losses,
        vae_networks,
    )

    modules = (ae, vae_networks, vae_losses, vae_functions, gan_networks, gan_losses, gan_steps, compare)
    return tuple(mistake for module in modules for mistake in module.MISTAKES)


def look_at(lab: str | None, component: str, name: str | None) -> str | None:
    """What to look at for a misconception that a check named; None where the catalogue has no words for it."""
    if name is None:
        return None
    return _looks().get((lab, component, name), LOOKS.get(name))


@cache
def _looks() -> dict[tuple[str | None, str, str], str]:
    return {(m.lab, m.component, m.name): m.look for m in load_catalogue()}
