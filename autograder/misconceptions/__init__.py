"""The catalogue of misconceptions: named wrong implementations, and what to look at for each."""

from __future__ import annotations

from functools import cache

from autograder.misconceptions.model import Mistake


@cache
def load_catalogue() -> tuple[Mistake, ...]:
    """Every named mistake, lab by lab, in the order of the components."""
    from autograder.misconceptions import (
        ae,
        gan_losses,
        gan_networks,
        gan_steps,
        vae_functions,
        vae_losses,
        vae_networks,
    )

    modules = (ae, vae_networks, vae_losses, vae_functions, gan_networks, gan_losses, gan_steps)
    return tuple(mistake for module in modules for mistake in module.MISTAKES)
