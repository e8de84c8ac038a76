"""What do right runs of the lab `ae` reach? `python -m solutions.calibrate_ae [--seeds 5]`

Measures the two statistics that grading the outcomes of this lab rests on, and writes them with their
provenance to solutions/calibration_ae.json; the thresholds in autograder/policy.toml refer to them:

- held-out loss of the default run (20 epochs of the embedded digits) in several seeds and right styles,
- how far the short run of right steps and its control end apart, in right styles, and where wrong steps end.
"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import nn

from autograder.outcomes.heldout import heldout_digits, training_digits
from autograder.policy import load_policy
from course.data.mnist import load_mnist
from course.training import batches, set_seed
from solutions.source import reference

OUTPUT = Path(__file__).with_name("calibration_ae.json")
LATENT_DIM, BATCH_SIZE, EPOCHS = 32, 128, 20

Make = Callable[[], nn.Module]


def layers(
    *widths: int, activation: type[nn.Module] = nn.ReLU, norm: bool = False, dropout: float = 0.0
) -> Make:
    """A symmetric fully connected AutoEncoder as a maker: 784 -> widths -> 32 -> widths -> 784."""

    def half(sizes: list[int]) -> list[nn.Module]:
        parts: list[nn.Module] = []
        for before, after in pairwise(sizes[:-1]):
            parts += [nn.Linear(before, after), *([nn.BatchNorm1d(after)] if norm else []), activation()]
            parts += [nn.Dropout(dropout)] if dropout else []
        return [*parts, nn.Linear(sizes[-2], sizes[-1])]

    def make() -> nn.Module:
        down = [784, *widths, LATENT_DIM]
        return nn.Sequential(*half(down), *half(down[::-1]), nn.Sigmoid())

    return make


STYLES: dict[str, Make] = {
    "linear": layers(),
    "32": layers(32),
    "128": layers(128),
    "256": layers(256),
    "512": layers(512),
    "512-256": layers(512, 256),
    "256-128-64": layers(256, 128, 64),
    "6 x 256": layers(*[256] * 6),
    "tanh 256": layers(256, activation=nn.Tanh),
    "batch norm 256": layers(256, norm=True),
    "batch norm 512-256": layers(512, 256, norm=True),
    "dropout 0.2": layers(256, dropout=0.2),
    "dropout 0.5": layers(256, dropout=0.5),
}

WRONG: dict[str, Callable[[nn.Module, torch.optim.Optimizer, torch.Tensor], None]] = {}


def wrong(name: str) -> Callable[[Any], Any]:
    def keep(step: Any) -> Any:
        WRONG[name] = step
        return step

    return keep


def right(model: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor) -> None:
    model.train()
    optimizer.zero_grad()
    ((model(x) - x) ** 2).mean().backward()
    optimizer.step()


@wrong("never steps")
def _(model: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor) -> None:
    ((model(x) - x) ** 2).mean().backward()


@wrong("uphill")
def _(model: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor) -> None:
    optimizer.zero_grad()
    (-((model(x) - x) ** 2).mean()).backward()
    optimizer.step()


@wrong("learns noise")
def _(model: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor) -> None:
    optimizer.zero_grad()
    ((model(x) - torch.rand_like(x)) ** 2).mean().backward()
    optimizer.step()


@wrong("learns the first batch only")
def _(model: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor) -> None:
    if not hasattr(optimizer, "kept"):
        optimizer.kept = x[:2]  # type: ignore[attr-defined]
    right(model, optimizer, optimizer.kept)  # type: ignore[attr-defined]


def heldout_loss(model: nn.Module, count: int) -> float:
    x = heldout_digits()[0][:count]
    model.eval()
    with torch.no_grad():
        return float(((model(x).double() - x.double()) ** 2).mean())


def full_run(make: Make, seed: int) -> float:
    """Held-out loss after the default run."""
    set_seed(seed)
    model = make()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    images = load_mnist().train_images
    for _ in range(EPOCHS):
        for x in batches(images, BATCH_SIZE):
            right(model, optimizer, x)
    return heldout_loss(model, 1000)


def short_run(make: Make, step: Callable[..., None], seed: int, noise: int) -> tuple[float, float]:
    """Held-out loss before and after the short run that the grader makes."""
    settings = load_policy().outcomes["ae"]
    set_seed(seed)
    model = make()
    before = heldout_loss(model, 500)
    optimizer = torch.optim.Adam(model.parameters(), lr=settings["learns_rate"])
    x = training_digits(2048)
    generator = torch.Generator().manual_seed(seed)
    set_seed(noise)
    for _ in range(int(settings["learns_steps"])):
        step(
            model,
            optimizer,
            x[torch.randint(0, len(x), (int(settings["learns_batch"]),), generator=generator)],
        )
    return before, heldout_loss(model, 500)


def measure(seeds: int) -> dict[str, Any]:
    """All statistics; prints them as they come."""
    torch.set_num_threads(1)
    lab = reference("ae")
    defaults = [full_run(lambda: lab["AutoEncoder"](LATENT_DIM), seed) for seed in range(seeds)]
    print("default run, reference:", [f"{loss:.5f}" for loss in defaults], flush=True)
    others = {}
    for name in ("128", "512-256", "256-128-64", "tanh 256", "batch norm 256", "dropout 0.2"):
        others[name] = full_run(STYLES[name], 0)
        print(f"default run, {name}: {others[name]:.5f}", flush=True)
    apart: dict[str, float] = {}
    shares: dict[str, float] = {}
    for name, make in STYLES.items():
        excess, reached = [], []
        for seed in range(seeds):
            before, control = short_run(make, right, seed, 1000 + seed)
            _, mine = short_run(make, right, seed, 2000 + seed)
            excess.append((mine - control) / max(before - control, 1e-9))
            reached += [
                (before - short_run(make, step, seed, 3000 + seed)[1]) / max(before - control, 1e-9)
                for step in WRONG.values()
            ]
        apart[name], shares[name] = max(excess), max(reached)
        print(f"{name}: right steps miss the control's fall by at most {apart[name]:.4f} of it; "
              f"wrong steps reach at most {shares[name]:.2f} of it", flush=True)  # fmt: skip
    return {
        "command": f"python -m solutions.calibrate_ae --seeds {seeds}",
        "torch": torch.__version__.split("+")[0],
        "machine": platform.machine(),
        "default_run_heldout_mse": defaults,
        "default_run_heldout_mse_of_other_right_styles": others,
        "right_short_run_missed_share": apart,
        "wrong_short_run_reached_share": shares,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    found = measure(parser.parse_args().seeds)
    OUTPUT.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
