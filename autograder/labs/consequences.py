"""One mistake is told once: what follows from a finding, and is no second mistake, is left out."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.reports.model import Finding

# By the name of the cause, what else such code looks like to other checks.
FOLLOWS: dict[str, tuple[str, ...]] = {
    "graph-cut": ("input-ignored",),  # influence is read from gradients
    "optimizer-changed": ("carried-over", "step-length"),
    "requires-grad-changed": ("carried-over",),
    "sample-in-train-mode": ("sample-trains",),  # running statistics move in train mode
    "evaluate-in-train-mode": ("evaluate-trains",),
    "sample-trains": ("not-decoded", "not-generated"),  # later pictures come from changed weights
    "samples-through-the-encoder": (
        "noise-off-centre",
        "noise-scaled",
        "noise-dependent",
        "noise-not-normal",
        "not-decoded",
    ),
    "input-modified": ("graph-cut",),  # torch forbids it where the input wants gradients
    "loss-not-finite": ("log-of-sigmoid", "log-of-zero"),
    "eps-missing": ("noise-not-fresh",),
    "noise-missing": ("graph-cut",),  # no gradient reaches what is not used
    "std-missing": ("graph-cut",),
    "mean-left-out": ("graph-cut",),
    "parameters-ignored": ("graph-cut", "input-ignored"),
}


def without_consequences(findings: Iterable[Finding]) -> list[Finding]:
    """The findings without the failures that follow from another one, in the same order."""
    found = list(findings)
    failed = {finding.misconception for finding in found if finding.status == "fail"}
    explained = {name for cause in failed if cause is not None for name in FOLLOWS.get(cause, ())}
    return [
        finding for finding in found if finding.status != "fail" or finding.misconception not in explained
    ]
