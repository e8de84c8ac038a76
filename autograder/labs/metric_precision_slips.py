"""Known mistakes of improved precision and recall, each as the formula that it comes to, in float64."""

from __future__ import annotations

from collections.abc import Callable

import torch

from autograder.labs.metric_answers import Numbers, Slip

Tensor = torch.Tensor
Distances = Callable[[Tensor, Tensor], Tensor]


def euclidean(x: Tensor, y: Tensor) -> Tensor:
    """`(N, M)`, each from the difference itself: the formula with products loses digits."""
    return (x[:, None] - y[None]).square().sum(-1).sqrt()


def radii(x: Tensor, k: int, distances: Distances = euclidean) -> Tensor:
    """Distance of each point to the k-th other one of its set, `(N,)`; 0 for k = 0."""
    apart = distances(x, x)
    apart.fill_diagonal_(-1.0)  # the point itself comes first
    return apart.sort(1).values[:, min(k, len(x) - 1)].clamp(min=0)


def _pair(in_real: Tensor, in_fake: Tensor) -> Numbers:
    """From `(N, M)` each: is fake j in the ball of real i, is real i in that of fake j?"""
    return float(in_real.any(0).double().mean()), float(in_fake.any(1).double().mean())


def true_pair(real: Tensor, fake: Tensor, k: int) -> Numbers:
    """Precision and recall, Kynkaanniemi et al. 2019, equations 1 and 2."""
    return _with(real, fake, lambda x: radii(x, k))


def _with(real: Tensor, fake: Tensor, radius: Callable[[Tensor], Tensor], distances: Distances = euclidean, power: float = 1) -> Numbers:  # fmt: skip
    real, fake = real.double(), fake.double()
    apart = distances(real, fake) ** power
    return _pair(apart <= radius(real)[:, None], apart <= radius(fake)[None])


def _taxicab(x: Tensor, y: Tensor) -> Tensor:
    return (x[:, None] - y[None]).abs().sum(-1)


def _cosine(x: Tensor, y: Tensor) -> Tensor:
    return 1 - torch.nn.functional.cosine_similarity(x[:, None], y[None], dim=-1)


def _mean_of_neighbours(x: Tensor, k: int) -> Tensor:
    apart = euclidean(x, x).fill_diagonal_(-1.0).sort(1).values
    return apart[:, 1 : k + 1].mean(1)


def _swapped(real: Tensor, fake: Tensor, k: int) -> Numbers:
    precision, recall = true_pair(real, fake, k)
    return recall, precision


def _inside(real: Tensor, fake: Tensor, k: int) -> tuple[Tensor, Tensor]:
    real, fake = real.double(), fake.double()
    apart = euclidean(real, fake)
    return apart <= radii(real, k)[:, None], apart <= radii(fake, k)[None]


def _wrong_radius(real: Tensor, fake: Tensor, k: int) -> Numbers:
    in_real, in_fake = _inside(real, fake, k)
    return _pair(in_fake, in_real)


def _one_radius(real: Tensor, fake: Tensor, k: int, *, of_real: bool) -> Numbers:
    """The balls of one set decide both: any point of the other set in its own."""
    in_real, in_fake = _inside(real, fake, k)
    return _pair(in_real, in_real) if of_real else _pair(in_fake, in_fake)


def _density(real: Tensor, fake: Tensor, k: int, *, recall: bool) -> Numbers:
    in_real, in_fake = _inside(real, fake, k)
    other = in_fake.any(1) if recall else in_real.any(1)
    return float(in_real.double().sum() / (k * len(fake))), float(other.double().mean())


def _other_set(real: Tensor, fake: Tensor, k: int, *, shift: int) -> Numbers:
    """Radius: distance to the k-th point of the other set."""
    apart = euclidean(real.double(), fake.double())
    of_real = apart.sort(1).values[:, min(k - shift, len(fake) - 1)]
    of_fake = apart.sort(0).values[min(k - shift, len(real) - 1)]
    return _pair(apart <= of_real[:, None], apart <= of_fake[None])


def _nearest_ball(real: Tensor, fake: Tensor, k: int) -> Numbers:
    """Only the ball of the nearest point is looked at."""
    real, fake = real.double(), fake.double()
    apart = euclidean(real, fake)
    precision = apart.min(0).values <= radii(real, k)[apart.argmin(0)]
    recall = apart.min(1).values <= radii(fake, k)[apart.argmin(1)]
    return float(precision.double().mean()), float(recall.double().mean())


def _all_balls(real: Tensor, fake: Tensor, k: int) -> Numbers:
    in_real, in_fake = _inside(real, fake, k)
    return float(in_real.all(0).double().mean()), float(in_fake.all(1).double().mean())


def _share_of_pairs(real: Tensor, fake: Tensor, k: int) -> Numbers:
    in_real, in_fake = _inside(real, fake, k)
    return float(in_real.double().mean()), float(in_fake.double().mean())


def _other_length(real: Tensor, fake: Tensor, k: int) -> Numbers:
    precision, recall = true_pair(real, fake, k)
    return precision * len(fake) / len(real), recall * len(real) / len(fake)


_ONE = "one-radius-for-all"
_ONE_TOLD = "One radius serves for all points of a set; each point has its own, so that balls are small where points lie close."
_SQUARED = "squared-and-plain-mixed"
_SQUARED_TOLD = "A squared distance is compared with a plain one: take the root of both, or of neither."
_LOOSE = "radius-of-the-other-set"
_LOOSE_TOLD = "The radius comes from the wrong set. Precision asks whether a sample lies in the ball of a real point, which reaches to that real point's neighbours among the real ones; recall the other way round."
SLIPS = (
    Slip("precision-recall-swapped", "Precision and recall are swapped: the first of the pair is precision, the share of the samples that lie among the real points.", _swapped),
    Slip("neighbour-counts-itself", "The radius is one neighbour too short: each point is its own nearest neighbour, at distance 0, and does not count as one of the k.", lambda r, f, k: true_pair(r, f, k - 1)),
    Slip("one-neighbour-too-many", "The radius reaches to the next neighbour after the k-th. In a sorted list that begins with the point itself, at place 0, the k-th other one is at place k.", lambda r, f, k: true_pair(r, f, k + 1)),
    Slip("k-ignored", "`k` has no effect: it is 5 whatever is asked for.", lambda r, f, k: true_pair(r, f, 5)),
    Slip("k-ignored", "`k` has no effect: the nearest neighbour alone is used.", lambda r, f, k: true_pair(r, f, 1)),
    Slip(_LOOSE, _LOOSE_TOLD, _wrong_radius),
    Slip(_LOOSE, "The radii of the samples are used for precision too; there the balls are those of the real points.", lambda r, f, k: _one_radius(r, f, k, of_real=False)),
    Slip("coverage-for-recall", "The second number is the coverage, the share of real points with a sample in their own ball. Recall uses the balls of the samples: is a real point in one of them?", lambda r, f, k: _one_radius(r, f, k, of_real=True)),
    Slip("density-for-precision", "The first number is the density, which counts balls; precision counts a sample once, however many balls it lies in.", lambda r, f, k: _density(r, f, k, recall=True)),
    Slip("density-for-precision", "These are density and coverage (Naeem et al. 2020), which count balls and look at real ones alone; precision and recall are asked for.", lambda r, f, k: _density(r, f, k, recall=False)),
    Slip("radius-across-sets", "The radius is the distance to a neighbour in the other set; it is that to the k-th other point of the same set.", lambda r, f, k: _other_set(r, f, k, shift=1)),
    Slip("radius-across-sets", "The radius is the distance to a neighbour in the other set; it is that to the k-th other point of the same set.", lambda r, f, k: _other_set(r, f, k, shift=0)),
    Slip("nearest-ball-only", "Only the ball of the nearest point is looked at; a point counts as covered if it lies in any ball, and one farther off may be larger.", _nearest_ball),
    Slip("in-every-ball", "A point counts if it lies in every ball; one ball is enough.", _all_balls),
    Slip("pairs-not-points", "Pairs of a point and a ball are counted; count the points that lie in at least one ball.", _share_of_pairs),
    Slip("divided-by-the-other-set", "The counts are divided by the size of the other set: precision is a share of the samples, recall one of the real points.", _other_length),
    Slip("mean-of-neighbours", "The radius is the mean distance to the k neighbours; it is the distance to the k-th.", lambda r, f, k: _with(r, f, lambda x: _mean_of_neighbours(x, k))),
    Slip(_ONE, _ONE_TOLD, lambda r, f, k: _with(r, f, lambda x: radii(x, k).mean().expand(len(x)))),
    Slip(_ONE, _ONE_TOLD, lambda r, f, k: _with(r, f, lambda x: radii(x, k).max().expand(len(x)))),
    Slip(_ONE, _ONE_TOLD, lambda r, f, k: _with(r, f, lambda x: radii(x, k).median().expand(len(x)))),
    Slip(_SQUARED, _SQUARED_TOLD, lambda r, f, k: _with(r, f, lambda x: radii(x, k), power=2)),
    Slip(_SQUARED, _SQUARED_TOLD, lambda r, f, k: _with(r, f, lambda x: radii(x, k).square())),
    Slip("distance-not-euclidean", "Distances are sums of absolute differences; take the Euclidean ones.", lambda r, f, k: _with(r, f, lambda x: radii(x, k, _taxicab), _taxicab)),
    Slip("distance-not-euclidean", "Distances are angles (cosine); take the Euclidean ones.", lambda r, f, k: _with(r, f, lambda x: radii(x, k, _cosine), _cosine)),
    Slip("missed-not-covered", "These are the shares of points outside of all balls; take those inside.", lambda r, f, k: tuple(1 - share for share in true_pair(r, f, k))),
    Slip("percent", "These are percentages; return shares from 0 to 1.", lambda r, f, k: tuple(100 * share for share in true_pair(r, f, k))),
)  # fmt: skip
