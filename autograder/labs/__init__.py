"""The labs that this version grades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.labs.judge import Component

if TYPE_CHECKING:  # outcomes build on the labs' probes
    from autograder.outcomes.base import Outcome


@dataclass(frozen=True)
class Lab:
    """The components and outcomes of one lab, in the order of its notebook."""

    name: str
    title: str
    components: tuple[Component, ...]
    outcomes: tuple[Outcome, ...]  # none where nothing is trained

    @property
    def names(self) -> tuple[str, ...]:
        """Of everything that is judged by the grader itself."""
        return (*(c.name for c in self.components), *(o.name for o in self.outcomes))


def load_labs() -> dict[str, Lab]:
    """Every lab by its name."""
    from autograder.labs import ae, compare, gan, vae
    from autograder.outcomes import adversarial, autoencoder, variational

    return {
        "ae": Lab("ae", "AutoEncoder on MNIST", ae.COMPONENTS, autoencoder.OUTCOMES),
        "vae": Lab("vae", "Variational AutoEncoder on MNIST", vae.COMPONENTS, variational.OUTCOMES),
        "gan": Lab("gan", "DCGAN on abstract art", gan.COMPONENTS, adversarial.OUTCOMES),
        "compare": Lab("compare", "Comparing generative models", compare.COMPONENTS, ()),
    }
