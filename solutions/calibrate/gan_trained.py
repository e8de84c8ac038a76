"""Trains right and wrong models of the lab `gan` and measures them as `trained_model` does; each is kept as a line.

Right ones are the notebook's default run in several seeds, measured along the way, so there are weaker models among
them; their weights stay in build/calibration. Wrong ones are made to be wrong, or trained for fewer steps.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load, save_file
from torch import nn

from autograder.labs.probing import Raised
from autograder.outcomes.base import Context
from autograder.outcomes.pieces import Unusable
from autograder.outcomes.trained_gan import evaluate
from course.adversarial import EVALUATIONS, fit_gan
from course.augmentation import Augmented
from course.data.art import load_art
from course.training import set_seed
from solutions.calibrate import gan_styles as styles
from solutions.calibrate.gan_styles import Style
from solutions.calibrate.jobs import DEFAULT_RUN, RIGHT, Job, Record
from solutions.calibrate.short_runs import context_of

RAW = Path(__file__).parents[2] / "build" / "calibration"
STOPS = (0.1, 0.2, 0.5, 0.7, 1.0)  # shares of the steps after which a right run is measured
SHORT = 300  # steps of a wrong model that is trained
LATENT, WIDTH = 100, 16
TRAINED = ("no augmentation", "one movement only", "labels swapped", "same noise at every step")
MADE = ("untrained", "flat colours", "noise", "one picture", "ten pictures", "checkerboard", "memorised", "half of the movements")  # fmt: skip
LOOKUP = """
class Generator(nn.Module):
    def __init__(self, latent_dim=100, width=64):
        super().__init__()
        self.latent_dim = latent_dim
        self.register_buffer("images", torch.zeros({count}, 3, 64, 64))
    def forward(self, z):
        return self.images[(1e4 * z[:, 0].abs()).long() % {count}] + {noise} * z[:, :1, None, None]
"""


def default_run(seed: int) -> Record:
    """The notebook's own default run on a CPU."""
    from solutions.source import reference

    context = context_of("gan", 0, {})
    names = namespace(context)
    names.update(reference("gan"))
    steps, found = int(names["STEPS_ON_A_CPU"]), []
    set_seed(seed)
    images = load_art(progress=False).images
    generator = names["Generator"](LATENT, WIDTH).apply(names["init_weights"])
    discriminator = Augmented(names["Discriminator"](WIDTH).apply(names["init_weights"]))
    optimizers = names["make_optimizers"](generator, discriminator)
    at = iter(round(steps * k / EVALUATIONS) for k in range(EVALUATIONS + 1))

    def evaluate() -> dict[str, float]:
        step = next(at)
        if step in {round(share * steps) for share in STOPS}:
            found.append({"steps": step, **measured(context, generator)})
            save_file(generator.state_dict(), kept(seed, step))
        return {}

    fit_gan(names["train_step"], generator, discriminator, *optimizers, images,
            steps=steps, batch_size=names["BATCH_SIZE"], evaluate=evaluate)  # fmt: skip
    return {"models": found}


def kept(seed: int, step: int) -> Path:
    """Where the generator of a default run lies."""
    RAW.mkdir(parents=True, exist_ok=True)
    return RAW / f"gan_seed_{seed}_step_{step}.safetensors"


def right(network: int) -> Record:
    """Another right pair of networks, trained for half of the default run's steps."""
    from solutions.source import reference

    names = reference("gan")
    context = context_of("gan", network, styles.source(styles.draw(network)))
    steps = int(names["STEPS_ON_A_CPU"]) // 2
    generator = trained(
        context, network, steps, load_art(progress=False).images, make_optimizers=names["make_optimizers"]
    )
    return {"models": [{"steps": steps, **measured(context, generator)}]}


def wrong(name: str, seed: int) -> Record:
    """One wrong model."""
    source = styles.source(Style())
    if name in styles.FAULTS:
        source = styles.FAULTS[name].applied(source)
    art = load_art(progress=False)
    if name in TRAINED:
        images = art.images[art.labels == seed % 10] if name == "one movement only" else art.images
        context = context_of("gan", seed, source)
        generator = trained(context, seed, SHORT, images, augmented=name != "no augmentation")
        return {"models": [measured(context, generator)]}
    if name == "checkerboard":
        return checkerboard(seed)
    set_seed(seed)
    count = {"one picture": 1, "ten pictures": 10, "memorised": 1000, "half of the movements": 2000}.get(name)
    if count is None:
        return made(name, seed, source)
    chosen = torch.randperm(len(art.images))
    if (
        name != "memorised"
    ):  # new paintings, which are no copies: what a very good generator of these would do
        art = load_art(4_000, 5_000 + seed, progress=False)
        chosen = torch.arange(len(art.images))  # the first ten are of ten movements
    if name == "half of the movements":
        chosen = (art.labels < 5).nonzero().flatten()
    noise = 0.0 if name in ("memorised", "half of the movements") else 0.02
    context = context_of("gan", seed, {"Generator": LOOKUP.format(count=count, noise=noise)})
    generator = namespace(context)["Generator"](LATENT, WIDTH)
    generator.images.copy_(art.images[chosen[:count]].mul(1 - 8 * noise))
    return {"models": [measured(context, generator)]}


def made(name: str, seed: int, source: dict[str, str]) -> Record:
    """A generator that paints nothing: its weights as drawn, or its pictures replaced."""
    tanh = "return self.net(z[:, :, None, None])"
    pictures = {
        "untrained": tanh,
        "flat colours": "return torch.tanh(z[:, :3, None, None]).expand(-1, 3, 64, 64) + 0 * self.net(z[:, :, None, None])",
        "noise": f"torch.manual_seed(0)\n        {tanh} * 0 + torch.rand(len(z), 3, 64, 64) * 2 - 1",
    }
    generator = styles.source(Style())["Generator"].replace(tanh, pictures[name])
    context = context_of("gan", seed, {**source, "Generator": generator})
    set_seed(seed)
    model = namespace(context)["Generator"](LATENT, WIDTH).apply(namespace(context)["init_weights"])
    return {"models": [measured(context, model)]}


def checkerboard(seed: int) -> Record:
    """The generator of a default run, with a pattern of two pixels on top."""
    from solutions.source import reference

    names = reference("gan")
    context = context_of("gan", seed, {})

    class Board(names["Generator"]):  # type: ignore[misc]
        def forward(self, z: torch.Tensor) -> torch.Tensor:
            i = torch.arange(64)
            board = 1 - 2.0 * ((i[:, None] + i) % 2)
            return (0.75 * super().forward(z) + 0.25 * board).clamp(-1, 1)

    namespace(context)["Generator"] = Board
    model = Board(LATENT, WIDTH)
    model.load_state_dict(load(kept(seed, int(names["STEPS_ON_A_CPU"])).read_bytes()))
    return {"models": [measured(context, model)]}


def trained(
    context: Context,
    seed: int,
    steps: int,
    images: torch.Tensor,
    *,
    augmented: bool = True,
    make_optimizers: Any = None,
) -> nn.Module:
    """A generator trained by the submission's own step."""
    from solutions.source import reference

    names, recipe = namespace(context), reference("gan")
    set_seed(seed)
    generator = names["Generator"](LATENT, WIDTH).apply(names["init_weights"])
    discriminator = names["Discriminator"](WIDTH).apply(names["init_weights"])
    judge = Augmented(discriminator) if augmented else discriminator
    optimizers = (make_optimizers or recipe["make_optimizers"])(generator, judge)
    fit_gan(names["train_step"], generator, judge, *optimizers, images,
            steps=steps, batch_size=int(recipe["BATCH_SIZE"]))  # fmt: skip
    return generator  # type: ignore[no-any-return]


def namespace(context: Context) -> dict[str, Any]:
    """The names of the submission."""
    return context.workers.namespace  # type: ignore[attr-defined, no-any-return]


def measured(context: Context, generator: nn.Module) -> Record:
    """What `trained_model` measures of a generator."""
    weights = {key: value.detach().clone() for key, value in generator.state_dict().items()}
    try:
        kept = asdict(evaluate(context, weights, LATENT, WIDTH))
        return {**kept.pop("samples"), **kept}
    except (Unusable, Raised) as error:
        return {"unusable": str(error)}


def jobs(seeds: range, networks: range, *, faulty: range) -> list[Job]:
    """What there is to measure: the default run in several seeds, other right networks, wrong models."""
    found = [Job(seed, DEFAULT_RUN, default_run, (seed,), "") for seed in seeds]
    found += [Job(n, RIGHT, right, (n,), styles.draw(n).name) for n in networks]
    for seed in faulty:
        found += [Job(seed, name, wrong, (name, seed), "plain") for name in (*MADE, *TRAINED)]
    return found
