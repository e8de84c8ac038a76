"""Makes the figures and numbers of the site's GAN chapter, from the painter and the cells of `solutions/gan.py`.

Some need trained networks, which the calibration and `solutions/make_gan_runs.py` leave behind. Where these are
missing, their figures stay as they are, and a line says so.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import figures_gan_draw as draw
import torch
import torch.nn.functional as F
from figures_lab import ROOT, assets, write_numbers
from safetensors.torch import load_file
from torch import nn

from course.augmentation import augment
from course.data.art import Art, load_art
from course.data.gan_runs import FILE, load_gan_runs
from course.movements import Seen, art_distance, see_art
from solutions.make_gan_runs import RUNS
from solutions.source import reference

TRAINED = ROOT / "build" / "calibration"  # generators of default runs, by seed and step
SEEDS = range(10)
STOPS = (0.1, 0.2, 0.5, 0.7, 1.0)  # shares of the steps after which one was kept
SAMPLES = 2000
GROWING = 8  # noises whose paintings are shown as they grow


def make() -> None:
    """Draw what can be drawn now, and keep the numbers of what cannot."""
    out, art, lab = assets("gan"), load_art(), reference("gan")
    draw.contact_sheet(out / "movements.webp", art.images, art.labels, len(art.movements))
    torch.manual_seed(0)
    shown = [art.images[i : i + 1] for i in (3, 5, 8)]
    rows = [torch.cat([image] + [augment(image) for _ in range(9)]) for image in shown]
    draw.art_rows(out / "augmented.webp", rows)
    draw.checkerboard(out / "checkerboard", {kernel: stamped(kernel) for kernel in (3, 4)})
    draw.generator_losses(out / "losses")
    draw.smoothing(out / "smoothing")
    draw.divergence(out / "divergence")

    art_seen = see_art(art.images)
    file = out / "numbers.json"
    measured = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    measured |= always(lab, art, art_seen)
    measured |= default_runs(out, lab, art, art_seen, float(measured["floor"])) | broken_runs(out)
    write_numbers("gan", measured)


def always(lab: dict, art: Art, art_seen: Seen) -> dict[str, str]:
    """Numbers that need no training."""
    set_rng = torch.Generator().manual_seed(0)
    one, other = torch.randperm(len(art.images), generator=set_rng).chunk(2)
    halves = [Seen(art_seen.features[half], art_seen.movements[half]) for half in (one, other)]
    untrained = trained(lab, seed=0, step=0)
    torch.manual_seed(1)
    sizes = {
        f"{name.lower()}{width}": f"{sum(p.numel() for p in network.parameters()):,}"
        for width in (16, 64)
        for name, network in (("Generator", lab["Generator"](100, width)), ("Discriminator", lab["Discriminator"](width)))
    }  # fmt: skip
    zero, sure = torch.zeros(1), torch.full((1,), 50.0)
    best = torch.tensor([math.log(9.0)])
    reach = torch.linspace(0, 1, 1001)  # what a sigmoid in the network leaves of the logits
    twice = min(float(lab["discriminator_loss"](real[None], reach[:1])) for real in reach)
    blind = torch.tensor([math.log(0.45 / 0.55)])  # D = 0.45 for every picture
    return sizes | {
        "paintings": f"{len(art.images):,}",
        "movements": str(len(art.movements)),
        "latent": str(lab["LATENT_DIM"]),
        "batch": str(lab["BATCH_SIZE"]),
        "steps": f"{lab['STEPS_ON_A_CPU']:,}",
        "rate_g": f"{lab['RATE_G']:g}",
        "rate_d": f"{lab['RATE_D']:g}",
        "floor": f"{art_distance(*halves):.2f}",
        "untrained": f"{art_distance(see_art(samples(lab, untrained)), art_seen):.0f}",
        "start_loss": f"{float(lab['discriminator_loss'](zero, zero)):.3f}",
        "won_loss": f"{float(lab['discriminator_loss'](best, -sure)):.3f}",
        "blind_loss": f"{float(lab['discriminator_loss'](blind, blind)):.3f}",
        "blind_g": f"{float(lab['generator_loss'](blind)):.2f}",
        "twice": f"{twice:.2f}",
        "saturated": f"{1 / (1 + math.exp(5)):.4f}",
    }


def stamped(kernel: int) -> tuple[list[int], torch.Tensor]:
    """How many stamps reach each place of 8 pixels in a row, and the middle of what three layers make of grey."""
    row = F.conv_transpose1d(torch.ones(1, 1, 8), torch.ones(1, 1, kernel), stride=2)
    plane = torch.ones(1, 1, 12, 12)
    for _ in range(3):  # each doubles the size; kernel 3 needs a row and a column more at the end
        plane = F.conv_transpose2d(plane, torch.ones(1, 1, kernel, kernel), stride=2, padding=1, output_padding=kernel % 2)  # fmt: skip
    middle = plane[0, 0, 32:64, 32:64]  # far from the border, where fewer stamps reach
    return row.int().flatten().tolist(), middle / middle.max()


@torch.no_grad()
def samples(lab: dict, generator: nn.Module, count: int = SAMPLES) -> torch.Tensor:
    """Paintings `(count, 3, 64, 64)`, in small batches, which are quicker on a CPU."""
    return torch.cat([lab["sample"](generator, 125) for _ in range(count // 125)])


def kept(seed: int, step: int) -> Path:
    """Where the generator of a default run lies."""
    return TRAINED / f"gan_seed_{seed}_step_{step}.safetensors"


def trained(lab: dict, seed: int, step: int) -> nn.Module:
    """The generator of a default run after so many steps; after none, an untrained one."""
    torch.manual_seed(seed)
    generator = lab["Generator"](lab["LATENT_DIM"], 16)
    if step == 0:
        return generator.apply(lab["init_weights"]).eval()
    generator.load_state_dict(load_file(kept(seed, step)))
    return generator.eval()


@torch.no_grad()
def default_runs(out: Path, lab: dict, art: Art, art_seen: Seen, floor: float) -> dict[str, str]:
    """Samples, growth, a walk, distances along the training, and which movements there are at its end."""
    steps = [round(share * lab["STEPS_ON_A_CPU"]) for share in STOPS]
    seeds = [seed for seed in SEEDS if all(kept(seed, step).exists() for step in steps)]
    if 0 not in seeds:
        print(f"No default run is finished: {kept(0, steps[-1])} is missing. Its figures stay as they are.")
        return {}
    steps = [0, *steps]
    final = trained(lab, 0, steps[-1])
    torch.manual_seed(1)
    draw.art_rows(out / "samples.webp", list(lab["sample"](final, 60).split(12)))
    noise = torch.randn(GROWING, lab["LATENT_DIM"])
    draw.art_rows(out / "growth.webp", [trained(lab, 0, step)(noise) for step in steps])
    torch.manual_seed(2)
    start, end = torch.randn(2, 4, 1, lab["LATENT_DIM"])
    angle = torch.linspace(0, math.pi / 2, 10).view(1, -1, 1)
    walks = angle.cos() * start + angle.sin() * end  # (4, 10, L), each point again N(0, I)
    draw.art_rows(out / "walk.webp", [final(walk) for walk in walks])

    seen = {}
    for seed in seeds:
        for step in steps:
            generator = trained(lab, seed, step)
            torch.manual_seed(1)  # the same noise for all
            seen[seed, step] = see_art(samples(lab, generator))
            print(f"seed {seed}, step {step}: distance {art_distance(seen[seed, step], art_seen):.1f}", flush=True)  # fmt: skip
    distances = {seed: [art_distance(seen[seed, step], art_seen) for step in steps] for seed in seeds}
    covered = {seed: [seen[seed, step].covered() for step in steps] for seed in seeds}
    draw.distances(out / "distance", steps, distances, floor)
    counts = {step: seen[0, step].counts() for step in (steps[1], steps[-1])}
    draw.coverage(out / "coverage", counts, art.movements, SAMPLES)
    ends = [values[-1] for values in distances.values()]
    return {
        "seeds": str(len(seeds)),
        "seed0": f"{distances[0][-1]:.1f}",
        "distance_min": f"{min(ends):.1f}",
        "distance_max": f"{max(ends):.1f}",
        "covered0": str(covered[0][-1]),
        "covered_min": str(min(values[-1] for values in covered.values())),
        "covered_max": str(max(values[-1] for values in covered.values())),
        **{f"stop{k}": f"{step:,}" for k, step in enumerate(steps[1:], start=1)},
        "first_distance": f"{distances[0][1]:.0f}",
        "first_covered": str(covered[0][1]),
    }


def broken_runs(out: Path) -> dict[str, str]:
    """The recorded runs with one change each: samples at the end, and the curves on the way."""
    runs = load_gan_runs() if FILE.exists() else {}
    missing, lengths = [name for name in RUNS if name not in runs], {run.steps[-1] for run in runs.values()}
    if missing or len(lengths) > 1:  # runs of different lengths compare with nothing
        why = f"{', '.join(missing)} missing" if missing else f"runs of {sorted(lengths)} steps"
        print(f"The broken runs cannot be compared yet, {FILE.name}: {why}. Their figures stay as they are.")
        return {}
    draw.art_rows(out / "broken.webp", [run.frames[-1][:12].float() / 127.5 - 1 for run in runs.values()])
    draw.accuracies(out / "accuracies", runs)
    draw.gradients(out / "gradients", runs)
    found = dict(pair for name, run in runs.items() for pair in numbers_of(name.replace(" ", "_"), run))
    return found | {"broken_steps": f"{lengths.pop():,}"}


def numbers_of(name: str, run) -> Sequence[tuple[str, str]]:
    """What the chapter says of a broken run: at its end, of its curves' last tenth, and of their first quarter."""
    late, early = max(1, len(run.steps) // 10), max(1, len(run.steps) // 4)
    means = {curve: sum(run[curve][-late:]) / late for curve in ("real", "fake", "d_loss", "g_loss", "g_gradient")}  # fmt: skip
    return [
        (f"{name}_distance", f"{run['test_distance'][-1]:.1f}"),
        (f"{name}_covered", f"{run['test_covered'][-1]:.0f}"),
        *((f"{name}_{curve}", f"{mean:.2f}") for curve, mean in means.items()),
        *(
            (f"{name}_early_{curve}", f"{sum(run[curve][:early]) / early:.2f}")
            for curve in ("fake", "g_gradient")
        ),
    ]
