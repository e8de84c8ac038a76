"""Judges `latent_separability`, on codes where no neighbour is nearly as far as the next, and no vote is a tie."""

from __future__ import annotations

from collections.abc import Callable

import torch

from autograder.labs.judge import Judge
from autograder.labs.metric_answers import Numbers, Slip
from autograder.labs.metric_precision_slips import euclidean
from autograder.labs.metric_shares import (
    DEFAULT_K,
    MARGIN,
    OTHER_DEFAULTS,
    Case,
    Share,
    draw_telling,
    draw_until,
    judge_share,
)

Tensor = torch.Tensor
# How many codes, latents; which labels; k, None for the default; whether k is given by keyword.
CALLS = (
    (50, 3, (0, 1), None, False),
    (44, 2, (3, 8), 3, True),
    (40, 4, (0, 1), 1, False),
    (6, 2, (0, 1), None, False),  # as few as the default allows
    (18, 2, (0, 4, 9), 3, True),
    (48, 3, (2, 7), 9, False),
)


def judge_latent_separability(j: Judge) -> None:
    """Classes that overlap, of different sizes and spreads, with labels that are not 0, 1, 2."""
    judge_share(j, SHARE, draw_telling(SHARE, lambda: _cases(j)))


def _cases(j: Judge) -> list[Case]:
    cases = []
    for n, d, classes, k, keyword in CALLS:
        reach = DEFAULT_K if k is None else k

        def draw(n: int = n, d: int = d, classes: tuple[int, ...] = classes) -> tuple[Tensor, ...]:
            return _codes(j, n, d, classes)

        def clear(codes: Tensor, labels: Tensor, k: int = reach, plain: bool = k is None and n > 10) -> bool:
            right = separability(codes, labels, k)
            return _clear(codes, labels, k) and not (
                plain and any(separability(codes, labels, o) == right for o in OTHER_DEFAULTS)
            )

        cases.append(Case(draw_until(draw, clear), k, keyword))
    return cases


def _codes(j: Judge, n: int, d: int, classes: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    kinds = (j.uniform(n) ** 1.3 * len(classes)).long().clamp(max=len(classes) - 1)
    kinds[: len(classes)] = torch.arange(len(classes))
    centres = j.normal(len(classes), d) * 0.9 + 1.0
    spread = 0.5 + j.uniform(len(classes), 1)
    # Latents of different size, as a VAE has them: angles and sums of absolute differences order points otherwise.
    size = torch.exp(torch.linspace(0.7, -0.7, d))
    return (centres[kinds] + j.normal(n, d) * spread[kinds]) * size, torch.tensor(classes)[kinds]


def _clear(codes: Tensor, labels: Tensor, k: int) -> bool:
    """Every neighbour and every vote is beyond doubt, and the share is not near an end, where mistakes agree."""
    apart = euclidean(codes.double(), codes.double()).fill_diagonal_(-1.0).sort(1).values
    if k + 1 < len(codes) and bool((apart[:, k + 1] < apart[:, k] * (1 + MARGIN)).any()):
        return False
    votes = _votes(codes, labels, k).sort(1, descending=True).values
    telling = k + 1 == len(codes) or 0.4 < separability(codes, labels, k)[0] < 0.95
    return telling and bool((votes[:, 0] > votes[:, 1]).all())


# The truth and what goes wrong -------------------------------------------------------------------


def _nearest(codes: Tensor, k: int, first: int = 1, apart: Tensor | None = None) -> Tensor:
    """Rows of the neighbours at places `first` to `first + k - 1`, nearest first; the point itself is at 0."""
    codes = codes.double()
    apart = euclidean(codes, codes) if apart is None else apart
    order = apart.fill_diagonal_(-torch.inf).argsort(1)
    return order[:, first : first + k]


def _counted(labels: Tensor, rows: Tensor) -> Tensor:
    """How often each label is among the rows: `(N, labels)`."""
    return torch.nn.functional.one_hot(labels[rows], int(labels.max()) + 1).sum(1)


def _votes(codes: Tensor, labels: Tensor, k: int) -> Tensor:
    return _counted(labels, _nearest(codes, k))


def _majority(labels: Tensor, rows: Tensor) -> Numbers:
    """Share of the points whose label most of the rows have; of ties the smallest."""
    return (float((_counted(labels, rows).argmax(1) == labels).double().mean()),)


def _majority_nearest(labels: Tensor, rows: Tensor) -> Numbers:
    """The same; of ties that which comes first, as a Counter does it."""
    votes = _counted(labels, rows)
    among = votes.gather(1, labels[rows]) == votes.max(1, keepdim=True).values
    first = labels[rows].gather(1, among.long().argmax(1, keepdim=True))
    return (float((first[:, 0] == labels).double().mean()),)


def separability(codes: Tensor, labels: Tensor, k: int) -> Numbers:
    """Share of the codes whose k nearest other codes mostly have their label."""
    return _majority(labels, _nearest(codes, k))


def _centroids(codes: Tensor, labels: Tensor, k: int) -> Numbers:
    codes = codes.double()
    classes = torch.tensor(sorted(set(labels.tolist())))
    centres = torch.stack([codes[labels == c].mean(0) for c in classes])
    return (float((classes[euclidean(codes, centres).argmin(1)] == labels).double().mean()),)


def _share_of_neighbours(codes: Tensor, labels: Tensor, k: int) -> Numbers:
    return (float((labels[_nearest(codes, k)] == labels[:, None]).double().mean()),)


def _any_neighbour(codes: Tensor, labels: Tensor, k: int) -> Numbers:
    return (float((labels[_nearest(codes, k)] == labels[:, None]).any(1).double().mean()),)


def _taxicab(codes: Tensor, labels: Tensor, k: int) -> Numbers:
    codes = codes.double()
    return _majority(labels, _nearest(codes, k, apart=(codes[:, None] - codes[None]).abs().sum(-1)))


def _cosine(codes: Tensor, labels: Tensor, k: int) -> Numbers:
    codes = codes.double()
    apart = -torch.nn.functional.cosine_similarity(codes[:, None], codes[None], dim=-1)
    return _majority(labels, _nearest(codes, k, apart=apart))


def _farthest(codes: Tensor, labels: Tensor, k: int) -> Numbers:
    return _majority(labels, _nearest(codes, k, apart=-euclidean(codes.double(), codes.double())))


def _commonest(codes: Tensor, labels: Tensor, k: int) -> Numbers:
    return (float(labels.bincount().max() / len(labels)),)


def _both(name: str, message: str, rows: Callable[[Tensor, int], Tensor]) -> tuple[Slip, Slip]:
    """The slip with either way to decide a tie, of which wrong neighbours may have some."""
    return (
        Slip(name, message, lambda x, y, k: _majority(y, rows(x, k))),
        Slip(name, message, lambda x, y, k: _majority_nearest(y, rows(x, k))),
    )


SLIPS = (
    *_both("neighbour-counts-itself", "Each code votes for itself: it is its own nearest neighbour, at distance 0. Leave it out, and take k others.", lambda x, k: _nearest(x, k, first=0)),
    *_both("neighbour-counts-itself", "Each code votes for itself beside its k neighbours; leave it out.", lambda x, k: _nearest(x, k + 1, first=0)),
    *_both("one-neighbour-too-many", "One neighbour too many votes: take k others.", lambda x, k: _nearest(x, k + 1)),
    *_both("nearest-left-out", "The nearest other code is left out with the code itself: the neighbours begin right after the code.", lambda x, k: _nearest(x, k, first=2)),
    *_both("one-neighbour-too-few", "One neighbour is missing: the code itself has been left out, but then k others should vote.", lambda x, k: _nearest(x, max(k - 1, 1))),
    *_both("k-ignored", "`k` has no effect: it is 5 whatever is asked for.", lambda x, k: _nearest(x, 5)),
    Slip("k-ignored", "`k` has no effect: the nearest neighbour alone decides.", lambda x, y, k: separability(x, y, 1)),
    Slip("centres-not-neighbours", "Codes are compared with the mean of each class; compare them with their neighbours, so that a class may have any form.", _centroids),
    Slip("neighbours-not-majority", "This is the share of neighbours with the right label; each code counts once, as right if most of its neighbours agree.", _share_of_neighbours),
    Slip("any-neighbour-counts", "A code counts as right if any neighbour has its label; most of them should.", _any_neighbour),
    Slip("distance-not-euclidean", "Distances are sums of absolute differences; take the Euclidean ones.", _taxicab),
    Slip("distance-not-euclidean", "Distances are angles (cosine); take the Euclidean ones.", _cosine),
    Slip("farthest-neighbours", "The k farthest codes vote, not the k nearest.", _farthest),
    Slip("commonest-label", "This is the share of the commonest label, and does not depend on the codes.", _commonest),
    Slip("error-not-accuracy", "This is the share of codes that are wrong; return that of the right ones.", lambda x, y, k: (1 - separability(x, y, k)[0],)),
    Slip("count-not-share", "This is the number of right codes; return their share, from 0 to 1.", lambda x, y, k: (separability(x, y, k)[0] * len(x),)),
    Slip("percent", "This is a percentage; return a share from 0 to 1.", lambda x, y, k: (100 * separability(x, y, k)[0],)),
    Slip("scored-on-itself", "It is 1 whatever the codes: each code is found again among those that it is compared with. Leave it out.", lambda x, y, k: (1.0,)),
)  # fmt: skip
SHARE = Share(
    ("separability",),
    "the share of the codes whose k nearest other codes mostly have their label",
    separability,
    SLIPS,
    last="k",
    default=DEFAULT_K,
)
