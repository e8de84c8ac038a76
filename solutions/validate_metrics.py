"""Do our metrics agree with other people's, on the same features? `python -m solutions.validate_metrics`

Needs what the course does not install: `pip install torchmetrics torch-fidelity prdc scipy`, best in an
environment of its own. Prints our value, theirs, and the relative difference, for three sets of images: real
digits, soft ones, and blends of two. Why the course has its own lines of float64: these libraries bring
scipy, scikit-learn or the weights of Inception into every student's installation, and torchmetrics keeps its
formulas behind classes that count images.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from autograder.metrics.frechet import frechet_distance
from autograder.metrics.kernel import kernel_distance
from autograder.metrics.neighbours import neighbourhoods
from autograder.metrics.network import feature_network
from course.data.mnist import load_mnist
from course.data.vision import import_torchvision
from solutions.make_digit_features import blur

K = 5


class Given(nn.Module):
    """Stands where torchmetrics expects Inception: the features are the input."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.num_features = dim

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features


def theirs(real: torch.Tensor, fake: torch.Tensor) -> Iterator[tuple[str, str, float]]:
    """Library, metric and value for features `(N, D)` and `(M, D)` in float64."""
    import_torchvision()  # torchmetrics imports it too, also where its compiled part does not fit
    import scipy.linalg
    from prdc import compute_prdc
    from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
    from torch_fidelity.metric_kid import kid_features_to_metric
    from torch_fidelity.metric_prc import prc_features_to_metric
    from torchmetrics.image.fid import FrechetInceptionDistance
    from torchmetrics.image.kid import KernelInceptionDistance

    fid = FrechetInceptionDistance(feature=Given(real.shape[1])).set_dtype(torch.float64)
    # One subset that holds all rows is the estimate over all pairs.
    size = min(len(real), len(fake))
    kid = KernelInceptionDistance(feature=Given(real.shape[1]), subsets=1, subset_size=size)
    for metric in (fid, kid.set_dtype(torch.float64)):
        metric.update(real, real=True)
        metric.update(fake, real=False)
    yield "torchmetrics", "frechet_distance", float(fid.compute())
    yield "torchmetrics", "kernel_distance", float(kid.compute()[0])

    statistics = [fid_features_to_statistics(x) for x in (fake, real)]
    found = fid_statistics_to_metric(*statistics, verbose=False)
    yield "torch-fidelity", "frechet_distance", found["frechet_inception_distance"]
    options = {"kid_subsets": 1, "kid_subset_size": size, "verbose": False, "prc_neighborhood": K}
    found = kid_features_to_metric(fake, real, **options)
    yield "torch-fidelity", "kernel_distance", found["kernel_inception_distance_mean"]
    found = prc_features_to_metric(fake, real, prc_batch_size=10_000, save_cpu_ram=False, **options)
    yield from (("torch-fidelity", name, found[name]) for name in ("precision", "recall"))

    a, b = real.numpy(), fake.numpy()
    A, B = np.cov(a.T), np.cov(b.T)
    root = scipy.linalg.sqrtm(A @ B).real
    yield (
        "scipy",
        "frechet_distance",
        float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(A + B - 2 * root)),
    )

    found = compute_prdc(a, b, K)
    yield from (("prdc", name, float(value)) for name, value in found.items())


def ours(real: torch.Tensor, fake: torch.Tensor) -> dict[str, float]:
    return {
        "frechet_distance": frechet_distance(real, fake),
        "kernel_distance": kernel_distance(real, fake),
        **vars(neighbourhoods(real, fake, K)),
    }


def main() -> None:
    data, see = load_mnist(), feature_network("digits").see
    real, test = data.train_images[:2000], data.test_images
    sets = {
        "real": test,
        "soft": blur(test.view(-1, 1, 28, 28), 1.0).view(-1, 784),
        "blends": (test + test.roll(1, 0)) / 2,
    }
    for name, images in sets.items():
        pair = see(real).features, see(images).features
        mine = ours(*pair)
        for library, metric, value in theirs(*pair):
            apart = abs(mine[metric] - value) / abs(value)
            print(
                f"{name:7s}{metric:17s}{mine[metric]:20.14f}{value:20.14f}  {apart:.1e}  {library}",
                flush=True,
            )


if __name__ == "__main__":
    main()
