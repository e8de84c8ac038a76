"""The lab `gan`: what each component must do, and how it is judged."""

from __future__ import annotations

from autograder.labs.image_networks import judge_discriminator, judge_generator
from autograder.labs.image_samples import judge_sample
from autograder.labs.initialisation import judge_init_weights
from autograder.labs.judge import Component

COMPONENTS = (  # in the order of the contract
    Component("Generator", "generator", judge_generator),
    Component("Discriminator", "discriminator", judge_discriminator),
    Component("init_weights", "init-weights", judge_init_weights),
    Component("sample", "sample", judge_sample, ("Generator",), ("Generator",)),
)
