"""Makes the short runs of the lab `gan`, right and wrong, with the grader's own functions; each is kept as a line.

As in the other labs: for each network four right runs from the same weights on the same batches, with other noise
(the grader's control, and three of a student's steps), then for some of them one run of each wrong class.
"""

from __future__ import annotations

from typing import Any

from autograder.labs.probing import Raised
from autograder.outcomes.adversarial import distances
from autograder.outcomes.adversarial_run import SIDES, AdversarialRun, adversarial_run
from autograder.outcomes.base import Context
from autograder.outcomes.pieces import Unusable
from solutions.calibrate import gan_styles as styles
from solutions.calibrate.jobs import RIGHT, Job, Record
from solutions.calibrate.short_runs import RIGHT_RUNS, context_of


def right_runs(network: int) -> Record:
    """The four right runs of one network."""
    context = context_of("gan", network, styles.source(styles.draw(network)))
    first = adversarial_run(context, "student", repeat=1)
    start = {side: first.weights[side][0] for side in SIDES}
    runs = [adversarial_run(context, "control", start), first]
    runs += [adversarial_run(context, "student", start, repeat=i) for i in range(2, RIGHT_RUNS)]
    return {"runs": [described(context, run) for run in runs]}


def wrong_run(network: int, fault: str) -> Record:
    """One run of a wrong class, from the weights and on the batches of the right ones."""
    context = context_of("gan", network, styles.FAULTS[fault].applied(styles.source(styles.draw(network))))
    try:
        return {"runs": [described(context, adversarial_run(context, "student", repeat=1))]}
    except (Raised, Unusable) as error:
        return {"runs": [{"diverged": True, "why": str(error)[:200]}]}


def described(context: Context, run: AdversarialRun) -> Record:
    """What is kept of a run."""
    segments = range(len(run.weights["generator"]) - 1)
    kept: dict[str, Any] = {
        "steps": run.steps,
        "diverged": any(run.diverged(side) for side in SIDES),
        "finite": all(run.finite.values()),
        "updates": {side: list(run.updates[side]) for side in SIDES},
        "moved": {side: [run.moved(side, i) for i in segments] for side in SIDES},
    }
    if not run.diverged("generator"):
        found = distances(context, run)
        kept |= {"untrained": found.untrained, "reached": found.reached}
    return kept


def jobs(networks: range, *, with_faults: int) -> list[Job]:
    """What there is to measure: the right runs of all networks, and of the first ones every wrong class."""
    found = [Job(n, RIGHT, right_runs, (n,), styles.draw(n).name) for n in networks]
    for n in networks[:with_faults]:
        found += [Job(n, fault, wrong_run, (n, fault), styles.draw(n).name) for fault in styles.FAULTS]
    return found
