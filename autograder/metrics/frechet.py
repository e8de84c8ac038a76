"""How far apart are the Gaussians that fit two sets of features?"""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Gaussian:
    """The Gaussian that fits a set of features: its mean, and a root of its covariance."""

    mean: torch.Tensor  # (D,)
    root: torch.Tensor  # (min(N, D), D), covariance = root' root


def fit(features: torch.Tensor) -> Gaussian:
    """Mean and covariance (over N - 1) of features `(N, D)`, in float64.

    Raises:
        ValueError: fewer than two rows, or a value that is not finite.
    """
    if features.ndim != 2 or len(features) < 2:
        raise ValueError(
            f"a covariance needs features (N, D) with N of at least 2, not {tuple(features.shape)}"
        )
    if not torch.isfinite(features).all():
        raise ValueError("features hold NaN or infinity")
    x = features.double()
    mean = x.mean(0)
    # x - mean = Q R with Q'Q = 1, so that R'R is the covariance's sum: no product of the data with itself,
    # which would lose half the digits of small spreads.
    root: torch.Tensor = torch.linalg.qr(x - mean, mode="r").R / (len(x) - 1) ** 0.5
    return Gaussian(mean, root)


def between(a: Gaussian, b: Gaussian) -> float:
    """Squared Frechet distance of two Gaussians, |mu_a - mu_b|^2 + Tr(A + B - 2 (A B)^(1/2)).

    Dowson & Landau 1982; on features of images Heusel et al. 2017, equation 6. With A = R_a' R_a and
    B = R_b' R_b the eigenvalues of A B are the squared singular values of R_a R_b', so that the trace of
    (A B)^(1/2) is their sum: real, never NaN, exact for covariances of any rank. (The usual square root
    of the matrix A B turns complex or fails where there are fewer samples than features.)
    """
    cross = torch.linalg.svdvals(a.root @ b.root.T).sum()
    distance = (a.mean - b.mean).square().sum() + a.root.square().sum() + b.root.square().sum() - 2 * cross
    return max(float(distance), 0.0)  # rounding makes the distance of equal sets some -1e-14


def frechet_distance(a: torch.Tensor, b: torch.Tensor) -> float:
    """Squared Frechet distance of the Gaussians that fit features `(N, D)` and `(M, D)`.

    Heusel et al. 2017 ("FID" where the features are Inception's). At least 0, and 0 for equal sets up to
    rounding; two samples of one distribution are apart by some D * D / 2 * (1 / N + 1 / M), hence the floors.

    Raises:
        ValueError: fewer than two rows in a set, or a value that is not finite.
    """
    return between(fit(a), fit(b))
