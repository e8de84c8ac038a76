"""Classes and distances of pictures, in the grader's own features."""

import pytest
import torch

from course import art_distance, load_art, load_mnist, see_art, see_digits
from course.movements import Seen


@pytest.fixture(scope="module")
def art():
    return load_art(400, seed=11, progress=False)


@pytest.fixture(scope="module")
def seen(art):
    return see_art(art.images)


def test_paintings_are_known_by_their_movement(art, seen):
    assert (seen.movements == art.labels).float().mean() > 0.9
    assert seen.covered() == 10
    assert seen.counts().shape == (10,)
    assert seen.counts().sum() <= 400


def test_noise_and_grey_are_far_from_the_art_and_paintings_are_near(art, seen):
    near = art_distance(see_art(load_art(400, seed=12, progress=False).images), seen)
    grey = art_distance(see_art(torch.randn(400, 3, 64, 64) * 0.01), seen)
    noise = art_distance(see_art(torch.rand(400, 3, 64, 64) * 2 - 1), seen)
    assert 0 <= art_distance(seen, seen) < 1e-6
    assert near < 0.1 * min(grey, noise)


def test_one_movement_alone_covers_one_and_is_far(art, seen):
    alone = see_art(art.images[seen.movements == 2].repeat(10, 1, 1, 1))
    assert alone.covered() == 1
    assert art_distance(alone, seen) > 10


def test_a_movement_is_covered_from_a_tenth_of_its_fair_share_on():
    movements = torch.tensor([0] * 960 + [1] * 10 + [2] * 9 + [-1] * 21)
    seen = Seen(torch.zeros(1000, 2), movements)
    assert seen.counts().tolist() == [960, 10, 9, 0, 0, 0, 0, 0, 0, 0]
    assert seen.covered() == 2


def test_looking_leaves_the_pictures_alone(art):
    pictures = art.images[:5].clone().requires_grad_()
    see_art(pictures * 3)  # out of range is cut off
    assert torch.equal(pictures.detach(), art.images[:5])


def test_digits_are_known_by_their_class_in_48_features_of_unit_spread():
    data = load_mnist()
    seen = see_digits(data.train_images[:500])
    assert (seen.classes == data.train_labels[:500]).float().mean() > 0.95
    assert seen.features.shape == (500, 48)
    assert seen.features.dtype == torch.float64
    assert seen.features.std(0).median() == pytest.approx(1, abs=0.15)
    assert seen.covered() == 10


def test_classes_of_art_are_its_movements(seen):
    assert torch.equal(seen.movements, seen.classes)
