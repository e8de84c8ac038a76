"""Is this noise standard normal, fresh for every row and every dimension?

Each test fails right noise less than once in 10^10 calls (see `LIMIT`); a call of `noise_fault` makes at most a
few hundred of them. Sums of squares are held against their own chi-squared law, not a normal one.
"""

from __future__ import annotations

import math

import torch

LIMIT, SIGMAS = (
    1e-10,
    7.5,
)  # false fails of one test; of sums of products, whose tails are a little heavier than normal
STRICT, STRICT_SIGMAS = 1e-3, 4.5  # where an explanation must fit well, not just be possible


def noise_fault(eps: torch.Tensor, *, strict: bool = False) -> str | None:
    """What is wrong with noise `(rows, dims)` that should be N(0, 1) and independent; None if nothing is.

    Returns "none" (all zero), "one-draw", "rows-share", "dims-share", "mean", "scale", "shape" or "dependent".
    """
    eps = eps.double()
    rows, dims = eps.shape
    limit, sigmas = (STRICT, STRICT_SIGMAS) if strict else (LIMIT, SIGMAS)
    if not torch.isfinite(eps).all():
        return "scale"
    if eps.numel() >= 4 and float(eps.abs().max()) < 1e-3:
        return "none"
    shared = _shared(eps)
    if shared is not None:
        return shared
    n = eps.numel()
    if abs(float(eps.mean())) * math.sqrt(n) > sigmas:
        return "mean"
    if chi_squared_tail(float((eps**2).sum()), n) < limit:
        return "scale"
    distance = kolmogorov_distance(eps.flatten())
    if distance * math.sqrt(n) > math.sqrt(
        math.log(2 / limit) / 2
    ):  # Dvoretzky, Kiefer, Wolfowitz; Massart 1990
        return "shape"
    for axis, count in ((0, rows), (1, dims)):  # what all rows, or all dims, have in common
        sums = eps.sum(axis)
        if chi_squared_tail(float((sums**2).sum()) / count, len(sums)) < limit:
            return "dependent"
    for many, few in ((eps, dims), (eps.T, rows)):
        count = many.shape[0]
        if count >= 400 and few > 1:  # every pair of dims over the rows, of rows over the dims
            products = many.T @ many / math.sqrt(count)
            if float(products.fill_diagonal_(0).abs().max()) > sigmas + 30 / math.sqrt(count):
                return "dependent"
    return None


def _shared(eps: torch.Tensor) -> str | None:
    """Whether rows, dims or all entries are the same draw."""
    rows, dims = eps.shape
    size = float(eps.abs().max())
    by_rows = (rows - 1) * dims >= 6 and float((eps - eps[:1]).abs().max()) < 1e-3 * size
    by_dims = (dims - 1) * rows >= 6 and float((eps - eps[:, :1]).abs().max()) < 1e-3 * size
    if by_rows and by_dims:
        return "one-draw"
    if by_rows:
        return "rows-share"
    if by_dims:
        return "dims-share"
    if repeated(eps):
        return "dependent"
    return None


def repeated(eps: torch.Tensor) -> bool:
    """Whether a row occurs twice: of continuous draws none does (rows of at least 6 entries)."""
    if eps.shape[1] < 6 or len(eps) < 2:
        return False
    near = eps[eps[:, 0].argsort()]
    return bool(((near[1:] - near[:-1]).abs().amax(1) < 1e-4).any())


def chi_squared_tail(value: float, n: int) -> float:
    """The smaller tail of the chi-squared law with `n` degrees of freedom beyond `value`, twice."""
    half, at = torch.tensor(n / 2, dtype=torch.float64), torch.tensor(value / 2, dtype=torch.float64)
    lower, upper = torch.special.gammainc(half, at), torch.special.gammaincc(half, at)
    return 2 * float(torch.minimum(lower, upper))


def kolmogorov_distance(values: torch.Tensor) -> float:
    """The largest distance between the empirical distribution and N(0, 1)."""
    expected = torch.special.ndtr(values.double().sort().values)
    n = len(expected)
    steps = torch.arange(n + 1, dtype=torch.float64) / n
    return float(torch.maximum((expected - steps[:-1]).abs(), (expected - steps[1:]).abs()).max())
