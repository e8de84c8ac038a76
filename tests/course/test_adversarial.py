"""The training loop of two networks: what is noted, that looking leaves no trace, and how it ends."""

import math
import warnings

import pytest
import torch
from torch import nn

from course import Augmented, GanHistory, fit_gan
from course.adversarial import FIXED, accuracies


class Painter(nn.Module):
    def __init__(self, latent_dim=4):
        super().__init__()
        self.latent_dim = latent_dim
        self.layers = nn.Sequential(nn.Linear(latent_dim, 12), nn.BatchNorm1d(12), nn.Tanh())

    def forward(self, z):
        return self.layers(z).view(-1, 3, 2, 2)


class Judge(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(12, 5), nn.BatchNorm1d(5), nn.Linear(5, 1))

    def forward(self, x):
        return self.layers(x).flatten()


@pytest.fixture(autouse=True)
def _own_steps(monkeypatch):
    monkeypatch.delenv("GENLAB_STEPS", raising=False)


@pytest.fixture
def pair():
    torch.manual_seed(0)
    generator, discriminator = Painter(), Judge()
    opt_g = torch.optim.SGD(generator.parameters(), lr=0.1)
    opt_d = torch.optim.SGD(discriminator.parameters(), lr=0.2)
    return generator, discriminator, opt_g, opt_d


def step(generator, discriminator, opt_g, opt_d, real):
    """One update of each; the discriminator's gradients are overwritten by the generator's step, as in the lab."""
    fake = generator(torch.randn(len(real), generator.latent_dim)).detach()
    d_loss = discriminator(fake).mean() - discriminator(real).mean()
    opt_d.zero_grad()
    d_loss.backward()
    opt_d.step()
    g_loss = -100 * discriminator(generator(torch.randn(len(real), generator.latent_dim))).mean()
    opt_g.zero_grad()
    g_loss.backward()
    opt_g.step()
    return {"d_loss": d_loss.item(), "g_loss": g_loss.item()}


def test_the_history_holds_losses_accuracies_gradients_and_paintings_along_the_way(pair):
    history = fit_gan(step, *pair, torch.rand(10, 3, 2, 2), steps=12, batch_size=4)
    assert set(history.curves) == {"d_loss", "g_loss", "real", "fake", "d_gradient", "g_gradient"}
    assert history.steps == list(range(1, 13))
    assert all(len(values) == 12 for values in history.curves.values())
    assert all(0 <= value <= 1 for value in history["real"] + history["fake"])
    assert all(value > 0 for value in history["d_gradient"] + history["g_gradient"])
    assert history.frames.shape == (13, FIXED, 3, 2, 2)
    assert history.frames.dtype == torch.uint8
    assert history.frame_steps == list(range(13))
    assert history.seconds > 0
    assert "12 steps" in repr(history)


def test_curves_of_a_long_run_stay_short_and_losses_are_means_over_the_steps_between(pair):
    values = iter(range(1, 1000))
    history = fit_gan(
        lambda *_: {"d_loss": float(next(values))}, *pair, torch.rand(4, 3, 2, 2), steps=300, batch_size=4
    )
    assert len(history.steps) == 150
    assert history.steps[:2] == [2, 4]
    assert history["d_loss"][:2] == [1.5, 3.5]
    assert len(history.frame_steps) <= 36
    assert history.frame_steps[0] == 0
    assert history.frame_steps[-1] == 300


def test_what_evaluate_measures_is_noted_with_its_own_steps(pair):
    measured = iter(range(100))
    history = fit_gan(
        step, *pair, torch.rand(4, 3, 2, 2), steps=20, evaluate=lambda: {"distance": next(measured)}
    )
    assert history.test_steps == list(range(0, 21, 2))
    assert history["test_distance"] == list(range(11))
    assert history.along("test_distance") == history.test_steps
    assert history.along("real") == history.steps


def test_gradient_norms_are_those_that_the_optimisers_were_given(pair):
    _, discriminator, _, opt_d = pair
    given = []

    def watched(*networks):
        opt_d.register_step_pre_hook(
            lambda *_: given.append(
                torch.cat([p.grad.flatten() for p in discriminator.parameters()]).norm().item()
            )
        )
        return step(*networks)

    history = fit_gan(watched, *pair, torch.rand(4, 3, 2, 2), steps=1)
    # What lies in .grad afterwards is the sum with what the generator's step left, a hundred times as large.
    assert history["d_gradient"] == pytest.approx(given)


def test_looking_on_changes_neither_networks_nor_modes_nor_leaves_hooks(pair):
    generator, discriminator, opt_g, opt_d = pair
    generator.eval()
    before = [t.clone() for network in pair[:2] for t in network.state_dict().values()]
    fit_gan(lambda *_: 1.0, *pair, torch.rand(8, 3, 2, 2), steps=5, batch_size=4)
    after = [t for network in pair[:2] for t in network.state_dict().values()]
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert (generator.training, discriminator.training) == (False, True)
    assert not opt_g._optimizer_step_pre_hooks
    assert not opt_d._optimizer_step_pre_hooks


def test_accuracies_judge_in_train_mode_and_leave_the_running_statistics():
    class Strict(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm1d(12)

        def forward(self, x):
            assert self.training
            return self.norm(x.flatten(1)).sum(1) * 0 + x.flatten(1).mean(1) - 0.9

    judge, painter = Strict().eval(), Painter().eval()
    statistics = judge.norm.running_mean.clone()
    real = torch.ones(4, 3, 2, 2)
    real[0] = 0
    assert accuracies(painter, judge, real) == {"real": 0.75, "fake": 1.0}
    assert torch.equal(judge.norm.running_mean, statistics)
    assert not judge.training
    assert not painter.training


def test_learning_rates_fall_to_nothing_in_the_second_half_and_are_restored(pair):
    seen = []

    def watched(generator, discriminator, opt_g, opt_d, real):
        seen.append((opt_g.param_groups[0]["lr"], opt_d.param_groups[0]["lr"]))
        return 0.0

    fit_gan(watched, *pair, torch.rand(4, 3, 2, 2), steps=10)
    assert [g for g, _ in seen] == pytest.approx([0.1] * 6 + [0.08, 0.06, 0.04, 0.02])
    assert all(d == pytest.approx(2 * g) for g, d in seen)
    assert (pair[2].param_groups[0]["lr"], pair[3].param_groups[0]["lr"]) == (0.1, 0.2)


def test_batches_have_one_size_and_go_through_all_images(pair):
    seen = []
    images = torch.arange(10.0).view(-1, 1, 1, 1).expand(-1, 3, 2, 2)

    def watched(generator, discriminator, opt_g, opt_d, real):
        seen.append(real[:, 0, 0, 0].tolist())
        return 0.0

    fit_gan(watched, *pair, images, steps=4, batch_size=5)
    assert sorted(seen[0] + seen[1]) == sorted(seen[2] + seen[3]) == list(range(10))
    seen.clear()
    fit_gan(watched, *pair, images, steps=4, batch_size=4)
    assert [len(batch) for batch in seen] == [4] * 4
    seen.clear()
    fit_gan(watched, *pair, images, steps=1, batch_size=64)  # fewer pictures than a batch
    assert sorted(seen[0]) == list(range(10))


def test_interrupting_keeps_what_was_noted(pair, capsys):
    calls = []

    def interrupted(*networks):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return step(*networks)

    history = fit_gan(interrupted, *pair, torch.rand(4, 3, 2, 2), steps=50)
    assert history.steps == [1, 2, 3]
    assert "Stopped at step 4 of 50" in capsys.readouterr().out
    assert pair[2].param_groups[0]["lr"] == 0.1


def test_a_loss_that_is_no_number_any_more_stops_the_run_and_says_so(pair, capsys):
    losses = iter([1.0, math.nan, 1.0])
    history = fit_gan(lambda *_: {"g_loss": next(losses)}, *pair, torch.rand(4, 3, 2, 2), steps=3)
    assert history.steps == [1]
    assert "step 2" in capsys.readouterr().out


def test_a_step_that_forgets_to_return_is_told_so(pair):
    with pytest.raises(TypeError, match="`return` missing"):
        fit_gan(lambda *_: None, *pair, torch.rand(4, 3, 2, 2), steps=1)


def test_the_number_of_steps_can_be_capped_from_outside(monkeypatch, pair):
    monkeypatch.setenv("GENLAB_STEPS", "2")
    assert fit_gan(step, *pair, torch.rand(4, 3, 2, 2), steps=9).steps == [1, 2]
    assert fit_gan(step, *pair, torch.rand(4, 3, 2, 2), steps=1).steps == [1]


def test_an_augmented_discriminator_trains_like_any_other():
    generator, inner = Painter(), Judge()
    discriminator = Augmented(inner)
    opt_g = torch.optim.Adam(generator.parameters())
    opt_d = torch.optim.Adam(discriminator.parameters())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = fit_gan(step, generator, discriminator, opt_g, opt_d, torch.rand(8, 3, 2, 2), steps=3)
    assert len(history["real"]) == 3


def test_an_empty_history_can_be_shown():
    assert "nothing yet" in repr(GanHistory())
