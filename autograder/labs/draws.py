"""Which draws did a training step make? Read from what its decoder was given."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from autograder.labs.elbo_slips import Given
from autograder.labs.generative import watched_keys
from autograder.labs.probing import Answer
from autograder.labs.slips import flat
from autograder.labs.stand_in import LATENT

BETAS = (None, 4.0, 0.3)  # of three steps in a row: left out, by position, by keyword
Values = dict[str, float]


@dataclass(frozen=True)
class Trace:
    """What three steps of the student's did."""

    values: list[Values]
    thetas: list[torch.Tensor]
    passes: list[
        list[tuple[torch.Tensor, bool]]
    ]  # codes that the decoder was given, and whether gradients were on


def passes(seen: Answer) -> list[tuple[torch.Tensor, bool]]:
    items = seen.value.get("items")
    found = []
    for key, item in zip(watched_keys(seen), items if isinstance(items, list) else [], strict=False):
        z = seen.tensor(key)
        inner = item.get("items")
        grad = inner.get("grad", {}).get("value") if isinstance(inner, dict) else None
        if z is not None and z.dim() in (1, 2) and z.is_floating_point():
            found.append((z.reshape(-1, z.shape[-1]).double(), grad is True))
    return found


def candidates(model: nn.Module, batches: list[torch.Tensor], trace: Trace) -> list[list[Given]]:
    """Ways to read what the decoder was given: all passes with gradients together, or the k-th pass alone."""
    before = [flat(model), *trace.thetas[:-1]]
    readings: list[list[list[torch.Tensor]]] = [
        [[z for z, grad in passes if grad] for passes in trace.passes]
    ]
    if len({len(passes) for passes in trace.passes}) == 1:
        readings += [[[passes[k][0]] for passes in trace.passes] for k in range(len(trace.passes[0]))]
    found: list[list[Given]] = []
    for reading in readings:
        for by_order in (True, False):
            givens = [
                _matched(model, theta, x, zs, 1.0 if beta is None else beta, by_order=by_order)
                for theta, x, zs, beta in zip(before, batches, reading, BETAS, strict=True)
            ]
            kept = [given for given in givens if given is not None]
            if len(kept) == len(batches) and not any(_alike(kept, other) for other in found):
                found.append(kept)
    return found


def _alike(some: list[Given], others: list[Given]) -> bool:
    return all(
        torch.equal(a.z, b.z) and torch.equal(a.rows, b.rows) for a, b in zip(some, others, strict=True)
    )


def _matched(
    model: nn.Module,
    theta: torch.Tensor,
    x: torch.Tensor,
    zs: list[torch.Tensor],
    beta: float,
    *,
    by_order: bool,
) -> Given | None:
    """The codes laid to the digits that they were drawn for; None unless each digit has equally many.

    By order, as a batch is passed on (again and again), or by the nearest mean, if it was shuffled.
    """
    if not zs or any(z.shape[1] != zs[0].shape[1] for z in zs) or not torch.isfinite(theta).all():
        return None
    z = torch.cat(zs)
    if z.shape[1] != LATENT or len(z) % len(x):
        return None
    if by_order:
        return Given(x.double(), z, torch.arange(len(x)).repeat(len(z) // len(x)), beta)
    trial: Any = copy.deepcopy(model).train()
    nn.utils.vector_to_parameters(theta, trial.parameters())
    with torch.no_grad():
        mu, logvar = trial.encoder(x.double())
    distance = ((z[:, None] - mu) ** 2 / logvar.exp()).sum(-1)  # (codes, B)
    rows = distance.argmin(1)
    counts = torch.bincount(rows, minlength=len(x))
    return Given(x.double(), z, rows, beta) if bool((counts == counts[0]).all()) else None


def noise(
    model: nn.Module, trace: Trace, givens: list[Given], *, training: bool
) -> list[tuple[torch.Tensor, ...]]:
    """z, mu and logvar of each step, under the weights before it."""
    rows: list[tuple[torch.Tensor, ...]] = []
    for theta, given in zip([flat(model), *trace.thetas[:-1]], givens, strict=True):
        trial: Any = copy.deepcopy(model).train(training)
        nn.utils.vector_to_parameters(theta, trial.parameters())
        with torch.no_grad():
            mu, logvar = trial.encoder(given.x)
        rows.append((given.z, mu[given.rows], logvar[given.rows]))
    return rows
