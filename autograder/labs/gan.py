"""The lab `gan`: what each component must do, and how it is judged."""

from __future__ import annotations

from autograder.labs.image_networks import judge_discriminator, judge_generator
from autograder.labs.judge import Component

COMPONENTS = (  # in the order of the contract
    Component("Generator", "generator", judge_generator),
    Component("Discriminator", "discriminator", judge_discriminator),
)
