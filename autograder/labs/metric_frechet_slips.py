"""Known mistakes of a Frechet distance, each as the formula that it comes to, in float64."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from autograder.labs.metric_answers import Numbers, Slip

Tensor = torch.Tensor


@dataclass(frozen=True)
class Moments:
    """Means and covariances of two sets, and the root of the covariances' product."""

    mean_a: Tensor  # (D,)
    mean_b: Tensor
    a: Tensor  # (D, D)
    b: Tensor
    root: Tensor  # (a b)^(1/2)

    @property
    def apart(self) -> Tensor:
        return self.mean_a - self.mean_b

    @property
    def spread(self) -> Tensor:
        """The part of the distance that the covariances make."""
        return torch.trace(self.a + self.b - 2 * self.root)


def moments(x: Tensor, y: Tensor, ddof: int) -> Moments:
    """Of features `(N, D)` and `(M, D)` with covariances of full rank, over N - `ddof`."""
    x, y = x.double(), y.double()
    return of_covariances(x.mean(0), y.mean(0), _covariance(x, ddof), _covariance(y, ddof))


def of_covariances(mean_a: Tensor, mean_b: Tensor, a: Tensor, b: Tensor) -> Moments:
    half = _root(a)
    inverse = torch.linalg.pinv(half, hermitian=True)
    return Moments(mean_a, mean_b, a, b, half @ _root(half @ b @ half) @ inverse)


def _covariance(x: Tensor, ddof: int) -> Tensor:
    centred = x - x.mean(0)
    covariance: Tensor = centred.T @ centred / (len(x) - ddof)
    return covariance


def _root(matrix: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(matrix)
    root: Tensor = vectors @ torch.diag(values.clamp(min=0).sqrt()) @ vectors.T
    return root


def _of_moments(name: str, message: str, formula: Callable[[Moments], Tensor]) -> tuple[Slip, Slip]:
    """The slip with both conventions of a covariance."""

    def slip(ddof: int) -> Slip:
        return Slip(name, message, lambda x, y: (float(formula(moments(x, y, ddof))),))

    return slip(0), slip(1)


def _of_sets(name: str, message: str, second: Callable[[Tensor, int], Tensor]) -> tuple[Slip, Slip]:
    """The slip of another matrix in the covariance's place."""

    def slip(ddof: int) -> Slip:
        def formula(x: Tensor, y: Tensor) -> Numbers:
            x, y = x.double(), y.double()
            a, b = second(x, ddof), second(y, ddof)
            if a.shape != b.shape:
                return (float("nan"),)
            m = of_covariances(x.mean(0), y.mean(0), a, b)
            return (float(m.apart.square().sum() + m.spread),)

        return Slip(name, message, formula)

    return slip(0), slip(1)


def _squares(m: Moments) -> Tensor:
    return m.apart.square().sum()


_MEANS = "means-not-squared"
_MEANS_TOLD = "The distance of the means enters as a length; the formula has its square, |mu_a - mu_b|^2."
SLIPS = (
    *_of_moments("frechet-root", "This is the square root of the distance that is asked for; return the squared one.", lambda m: (_squares(m) + m.spread).sqrt()),
    *_of_moments("frechet-without-means", "The means do not take part: two sets with the same spread in different places come out as equal.", lambda m: m.spread),
    *_of_moments("frechet-means-only", "Only the distance of the means counts: what the covariances add is missing, or both come from one set.", _squares),
    *_of_moments("cross-term-not-doubled", "The root of the covariances' product counts once; the formula subtracts it twice. Two equal sets are then not at distance 0.", lambda m: _squares(m) + torch.trace(m.a + m.b - m.root)),
    *_of_moments("cross-term-missing", "The root of the covariances' product is missing: two equal sets are then not at distance 0.", lambda m: _squares(m) + torch.trace(m.a + m.b)),
    *_of_moments("cross-term-added", "The root of the covariances' product is added; the formula subtracts it.", lambda m: _squares(m) + torch.trace(m.a + m.b + 2 * m.root)),
    *_of_moments("cross-term-without-root", "The product of the covariances is subtracted itself, without its square root.", lambda m: _squares(m) + torch.trace(m.a + m.b - 2 * m.a @ m.b)),
    *_of_moments("root-of-entries", "The square root is taken of each entry. The root of a matrix M is the matrix R with R R = M: its eigenvalues are the roots of those of M, its entries are not.", lambda m: _squares(m) + torch.trace(m.a + m.b - 2 * (m.a @ m.b).abs().sqrt())),
    *_of_moments("covariance-diagonal-only", "Only the variances take part, not the covariances between features: is a diagonal taken, or a product or root entry by entry? Matrix products are written `@`.", lambda m: _squares(m) + (m.a.diagonal().sqrt() - m.b.diagonal().sqrt()).square().sum()),
    *_of_moments("roots-multiplied", "This is A^(1/2) B^(1/2), the product of two roots; (A B)^(1/2) is another matrix wherever A and B do not commute.", lambda m: _squares(m) + torch.trace(m.a + m.b - 2 * _root(m.a) @ _root(m.b))),
    *_of_moments(_MEANS, _MEANS_TOLD, lambda m: m.apart.norm() + m.spread),
    *_of_moments(_MEANS, _MEANS_TOLD, lambda m: m.apart.abs().sum() + m.spread),
    *_of_moments("averaged-over-features", "The squared distance of the means is averaged over the features; it is their sum.", lambda m: _squares(m) / len(m.a) + m.spread),
    *_of_moments("averaged-over-features", "The distance is divided by the number of features; it is a sum over them.", lambda m: (_squares(m) + m.spread) / len(m.a)),
    *_of_moments("means-over-everything", "Each set gets one mean over all its numbers; a mean has one entry for each feature.", lambda m: m.apart.mean().square() + m.spread),
    *_of_moments("sum-not-trace", "All entries of the matrix are summed; its trace is the sum of the diagonal.", lambda m: _squares(m) + (m.a + m.b - 2 * m.root).sum()),
    *_of_sets("covariance-not-centred", "The mean is not subtracted before the products are taken, so that these are not covariances.", lambda x, ddof: x.T @ x / (len(x) - ddof)),
    *_of_sets("covariance-not-divided", "The products are summed over the samples, but not divided by their number.", lambda x, ddof: (x - x.mean(0)).T @ (x - x.mean(0))),
    *_of_sets("covariance-of-samples", "The covariance is between samples, (N, N); it should be between features, (D, D): features are the columns.", lambda x, ddof: _covariance(x.T, ddof)),
)  # fmt: skip
