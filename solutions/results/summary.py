"""The one committed file of the results: every measure of every seed with mean and spread, curves, and where all is from."""

from __future__ import annotations

import datetime
import os
import platform
import statistics as st
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from course import __version__
from solutions.calibrate.jobs import Record
from solutions.results import measure, train

CURVES = ("mse", "loss", "reconstruction", "kl")  # of the training and of the test digits
WAY = ("frechet_distance", "precision", "recall", "coverage", "class_coverage", "diversity")
NO_MEASURES = ("network", "style", "class", "cpu_seconds", "seed", "way")


def summary(
    trained: Mapping[str, Mapping[int, Record]],
    measured: Mapping[str, Mapping[int, Record]],
    command: str,
) -> dict[str, Any]:
    """Everything that the site shows, from the lines of trainings and measurements by model and seed."""
    models = {}
    for lab, by_seed in measured.items():
        seeds = [seed for seed in sorted(by_seed) if seed in trained.get(lab, {})]
        if lab == "real" or not seeds:
            continue
        rows = [{**measures(by_seed[seed]), **costs(lab, trained[lab][seed])} for seed in seeds]
        models[lab] = {
            "seeds": seeds,
            "measures": {name: over_seeds([row[name] for row in rows]) for name in rows[0]},
        }
        if lab == "gan":
            models[lab]["way"] = way([by_seed[seed]["way"] for seed in seeds])
        else:
            models[lab]["curves"] = curves([trained[lab][seed] for seed in seeds])
    return {
        "provenance": provenance(command, {lab: each["seeds"] for lab, each in models.items()}),
        "models": models,
        "real": {name: rounded(value) for name, value in measures(measured["real"][0]).items()},
    }


def measures(record: Record) -> dict[str, float]:
    """What was measured, without what only says how."""
    return {name: value for name, value in record.items() if name not in NO_MEASURES}


def costs(lab: str, record: Record) -> dict[str, float]:
    """Cost of a training and, for models of digits, its last errors."""
    if lab == "gan":  # the calibration's line: five measurings of the samples included
        return {"core_seconds_training": record["cpu_seconds"]}
    last = {name: values[-1] for name, values in record["curves"].items() if name.startswith(("train_", "test_"))}  # fmt: skip
    return {"core_seconds_training": record["core_seconds_training"], **last}


def over_seeds(values: Sequence[float]) -> dict[str, Any]:
    """Mean, standard deviation over seeds (over n - 1; none of a single seed), and the value of each."""
    return {
        "mean": rounded(st.mean(values)),
        "sd": rounded(st.stdev(values)) if len(values) > 1 else None,
        "seeds": [rounded(value) for value in values],
    }


def curves(records: Sequence[Record]) -> dict[str, list[list[float]]]:
    """Curves of each seed, from before the first update to after the last epoch."""
    found = {}
    for name in (f"{part}_{kind}" for kind in CURVES for part in ("train", "test")):
        if name in records[0]["start"]:
            found[name] = [
                [rounded(value) for value in (record["start"][name], *record["curves"][name])]
                for record in records
            ]
    return found


def way(ways: Sequence[Sequence[Record]]) -> dict[str, Any]:
    """What was measured along the training of each seed."""
    found: dict[str, Any] = {"steps": [at["steps"] for at in ways[0]]}
    return found | {name: [[rounded(at[name]) for at in each] for each in ways] for name in WAY}


def rounded(value: float) -> float:
    """Five digits, of what is not counted: more than chance leaves, and a smaller file."""
    return value if isinstance(value, int) else float(f"{value:.5g}")


def provenance(command: str, seeds: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    """How, when and on what all this was made."""
    return {
        "command": command,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": commit(),
        "versions": {"genlab": __version__, "python": platform.python_version(), "torch": torch.__version__},
        "machine": f"{processor()}, {os.cpu_count()} cores, {platform.system()}; one thread for each run, no GPU",
        "seeds": dict(seeds),
        "samples": measure.COUNT,
        "digits": "MNIST, 60,000 to train, 10,000 to test",
        "setup": {
            "latent": train.LATENT, "batch": train.BATCH, "epochs": train.EPOCHS, "rate": train.RATE,
            "optimizer": "Adam",
        },
    }  # fmt: skip


def processor() -> str:
    """The processor's name."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def commit() -> str | None:
    """The commit of the code that wrote this, if it lies in a git repository."""
    run = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True)  # fmt: skip
    return run.stdout.strip() or None
