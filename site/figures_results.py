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

# How a measure is printed: decimals, then what it is multiplied with. No other is printed.
WHOLE = {
    "test_mse": (5, 1), "train_mse": (5, 1), "test_mse_sampled": (5, 1), "test_loss": (1, 1), "test_kl": (1, 1),
    "test_reconstruction": (1, 1), "separability": (3, 1), "spread_largest": (1, 1), "spread_smallest": (1, 1),
    "reconstruction_sharpness": (2, 1), "sample_sharpness": (2, 1), "parameters": (0, 1), "parameters_discriminator": (0, 1),
    "core_seconds_training": (0, 1), "core_seconds_sampling": (1, 1000),
}  # fmt: skip
SAMPLES = {
    "frechet_distance": (1, 1), "precision": (2, 1), "recall": (2, 1), "density": (2, 1), "coverage": (2, 1),
    "class_coverage": (1, 10), "recognised": (1, 100), "diversity": (2, 1),
}  # fmt: skip
REAL = {**SAMPLES, "frechet_distance": (2, 1), "separability": (3, 1), "mean_mse": (3, 1)}
KINDS = {
    "prior": SAMPLES,
    "fitted": SAMPLES,
    "midpoint": ("precision", "recognised"),
    "untrained": ("frechet_distance",),
}
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
    formats = WHOLE | {f"{kind}_{name}": SAMPLES[name] for kind, names in KINDS.items() for name in names}
    for lab, model in results["models"].items():
        found[f"{lab}_count"] = str(len(model["seeds"]))
        for name in formats.keys() & model["measures"].keys():
            found |= said(f"{lab}_{name}", model["measures"][name], *formats[name])
    for kind in ("digits", "art"):
        for name, (decimals, scale) in REAL.items():
            if (value := results["real"].get(f"{kind}_{name}")) is not None:
                found[f"{kind}_{name}"] = f"{scale * value:,.{decimals}f}"
    found |= stories(results["models"]) | foot(results["provenance"])
    return dict(sorted(found.items()))


def said(key: str, measure: Mapping[str, Any], decimals: int, scale: float) -> dict[str, str]:
    """A measure as mean and spread, and its mean alone; what is the same in every seed is said without a spread."""
    mean, sd = scale * measure["mean"], measure["sd"]
    text = f"{mean:,.{decimals}f}"
    spread = f"{scale * (sd or 0):,.{decimals}f}"
    if sd and not float(spread.replace(",", "")):  # a spread is never said to be 0 when it is not
        spread = f"{scale * sd:.1g}"
    return {key: f"{text} ± {spread}" if sd else text, f"{key}_mean": text}


def stories(models: Mapping[str, Any]) -> dict[str, str]:
    """Numbers that compare two models, or seeds of one."""
    found: dict[str, str] = {}

    def mean(lab: str, name: str) -> float:
        return float(models[lab]["measures"][name]["mean"])

    for lab, model in models.items():
        mean_of, sd = (model["measures"]["prior_frechet_distance"][key] for key in ("mean", "sd"))
        found[f"{lab}_scatter"] = "–" if sd is None else f"{100 * sd / mean_of:.1f} %"
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
                f"gan_at{i}_times": f"{max(at) / min(at):.2f}",
                f"gan_at{i}_covered_low": f"{min(covered):.0f}",
                f"gan_at{i}_covered_high": f"{max(covered):.0f}",
            }
        for name, worse in (("frechet_distance", 1), ("class_coverage", -1)):
            steps = [worse * (later - before) > 0 for values in way[name] for before, later in itertools.pairwise(values)]  # fmt: skip
            found |= {f"gan_worse_{name}": str(sum(steps)), "gan_intervals": str(len(steps))}
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
        "sample_count": f"{provenance['samples']:,}",
        **{name: f"{value}" for name, value in setup.items()},
        **{f"{lab}_which": ", ".join(map(str, seeds)) for lab, seeds in provenance["seeds"].items()},
    }
