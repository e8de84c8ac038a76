"""Which classes samples show."""

from __future__ import annotations

import math

import pytest
import torch

from autograder.metrics.classes import class_coverage, class_entropy, sure_labels


def test_equal_shares_have_the_entropy_of_the_number_of_classes() -> None:
    assert class_entropy(torch.arange(10).repeat(7), 10) == pytest.approx(math.log(10))


def test_one_class_or_none_has_no_entropy() -> None:
    assert class_entropy(torch.full((50,), 3), 10) == 0
    assert class_entropy(torch.empty(0, dtype=torch.long), 10) == 0


def test_a_class_counts_from_a_tenth_of_its_fair_share() -> None:
    labels = torch.tensor([0] * 90 + [1] * 10)
    assert class_coverage(labels, 10, samples=100) == 0.2
    assert class_coverage(labels, 10, samples=1000) == 0.2
    assert class_coverage(labels, 10, samples=1001) == 0.1


def test_half_of_the_classes_cover_half() -> None:
    assert class_coverage(torch.arange(5).repeat(20), 10, samples=100) == 0.5


def test_only_samples_that_show_a_class_have_a_label() -> None:
    probabilities = torch.tensor([[0.9, 0.05, 0.05], [0.34, 0.33, 0.33], [0.2, 0.2, 0.6]])
    assert sure_labels(probabilities).tolist() == [0, 2]
