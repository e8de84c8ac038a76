"""The lab `gan`: what each component must do, and how it is judged."""

from __future__ import annotations

from autograder.labs.judge import Component

COMPONENTS: tuple[Component, ...] = ()  # in the order of the contract
