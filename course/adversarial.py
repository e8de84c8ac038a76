"""The training loop of the lab `gan`: two networks, counted in steps, and what one should watch on the way."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from course.data.images import to_bytes
from course.training import Evaluate, History, batches, in_notebook, named_values, progress_bar

Optimizer = torch.optim.Optimizer
AdversarialStep = Callable[
    [nn.Module, nn.Module, Optimizer, Optimizer, torch.Tensor], "float | Mapping[str, float]"
]

NOTES = 150  # about so many values make a curve
EVALUATIONS = 10  # how often `evaluate` is called
FRAMES = 36  # pictures of the animation
FIXED = 32  # paintings on each of them, always of the same noise
CALM = 0.5  # share of the steps, at the end, in which both learning rates fall evenly to 0
PAUSE = 20  # a redrawn figure may take a twentieth of the time


class GanHistory(History):
    """What happened: curves, noted every few steps, and how the paintings of fixed noise grew.

    `history["d_loss"]` and `history["g_loss"]` are means over the steps since the note before; `real` and
    `fake` the discriminator's accuracies on a batch of either; `d_gradient` and `g_gradient` the norms of the
    gradients that the optimisers were given. `history.steps` says at which steps. What `evaluate` measured
    is `test_<name>`, at `history.test_steps`. `history.frames` (frames, 32, 3, 64, 64) are bytes, of
    `history.frame_steps`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[int] = []
        self.test_steps: list[int] = []
        self.frame_steps: list[int] = []
        self.frames = torch.empty(0, dtype=torch.uint8)

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {values[-1]:.3f}" for name, values in self.curves.items())
        done = self.steps[-1] if self.steps else 0
        return f"GanHistory({done} steps in {self.seconds:.0f} s; at the end: {last or 'nothing yet'})"

    def along(self, name: str) -> list[int]:
        """The steps at which the values of a curve were noted."""
        return self.test_steps if name.startswith("test_") else self.steps


def fit_gan(
    step: AdversarialStep,
    generator: nn.Module,
    discriminator: nn.Module,
    opt_g: Optimizer,
    opt_d: Optimizer,
    images: torch.Tensor,
    *,
    steps: int,
    batch_size: int = 64,
    evaluate: Evaluate | None = None,
) -> GanHistory:
    """Call `step(generator, discriminator, opt_g, opt_d, batch)` so many times; return the history.

    `images` (N, 3, 64, 64) stay in memory; batches are shuffled anew whenever all were seen. `evaluate()`
    is called ten times on the way. In the second half both learning rates fall evenly to 0: two networks that
    chase each other go round in circles, and smaller and smaller steps let the circles shrink. In a notebook a
    progress bar, live curves and the paintings of fixed noise appear. Interrupt the cell to stop early: what was
    learned until then stays.

    Raises:
        TypeError: the step or the evaluation returned something else than a number or a dict of numbers.
    """
    # The course's own tests shorten every training with this variable.
    steps = min(steps, int(os.environ.get("GENLAB_STEPS", steps)))
    history, began = GanHistory(), time.perf_counter()
    watch = _Watch(generator, discriminator, opt_g, opt_d)
    live = _LiveView(steps)
    rates = [(group, group["lr"]) for optimizer in (opt_g, opt_d) for group in optimizer.param_groups]
    stream = _endless(images, batch_size)
    every = max(1, steps // NOTES)
    frames_at = {round(steps * (k / (FRAMES - 1)) ** 1.5) for k in range(FRAMES)}  # more of them early
    evaluate_at = {round(steps * k / EVALUATIONS) for k in range(EVALUATIONS + 1)} if evaluate else set()
    sums: dict[str, float] = {}
    since, done = 0, 0
    with progress_bar(total=steps) as bar:
        try:
            for done in range(steps + 1):
                if done > 0:
                    real = next(stream)
                    noting = done % every == 0 or done == steps
                    watch.wanted = noting
                    for group, rate in rates:
                        group["lr"] = rate * min(1.0, (steps - done + 1) / (CALM * steps))
                    values = named_values(step(generator, discriminator, opt_g, opt_d, real), "the step")
                    since += 1
                    for name, value in values.items():
                        sums[name] = sums.get(name, 0.0) + value
                    bar.set_description_str(f"step {done} of {steps}", refresh=False)
                    bar.set_postfix_str("  ".join(f"{k} {v:.3f}" for k, v in values.items()), refresh=False)
                    bar.update()
                    if not all(map(math.isfinite, values.values())):
                        print(f"Stopped at step {done}: a loss is no longer a finite number: {values}.")
                        break
                    if noting:
                        history.steps.append(done)
                        history.add({name: total / since for name, total in sums.items()} | watch.look(real))
                        sums, since = {}, 0
                if done in frames_at:
                    history.frame_steps.append(done)
                    history.frames = torch.cat([history.frames, to_bytes(watch.paint()).cpu()[None]])
                if evaluate is not None and done in evaluate_at:
                    measured = named_values(evaluate(), "evaluate")
                    history.test_steps.append(done)
                    history.add({f"test_{name}": value for name, value in measured.items()})
                history.seconds = time.perf_counter() - began
                live.update(history, done)
        except KeyboardInterrupt:
            print(f"Stopped at step {done} of {steps}; the networks keep what they have learned.")
        finally:
            watch.close()
            for group, rate in rates:
                group["lr"] = rate
    return history


@torch.no_grad()
def accuracies(generator: nn.Module, discriminator: nn.Module, real: torch.Tensor) -> dict[str, float]:
    """How often the discriminator is right now: share of real images with a logit above 0, of fakes below.

    It judges as it does in training, in train mode, on as many fresh fakes as there are real images; running
    statistics and modes stay as they are.
    """
    modes = [(network, network.training) for network in (generator, discriminator)]
    kept = [(buffer, buffer.clone()) for network, _ in modes for buffer in network.buffers()]
    for network, _ in modes:
        network.train()
    fake = generator(torch.randn(len(real), _latent_dim(generator), device=real.device))
    found = {"real": discriminator(real) > 0, "fake": discriminator(fake) < 0}
    for buffer, before in kept:
        buffer.copy_(before)
    for network, training in modes:
        network.train(training)
    return {name: right.float().mean().item() for name, right in found.items()}


def _latent_dim(generator: nn.Module) -> int:
    return int(generator.latent_dim)  # type: ignore[arg-type]


class _Watch:
    """Looks at both networks without leaving a trace in them."""

    def __init__(
        self, generator: nn.Module, discriminator: nn.Module, opt_g: Optimizer, opt_d: Optimizer
    ) -> None:
        self.generator, self.discriminator = generator, discriminator
        self.wanted = False
        self.norms: dict[str, float] = {}
        # Just before an optimiser steps its gradients are what it will use; after the whole step they may not be.
        self.hooks = [
            optimizer.register_step_pre_hook(self._noter(name))
            for name, optimizer in (("g_gradient", opt_g), ("d_gradient", opt_d))
        ]
        # The same noise on every machine: drawn on the CPU, from a generator of its own.
        noise = torch.randn(FIXED, _latent_dim(generator), generator=torch.Generator().manual_seed(1))
        self.noise = noise.to(next(generator.parameters()).device)

    def look(self, real: torch.Tensor) -> dict[str, float]:
        """Accuracies now, and the gradient norms of the last updates (NaN where there was none)."""
        missing = {"d_gradient": math.nan, "g_gradient": math.nan}
        return accuracies(self.generator, self.discriminator, real) | missing | self.norms

    @torch.no_grad()
    def paint(self) -> torch.Tensor:
        """What the generator makes of the fixed noise, `(FIXED, 3, 64, 64)`."""
        training = self.generator.training
        self.generator.eval()
        images: torch.Tensor = self.generator(self.noise)
        self.generator.train(training)
        return images

    def close(self) -> None:
        for hook in self.hooks:
            hook.remove()

    def _noter(self, name: str) -> Callable[[Optimizer, Any, Any], None]:
        def note(optimizer: Optimizer, args: Any, kwargs: Any) -> None:
            if self.wanted:
                parameters = (p for group in optimizer.param_groups for p in group["params"])
                norms = [p.grad.norm() for p in parameters if p.grad is not None]
                self.norms[name] = torch.stack(norms).norm().item() if norms else math.nan

        return note


class _LiveView:
    """Curves and paintings above the progress bar, drawn anew in the same place as training goes on."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.active = in_notebook() and steps > 1
        self.handle: Any = None
        self.next = 0.0
        # Empty axes first: a figure that came after the bar's text would cut that text in two.
        if self.active:
            self._draw(GanHistory(), 0)

    def update(self, history: GanHistory, done: int) -> None:
        if self.active and (time.perf_counter() > self.next or done == self.steps):
            self._draw(history, done)

    def _draw(self, history: GanHistory, done: int) -> None:
        from course import plotting

        began = time.perf_counter()
        last = ", ".join(f"{name} {values[-1]:.3f}" for name, values in history.curves.items())
        figure = plotting.gan_progress(history, steps=self.steps)
        alt = f"Curves and paintings after {done} of {self.steps} steps. {last}"
        self.handle = plotting.show_in_place(self.handle, figure, alt=alt)
        now = time.perf_counter()
        self.next = now + PAUSE * (now - began)


def _endless(images: torch.Tensor, batch_size: int) -> Any:
    """Shuffled batches of one size for ever; what is left over at the end of a round is left out."""
    size = min(batch_size, len(images))
    while True:
        for batch in batches(images, size):
            if len(batch) == size:
                yield batch
