"""How far apart are two sets of features, without taking them for Gaussians?"""

from __future__ import annotations

import torch


def kernel_distance(a: torch.Tensor, b: torch.Tensor) -> float:
    """Squared maximum mean discrepancy of features `(N, D)` and `(M, D)` under a cubic kernel, unbiased.

    Binkowski et al. 2018 ("KID" where the features are Inception's), k(x, y) = (x'y / D + 1)^3, the
    estimator of Gretton et al. 2012, equation 3. Over all pairs at once instead of over drawn subsets, which
    is the same estimate with less noise. Its mean is 0 for two samples of one distribution, so that it can
    come out slightly negative.

    Raises:
        ValueError: fewer than two rows in a set.
    """
    if min(len(a), len(b)) < 2:
        raise ValueError(f"a kernel distance needs at least 2 rows in each set, not {len(a)} and {len(b)}")
    a, b = a.double(), b.double()
    return _within(a) + _within(b) - 2 * float(_kernel(a, b).mean())


def _within(x: torch.Tensor) -> float:
    """The mean kernel of two different rows."""
    itself = (x.square().sum(1) / x.shape[1] + 1) ** 3
    return float((_kernel(x, x).sum() - itself.sum()) / (len(x) * (len(x) - 1)))


def _kernel(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    inner = (x @ y.T).div_(x.shape[1]).add_(1)  # (N, M)
    return inner * inner * inner
