"""What is measured of a set of digits, beside real ones."""

from __future__ import annotations

import math
from dataclasses import astuple

import pytest
import torch

from autograder.metrics import Reference, SampleQuality, measure, real_floor
from autograder.metrics.network import feature_network
from course import load_mnist
from solutions.make_digit_features import blur

COUNT = 1000


def noisy(images: torch.Tensor, sigma: float) -> torch.Tensor:
    return (images + sigma * torch.randn(images.shape, generator=torch.Generator().manual_seed(0))).clamp(
        0, 1
    )


@pytest.fixture(scope="module")
def real() -> torch.Tensor:
    """Test digits `(COUNT, 784)`."""
    return load_mnist().test_images[:COUNT]


@pytest.fixture(scope="module")
def qualities(real: torch.Tensor) -> dict[str, SampleQuality]:
    data = load_mnist()
    grey = real.view(-1, 1, 28, 28)
    few = data.train_labels < 5
    samples = {
        "real": real,
        "softened": blur(grey, 0.7).flatten(1),
        "blurred": blur(grey, 1.5).flatten(1),
        "noisy": noisy(real, 0.2),
        "noise": noisy(torch.full_like(real, 0.5), 0.5),
        "half the digits": data.train_images[few][:COUNT],
        "one digit": data.train_images[data.train_labels == 3][:COUNT],
        "mean image": data.train_images.mean(0).expand(COUNT, 784),
        "black": torch.zeros(COUNT, 784),
        "looked up": data.train_images[:COUNT],
    }
    return {name: measure(images, seed=0) for name, images in samples.items()}


def test_real_digits_against_real_digits_are_the_floor() -> None:
    floor = real_floor(2000, seed=0)
    assert floor.count == 2000
    assert floor.frechet_distance < 0.5
    assert abs(floor.kernel_distance) < 0.02
    assert min(floor.precision, floor.recall, floor.density, floor.coverage) > 0.9
    assert floor.class_entropy > math.log(10) - 0.02
    assert floor.class_coverage == 1
    assert floor.near == pytest.approx(0.01, abs=0.001)
    assert floor.copied == 0


def test_the_floor_of_the_frechet_distance_falls_with_the_number_of_samples() -> None:
    found = [real_floor(count, seed=0).frechet_distance for count in (100, 500, 2000)]
    assert found == sorted(found, reverse=True)


def test_the_floor_draws_at_most_half_of_the_training_images(real: torch.Tensor) -> None:
    small = Reference(feature_network("digits"), real[:400], real[:400], real[400:])
    assert small.real_floor(300, seed=0).count == 200


@pytest.mark.parametrize("metric", ["frechet_distance", "kernel_distance"])
def test_distances_are_in_the_order_of_the_harm(qualities: dict[str, SampleQuality], metric: str) -> None:
    names = ["looked up", "real", "softened", "blurred", "noisy", "noise"]
    found = [getattr(qualities[name], metric) for name in names]
    assert found == sorted(found)
    assert getattr(qualities["mean image"], metric) > getattr(qualities["noisy"], metric)


def test_samples_that_look_like_nothing_are_not_precise(qualities: dict[str, SampleQuality]) -> None:
    for name in ("noise", "mean image", "black"):
        assert qualities[name].precision < 0.01
        assert qualities[name].coverage < 0.01


def test_missing_digits_show_in_coverage_and_entropy(qualities: dict[str, SampleQuality]) -> None:
    half, one = qualities["half the digits"], qualities["one digit"]
    assert (half.class_coverage, one.class_coverage) == (0.5, 0.1)
    assert half.class_entropy == pytest.approx(math.log(5), abs=0.1)
    assert one.class_entropy < 0.2
    assert one.coverage < half.coverage < 0.7
    assert min(half.precision, one.precision) > 0.9


def test_softness_alone_costs_no_class(qualities: dict[str, SampleQuality]) -> None:
    assert qualities["softened"].class_coverage == qualities["blurred"].class_coverage == 1


def test_only_what_was_looked_up_is_copied(qualities: dict[str, SampleQuality]) -> None:
    looked_up = qualities["looked up"]
    assert (looked_up.copied, looked_up.near, looked_up.nearest_distance) == (1, 1, 0)
    # (The real digits here are embedded ones; tests/metrics/test_copies.py has real digits that nobody was given.)
    for name in ("noise", "mean image", "black", "blurred"):
        assert qualities[name].copied == 0


def test_nothing_is_ever_nan(qualities: dict[str, SampleQuality]) -> None:
    few = measure(torch.zeros(6, 784), seed=0)
    for quality in (*qualities.values(), few):
        assert all(math.isfinite(value) for value in astuple(quality))


def test_the_same_samples_and_seed_give_the_same_quality(real: torch.Tensor) -> None:
    assert measure(real, seed=3) == measure(real, seed=3)


def test_another_seed_changes_little(real: torch.Tensor, qualities: dict[str, SampleQuality]) -> None:
    other = measure(real, seed=4)
    assert other.frechet_distance == qualities["real"].frechet_distance
    assert other.coverage == pytest.approx(qualities["real"].coverage, abs=0.06)


def test_samples_and_the_global_random_state_stay_as_they_are(real: torch.Tensor) -> None:
    before, state = real.clone(), torch.get_rng_state()
    measure(real, seed=0)
    assert torch.equal(before, real)
    assert torch.equal(state, torch.get_rng_state())


def test_samples_of_a_model_may_come_with_their_graph(real: torch.Tensor) -> None:
    scale = torch.ones((), requires_grad=True)
    assert measure(real * scale, seed=0) == measure(real, seed=0)


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (torch.zeros(100, 783), r"\(100, 783\), expected \(N, 784\)"),
        (torch.zeros(100, 1, 28, 28), "expected"),
        (torch.zeros(5, 784), "at least 6"),
        (torch.full((100, 784), math.nan), "nan"),
        (torch.full((100, 784), -1.0), r"from -1 to -1, expected \[0, 1\]"),
    ],
)
def test_what_cannot_be_digits_is_refused_in_words(samples: torch.Tensor, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        measure(samples, seed=0)
