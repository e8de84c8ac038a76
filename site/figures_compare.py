"""Makes the figures and numbers of the comparison's chapter from the cells of `solutions/compare.py`.

Samples and codes are the examples that come with the course, which a notebook takes too where a lab's outputs are
missing; the plane of precision and recall is drawn from what `python -m solutions.make_results` wrote.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping

import figures_compare_draw as draw
import torch
from figures_lab import assets, write_numbers
from safetensors.torch import load_file

from course.checkpoint import EXAMPLES
from course.data.mnist import Mnist, load_mnist
from course.movements import see_digits
from solutions.source import reference

COUNTS = (50, 100, 200, 500, 1000, 2000)  # pictures in each set
DRAWS = 8  # of each count, of which the mean is shown
HALF = 2000  # real digits, and as many others
NEIGHBOURS = (1, 2, 3, 5, 8, 12, 20, 30, 50, 80)
MODES, SAMPLES = 10, 2000
STRAYS = 0.005  # share of samples that show a mode by mistake alone
Features = torch.Tensor


def make() -> None:
    """Draw all, and write the numbers."""
    out, lab, data = assets("compare"), reference("compare"), load_mnist()
    examples = {name: load_file(EXAMPLES / f"{name}_example.safetensors") for name in ("ae", "vae")}
    torch.manual_seed(0)
    chosen = torch.randperm(len(data.train_images))[: 2 * HALF]
    real, other = see_digits(data.train_images[chosen]).features.split(HALF)
    samples = {name: kept["sample_features"].double() for name, kept in examples.items()}

    draw.carried(out / "carried")
    found = by_count(out / "count", lab["frechet_distance"], real, other, samples)
    found |= gaussians(lab, real, other) | ring_and_blob(out / "balls", lab)
    draw.counted(out / "threshold", thresholds())
    found |= {f"counted_{name}": f"{share:.2g}" for name, share in counted_at_a_tenth().items()}
    found |= separabilities(out / "neighbours", lab["latent_separability"], data, examples)
    found |= without_full_rank(real, other)
    file = assets("results") / "results.json"
    if file.exists():
        results = json.loads(file.read_text(encoding="utf-8"))
        draw.plane(out / "plane", results)
        untrained = results["models"]["gan"]["measures"]
        found |= {f"untrained_{name}": f"{untrained[f'untrained_{name}']['mean']:.2f}" for name in ("precision", "recall")}  # fmt: skip
    else:
        print("results.json is missing; `make results` makes it. Its figure stays as it is.")
    write_numbers("compare", dict(sorted(found.items())))


def by_count(path, distance: Callable, real: Features, other: Features, samples: Mapping[str, Features]) -> dict[str, str]:  # fmt: skip
    """The distance of real digits, and of each model's samples, from real ones, over the number of pictures."""

    def draws(one: Features | None, count: int) -> tuple[Features, Features]:
        if one is None:  # two sets of real ones that have none in common
            return torch.cat([real, other])[torch.randperm(2 * HALF)[: 2 * count]].chunk(2)
        return one[torch.randperm(len(one))[:count]], real[torch.randperm(HALF)[:count]]

    def mean(one: Features | None, count: int) -> float:
        return sum(distance(*draws(one, count)) for _ in range(DRAWS)) / DRAWS

    lines = {name: [mean(one, n) for n in COUNTS] for name, one in ({"real": None} | dict(samples)).items()}
    excess = [expected_excess(torch.cov(real.T), n) for n in COUNTS]
    draw.by_count(path, COUNTS, lines, excess)
    counts = {f"{name}{n}": f"{value:.2f}" for name, values in lines.items() for n, value in zip(COUNTS, values, strict=True)}  # fmt: skip
    return counts | {f"excess{n}": f"{value:.2f}" for n, value in zip(COUNTS, excess, strict=True)}


def expected_excess(cov: torch.Tensor, n: int) -> float:
    """What two sets of n draws of one Gaussian are apart, to first order in 1/n, from its covariance `(D, D)`.

    The means add 2 Tr S / n. The covariances differ by E, and to second order the rest of the distance is
    1/2 sum_ij E_ij^2 / (l_i + l_j) in the eigenvectors of S, with l its eigenvalues and a variance of E_ij of
    2 l_i l_j (1 + [i = j]) / n (Wishart).
    """
    values = torch.linalg.eigvalsh(cov).clamp(min=1e-12)
    pairs = values[:, None] * values / (values[:, None] + values)
    return float(2 * values.sum() + pairs.sum() + pairs.trace()) / n


def gaussians(lab: Mapping, real: Features, other: Features) -> dict[str, str]:
    """Points that nobody drew: of the Gaussian that fits the real digits' features."""
    values, vectors = torch.linalg.eigh(torch.cov(real.T))
    drawn = real.mean(0) + torch.randn(real.shape).double() * values.clamp(min=0).sqrt() @ vectors.T
    found = {}
    for name, one in (("drawn", drawn), ("other", other)):
        precision, recall = lab["precision_recall"](real, one)
        found |= {
            f"{name}_distance": f"{lab['frechet_distance'](one, real):.2f}",
            f"{name}_precision": f"{precision:.2f}",
            f"{name}_recall": f"{recall:.2f}",
        }
    return found


def without_full_rank(real: Features, other: Features, points: int = 30) -> dict[str, str]:
    """What a general solver makes of the eigenvalues of A B, all at least 0, where points are fewer than features."""
    values = torch.linalg.eigvals(torch.cov(real[:points].T) @ torch.cov(other[:points].T))
    return {
        "rank_points": str(points),
        "rank_features": str(len(values)),
        "rank_negative": str(int((values.real < 0).sum())),
        "rank_complex": str(int((values.imag != 0).sum())),
        "rank_smallest": f"{float(values.real.min()):.0e}".replace("e-", r" \cdot 10^{-").replace("{-0", "{-")
        + "}",
    }


def ring_and_blob(path, lab: Mapping) -> dict[str, str]:
    """Two sets in the plane of equal mean and covariance: their balls, and what each measure says of them."""
    torch.manual_seed(0)
    angle = 2 * math.pi * torch.rand(100, 1)
    ring = torch.cat([angle.cos(), angle.sin()], 1) + 0.08 * torch.randn(100, 2)
    blob = torch.randn(100, 2)
    blob = (blob - blob.mean(0)) / blob.std(0) * ring.std(0) + ring.mean(0)
    draw.balls(path, ring, blob, k=5)
    precision, recall = lab["precision_recall"](ring, blob)
    return {
        "blob_distance": f"{lab['frechet_distance'](ring, blob):.3f}",
        "ring_distance": f"{lab['frechet_distance'](ring[:50], ring[50:]):.3f}",
        "blob_precision": f"{precision:.2f}",
        "blob_recall": f"{recall:.2f}",
    }


def at_least(share: float, threshold: float) -> float:
    """Probability that so many of the samples, each with probability `share`, show a mode: a binomial tail."""
    least = max(math.ceil(threshold - 1e-9), 0)
    logs = [
        math.lgamma(SAMPLES + 1) - math.lgamma(i + 1) - math.lgamma(SAMPLES - i + 1)
        + i * math.log(share) + (SAMPLES - i) * math.log1p(-share)
        for i in range(least)
    ]  # fmt: skip
    return max(0.0, 1.0 - sum(math.exp(each) for each in logs))


SHARES = {"its fair share": 1 / MODES, "a quarter of it": 0.25 / MODES, "strays alone": STRAYS}


def thresholds() -> tuple[list[float], dict[str, list[float]]]:
    """From how many samples on a mode counts, and how probably it then does, for modes of known shares."""
    places = [float(n) for n in range(1, 261)]
    return places, {name: [at_least(share, place) for place in places] for name, share in SHARES.items()}


def counted_at_a_tenth() -> dict[str, float]:
    """How probably modes of these shares count with the lab's threshold, and with two others."""
    fair = SAMPLES / MODES
    return {
        "fair": at_least(1 / MODES, fair / 10),
        "strays": at_least(STRAYS, fair / 10),
        "strays_once": at_least(STRAYS, 1),
        "fair_whole": at_least(1 / MODES, fair),
    }


def separabilities(path, separability: Callable, data: Mnist, examples: Mapping) -> dict[str, str]:
    """Over the number of neighbours, for pixels, principal components, both kinds of codes, and labels at random."""
    labels = examples["ae"]["labels"].long()
    digits, mean = data.test_images[: len(labels)], data.train_images.mean(0)
    torch.manual_seed(0)
    _, _, directions = torch.pca_lowrank(data.train_images, q=32, niter=4)
    spaces = {
        "pixels": digits,
        "PCA": (digits - mean) @ directions,
        "AE": examples["ae"]["codes"].float(),
        "VAE": examples["vae"]["codes"].float(),
    }
    lines = {name: [separability(codes, labels, k) for k in NEIGHBOURS] for name, codes in spaces.items()}
    draw.neighbours(path, NEIGHBOURS, lines)
    at = NEIGHBOURS.index(5)
    shuffled = labels[torch.randperm(len(labels))]
    nearest = (
        torch.cdist(spaces["AE"], spaces["AE"]).topk(5, largest=False).indices
    )  # each code among its own
    with_itself = (shuffled[nearest].mode(1).values == shuffled).double().mean()
    p = lines["VAE"][at]
    return {f"knn_{name.lower()}": f"{values[at]:.3f}" for name, values in lines.items()} | {
        "knn_chance": f"{separability(spaces['AE'], shuffled):.2f}",
        "knn_chance_with_itself": f"{float(with_itself):.2f}",
        "knn_error": f"{2 * math.sqrt(2 * p * (1 - p) / len(labels)):.3f}",
        "knn_codes": f"{len(labels):,}",
    }
