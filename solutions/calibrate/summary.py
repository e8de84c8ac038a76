"""What calibration found: distributions, thresholds, false fails, what is caught; one small file a lab."""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from autograder import __version__
from autograder.metrics import SampleQuality
from autograder.outcomes import autoencoder
from autograder.outcomes.learning import shortfall
from autograder.outcomes.trained_vae import Trained, credit, fault
from autograder.outcomes.variational import KlCurve, apart
from autograder.policy import load_policy
from solutions.calibrate.jobs import DEFAULT_RUN, RIGHT, Record
from solutions.calibrate.short_runs import LABS
from solutions.calibrate.tail import exceedance

FOLDER = Path(__file__).parents[2] / "autograder" / "outcomes" / "calibration"
TELLING = 4.0  # nats: a network whose control KL stays below hides what a wrong step does to its codes
DIVERGED = 9.0  # stands for "beyond every axis"
MEASURES = (
    "loss",
    "kl",
    "frechet_distance",
    "kernel_distance",
    "class_coverage",
    "copied",
)  # of trained models
STATISTICS = {
    "learns.shortfall": (
        "learns",
        "learns_shortfall",
        "Missed share of the fall in held-out loss",
        "How much less the held-out loss falls than in a control run, as a share of the control's fall.",
    ),
    "kl_behaviour.collapse": (
        "kl_behaviour",
        "kl_collapse",
        "How far the KL settles below the control's",
        "Difference of log(KL + 3), of the last two looks the smaller one: large where the posterior collapses.",
    ),
    "kl_behaviour.runaway": (
        "kl_behaviour",
        "kl_runaway",
        "How far the KL settles above the control's",
        "Difference of log(KL + 3), of the last two looks the smaller one: large where the KL runs away.",
    ),
}


def compared(run: Record, control: Record, before: float) -> dict[str, float]:
    """Every statistic of one run against a control."""
    if run.get("diverged") or not math.isfinite(run["loss"]):
        return dict.fromkeys(STATISTICS, DIVERGED)
    found = {"learns.shortfall": min(shortfall(before, run["loss"], control["loss"]), DIVERGED)}
    if "kl" in run:
        above, below = apart(*(KlCurve(tuple(each["kl"]), each["active"]) for each in (run, control)))
        found |= {"kl_behaviour.runaway": min(above, DIVERGED), "kl_behaviour.collapse": below}
    return found


def short_runs(lab: str, lines: Sequence[Record]) -> dict[str, Any]:
    """Statistics of the short runs, right pairs against wrong classes."""
    settings = load_policy().outcomes[lab]
    networks = {line["network"]: line for line in lines if line["class"] == RIGHT}
    right = {network: list(pairs(line)) for network, line in networks.items()}
    wrong: dict[str, list[tuple[Record, Record, dict[str, float]]]] = {}
    for line in lines:
        if line["class"] != RIGHT and line["network"] in networks:
            own = networks[line["network"]]
            run, control = line["runs"][0], own["runs"][0]
            wrong.setdefault(line["class"], []).append((run, control, compared(run, control, own["before"])))
    names = list(next(iter(right.values()))[0])
    statistics = []
    for name in names:
        outcome, key, title, what = STATISTICS[name]
        groups = [[pair[name] for pair in found] for found in right.values()]
        statistics.append({
            "name": name, "outcome": outcome, "title": title, "what": what, "unit": "", "side": "above",
            "threshold": settings[key], "right": rounded(value for group in groups for value in group),
            "wrong": {kind: rounded(each[2][name] for each in found) for kind, found in sorted(wrong.items())},
            "false_fail": asdict(exceedance(groups, settings[key])),
        })  # fmt: skip
    return {
        "runs": {
            "right": sum(len(line["runs"]) for line in networks.values()),
            "networks": len(networks),
            "pairs": sum(len(found) for found in right.values()),
            "wrong": sum(len(found) for found in wrong.values()),
        },
        "statistics": statistics,
        "caught": {kind: caught(found, settings) for kind, found in sorted(wrong.items())},
        "by_name_left": {
            kind: LABS[lab].faults[kind].left for kind in sorted(wrong) if LABS[lab].faults[kind].left
        },
    }


def pairs(line: Record) -> Iterator[dict[str, float]]:
    """Every ordered pair of the right runs of one network: either could have been the control."""
    for i, run in enumerate(line["runs"]):
        for k, control in enumerate(line["runs"]):
            if i != k:
                yield compared(run, control, line["before"])


def caught(
    found: Sequence[tuple[Record, Record, dict[str, float]]], settings: dict[str, Any]
) -> dict[str, dict[str, int]]:
    """How many runs of a wrong class each outcome fails; those of networks that use their latents apart."""
    counts: dict[str, dict[str, int]] = {}
    for run, control, values in found:
        failed = {
            STATISTICS[name][0] for name, value in values.items() if value > settings[STATISTICS[name][1]]
        }
        if run.get("moved", 1.0) < 0.1 * control["moved"]:
            failed |= {STATISTICS[name][0] for name in values}
        telling = "kl" not in control or control["kl"][-1] >= TELLING
        outcomes = {STATISTICS[name][0] for name in values}
        for key in (
            "either",
            *sorted(outcomes),
            *(["either, networks that use their latents"] if telling else []),
        ):
            count = counts.setdefault(key, {"runs": 0, "caught": 0})
            count["runs"] += 1
            count["caught"] += bool(failed) if key.startswith("either") else key in failed
    return counts


def trained_models(lab: str, lines: Sequence[Record]) -> dict[str, Any]:
    """Statistics of the trained models, and what each kind is worth."""
    settings = load_policy().outcomes[lab]
    kinds: dict[str, list[Record]] = {}
    for line in lines:
        for model in line["models"]:
            right = line["class"] in (RIGHT, DEFAULT_RUN)
            kind = f"{line['class']}, {model['epochs']} epochs" if right else line["class"]
            kinds.setdefault(kind, []).append(model)
    table = {}
    for kind, models in kinds.items():
        usable = [model for model in models if "unusable" not in model]
        credits = [worth(lab, model, settings) for model in usable]
        credits += [0.0] * (len(models) - len(usable))
        named: dict[str, int] = {}
        for model in usable:
            if lab == "vae" and worth(lab, model, settings) < 1:
                name = fault(trained(model), settings)[1]
                named[name] = named.get(name, 0) + 1
        table[kind] = {
            "models": len(models),
            "full points": sum(value >= 1 for value in credits),
            "credit": rounded(credits),
            "named": named,
            **{
                name: rounded(model[name] for model in usable)
                for name in MEASURES
                if name in (usable or models)[0]
            },
        }
    return {
        "thresholds": {key: value for key, value in settings.items() if key.startswith("trained_")},
        "kinds": table,
    }


def worth(lab: str, model: Record, settings: dict[str, Any]) -> float:
    """The share of the points of `trained_model` that a measured model gets."""
    return autoencoder.credit(model["loss"], settings) if lab == "ae" else credit(trained(model), settings)


def trained(model: Record) -> Trained:
    """The measured model as the grader holds it."""
    quality = SampleQuality(**{name: model[name] for name in SampleQuality.__dataclass_fields__})
    return Trained(model["loss"], model["kl"], model["active"], quality)


def rounded(values: Any) -> list[float]:
    """Four digits are enough for a picture."""
    return [float(f"{value:.4g}") for value in values]


def write(lab: str, short: Sequence[Record], models: Sequence[Record], command: str) -> Path:
    """Write the summary of a lab, with what made it; return its path."""
    content: dict[str, Any] = {
        "command": command,
        "versions": {"genlab": __version__, "torch": torch.__version__.split("+")[0]},
        "machine": platform.machine(),
        "lab": lab,
        "settings": {k: v for k, v in load_policy().outcomes[lab].items() if k.startswith(("learns", "kl"))},
        **short_runs(lab, short),
    }
    if models:
        content["trained"] = trained_models(lab, models)
        content["runs"]["trained"] = sum(len(line["models"]) for line in models)
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{lab}.json"
    path.write_text(
        json.dumps(content, separators=(",", ":")).replace('"statistics"', '\n"statistics"') + "\n"
    )
    return path
