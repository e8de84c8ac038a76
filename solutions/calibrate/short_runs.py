"""Makes the short runs of right and wrong submissions, with the grader's own functions, and keeps each as a line.

For each network four right runs from the same weights on the same batches, with other noise: the grader's
control and three of a student's steps. Every ordered pair of them is what the grader could have compared.
Then, for some networks, one run of each wrong class, to be compared with that control.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder.labs.probing import Raised
from autograder.notebook import NamespaceWorkers
from autograder.outcomes import autoencoder, variational
from autograder.outcomes.base import Context, derive
from autograder.outcomes.learning import Evaluate
from autograder.outcomes.short_run import Recipe, Run, short_run
from autograder.policy import load_policy
from solutions.calibrate import styles, wrong
from solutions.calibrate.jobs import RIGHT, Job, Record

RIGHT_RUNS = 4


@dataclass(frozen=True)
class Lab:
    """What calibration needs of one lab."""

    recipe: Recipe
    evaluate: Evaluate
    source: Callable[[styles.Style], dict[str, str]]
    faults: dict[str, wrong.Fault]


LABS = {
    "ae": Lab(autoencoder.RECIPE, autoencoder.short_run_losses, styles.ae_source, wrong.AE_FAULTS),
    "vae": Lab(variational.RECIPE, variational.short_run_losses, styles.vae_source, wrong.VAE_FAULTS),
}


def context_of(lab: str, network: int, source: dict[str, str]) -> Context:
    """The grader's view of a submission with these components, in this process."""
    namespace: dict[str, Any] = {
        "torch": torch,
        "nn": nn,
        "F": F,
        "math": math,
        "np": np,
        "__name__": "student",
    }
    exec("\n".join(source.values()), namespace)  # our own text
    policy = load_policy()
    return Context(
        lab,
        policy,
        policy.outcomes[lab],
        derive(policy.seed, "calibration", lab, str(network)),
        NamespaceWorkers(namespace),
        lambda: b"",
    )


def right_runs(lab: str, network: int) -> Record:
    """The four right runs of one network."""
    chosen, style = LABS[lab], styles.draw(network)
    context = context_of(lab, network, chosen.source(style))
    first = short_run(context, chosen.recipe, "student", repeat=1)
    runs = [short_run(context, chosen.recipe, "control", first.start), first]
    runs += [short_run(context, chosen.recipe, "student", repeat=i) for i in range(2, RIGHT_RUNS)]
    found = chosen.evaluate(context, [first.start, *(run.end for run in runs)])
    losses = found.losses
    return {
        "before": losses[0],
        "plateau": found.plateau,
        "runs": [described(lab, run, loss) for run, loss in zip(runs, losses[1:], strict=True)],
    }


def wrong_run(lab: str, network: int, fault: str) -> Record:
    """One run of a wrong class, from the weights and on the batches of the right ones."""
    chosen, style = LABS[lab], styles.draw(network)
    context = context_of(lab, network, chosen.faults[fault].applied(chosen.source(style)))
    try:
        run = short_run(context, chosen.recipe, "student", repeat=1)
        if run.diverged():
            return {"runs": [{"diverged": True}]}
        return {"runs": [described(lab, run, chosen.evaluate(context, [run.end]).losses[0])]}
    except (Raised, autoencoder.Unusable) as error:
        return {"runs": [{"diverged": True, "why": str(error)[:200]}]}


def described(lab: str, run: Run, loss: float) -> Record:
    """What is kept of a run."""
    kept: Record = {"loss": loss, "moved": run.moved()}
    if lab == "vae":
        curve = variational.kl_curve(run)
        kept |= {"kl": list(curve.values), "spread": list(curve.spreads), "active": curve.active}
    return kept


def jobs(lab: str, networks: range, *, with_faults: int) -> list[Job]:
    """What there is to measure: the right runs of all networks, and of the first narrow ones every wrong class."""
    found = [Job(n, RIGHT, right_runs, (lab, n), styles.draw(n).name) for n in networks]
    for n in [n for n in networks if styles.draw(n).narrow][:with_faults]:
        found += [
            Job(n, fault, wrong_run, (lab, n, fault), styles.draw(n).name) for fault in LABS[lab].faults
        ]
    return found
