"""The course's results: trains all its models at the lab sheet's setups and measures them.

    python -m solutions.make_results [--root ROOT] [--seeds 3] [--only ae,vae,gan] [--jobs 2]

AutoEncoder and VAE train on all 60,000 digits, 20 epochs in batches of 128, a minute or two each; the GAN makes the
notebook's default run on a CPU, about ten minutes a seed, as `genlab calibrate gan` does, and shares its results:
what is there is not trained again, and more seeds than asked for are used. Everything goes on where it was interrupted;
delete build/results to begin anew. What the site shows is then written into site/docs/assets/results, to be committed:
numbers and curves of every seed with where they are from, some pictures, and the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from course.data.mnist import DOWNLOADS, load_mnist
from solutions.calibrate import gan_trained, jobs
from solutions.results import measure, pictures, train
from solutions.results.summary import summary
from solutions.source import reference

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "site" / "docs" / "assets" / "results"
LABS = (*train.LABS, "gan")
Lines = dict[str, dict[int, jobs.Record]]


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    root = Path(os.environ.get("GENLAB_MNIST", DOWNLOADS))
    parser.add_argument("--root", type=Path, default=root, help="folder of the full MNIST (or $GENLAB_MNIST)")
    parser.add_argument("--seeds", type=int, default=3, help="of each model, from 0 on")
    parser.add_argument(
        "--only", default=",".join(LABS), help="models to train; all that are there are shown"
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes, of one thread each")
    parser.add_argument("--no-training", action="store_true", help="measure and show what has been trained")
    options = parser.parse_args()
    labs, root = tuple(options.only.split(",")), options.root.expanduser()
    if unknown := set(labs) - set(LABS):
        parser.error(f"no model {', '.join(sorted(unknown))}; there are {', '.join(LABS)}")
    load_mnist(full=True, root=root)  # downloads it once, before several processes would
    if not options.no_training:
        train_missing(root, range(options.seeds), labs, options.jobs)
    trained = all_trained()
    seeds = {lab: sorted(by_seed) for lab, by_seed in trained.items()}
    jobs.run(measure.jobs(root, seeds), train.FOLDER / "measured.jsonl", processes=options.jobs)
    measured = by_class(jobs.read(train.FOLDER / "measured.jsonl"))
    OUT.mkdir(parents=True, exist_ok=True)
    shown = summary(
        trained, measured, f"python -m solutions.make_results --root ROOT --seeds {options.seeds}"
    )
    (OUT / "results.json").write_text(json.dumps(shown) + "\n", encoding="utf-8")
    if all(pictures.SEED in seeds.get(lab, []) for lab in train.LABS):
        pictures.digit_pictures(root, OUT / "digits.safetensors")
    if seeds.get("gan"):
        pictures.art_sheet(seeds["gan"][:3], OUT / "art.webp")
    subprocess.run([sys.executable, ROOT / "site" / "figures.py", "results"], check=True)


def train_missing(root: Path, seeds: range, labs: tuple[str, ...], processes: int) -> None:
    """Train what no file holds yet."""
    jobs.run(train.jobs(root, seeds, labs), train.FOLDER / "digits.jsonl", processes=processes)
    if "gan" in labs:
        there = all_trained().get("gan", {})
        missing = [
            job for job in gan_trained.jobs(seeds, range(0), faulty=range(0)) if job.network not in there
        ]
        jobs.run(missing, gan_trained.RAW / "gan_trained.jsonl", processes=processes)


def all_trained() -> Lines:
    """The line of each training whose weights are there, by model and seed."""
    found = by_class(jobs.read(train.FOLDER / "digits.jsonl"))
    found = {
        lab: {seed: line for seed, line in found.get(lab, {}).items() if train.kept(lab, seed).exists()}
        for lab in train.LABS
    }
    stops = measure.stops(int(reference("gan")["STEPS_ON_A_CPU"]))
    files = sorted(gan_trained.RAW.glob("gan_trained*.jsonl"))
    lines = by_class(line for file in files for line in jobs.read(file)).get(jobs.DEFAULT_RUN, {})
    found["gan"] = {
        seed: line
        for seed, line in lines.items()
        if all(gan_trained.kept(seed, step).exists() for step in stops)
    }
    return {lab: by_seed for lab, by_seed in found.items() if by_seed}


def by_class(lines: Iterable[jobs.Record]) -> Lines:
    """Lines by what was made, and its seed."""
    found: Lines = {}
    for line in lines:
        found.setdefault(line["class"], {})[line["network"]] = line
    return found


if __name__ == "__main__":
    main()
