"""Measures what was trained: samples, codes and reconstructions of a model of digits, samples of a painter.

Everything is drawn from fixed seeds, the same for all models: what differs between two of them is their training.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn

from autograder.metrics.art import ArtQuality, art, measure_art
from autograder.metrics.network import feature_network
from autograder.metrics.quality import SampleQuality, digits
from course.comparison import sharpness
from course.data.art import load_art
from course.data.mnist import load_mnist
from course.training import set_seed
from solutions.calibrate import gan_trained
from solutions.calibrate.jobs import Job, Record
from solutions.results.qualities import gaussian_of, recognised, separability
from solutions.results.train import FOLDER, LABS, LATENT, NETWORKS, codes, load_model
from solutions.source import reference

COUNT, SEED = 2_000, 0  # samples and test codes; what draws them, and the real images they are held against
TIMED = 1_000  # samples whose cost is measured
KEPT = (
    "frechet_distance", "kernel_distance", "precision", "recall", "density", "coverage",
    "class_entropy", "class_coverage", "confidence", "copied",
)  # fmt: skip


def jobs(root: Path, seeds: Mapping[str, list[int]]) -> list[Job]:
    """The measurements: of each seed of each lab, and of real images."""
    found = [Job(0, "real", real, (root,), "")]
    found += [
        Job(seed, lab, digit_model, (lab, seed, root), "") for lab in LABS for seed in seeds.get(lab, [])
    ]
    return found + [Job(seed, "gan", painter, (seed,), "") for seed in seeds.get("gan", [])]


@torch.no_grad()
def digit_model(lab: str, seed: int, root: Path | None, folder: Path = FOLDER) -> Record:
    """What a trained AutoEncoder or VAE is worth; each key says of what it is."""
    data, model = load_mnist(full=root is not None, root=root), load_model(lab, seed, folder)
    x, labels = data.test_images[:COUNT], data.test_labels[:COUNT]
    cloud, code, z = all_codes(model, data.train_images), codes(model, x), normal(COUNT, LATENT)
    found = in_latent_space(cloud, code, labels)
    mean, root_of = gaussian_of(cloud)
    fitted = (mean + z.double() @ root_of).float()
    set_seed(seed)
    untrained = reference(lab)[NETWORKS[lab]](LATENT).eval()
    samples = model.decoder(z)
    for name, images in (
        ("prior", samples),
        ("fitted", model.decoder(fitted)),
        ("untrained", untrained.decoder(z)),
    ):
        found |= {f"{name}_{key}": value for key, value in of_digits(images).items()}
    one, other = torch.randperm(COUNT, generator=torch.Generator().manual_seed(SEED)), torch.arange(COUNT)
    found |= {f"midpoint_{k}": v for k, v in of_digits(model.decoder((code[one] + code[other]) / 2)).items()}
    found["reconstruction_sharpness"] = relative_sharpness(model.decoder(code), x)
    found["sample_sharpness"] = relative_sharpness(samples, data.train_images[:COUNT])
    found["parameters"] = sum(each.numel() for each in model.parameters())
    found["core_seconds_sampling"] = cost(lambda: model.decoder(torch.randn(TIMED, LATENT)))
    return found


def in_latent_space(cloud: torch.Tensor, code: torch.Tensor, labels: torch.Tensor) -> dict[str, float]:
    """How the codes lie: those of test digits by class, and how near to N(0, I) is the cloud of all training codes."""
    spread = torch.linalg.eigvalsh(torch.cov(cloud.double().T)).clamp(min=0).sqrt()
    return {
        "separability": separability(code, labels),
        "spread_largest": float(spread[-1]),  # standard deviation along the widest axis of the cloud of codes
        "spread_smallest": float(spread[0]),
        "spread_mean": float(spread.square().mean().sqrt()),  # of N(0, I) all three are 1
    }


def all_codes(model: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """The codes that the decoder was trained on, `(N, L)`: of a VAE a draw from each image's cloud."""
    parts, generator = [], torch.Generator().manual_seed(SEED)
    for x in torch.split(images, 5_000):
        found = model.encoder(x)
        if isinstance(found, tuple):
            mu, logvar = found
            found = mu + torch.exp(logvar / 2) * torch.randn(mu.shape, generator=generator)
        parts.append(found)
    return torch.cat(parts)


def of_digits(images: torch.Tensor) -> dict[str, float]:
    """The quality of digits `(N, 784)`."""
    quality = digits().measure(images, seed=SEED)
    seen = feature_network("digits").see(images)
    return {**chosen(quality), "recognised": recognised(seen.probabilities)}


@torch.no_grad()
def painter(seed: int) -> Record:
    """What a generator of the notebook's default run is worth, along the way and at the end of it."""
    lab = reference("gan")
    set_seed(seed)
    generator = lab["Generator"](gan_trained.LATENT, gan_trained.WIDTH).apply(lab["init_weights"]).eval()
    judge = lab["Discriminator"](gan_trained.WIDTH)
    z, steps = normal(COUNT, gan_trained.LATENT), stops(int(lab["STEPS_ON_A_CPU"]))
    way = []
    for step in (0, *steps):
        if step:
            generator.load_state_dict(load_file(gan_trained.kept(seed, step)))
        pictures = painted(generator, z)
        way.append({"steps": step, **of_art(measure_art(pictures, seed=SEED))})
    found: Record = {f"{name}_{key}": value for name, at in (("prior", way[-1]), ("untrained", way[0])) for key, value in at.items() if key != "steps"}  # fmt: skip
    found["sample_sharpness"] = relative_sharpness(pictures, load_art(progress=False).images[:COUNT])
    found["parameters"] = sum(each.numel() for each in generator.parameters())
    found["parameters_discriminator"] = sum(each.numel() for each in judge.parameters())
    found["core_seconds_sampling"] = cost(lambda: painted(generator, torch.randn(TIMED, gan_trained.LATENT)))
    return {**found, "way": way}


def stops(steps: int) -> list[int]:
    """After how many steps a default run of so many keeps its generator."""
    return [round(share * steps) for share in gan_trained.STOPS]


def painted(generator: nn.Module, z: torch.Tensor) -> torch.Tensor:
    """Pictures from noise `(N, L)`, in small batches, which are quicker on a CPU."""
    return torch.cat([generator(part) for part in torch.split(z, 125)])


def of_art(quality: ArtQuality) -> dict[str, float]:
    """The quality of paintings."""
    return {**chosen(quality.samples), "diversity": quality.diversity}


@torch.no_grad()
def real(root: Path | None) -> Record:
    """The same of real images: what a perfect model would reach."""
    data = load_mnist(full=root is not None, root=root)
    x, labels = data.test_images[:COUNT], data.test_labels[:COUNT]
    found: Record = {f"digits_{k}": v for k, v in chosen(digits().real_floor(COUNT, seed=SEED)).items()}
    found["digits_recognised"] = recognised(feature_network("digits").see(x).probabilities)
    found["digits_separability"] = separability(x, labels)  # of the pixels themselves
    found["digits_mean_mse"] = float((x - data.train_images.mean(0)).square().mean())
    found["digits_sharpness"] = float(sharpness(x).mean())
    found |= {f"art_{k}": v for k, v in chosen(art().real_floor(COUNT, seed=SEED)).items()}
    found["art_sharpness"] = float(sharpness(load_art(progress=False).images[:COUNT]).mean())
    # One half of the real features against the other, as a check of the floor's own chance: another draw.
    found["digits_other_frechet_distance"] = digits().real_floor(COUNT, seed=SEED + 1).frechet_distance
    found["art_other_frechet_distance"] = art().real_floor(COUNT, seed=SEED + 1).frechet_distance
    return found


def chosen(quality: SampleQuality) -> dict[str, float]:
    """What the results say of samples."""
    return {name: getattr(quality, name) for name in KEPT}


def relative_sharpness(images: torch.Tensor, originals: torch.Tensor) -> float:
    """The sharpness of pictures over that of real ones, as the lab `compare` measures it."""
    one, other = (float(sharpness(each).mean()) for each in (images, originals))
    return one / other


def normal(count: int, size: int) -> torch.Tensor:
    """Draws of N(0, I), the same for every model."""
    return torch.randn(count, size, generator=torch.Generator().manual_seed(SEED))


def cost(draw: Callable[[], Any]) -> float:
    """Core-seconds of one call: the median of five, after one that warms up."""
    draw()
    times = []
    for _ in range(5):
        began = time.process_time()
        draw()
        times.append(time.process_time() - began)
    return sorted(times)[2]
