"""Makes the figures and numbers of the results' page from what `python -m solutions.make_results` wrote, and only that."""

from __future__ import annotations

import itertools
import json
import statistics as st
from collections.abc import Mapping
from typing import Any

import figures_draw as draw
import figures_results_draw as draw_results
from figures_lab import assets, write_numbers
from safetensors.torch import load_file

# Decimals with which a measure is printed; no other is. `...` stands for each kind of samples.
WHOLE = {
    "test_mse": 5, "train_mse": 5, "test_mse_sampled": 5, "test_loss": 2, "train_loss": 2, "test_kl": 2,
    "test_reconstruction": 2, "separability": 3, "spread_largest": 2, "spread_smallest": 2, "spread_mean": 2,
    "reconstruction_sharpness": 2, "sample_sharpness": 2, "parameters": 0, "parameters_discriminator": 0,
    "core_seconds_training": 0, "core_seconds_sampling": 4,
}  # fmt: skip
SAMPLES = {
    "frechet_distance": 1, "precision": 3, "recall": 3, "density": 3, "coverage": 3, "class_coverage": 2,
    "recognised": 3, "diversity": 2,
}  # fmt: skip
KINDS = ("prior", "fitted", "midpoint", "untrained")
Results = Mapping[str, Any]


def make() -> None:
    """Draw all, and write the numbers."""
    out = assets("results")
    file = out / "results.json"
    if not file.exists():
        print(
            f"{file.name} is missing; `make results` makes it. The figures of the results stay as they are."
        )
        return
    results = json.loads(file.read_text(encoding="utf-8"))
    models = results["models"]
    if {"ae", "vae"} <= models.keys():
        draw_results.losses(out / "loss", models["ae"]["curves"], models["vae"]["curves"])
        draw_results.terms(out / "kl", models["vae"]["curves"])
    if (out / "digits.safetensors").exists():
        kept = load_file(out / "digits.safetensors")
        pictures = {
            name: each / 255 for name, each in kept.items() if each.ndim == 2 and each.shape[1] == 784
        }
        draw.digit_rows(out / "reconstructions.png", [pictures[name] for name in ("originals", "ae_reconstructions", "vae_reconstructions")])  # fmt: skip
        rows = [pictures[name].split(10) for name in ("ae_prior", "ae_fitted", "vae_prior")]
        draw.digit_rows(out / "samples.png", [part for row in rows for part in row])
        draw.digit_rows(out / "midpoints.png", [pictures[name] for name in ("originals", "ae_midpoints", "vae_midpoints")])  # fmt: skip
        draw_results.planes(out / "latent", kept)
    if "gan" in models:
        draw_results.way(out / "gan", models["gan"]["way"], models["gan"]["seeds"])
    draw_results.comparison(out / "comparison", models, results["real"])
    write_numbers("results", numbers(results))


def numbers(results: Results) -> dict[str, str]:
    """What the page prints."""
    found: dict[str, str] = {}
    for lab, model in results["models"].items():
        found[f"{lab}_seeds"] = str(len(model["seeds"]))
        for name, decimals in formats(lab).items():
            if name in model["measures"]:
                found |= said(f"{lab}_{name}", model["measures"][name], decimals)
    real = results["real"]
    for kind in ("digits", "art"):
        for name, decimals in {**SAMPLES, "frechet_distance": 2, "separability": 3, "mean_mse": 3, "sharpness": 3}.items():  # fmt: skip
            if f"{kind}_{name}" in real:
                found[f"{kind}_{name}"] = f"{real[f'{kind}_{name}']:,.{decimals}f}"
    return found | stories(results["models"]) | foot(results["provenance"])


def formats(lab: str) -> dict[str, int]:
    """Every measure that is printed, with its decimals."""
    whole = {**WHOLE, "core_seconds_sampling": 2} if lab == "gan" else WHOLE
    return {**whole, **{f"{kind}_{name}": places for kind in KINDS for name, places in SAMPLES.items()}}


def said(key: str, measure: Mapping[str, Any], decimals: int) -> dict[str, str]:
    """A measure as mean and spread, and its mean alone; one that chance cannot move is said without a spread."""
    mean, sd = measure["mean"], measure["sd"]
    text = f"{mean:,.{decimals}f}"
    spread = "" if sd is None or key.endswith(("parameters", "discriminator")) else f" ± {sd:,.{decimals}f}"
    return {key: text + spread, f"{key}_mean": text}


def stories(models: Mapping[str, Any]) -> dict[str, str]:
    """Numbers that compare two models, or seeds of one."""
    found: dict[str, str] = {}

    def mean(lab: str, name: str) -> float:
        return float(models[lab]["measures"][name]["mean"])

    for lab, model in models.items():
        distance = model["measures"]["prior_frechet_distance"]
        if distance["sd"] is not None:
            found[f"{lab}_scatter"] = f"{distance['sd'] / distance['mean']:.1%}".replace("%", " %")
    if {"ae", "vae"} <= models.keys():
        found["mse_ratio"] = f"{mean('vae', 'test_mse') / mean('ae', 'test_mse'):.2f}"
        found["seconds_ratio"] = f"{mean('vae', 'core_seconds_training') / mean('ae', 'core_seconds_training'):.1f}"  # fmt: skip
        gap = {lab: mean(lab, "test_mse") / mean(lab, "train_mse") - 1 for lab in ("ae", "vae")}
        found |= {f"{lab}_gap": f"{value:.0%}".replace("%", " %") for lab, value in gap.items()}
        kl = [st.mean(seeds) for seeds in zip(*models["vae"]["curves"]["test_kl"], strict=True)]
        found |= {f"kl_{name}": f"{kl[at]:.1f}" for name, at in (("start", 0), ("first", 1), ("fifth", 5), ("end", -1))}  # fmt: skip
    if "gan" in models:
        way = models["gan"]["way"]
        for i, step in enumerate(way["steps"]):
            at = [values[i] for values in way["frechet_distance"]]
            covered = [10 * values[i] for values in way["class_coverage"]]
            found |= {
                f"gan_at{i}": f"{step:,}",
                f"gan_at{i}_low": f"{min(at):.1f}",
                f"gan_at{i}_high": f"{max(at):.1f}",
                f"gan_at{i}_times": f"{max(at) / min(at):.1f}",
                f"gan_at{i}_covered_low": f"{min(covered):.0f}",
                f"gan_at{i}_covered_high": f"{max(covered):.0f}",
            }
        turns = [later > before for values in way["frechet_distance"] for before, later in itertools.pairwise(values)]  # fmt: skip
        found |= {"gan_turns": str(sum(turns)), "gan_intervals": str(len(turns))}
    return found


def foot(provenance: Mapping[str, Any]) -> dict[str, str]:
    """Where all is from."""
    versions, setup = provenance["versions"], provenance["setup"]
    return {
        "command": provenance["command"],
        "date": provenance["date"],
        "commit": provenance["commit"] or "unknown",
        "machine": provenance["machine"],
        "versions": ", ".join(f"{name} {version}" for name, version in versions.items()),
        "digits": provenance["digits"],
        **{name: f"{value}" for name, value in setup.items()},
        **{f"{lab}_which": ", ".join(map(str, seeds)) for lab, seeds in provenance["seeds"].items()},
    }
