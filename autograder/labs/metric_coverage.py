"""Judges `mode_coverage`, on labels of which no mode holds exactly a tenth of its fair share."""

from __future__ import annotations

import math

import torch

from autograder.labs.judge import Judge
from autograder.labs.metric_answers import Numbers, Slip
from autograder.labs.metric_shares import Case, Share, judge_share

# How many samples each mode holds; zeros may stand at the end, so that the largest label does not tell their number.
COUNTS = (
    (300, 200, 150, 9, 11, 0, 120, 4, 205, 1),  # fair share 100
    (40, 1, 25, 0, 0),
    (0, 0, 3, 4, 0, 0, 0, 0, 0, 0),  # one sample is more than a tenth of 0.7
    (52, 48),
    (7,),
    (900, 5, 2, 30, 60, 1, 1, 0),  # a tenth of the fair share is 12.5
    (19, 21, 700, 600, 500, 160, 0, 0, 0, 0),  # ... 20
)


def judge_mode_coverage(j: Judge) -> None:
    """Modes that are full, nearly empty and empty, at the beginning, in between and at the end."""
    cases = []
    for i, counts in enumerate(COUNTS):
        labels = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
        shuffled = labels[torch.randperm(len(labels), generator=j.random)]
        cases.append(Case((shuffled,), len(counts), keyword=i % 2 == 1))
    judge_share(j, SHARE, cases)


def _counts(labels: torch.Tensor, modes: int) -> torch.Tensor:
    return torch.bincount(labels, minlength=modes).double()


def _at_least(labels: torch.Tensor, modes: int, tenths: float) -> float:
    """Share of the modes that hold at least so many tenths of their fair share."""
    return float((_counts(labels, modes) * modes * 10 >= tenths * len(labels)).double().mean())


def coverage(labels: torch.Tensor, modes: int) -> Numbers:
    """Share of the modes that hold at least a tenth of their fair share of the samples."""
    return (_at_least(labels, modes, 1),)


def _of_all_samples(labels: torch.Tensor, modes: int, share: float) -> Numbers:
    return (float((_counts(labels, modes) >= share * len(labels)).double().mean()),)


def _of_seen(labels: torch.Tensor, modes: int) -> Numbers:
    covered = _at_least(labels, modes, 1) * modes
    return (covered / int((_counts(labels, modes) > 0).sum()),)


def _fair_among_seen(labels: torch.Tensor, modes: int) -> Numbers:
    counts = _counts(labels, modes)
    seen = int((counts > 0).sum())
    return (float((counts * seen * 10 >= len(labels)).double().sum() / modes),)


def _of_largest_label(labels: torch.Tensor, modes: int) -> Numbers:
    return coverage(labels, int(labels.max()) + 1)


def _entropy(labels: torch.Tensor, modes: int) -> float:
    return float(torch.special.entr(_counts(labels, modes) / len(labels)).sum())


def _relative_entropy(labels: torch.Tensor, modes: int) -> Numbers:
    return (_entropy(labels, modes) / math.log(modes) if modes > 1 else 0.0,)


def _samples_covered(labels: torch.Tensor, modes: int) -> Numbers:
    counts = _counts(labels, modes)
    return (float(counts[counts * modes * 10 >= len(labels)].sum() / len(labels)),)


def _at_least_count(labels: torch.Tensor, modes: int, count: float) -> Numbers:
    return (float((_counts(labels, modes) >= count).double().mean()),)


_THRESHOLD = "threshold-not-of-fair-share"
_ENTROPY = "entropy-not-coverage"
SLIPS = (
    Slip("present-is-covered", "A mode counts as soon as one sample shows it; it counts from a tenth of its fair share on, so that a few strays do not.", lambda y, n: _at_least_count(y, n, 1)),
    Slip("whole-fair-share", "A mode counts from its whole fair share on; a tenth of that is enough.", lambda y, n: (_at_least(y, n, 10),)),
    Slip("threshold-half", "A mode counts from half its fair share on; a tenth of that is enough.", lambda y, n: (_at_least(y, n, 5),)),
    Slip(_THRESHOLD, "A mode counts from a tenth of all samples on; the threshold is a tenth of its fair share, which is the samples over `n_modes`.", lambda y, n: _of_all_samples(y, n, 0.1)),
    Slip(_THRESHOLD, "A mode counts from one hundredth of all samples on, whatever `n_modes` is; its fair share is the samples over `n_modes`.", lambda y, n: _of_all_samples(y, n, 0.01)),
    Slip(_THRESHOLD, "A mode counts from 10 samples on; the threshold is a tenth of its fair share, which depends on how many samples there are.", lambda y, n: _at_least_count(y, n, 10)),
    Slip("divided-by-seen-modes", "The covered modes are divided by those that occur; divide by `n_modes`, so that missing ones count against the model.", _of_seen),
    Slip("divided-by-seen-modes", "`n_modes` is taken from the largest label; modes that never occur count too.", _of_largest_label),
    Slip("fair-share-among-seen", "The fair share is that among the modes that occur; it is the samples over `n_modes`.", _fair_among_seen),
    Slip("count-not-share", "This is the number of covered modes; return their share, from 0 to 1.", lambda y, n: (coverage(y, n)[0] * n,)),
    Slip("missed-not-covered", "This is the share of the modes that are missed; return that of the covered ones.", lambda y, n: (1 - coverage(y, n)[0],)),
    Slip("samples-not-modes", "This is the share of the samples that lie in covered modes; count the modes.", _samples_covered),
    Slip(_ENTROPY, "This is an entropy; coverage counts the modes that hold enough samples.", lambda y, n: (_entropy(y, n),)),
    Slip(_ENTROPY, "This is an entropy, relative to the largest; coverage counts the modes that hold enough samples.", _relative_entropy),
    Slip(_ENTROPY, "This is the exponential of an entropy, over `n_modes`; coverage counts the modes that hold enough samples.", lambda y, n: (math.exp(_entropy(y, n)) / n,)),
    Slip("percent", "This is a percentage; return a share from 0 to 1.", lambda y, n: (100 * coverage(y, n)[0],)),
)  # fmt: skip
SHARE = Share(
    ("coverage",),
    "the share of the modes that hold at least a tenth of their fair share",
    coverage,
    SLIPS,
    last="n_modes",
)
