"""How good are samples of a model? Everything that is measured, against real images."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch
import torch.nn.functional as F

from autograder.metrics.classes import class_coverage, class_entropy, sure_labels
from autograder.metrics.copies import Known, copied
from autograder.metrics.frechet import Gaussian, between, fit
from autograder.metrics.kernel import kernel_distance
from autograder.metrics.neighbours import neighbourhoods
from autograder.metrics.network import FeatureNetwork, Seen, feature_network

NEAR_SHARE = 0.01  # of real images that nobody was given are nearer to a known one than `near` asks
TOLERANCE = 1e-3  # by which pixels may leave [0, 1]


@dataclass(frozen=True)
class SampleQuality:
    """What a set of samples is worth. Compare each value with that of `real_floor`, for as many samples."""

    count: int  # samples
    frechet_distance: float  # to the real images; less is better
    kernel_distance: float  # the same without taking features for Gaussian; can be slightly negative
    precision: float  # share of samples that look like a real image
    recall: float  # share of real images that a sample looks like
    density: float  # how deep among real images the samples lie; can exceed 1
    coverage: float  # share of real images with a sample in their neighbourhood
    class_entropy: float  # nats, of what clearly shows a class; ln 10 = 2.303 for ten equally frequent digits
    class_coverage: (
        float  # share of classes that at least a tenth of their fair share of samples clearly shows
    )
    confidence: float  # mean probability of the likeliest class: 0.1 where nothing looks like a digit
    nearest_distance: float  # median Euclidean distance in pixels to the nearest known image
    near: float  # share of samples nearer to a known image than 99 % of real images that nobody was given
    copied: float  # share of samples that are copies of a known image, slightly changed or not


class Reference:
    """Real images of one kind, with everything about them that does not depend on the samples.

    Args:
        network: what gives the features.
        train: images `(N, D)` that models are trained on: what samples should look like.
        known: images that everybody has, the training images among them: what samples should not copy.
        secret: real images that nobody was given: how near a known image comes by chance.
        side: pixels to which images are averaged down before they are compared with known ones.

    Images are float32 in [0, 1], or bytes.
    """

    def __init__(
        self,
        network: FeatureNetwork,
        train: torch.Tensor,
        known: torch.Tensor,
        secret: torch.Tensor,
        *,
        side: int | None = None,
    ) -> None:
        self.network = network
        self.side = side or network.shape.side
        self.known = Known.make(self._small(known), (network.shape.channels, self.side, self.side))
        self.seen: Seen = network.see(train)
        self.gaussian: Gaussian = fit(self.seen.features)
        self.nearest_of_secret = self.known.nearest(self._small(secret))  # (secret, 2)
        self.near_radius = float(self.nearest_of_secret[:, 0].quantile(NEAR_SHARE))

    def measure(self, samples: torch.Tensor, *, seed: int) -> SampleQuality:
        """The quality of samples `(N, D)` in [0, 1]; the seed draws the real images they are held against.

        Raises:
            ValueError: another shape, fewer than 6 samples, or a pixel that is not in [0, 1].
        """
        images = self._checked(samples)
        # As many real ones as samples, as in the papers: density and coverage depend on both numbers.
        real = self.seen[_order(len(self.seen), seed)[: len(images)]]
        return _quality(
            self.network.see(images),
            self.known.nearest(self._small(images)),
            real,
            self.gaussian,
            self.near_radius,
        )

    def real_floor(self, count: int, *, seed: int) -> SampleQuality:
        """The same for `count` real images against the others: nothing can be better but by chance.

        Both are training images, drawn apart: the first test digits of MNIST are of other writers, and
        further away. The distances to known images are those of the secret images. At most half of the
        training images can be drawn.
        """
        order = _order(len(self.seen), seed)
        count = min(count, len(order) // 2)
        drawn, others = self.seen[order[:count]], self.seen[order[count:]]
        return _quality(drawn, self.nearest_of_secret, others[:count], fit(others.features), self.near_radius)

    def _small(self, images: torch.Tensor) -> torch.Tensor:
        """Images `(N, D)` in [0, 1], averaged down to `self.side`."""
        shape, parts = self.network.shape, []
        for part in torch.split(images, 500):
            pixels = part.float() / 255 if part.dtype == torch.uint8 else part
            if self.side != shape.side:
                whole = pixels.view(-1, shape.channels, shape.side, shape.side)
                pixels = F.avg_pool2d(whole, shape.side // self.side).flatten(1)
            parts.append(pixels)
        return torch.cat(parts)

    def _checked(self, samples: torch.Tensor) -> torch.Tensor:
        size = self.network.shape.flat
        if samples.ndim != 2 or samples.shape[1] != size or len(samples) < 6:
            raise ValueError(
                f"samples have shape {tuple(samples.shape)}, expected (N, {size}) with N of at least 6"
            )
        images = samples.detach().float().cpu()
        low, high = float(images.min()), float(images.max())  # NaN if any pixel is
        if not (low >= -TOLERANCE and high <= 1 + TOLERANCE):
            raise ValueError(f"samples have pixels from {low:g} to {high:g}, expected [0, 1]")
        return images.clamp(0, 1)


def _order(total: int, seed: int) -> torch.Tensor:
    return torch.randperm(total, generator=torch.Generator().manual_seed(seed))


def _quality(
    seen: Seen, nearest: torch.Tensor, real: Seen, gaussian: Gaussian, near_radius: float
) -> SampleQuality:
    around = neighbourhoods(real.features, seen.features)
    classes = seen.probabilities.shape[1]
    labels = sure_labels(seen.probabilities)
    return SampleQuality(
        count=len(seen),
        frechet_distance=between(gaussian, fit(seen.features)),
        kernel_distance=kernel_distance(real.features, seen.features),
        precision=around.precision,
        recall=around.recall,
        density=around.density,
        coverage=around.coverage,
        class_entropy=class_entropy(labels, classes),
        class_coverage=class_coverage(labels, classes, len(seen)),
        confidence=float(seen.probabilities.amax(1).mean()),
        nearest_distance=float(nearest[:, 0].median()),
        near=float((nearest[:, 0] < near_radius).double().mean()),
        copied=copied(nearest),
    )


@cache
def digits() -> Reference:
    """MNIST: the embedded training and test digits, and those that only the grader has."""
    from autograder.outcomes.heldout import heldout_digits
    from course.data.mnist import load_mnist

    data, (secret, _) = load_mnist(), heldout_digits()
    known = torch.cat([data.train_images, data.test_images])
    return Reference(feature_network("digits"), data.train_images, known, secret)


def measure(samples: torch.Tensor, *, seed: int) -> SampleQuality:
    """The quality of digits `(N, 784)`, float32 in [0, 1]; 2,000 are usual.

    The first call in a process measures the real digits, the others find them there.

    Raises:
        ValueError: another shape, fewer than 6 samples, or a pixel that is not in [0, 1].
    """
    return digits().measure(samples, seed=seed)


def real_floor(count: int, *, seed: int) -> SampleQuality:
    """What `measure` says of `count` real digits (at most 5,000) held against others."""
    return digits().real_floor(count, seed=seed)
