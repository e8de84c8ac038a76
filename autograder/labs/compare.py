"""The lab `compare`: what each component must do, and how it is judged. There is nothing to train."""

from __future__ import annotations

from autograder.labs.judge import Component
from autograder.labs.metric_coverage import judge_mode_coverage
from autograder.labs.metric_frechet import judge_frechet_distance
from autograder.labs.metric_precision import judge_precision_recall
from autograder.labs.metric_separability import judge_latent_separability
from autograder.labs.metric_table import judge_comparison_table

COMPONENTS = (  # in the order of the contract
    Component("frechet_distance", "frechet-distance", judge_frechet_distance),
    Component("precision_recall", "precision-recall", judge_precision_recall),
    Component("mode_coverage", "mode-coverage", judge_mode_coverage),
    Component("latent_separability", "latent-separability", judge_latent_separability),
    Component("comparison_table", "comparison-table", judge_comparison_table),
)
