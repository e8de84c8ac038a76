"""What did the student's calls do? The noise that the generator was given is read as that of known updates.

A way to make the updates explains a call if it moves every parameter as the student's code did, on that noise.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch

from autograder.labs.adversarial_slips import SLIPS, Given, Pair, Path, Slip, Way, follow
from autograder.labs.slips import flat, same_path

SIZES = (24, 7, 24)  # of the batches of three calls in a row; two are equal, so that a seed set inside shows
LATENT = 10  # not 100, which may be written into the student's code
NETWORKS = ("generator", "discriminator")
PICKS, ROWS = 20, 1000  # ways to pick draws among those of a call, and rows of noise, that are looked at
Passes = list[tuple[torch.Tensor, bool]]
Number = dict[str, float]


@dataclass(frozen=True)
class Trace:
    """What three calls of the student's did."""

    values: list[Number]  # "loss", or "d_loss" and "g_loss"
    thetas: list[torch.Tensor]  # all parameters of the pair after each call, in float64
    passes: list[Passes]  # noise that the generator was given, and whether gradients were on


@dataclass(frozen=True)
class Bench:
    """What the grader knows: the pair before the first call, the rates, the real images."""

    order: str
    pair: Pair
    rates: tuple[float, float]
    reals: list[torch.Tensor]  # their squares, (B, 3, 8, 8)

    def same(self, got: Sequence[torch.Tensor], truth: Sequence[torch.Tensor], network: str = "") -> bool:
        """Every layer moves as it should: a large move of one hides nothing in another."""
        start, at = flat(self.pair), 0
        for layer, size in self._layers():
            part = slice(at, at + size)
            at += size
            if layer.startswith(network) and not same_path(
                start[part], [t[part] for t in got], [t[part] for t in truth]
            ):
                return False
        return True

    def part(self, theta: torch.Tensor, network: str) -> torch.Tensor:
        """The parameters of one network."""
        count = sum(p.numel() for p in self.pair.generator.parameters())
        return theta[:count] if network == "generator" else theta[count:]

    def _layers(self) -> list[tuple[str, int]]:
        sizes: dict[str, int] = {}
        for name, parameter in self.pair.named_parameters():
            layer = name.rpartition(".")[0]
            sizes[layer] = sizes.get(layer, 0) + parameter.numel()
        return list(sizes.items())


# Readings ----------------------------------------------------------------------------------------

Reading = tuple[str, tuple[int, ...]]


def readings(
    calls: list[Passes], sizes: Sequence[int], way: Way, picks: int = PICKS
) -> Iterator[list[tuple[torch.Tensor, ...]]]:
    """Ways to read the noise that the generator was given as that of a way's updates, the same in every call.

    Rows count, not passes: a batch may come in pieces. What was drawn besides (to log something) is left out. The
    first update of the generator may take the fakes of the discriminator's, whose graph is as good.
    """
    tables = [dict(_readings_of_call(items, n, way, picks)) for items, n in zip(calls, sizes, strict=True)]
    for key in tables[0]:
        if all(key in table for table in tables):
            yield [table[key] for table in tables]


def _readings_of_call(
    items: Passes, n: int, way: Way, most: int
) -> Iterator[tuple[Reading, tuple[torch.Tensor, ...]]]:
    zs = [(z, grad) for z, grad in items if z.shape[1] == LATENT]
    rows = torch.cat([z for z, _ in zs]) if zs else torch.empty(0)
    if not 0 < len(rows) <= ROWS:
        return
    passes = [z for z, _ in zs]
    schemes = {"passes": passes, "learning": [z for z, grad in zs if grad]}
    if len(rows) % n == 0:
        schemes["rows"] = list(torch.split(rows, n))
    if len(rows) % way.fresh == 0:
        schemes["shares"] = list(torch.split(rows, len(rows) // way.fresh))
    for scheme, chunks in schemes.items():
        picks: list[tuple[int, ...]] = []
        if len(chunks) >= way.fresh:
            picks = list(itertools.islice(itertools.combinations(range(len(chunks)), way.fresh), most))
        elif len(chunks) == way.fresh - 1 and way.order.startswith("dg"):
            picks = [(0, *range(len(chunks)))]
        for pick in picks:
            fresh, draws = iter(pick), list[torch.Tensor]()
            for letter in way.order:
                draws.append(draws[-1] if letter == "s" else chunks[next(fresh)])
            yield (scheme, pick), tuple(draws)


def ways(order: str) -> list[Way]:
    """The right ones: the mode of a network that does not learn is not judged."""
    first = [False, True] if "d" in order else [False]
    second = [False, True] if "g" in order else [False]
    return [Way(order, g_shown_eval=a, d_shown_eval=b) for a in first for b in second]


def givens_of(bench: Bench, draws: list[tuple[torch.Tensor, ...]]) -> list[Given]:
    stale = bench.order == "d"
    return [
        Given(real, zs, stale and i > 0) for i, (real, zs) in enumerate(zip(bench.reals, draws, strict=True))
    ]


def find(bench: Bench, trace: Trace, way: Way, picks: int = PICKS) -> tuple[list[Given], Path] | None:
    """A reading of the noise under which this way explains every move."""
    tried: list[list[tuple[torch.Tensor, ...]]] = []
    for draws in readings(trace.passes, SIZES, way, picks):
        if any(_alike(draws, others) for others in tried):
            continue
        tried.append(draws)
        givens = givens_of(bench, draws)
        try:
            if not bench.same(trace.thetas[:1], follow(bench.pair, bench.rates, givens[:1], way).thetas):
                continue  # most are ruled out by their first call already
            path = follow(bench.pair, bench.rates, givens, way)
        except RuntimeError:
            continue  # autograd refuses a step between forward and backward; the student's code ran
        if bench.same(trace.thetas, path.thetas):
            return givens, path
    return None


def _alike(draws: list[tuple[torch.Tensor, ...]], others: list[tuple[torch.Tensor, ...]]) -> bool:
    return all(
        a.shape == b.shape and torch.equal(a, b)
        for some, more in zip(draws, others, strict=True)
        for a, b in zip(some, more, strict=True)
    )


def recognise(bench: Bench, trace: Trace) -> Slip | None:
    """The slip that alone explains every move, whatever the modes that are not judged."""
    fitting = []
    for slip in SLIPS[bench.order]:
        for right in ways(bench.order):
            way = replace(slip.way, g_shown_eval=right.g_shown_eval, d_shown_eval=right.d_shown_eval)
            if find(bench, trace, way, picks=3) is not None:
                fitting.append(slip)
                break
    return fitting[0] if len({slip.name for slip in fitting}) == 1 else None
