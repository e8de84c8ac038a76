"""The metrics of the lab compare are right: against the grader's own, and against scipy and numpy written from the papers."""

import math

import numpy as np
import pandas as pd
import pytest
import scipy.linalg
import torch

from autograder.metrics.classes import class_coverage
from autograder.metrics.frechet import frechet_distance
from autograder.metrics.neighbours import neighbourhoods
from solutions.source import reference

CLOSE = 1e-6  # relative


@pytest.fixture(scope="module")
def lab():
    return reference("compare")


def features(n, d, seed, shift=0.0):
    """Correlated features (n, d) in float32, far from standard: every column has its own mean and spread."""
    draw = torch.Generator().manual_seed(seed)
    mix = torch.randn(d, d, generator=draw) / d**0.5
    return torch.randn(n, d, generator=draw) @ mix * torch.linspace(0.5, 3, d) + shift


def frechet_by_scipy(a, b):
    """Heusel et al. 2017, equation 6, with a general square root of the product."""
    a, b = a.double().numpy(), b.double().numpy()
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = scipy.linalg.sqrtm(cov_a @ cov_b)
    return float(np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(cov_a + cov_b - 2 * root.real))


def precision_recall_by_numpy(real, fake, k):
    """Kynkaanniemi et al. 2019, equations 1 and 2, point by point."""
    real, fake = real.double().numpy(), fake.double().numpy()

    def share(points, centres):
        radii = [np.sort(np.linalg.norm(centres - centre, axis=1))[k] for centre in centres]
        return float(np.mean([(np.linalg.norm(centres - point, axis=1) <= radii).any() for point in points]))

    return share(fake, real), share(real, fake)


def separability_by_numpy(codes, labels, k):
    codes, labels, right = codes.double().numpy(), labels.numpy(), 0
    for i, code in enumerate(codes):
        distance = np.linalg.norm(codes - code, axis=1)
        distance[i] = np.inf
        right += np.bincount(labels[np.argsort(distance)[:k]]).argmax() == labels[i]
    return right / len(codes)


@pytest.mark.parametrize(("n", "m", "d"), [(500, 400, 2), (300, 2000, 16), (2000, 2000, 48)])
def test_the_frechet_distance_is_that_of_scipy_and_of_the_grader(lab, n, m, d):
    a, b = features(n, d, 0), features(m, d, 1, shift=0.3)
    found = lab["frechet_distance"](a, b)
    assert isinstance(found, float)
    assert found == pytest.approx(frechet_by_scipy(a, b), rel=CLOSE)
    assert found == pytest.approx(frechet_distance(a, b), rel=CLOSE)


def test_the_frechet_distance_in_one_dimension_is_that_of_means_and_spreads(lab):
    a, b = features(100, 1, 0).double(), features(80, 1, 1, shift=2).double()
    expected = float((a.mean() - b.mean()) ** 2 + (a.std() - b.std()) ** 2)
    assert lab["frechet_distance"](a, b) == pytest.approx(expected, rel=CLOSE)


@pytest.mark.parametrize(("n", "m"), [(2, 2), (3, 500), (20, 30), (48, 49)])
def test_covariances_without_full_rank_give_the_graders_distance(lab, n, m):
    a, b = features(n, 48, 0), features(m, 48, 1)
    assert lab["frechet_distance"](a, b) == pytest.approx(frechet_distance(a, b), rel=CLOSE)


def test_equal_sets_and_constant_features_have_no_distance_and_are_never_nan(lab):
    for a in (features(100, 10, 0), features(4, 48, 0), torch.full((10, 5), 3.0), torch.zeros(2, 1)):
        distance = lab["frechet_distance"](a, a.clone())
        assert 0 <= distance < 1e-9 * max(1.0, float(a.double().square().sum()))


@pytest.mark.parametrize("k", [1, 3, 5])
def test_precision_and_recall_are_those_of_numpy_and_of_the_grader(lab, k):
    real, fake = features(120, 6, 0), 0.7 * features(90, 6, 1) + 0.5
    found = lab["precision_recall"](real, fake, k)
    assert found == pytest.approx(precision_recall_by_numpy(real, fake, k), rel=CLOSE)
    around = neighbourhoods(real, fake, k)
    assert found == pytest.approx((around.precision, around.recall), rel=CLOSE)
    assert 0 < found[0] < 1
    assert 0 < found[1] < 1


def test_five_neighbours_are_the_default(lab):
    real, fake = features(120, 6, 0), 0.7 * features(90, 6, 1)
    assert lab["precision_recall"](real, fake) == lab["precision_recall"](real, fake, k=5)
    labels = torch.arange(120) % 3
    assert lab["latent_separability"](real, labels) == lab["latent_separability"](real, labels, k=5)


def test_coverage_is_the_share_of_modes_that_hold_a_tenth_of_their_fair_share(lab):
    labels = torch.tensor([0] * 960 + [1] * 11 + [2] * 9 + [9] * 20)
    assert lab["mode_coverage"](labels, 10) == pytest.approx(0.3, rel=CLOSE)
    assert lab["mode_coverage"](labels, 10) == pytest.approx(
        class_coverage(labels, 10, len(labels)), rel=CLOSE
    )
    assert lab["mode_coverage"](torch.tensor([3]), 4) == 0.25


@pytest.mark.parametrize("k", [1, 5])
def test_separability_is_that_of_numpy(lab, k):
    labels = torch.arange(300) % 7
    codes = features(300, 8, 0) + 0.8 * torch.nn.functional.one_hot(labels, 8)
    found = lab["latent_separability"](codes, labels, k)
    if k == 1:  # no ties
        assert found == pytest.approx(separability_by_numpy(codes, labels, k), rel=CLOSE)
    else:  # the smallest of equally frequent labels wins in both
        assert found == pytest.approx(separability_by_numpy(codes, labels, k), abs=0.01)
    assert 1 / 7 < found < 1


def test_the_table_keeps_the_order_and_shows_what_is_missing(lab):
    results = {"VAE": {"b": 1.0, "a": None}, "AE": {"c": 2, "b": 3.5}}
    kept = {model: dict(metrics) for model, metrics in results.items()}
    table = lab["comparison_table"](results)
    assert isinstance(table, pd.DataFrame)
    assert list(table.index) == ["VAE", "AE"]
    assert list(table.columns) == ["b", "a", "c"]
    assert table.loc["AE"].tolist()[::2] == [3.5, 2.0]
    assert all(
        math.isnan(value) for value in (table.loc["VAE", "a"], table.loc["AE", "a"], table.loc["VAE", "c"])
    )
    assert results == kept


def test_metrics_leave_their_inputs_alone(lab):
    a, b, labels = features(50, 4, 0), features(60, 4, 1), torch.arange(50) % 5
    kept = (a.clone(), b.clone(), labels.clone())
    lab["frechet_distance"](a, b)
    lab["precision_recall"](a, b)
    lab["latent_separability"](a, labels)
    lab["mode_coverage"](labels, 5)
    assert all(torch.equal(now, before) for now, before in zip((a, b, labels), kept, strict=True))
