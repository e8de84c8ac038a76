"""Augmentation of what a discriminator is shown: when, how far, and that gradients pass."""

import torch
from torch import nn

from course.augmentation import BRIGHTNESS, SHIFT, Augmented, augment


class Spy(nn.Module):
    """A discriminator that keeps what it was shown."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 1)
        self.shown = None

    def forward(self, x):
        self.shown = x
        return self.layer(x.mean((2, 3))).flatten()


def ramps(n, size=32):
    """Images whose pixels tell where they came from: rows in the first channel, columns in the second."""
    place = torch.arange(1.0, size + 1)
    rows, columns = place.view(-1, 1).expand(size, size), place.view(1, -1).expand(size, size)
    return torch.stack([rows, columns, torch.zeros(size, size)]).expand(n, -1, -1, -1)


def shifts(images):
    """How far each of the moved `ramps` was moved, down and right, `(N, 2)`; its third channel is the brightness."""
    middle = images.shape[-1] // 2
    centre = images[:, :, middle, middle]
    return (middle + 1 - (centre[:, :2] - centre[:, 2:])).round()


def test_in_train_mode_it_shows_changed_images_and_in_eval_mode_the_images_themselves():
    spy = Spy()
    judge, images = Augmented(spy), torch.rand(4, 3, 16, 16)
    assert judge(images).shape == (4,)
    assert spy.shown.shape == images.shape
    assert not torch.allclose(spy.shown, images)
    judge.eval()
    assert judge(images).shape == (4,)
    assert torch.equal(spy.shown, images)


def test_it_has_the_parameters_of_the_discriminator_and_hands_its_mode_on():
    spy = Spy()
    judge = Augmented(spy)
    assert [id(p) for p in judge.parameters()] == [id(p) for p in spy.parameters()]
    assert judge.wrapped is spy
    assert not judge.eval().wrapped.training
    assert judge.train().wrapped.training


def test_each_image_is_moved_in_its_own_way_by_every_distance_up_to_the_limit():
    torch.manual_seed(0)
    moved = shifts(augment(ramps(2000)))
    assert moved.abs().max() == SHIFT
    for direction in moved.T:
        assert sorted(direction.unique().tolist()) == list(range(-SHIFT, SHIFT + 1))
    assert abs(torch.corrcoef(moved.T)[0, 1]) < 0.1


def test_a_moved_image_keeps_its_pixels_and_what_comes_into_view_is_grey():
    torch.manual_seed(1)
    images = ramps(50)
    seen = augment(images)
    for image, (down, right) in zip(seen, shifts(seen).int().tolist(), strict=True):
        lighter = image[2].abs().max() * image[2].sum().sign()
        expected = torch.zeros_like(image)
        height, width = image.shape[1:]
        to = slice(max(0, down), height + min(0, down)), slice(max(0, right), width + min(0, right))
        of = slice(max(0, -down), height - max(0, down)), slice(max(0, -right), width - max(0, right))
        expected[:, *to] = images[0][:, *of] + lighter
        torch.testing.assert_close(image, expected)


def test_brightness_changes_by_up_to_a_half_either_way_and_differs_from_image_to_image():
    torch.manual_seed(2)
    lighter = augment(torch.zeros(2000, 3, 20, 20))[:, :, 10, 10]
    assert torch.equal(lighter[:, 0], lighter[:, 1])  # of all colours alike
    assert torch.equal(lighter[:, 0], lighter[:, 2])
    assert lighter.abs().max() <= BRIGHTNESS
    assert lighter.max() > 0.98 * BRIGHTNESS
    assert lighter.min() < -0.98 * BRIGHTNESS
    assert len(lighter[:, 0].unique()) > 1900


def test_gradients_pass_to_each_pixel_that_is_in_view_and_to_no_other():
    torch.manual_seed(3)
    images = ramps(20).clone().requires_grad_()
    seen = augment(images)
    seen.sum().backward()
    down, right = shifts(seen.detach()).T.abs()
    assert set(images.grad.unique().tolist()) == {0.0, 1.0}
    assert images.grad.sum((1, 2, 3)).tolist() == (3 * (32 - down) * (32 - right)).tolist()


def test_images_that_are_shown_twice_are_changed_anew_and_left_as_they_were():
    images = torch.rand(4, 3, 16, 16)
    before = images.clone()
    assert not torch.equal(augment(images), augment(images))
    assert torch.equal(images, before)


def test_images_need_not_be_square():
    assert augment(torch.rand(2, 3, 20, 12)).shape == (2, 3, 20, 12)
