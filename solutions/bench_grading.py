"""What does grading cost? `python -m solutions.bench_grading [--runs 5] [--labs ae vae gan]`

Grades the complete reference notebook of each lab, short runs and a checkpoint included, in one warm
sandbox, and measures processor time (user + system, of the grader and of everything in the sandbox) and the
largest worker. Then times `check(...)` for each component in one process, as a student's kernel runs it.
A fixed torch loop is timed in between, so that figures of different machines can be compared.
Prints a table and writes it to build/bench_grading.json.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import jupytext
import torch

from autograder import notebook as in_kernel
from autograder.engine import Grader
from autograder.policy import load_policy
from autograder.submissions import Submission
from course import save_checkpoint
from solutions.source import LABS, read, reference

MODELS: dict[str, dict[str, tuple[str, dict[str, int]]]] = {  # what a checkpoint holds, and how it is made
    "ae": {"model": ("AutoEncoder", {"latent_dim": 32})},
    "vae": {"model": ("VAE", {"latent_dim": 32})},
    "gan": {
        "generator": ("Generator", {"latent_dim": 100, "width": 16}),
        "discriminator": ("Discriminator", {"width": 16}),
    },
}
SHORT_RUNS = {"ae": ["learns"], "vae": ["learns", "kl_behaviour"], "gan": ["learns", "training_dynamics"]}
OUTPUT = Path(__file__).resolve().parent.parent / "build" / "bench_grading.json"


def cpu() -> float:
    """Processor seconds of this process, all threads."""
    times = os.times()
    return times.user + times.system


def torch_loop() -> float:
    """Processor seconds of a fixed piece of work: 200 products of 512 x 512 matrices."""
    start, a = cpu(), torch.ones(512, 512)
    for _ in range(200):
        a = (a @ a).clamp(max=1.0)
    return cpu() - start


def bench_submission(lab: str, runs: int, only: list[str] | None = None) -> dict[str, Any]:
    """Processor seconds of grading one notebook, after one that is not counted.

    Args:
        only: names of what is judged; None for everything.
    """
    policy = load_policy()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "student" / lab
        folder.mkdir(parents=True)
        jupytext.write(read(lab), folder / f"{lab}.ipynb")
        made = reference(lab)
        models = {name: made[builder](**sizes) for name, (builder, sizes) in MODELS[lab].items()}
        save_checkpoint(lab, folder=folder, **models)
        grader = Grader(policy, seed=policy.seed, sandbox="auto", only=only)
        seconds, loops = [], []
        try:
            for run in range(runs + 1):
                start, inside = cpu(), grader.sandbox.cpu_seconds()
                report = grader.grade(Submission("student", folder / f"{lab}.ipynb", folder))
                spent = cpu() - start + grader.sandbox.cpu_seconds() - inside
                assert report.status == "graded", report.message
                if run > 0:
                    seconds.append(spent)
                    loops.append(torch_loop())
            return {
                "cpu_seconds": seconds,
                "cpu_seconds_median": statistics.median(seconds),
                "torch_loop_cpu_seconds_median": statistics.median(loops),
                "worker_peak_mb": grader.peak_mb,
            }
        finally:
            grader.close()


def bench_short_runs(lab: str, runs: int) -> float:
    """Processor seconds of the short run and its control: everything, less everything but these outcomes."""
    lab_names = in_kernel.load_labs()[lab].names
    without = [name for name in lab_names if name not in SHORT_RUNS[lab]]
    whole = bench_submission(lab, runs)["cpu_seconds_median"]
    return float(whole - bench_submission(lab, runs, without)["cpu_seconds_median"])


def bench_checks(lab: str, runs: int) -> dict[str, float]:
    """Median wall seconds of `check(name)` in this process, by component."""
    namespace = reference(lab)
    names = [component.name for component in in_kernel.load_labs()[lab].components]
    found: dict[str, list[float]] = {name: [] for name in names}
    for run in range(runs + 1):
        for name in names:
            start = time.perf_counter()
            assert in_kernel.check(name, namespace).report.status == "pass"
            if run > 0:
                found[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--labs", nargs="+", choices=LABS, default=LABS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    result = {
        lab: {
            "submission": bench_submission(lab, options.runs),
            "short_runs_cpu_seconds": bench_short_runs(lab, options.runs),
            "check_wall_seconds": bench_checks(lab, options.runs),
        }
        for lab in options.labs
    }
    print(json.dumps(result, indent=2))
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
