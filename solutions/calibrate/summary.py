"""What calibration found: distributions, thresholds, false fails, what is caught; one small file a lab."""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from autograder import __version__
from autograder.metrics import SampleQuality
from autograder.outcomes import autoencoder
from autograder.outcomes.learning import STILL, Losses
from autograder.outcomes.trained_vae import Trained, credit, fault
from autograder.outcomes.variational import KlCurve, apart, telling
from autograder.policy import load_policy
from solutions.calibrate.jobs import DEFAULT_RUN, RIGHT, Record
from solutions.calibrate.short_runs import LABS
from solutions.calibrate.tail import exceedance

FOLDER = Path(__file__).parents[2] / "autograder" / "outcomes" / "calibration"
MEASURES = (
    "loss",
    "kl",
    "frechet_distance",
    "kernel_distance",
    "class_coverage",
    "copied",
)  # of trained models
FAR = 9.0  # stands for "beyond every axis", and for a run that ended in NaN
LOG = "Difference of log(KL + 3) at the last two looks, the smaller one."
STATISTICS = {  # outcome, key in the policy, title, what is measured
    "learns.shortfall": ("learns", "learns_shortfall", "Missed share of the fall in held-out loss",
        "How much less the held-out loss falls than in a control run, as a share of the control's fall."),
    "learns.shortfall.slow": ("learns", "learns_shortfall_slow", "The same where right steps learn little too",
        "Networks that right steps hardly bring beyond the mean digit: the share of the fall to the mean digit."),
    "learns.shortfall.unstable": (
        "learns",
        "learns_shortfall_unstable",
        "The same where right steps end worse than the mean digit",
        "Networks that right steps throw about: the share of the fall to where the control ended.",
    ),
    "kl_behaviour.collapse": ("kl_behaviour", "kl_collapse", "How far the KL settles below the control's", LOG),
    "kl_behaviour.runaway": ("kl_behaviour", "kl_runaway", "How far the KL settles above the control's", LOG),
    "kl_behaviour.spread": ("kl_behaviour", "kl_spread", "How far the variances' part of the KL is off",
        "The same, either way, for the part of the KL that the variances make."),
}  # fmt: skip

REGIMES = {"": "learns.shortfall", "_slow": "learns.shortfall.slow",
           "_unstable": "learns.shortfall.unstable"}  # fmt: skip


def compared(run: Record, control: Record, network: Record) -> dict[str, float]:
    """Every statistic by which one run is judged beside a control; fewer where the control tells little."""
    lost = run.get("diverged") or not math.isfinite(run["loss"])
    losses = Losses(network["before"], math.inf if lost else run["loss"], control["loss"], network["plateau"])
    found = {REGIMES[losses.regime]: min(losses.shortfall, FAR)}
    if "kl" in control and telling(losses, curve(control)):
        if lost:
            return found | dict.fromkeys((key for key in STATISTICS if key.startswith("kl")), FAR)
        away = apart(curve(run), curve(control))
        found |= {"kl_behaviour.collapse": away.below, "kl_behaviour.runaway": min(away.above, FAR)}
        found |= {"kl_behaviour.spread": min(away.spread, FAR)}
    return found


def curve(run: Record) -> KlCurve:
    """The KL of a run as the grader holds it."""
    return KlCurve(tuple(run["kl"]), tuple(run["spread"]), run["active"])


def short_runs(lab: str, lines: Sequence[Record]) -> dict[str, Any]:
    """Statistics of the short runs, right pairs against wrong classes."""
    settings = load_policy().outcomes[lab]
    networks = {line["network"]: line for line in lines if line["class"] == RIGHT}
    right = [list(pairs(line)) for line in networks.values()]
    wrong: dict[str, list[Judged]] = {}
    for line in lines:
        if line["class"] != RIGHT and line["network"] in networks:
            run, network = line["runs"][0], networks[line["network"]]
            control = network["runs"][0]
            moved = run.get("moved", 1.0) / control["moved"]
            judged = Judged(compared(run, control, network), moved, "kl" in control)
            wrong.setdefault(line["class"], []).append(judged)
    statistics = []
    for name in STATISTICS:
        outcome, key, title, what = STATISTICS[name]
        groups = [[pair[name] for pair in found if name in pair] for found in right]
        groups = [group for group in groups if group]
        if not groups:
            continue
        statistics.append({
            "name": name, "outcome": outcome, "title": title, "what": what, "unit": "", "side": "above",
            "threshold": settings[key], "right": rounded(value for group in groups for value in group),
            "wrong": {kind: rounded(each.values[name] for each in found if name in each.values)
                      for kind, found in sorted(wrong.items())},
            "false_fail": {"networks": len(groups), **asdict(exceedance(groups, settings[key]))},
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
        "by_name_left": {
            kind: LABS[lab].faults[kind].left for kind in sorted(wrong) if LABS[lab].faults[kind].left
        },
    }


@dataclass(frozen=True)
class Judged:
    """A wrong run beside the control of its network."""

    values: dict[str, float]
    moved: float  # of the way that the control's weights moved
    has_kl: bool

    @property
    def told(self) -> bool:
        """Whether the control of this network tells enough to compare everything with it."""
        return ("kl_behaviour.collapse" if self.has_kl else "learns.shortfall") in self.values

    def failed(self, settings: dict[str, Any]) -> set[str]:
        """The outcomes that fail this run."""
        if self.moved < STILL:
            return {"learns", "kl_behaviour"} if self.has_kl else {"learns"}
        over = [name for name, value in self.values.items() if value > settings[STATISTICS[name][1]]]
        return {STATISTICS[name][0] for name in over}


def pairs(line: Record) -> Iterator[dict[str, float]]:
    """Every ordered pair of the right runs of one network: either could have been the control."""
    for i, run in enumerate(line["runs"]):
        for k, control in enumerate(line["runs"]):
            if i != k:
                yield compared(run, control, line)


def caught(found: Sequence[Judged], settings: dict[str, Any]) -> dict[str, dict[str, int]]:
    """How many runs of a wrong class the outcomes fail, where the control tells enough and where it does not."""
    counts: dict[str, dict[str, int]] = {}
    outcomes = ["learns", "kl_behaviour"] if found[0].has_kl else ["learns"]
    for judged in found:
        failed = judged.failed(settings)
        for key in ("either", *outcomes):
            name = key if judged.told else f"{key}, slow networks"
            count = counts.setdefault(name, {"runs": 0, "caught": 0})
            count["runs"] += 1
            count["caught"] += bool(failed) if key == "either" else key in failed
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


def write(lab: str, runs: dict[str, Any], models: dict[str, Any], command: str) -> Path:
    """Write the summary of a lab, with what made it; return its path."""
    prefixes = ("learns", "kl", "dynamics")
    content: dict[str, Any] = {
        "command": command,
        "versions": {"genlab": __version__, "torch": torch.__version__.split("+")[0]},
        "machine": platform.machine(),
        "lab": lab,
        "settings": {k: v for k, v in load_policy().outcomes[lab].items() if k.startswith(prefixes)},
        **runs,
    }
    if models["kinds"]:
        content["trained"] = models
        content["runs"]["trained"] = sum(kind["models"] for kind in models["kinds"].values())
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{lab}.json"
    path.write_text(
        json.dumps(content, separators=(",", ":")).replace('"statistics"', '\n"statistics"') + "\n"
    )
    return path
