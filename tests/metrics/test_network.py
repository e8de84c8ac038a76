"""The network that sees digits."""

from __future__ import annotations

import pytest
import torch

from autograder.metrics.network import feature_network, from_weights, weights_file
from autograder.outcomes.heldout import heldout_digits
from course import load_mnist


def test_it_tells_the_digits_that_nobody_was_given() -> None:
    images, labels = heldout_digits()
    right = feature_network("digits").see(images).probabilities.argmax(1) == labels
    assert right.double().mean() > 0.98


def test_its_features_of_real_digits_have_mean_0_and_variance_1() -> None:
    features = feature_network("digits").see(load_mnist().train_images).features
    assert features.dtype == torch.float64
    assert features.mean(0).abs().max() < 0.1
    assert (features.std(0) - 1).abs().max() < 0.1


def test_it_does_not_take_for_digits_what_is_none() -> None:
    data = load_mnist()
    noise = torch.rand(100, 784, generator=torch.Generator().manual_seed(0))
    for images in (noise, data.train_images.mean(0, keepdim=True), torch.full((1, 784), 0.5)):
        assert feature_network("digits").see(images).probabilities.max() < 0.3


def test_it_still_reads_soft_digits() -> None:
    from solutions.make_digit_features import blur

    images, labels = heldout_digits()
    soft = blur(images.view(-1, 1, 28, 28), 1.0).view(-1, 784)
    right = feature_network("digits").see(soft).probabilities.argmax(1) == labels
    assert right.double().mean() > 0.96


def test_what_it_sees_in_an_image_does_not_depend_on_the_others() -> None:
    images, _ = heldout_digits()
    network = feature_network("digits")
    together, alone = network.see(images[:600]).features, network.see(images[550:551]).features
    torch.testing.assert_close(together[550:551], alone, rtol=0, atol=1e-4)


def test_its_weights_are_small_and_without_a_gradient() -> None:
    assert weights_file("digits").stat().st_size < 500_000
    assert not any(parameter.requires_grad for parameter in feature_network("digits").parameters())


def test_it_is_loaded_once() -> None:
    assert feature_network("digits") is feature_network("digits")


def test_an_unknown_network_is_an_error() -> None:
    with pytest.raises(KeyError):
        from_weights("cats", {})
