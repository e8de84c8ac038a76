"""The runs of the lab `gan`: `python -m solutions.full_run_gan [--full] [--steps N] [--seed 0]`.

The notebook's reference and training loop on the embedded art; the Frechet distance of its samples beside the
untrained value and the real-against-real floor, the movements that they cover, and what a step costs. Without
`--full` it is the default run on a CPU; with it width 64 and batch 128. With fewer `--steps` than the run
has, what the whole run would cost is estimated from the measured steps.
"""

from __future__ import annotations

import argparse
import os
import time

import torch

from autograder.metrics.art import art, measure_art
from course.adversarial import fit_gan
from course.augmentation import Augmented
from course.data.art import load_art
from course.training import device, set_seed
from solutions.source import reference

LATENT_DIM, SAMPLES = 100, 2000
FULL_WIDTH, FULL_BATCH, FULL_STEPS = 64, 128, 5000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", action="store_true", help="width 64, batch 128")
    parser.add_argument("--steps", type=int, help="fewer than the run has")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    lab, where = reference("gan"), device()
    width, batch, whole = 16, 64, int(lab["STEPS_ON_A_CPU"])
    if options.full:
        width, batch, whole = FULL_WIDTH, FULL_BATCH, FULL_STEPS
    steps = min(options.steps or whole, whole)
    set_seed(options.seed)
    images = load_art(device=where).images
    generator = lab["Generator"](LATENT_DIM, width).to(where).apply(lab["init_weights"])
    discriminator = lab["Discriminator"](width).to(where).apply(lab["init_weights"])
    judge = Augmented(discriminator)
    opt_g, opt_d = lab["make_optimizers"](generator, judge)

    def measured() -> str:
        z = torch.randn(SAMPLES, LATENT_DIM, generator=torch.Generator().manual_seed(7)).to(where)
        generator.eval()
        with torch.no_grad():
            found = measure_art(torch.cat([generator(part).cpu() for part in z.split(100)]), seed=7)
        movements = round(10 * found.samples.class_coverage)
        return f"Frechet distance {found.samples.frechet_distance:.1f}, {movements} of 10 movements"

    print(f"width {width}, batch {batch}, on {where} with {torch.get_num_threads()} threads")
    print(f"real against real: {art().real_floor(SAMPLES, seed=7).frechet_distance:.2f}")
    print(f"untrained: {measured()}", flush=True)
    began, used = time.perf_counter(), os.times()
    fit_gan(lab["train_step"], generator, judge, opt_g, opt_d, images, steps=steps, batch_size=batch)
    wall, now = time.perf_counter() - began, os.times()
    cores = now.user + now.system - used.user - used.system
    print(f"after {steps} steps: {measured()}")
    print(
        f"a step: {1000 * wall / steps:.1f} ms, {cores / steps:.3f} core-seconds; {steps} steps: {wall:.0f} s, {cores:.0f} core-seconds"
    )
    if steps < whole:
        print(
            f"all {whole} steps, estimated: {wall / steps * whole:.0f} s, {cores / steps * whole:.0f} core-seconds"
        )


if __name__ == "__main__":
    main()
