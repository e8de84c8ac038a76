"""Record GAN trainings that are broken on purpose: `python -m solutions.make_gan_runs [--only NAME] [--steps N]`.

The notebook's reference at width 16 and the notebook's recipe, each run with one change, one after the other. A run
that is finished lies in `build/gan_runs/` and is not made again, so that this can be stopped at any time; at the
end all that there are go into `course/data/gan_runs.safetensors`. Some minutes a run on two cores.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save, save_file
from torch import nn

from course import __version__
from course.adversarial import GanHistory, fit_gan
from course.augmentation import Augmented
from course.data.art import load_art
from course.data.gan_runs import FILE, pack
from course.movements import art_distance, see_art
from course.training import set_seed
from solutions.source import reference

WIDTH, BATCH_SIZE = 16, 64  # of the notebook on a CPU
PICTURES = 16  # samples of each run that ship with the course
SAMPLES = 2000  # for each measurement along the way
FOLDER = Path(__file__).resolve().parent.parent / "build" / "gan_runs"


@dataclass(frozen=True)
class Change:
    """What is changed in the right recipe."""

    augmented: bool = True
    equal_rates: bool = False
    fake_target: float = 0.0  # of the discriminator's loss
    saturating: bool = False
    detach: bool = True


RUNS = {
    "the recipe": Change(),
    "no augmentation": Change(augmented=False),
    "no detach": Change(detach=False),
    "equal rates": Change(equal_rates=True),
    "both smoothed": Change(fake_target=0.1),
    "saturating loss": Change(saturating=True),
}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=RUNS, help="make just this run, and pack what there is")
    parser.add_argument("--steps", type=int, help="default: those of the notebook on a CPU")
    parser.add_argument("--paintings", type=int, default=5_000)
    parser.add_argument("--threads", type=int, help="of torch; default: its own")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where finished runs lie")
    parser.add_argument("--out", type=Path, default=FILE)
    options = parser.parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    options.folder.mkdir(parents=True, exist_ok=True)
    for name in [options.only] if options.only else RUNS:
        file = options.folder / f"{name.replace(' ', '_')}.safetensors"
        if file.exists():
            print(f"{name}: there already")
            continue
        history = record(RUNS[name], steps=options.steps, paintings=options.paintings)
        tensors, note = pack(name, history, PICTURES)
        unfinished = file.with_suffix(".unfinished")
        save_file(tensors, unfinished, metadata={"note": json.dumps(note)})
        unfinished.replace(file)
        print(f"{name}: {history}", flush=True)
    pack_all(options.folder, options.out)


def record(change: Change, *, steps: int | None = None, paintings: int = 5_000) -> GanHistory:
    """Train with one change; the history, with Frechet distance and covered movements along the way."""
    lab = reference("gan")
    set_seed(0)
    images = load_art(paintings).images
    art_seen = see_art(images)
    generator = lab["Generator"](lab["LATENT_DIM"], WIDTH).apply(lab["init_weights"])
    discriminator = lab["Discriminator"](WIDTH).apply(lab["init_weights"])
    judge = Augmented(discriminator) if change.augmented else discriminator
    opt_g, opt_d = lab["make_optimizers"](generator, judge)
    if change.equal_rates:
        opt_d.param_groups[0]["lr"] = opt_g.param_groups[0]["lr"]

    def evaluate() -> dict[str, float]:
        # In small batches, which are quicker on a CPU.
        seen = see_art(torch.cat([lab["sample"](generator, 125) for _ in range(SAMPLES // 125)]))
        return {"distance": art_distance(seen, art_seen), "covered": seen.covered()}

    def step(*networks: Any) -> dict[str, float]:
        return train_step(lab, change, *networks)

    return fit_gan(
        step,
        generator,
        judge,
        opt_g,
        opt_d,
        images,
        steps=steps or lab["STEPS_ON_A_CPU"],
        batch_size=BATCH_SIZE,
        evaluate=evaluate,
    )


def train_step(
    lab: dict[str, Any],
    change: Change,
    generator: nn.Module,
    discriminator: nn.Module,
    opt_g: torch.optim.Optimizer,
    opt_d: torch.optim.Optimizer,
    real: torch.Tensor,
) -> dict[str, float]:
    """The lab's step with one change: one update of the discriminator, then two of the generator."""
    generator.train()
    discriminator.train()
    fake = paint(generator, len(real))
    if change.detach:
        fake = fake.detach()
    on_fake = discriminator(fake)
    # BCE(l, t) = BCE(l, 0) - t l
    loss = lab["discriminator_loss"](discriminator(real), on_fake) - change.fake_target * on_fake.mean()
    opt_d.zero_grad()
    opt_g.zero_grad()
    loss.backward()
    opt_d.step()
    losses = []
    for _ in range(2):
        on_fake = discriminator(paint(generator, len(real)))
        right = lab["generator_loss"](on_fake)
        # log(1 - D) = -softplus(l) = -(softplus(-l) + l)
        loss_g = -(right + on_fake.mean()) if change.saturating else right
        if change.detach:  # without it, what the discriminator's loss left stays until the next step
            opt_g.zero_grad()
        loss_g.backward()
        opt_g.step()
        losses.append(loss_g.item())
    return {"d_loss": loss.item(), "g_loss": sum(losses) / 2}


def paint(generator: nn.Module, n: int) -> torch.Tensor:
    """`n` pictures from fresh noise."""
    images: torch.Tensor = generator(torch.randn(n, int(generator.latent_dim)))  # type: ignore[arg-type]
    return images


def pack_all(folder: Path, out: Path) -> None:
    """Put the runs that there are into the one file that ships with the course, the right recipe first."""
    tensors: dict[str, torch.Tensor] = {}
    notes = {}
    for name in RUNS:
        file = folder / f"{name.replace(' ', '_')}.safetensors"
        if file.exists():
            with safe_open(file, "pt") as stored:
                notes[name] = json.loads(stored.metadata()["note"])
                tensors |= {key: stored.get_tensor(key) for key in stored.keys()}  # noqa: SIM118
    out.write_bytes(save(tensors, metadata={"version": __version__, "runs": json.dumps(notes)}))
    print(f"{out.name}: {out.stat().st_size / 1e6:.2f} MB, {', '.join(notes)}")


if __name__ == "__main__":
    main()
