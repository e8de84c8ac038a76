"""The lab `gan`: what each component must do, and how it is judged."""

from __future__ import annotations

from autograder.labs.adversarial_losses import judge_discriminator_loss, judge_generator_loss
from autograder.labs.adversarial_optimizers import judge_make_optimizers
from autograder.labs.adversarial_steps import judge_step
from autograder.labs.image_networks import judge_discriminator, judge_generator
from autograder.labs.image_samples import judge_sample
from autograder.labs.initialisation import judge_init_weights
from autograder.labs.judge import Component

NETWORKS = ("Generator", "Discriminator")
LOSSES = ("discriminator_loss", "generator_loss")
STEPS = ("discriminator_step", "generator_step")
COMPONENTS = (  # in the order of the contract
    Component("Generator", "generator", judge_generator),
    Component("Discriminator", "discriminator", judge_discriminator),
    Component("init_weights", "init-weights", judge_init_weights),
    Component("discriminator_loss", "discriminator-loss", judge_discriminator_loss),
    Component("generator_loss", "generator-loss", judge_generator_loss),
    Component("make_optimizers", "make-optimizers", judge_make_optimizers),
    Component("discriminator_step", "discriminator-step", judge_step, LOSSES[:1], (*NETWORKS, *LOSSES[:1])),
    Component("generator_step", "generator-step", judge_step, LOSSES[1:], (*NETWORKS, *LOSSES[1:])),
    Component("train_step", "train-step", judge_step, (*LOSSES, *STEPS), (*NETWORKS, *LOSSES, *STEPS)),
    Component("sample", "sample", judge_sample, ("Generator",), ("Generator",)),
)
