"""What calibration found in the lab `gan`, in the form of the other labs' summaries."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from autograder.metrics import SampleQuality
from autograder.metrics.art import ArtQuality
from autograder.outcomes.adversarial import UPDATES, Distances, movement, shortfall
from autograder.outcomes.adversarial_run import SIDES
from autograder.outcomes.trained_gan import credit, fault
from autograder.policy import load_policy
from solutions.calibrate.gan_styles import FAULTS
from solutions.calibrate.jobs import DEFAULT_RUN, RIGHT, Record
from solutions.calibrate.summary import FAR, rounded
from solutions.calibrate.tail import exceedance

MEASURES = ("frechet_distance", "kernel_distance", "class_coverage", "copied", "diversity", "checkerboard")
STATISTICS = {  # outcome, title, what is measured
    "learns.shortfall": ("learns", "Missed share of the fall in Fréchet distance",
        "How much less the distance falls than in a control run, as a share of the control's fall (of its logarithm, over "
        "the second half of the run). Code whose components are all right is given a second run, and the better one counts."),
    "training_dynamics.still": ("training_dynamics", "How much less a side moves at the end",
        "Of the two networks the one whose weights move less in the last segment than the control's: how many times "
        "less, as a natural logarithm. Code whose components are all right is given a second run, and the better one counts."),
}  # fmt: skip


def distances(run: Record) -> Distances:
    """The distances of a run as the grader holds them."""
    return Distances(run["untrained"], run["reached"])


def compared(run: Record, control: Record, settings: dict[str, Any]) -> dict[str, float]:
    """Every statistic by which one run is judged beside a control; fewer where the control tells little."""
    found = {}
    lost = run.get("diverged") or not run.get("finite", True)
    if distances(control).fall >= float(settings["learns_telling"]):
        far = lost or "reached" not in run
        found["learns.shortfall"] = FAR if far else min(shortfall(distances(run), distances(control)), FAR)
    ratios = (
        [movement(run["moved"][side][-1], control["moved"][side][-1]) for side in SIDES]
        if not lost
        else [0.0]
    )
    found["training_dynamics.still"] = min(-math.log(max(min(ratios), 1e-9)), FAR)
    return found


def thresholds(settings: dict[str, Any]) -> dict[str, float]:
    """Where each statistic fails."""
    return {
        "learns.shortfall": float(settings["learns_shortfall"]),
        "training_dynamics.still": -math.log(float(settings["dynamics_still"])),
    }


def failed(run: Record, control: Record, settings: dict[str, Any]) -> set[str]:
    """The outcomes that fail a run."""
    over = {
        STATISTICS[name][0]
        for name, value in compared(run, control, settings).items()
        if value > thresholds(settings)[name]
    }
    if run.get("diverged") or any(run["updates"][side] != [UPDATES[side] * run["steps"]] for side in SIDES):
        over.add("training_dynamics")
    if "reached" not in run:
        over.add("learns")
    return over


def short_runs(lines: Sequence[Record]) -> dict[str, Any]:
    """Statistics of the short runs, right pairs against wrong classes."""
    settings = load_policy().outcomes["gan"]
    networks = {line["network"]: line for line in lines if line["class"] == RIGHT}
    right = [list(pairs(line, settings)) for line in networks.values()]
    wrong: dict[str, list[tuple[Record, Record]]] = {}
    for line in lines:
        if line["class"] != RIGHT and line["network"] in networks:
            control = networks[line["network"]]["runs"][0]
            wrong.setdefault(line["class"], []).append((line["runs"][0], control))
    statistics = []
    for name, (outcome, title, what) in STATISTICS.items():
        groups = [
            group for group in ([pair[name] for pair in found if name in pair] for found in right) if group
        ]
        limit = thresholds(settings)[name]
        statistics.append({
            "name": name, "outcome": outcome, "title": title, "what": what, "unit": "", "side": "above",
            "threshold": limit, "right": rounded(value for group in groups for value in group),
            "wrong": {kind: rounded(values[name] for values in (compared(*pair, settings) for pair in found) if name in values)
                      for kind, found in sorted(wrong.items())},
            "false_fail": {"networks": len(groups), **asdict(exceedance(groups, limit))},
        })  # fmt: skip
    return {
        "runs": {
            "right": sum(len(line["runs"]) for line in networks.values()),
            "networks": len(networks),
            "pairs": sum(len(found) for found in right),
            "wrong": sum(len(found) for found in wrong.values()),
        },
        "statistics": statistics,
        "caught": {kind: caught(found, settings) for kind, found in sorted(wrong.items())},
        "by_name_left": {kind: FAULTS[kind].left for kind in sorted(wrong) if FAULTS[kind].left},
    }


def pairs(line: Record, settings: dict[str, Any]) -> Iterator[dict[str, float]]:
    """Of the right runs of one network each as the control, and any two others as a student's: the better of both counts."""
    runs = line["runs"]
    for i, control in enumerate(runs):
        others = [compared(run, control, settings) for k, run in enumerate(runs) if k != i]
        for one, other in itertools.combinations(others, 2):
            yield {name: min(one[name], other[name]) for name in one if name in other}


def caught(found: Sequence[tuple[Record, Record]], settings: dict[str, Any]) -> dict[str, dict[str, int]]:
    """How many runs of a wrong class the outcomes fail."""
    counts = {name: {"runs": len(found), "caught": 0} for name in ("either", "learns", "training_dynamics")}
    for run, control in found:
        over = failed(run, control, settings)
        for name, count in counts.items():
            count["caught"] += bool(over) if name == "either" else name in over
    return counts


def trained_models(lines: Sequence[Record]) -> dict[str, Any]:
    """Statistics of the trained models, and what each kind is worth."""
    settings = load_policy().outcomes["gan"]
    kinds: dict[str, list[Record]] = {}
    for line in lines:
        for model in line["models"]:
            right = line["class"] in (RIGHT, DEFAULT_RUN)
            kinds.setdefault(
                f"{line['class']}, {model['steps']} steps" if right else line["class"], []
            ).append(model)
    table = {}
    for kind, models in kinds.items():
        usable = [model for model in models if "unusable" not in model]
        credits = [credit(quality(model), settings) for model in usable]
        named: dict[str, int] = {}
        for model, worth in zip(usable, credits, strict=True):
            if worth < 1:
                name = fault(quality(model), settings)[1]
                named[name] = named.get(name, 0) + 1
        table[kind] = {
            "models": len(models),
            "full points": sum(value >= 1 for value in credits),
            "credit": rounded([*credits, *[0.0] * (len(models) - len(usable))]),
            "named": named,
            **{name: rounded(model[name] for model in usable) for name in MEASURES},
        }
    return {
        "thresholds": {key: value for key, value in settings.items() if key.startswith("trained_")},
        "kinds": table,
    }


def quality(model: Record) -> ArtQuality:
    """A measured model as the grader holds it."""
    samples = SampleQuality(**{name: model[name] for name in SampleQuality.__dataclass_fields__})
    own = (name for name in ArtQuality.__dataclass_fields__ if name != "samples")
    return ArtQuality(samples, **{name: model[name] for name in own})
