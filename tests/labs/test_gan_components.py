"""The judges of the lab `gan` against right and wrong implementations, in the real sandbox."""

from __future__ import annotations

import pytest

from solutions.styles import load_styles
from tests.labs import gan_wrong, gan_wrong_functions
from tests.labs.cases import Cases, assert_caught, assert_right, code_of, named
from tests.labs.gan_base import RIGHT as BASE
from tests.labs.gan_base import solution_notebook

RIGHT = load_styles("gan")
WRONG = gan_wrong.WRONG | gan_wrong_functions.WRONG
CASES = Cases("gan", BASE, solution_notebook, RIGHT, WRONG)


@pytest.mark.parametrize(("component", "source"), CASES.good)
def test_a_right_component_gets_full_points(grade, tmp_path, component, source):
    assert_right(CASES.judged(grade, tmp_path, component, source))


@pytest.mark.parametrize(("component", "source"), CASES.bad)
def test_a_wrong_component_without_a_name_is_caught_and_told(grade, tmp_path, component, source):
    assert_caught(CASES.judged(grade, tmp_path, component, source))


@pytest.mark.parametrize("mistake", CASES.known)
def test_a_known_mistake_is_called_by_its_name_first(grade, tmp_path, mistake):
    report = CASES.judged(grade, tmp_path, mistake.component, mistake.code)
    assert_caught(report)
    assert named(report)[:1] == [mistake.name]
    assert {*named(report)} <= {mistake.name, *mistake.also}


def test_the_plain_solution_gets_all_points_of_its_components(grade, tmp_path):
    report = CASES.all_judged(grade, tmp_path)
    assert [found.status for found in report.components] == ["pass"] * len(BASE), report.components
    assert report.score == 60


ONE_MISTAKE = {
    "Generator": "gan.Generator.no-tanh-on-images",
    "Discriminator": "gan.Discriminator.sigmoid-on-logits",
    "init_weights": "gan.init_weights.transposed-convolutions-left-out",
    "discriminator_loss": "gan.discriminator_loss.labels-swapped",
    "generator_loss": "gan.generator_loss.saturating-loss",
    "make_optimizers": "gan.make_optimizers.one-optimizer",
    "discriminator_step": "gan.discriminator_step.noise-uniform",
    "generator_step": "gan.generator_step.step-taken-twice",
}


@pytest.mark.parametrize("name", ONE_MISTAKE)
def test_a_mistake_in_one_component_costs_nothing_in_the_others(grade, tmp_path, name):
    report = CASES.all_judged(grade, tmp_path, **{name: code_of(ONE_MISTAKE[name])})
    wrong = [found.name for found in report.components if found.status != "pass"]
    assert wrong == [name], report.components


def test_a_component_that_is_not_written_costs_nothing_in_the_others(grade, tmp_path):
    names = ("Generator", "discriminator_loss", "generator_loss", "discriminator_step", "generator_step")
    changed = CASES.stubs(*names)
    report = CASES.all_judged(grade, tmp_path, **changed)
    statuses = {found.name: found.status for found in report.components}
    assert {name for name, status in statuses.items() if status == "missing"} == {*changed}
    assert all(status == "pass" for name, status in statuses.items() if name not in changed), statuses


METHODS = """
class Generator(nn.Module):
    def __init__(self, latent_dim=100, width=64):
        super().__init__()
        self.latent_dim = latent_dim
        self.net = nn.Sequential(nn.ConvTranspose2d(latent_dim, 4 * width, 8), nn.BatchNorm2d(4 * width), nn.ReLU(),
                                 nn.ConvTranspose2d(4 * width, 3, 8, 8), nn.Tanh())
    def noise(self, n):
        return torch.randn(n, self.latent_dim)
    def forward(self, z):
        return self.net(z[:, :, None, None])
"""
BY_METHODS = """
@torch.no_grad()
def sample(generator, n):
    was = generator.training
    generator.eval()
    x = generator(generator.noise(n))
    generator.train(was)
    return x
"""


def test_methods_of_ones_own_generator_may_be_used(grade, tmp_path):
    found = CASES.judged(grade, tmp_path, "sample", BY_METHODS, Generator=METHODS)
    assert_right(found)


def test_mistakes_show_on_ones_own_generator_too(grade, tmp_path):
    source = BY_METHODS.replace("    generator.train(was)\n", "")
    found = CASES.judged(grade, tmp_path, "sample", source, Generator=METHODS)
    assert "mode-not-restored" in named(found)
    assert found.score < found.max_score


def test_noise_with_more_axes_than_the_generator_takes_is_told(grade, tmp_path):
    source = BASE["sample"].replace("generator.latent_dim)", "generator.latent_dim, 1, 1)")
    found = CASES.judged(grade, tmp_path, "sample", source, Generator=METHODS)
    assert "noise-four-dimensional" in named(found)
    assert found.score == 0


STEPS = {
    name: RIGHT[name][style].replace(old, new)
    for name, style, old, new in (
        ("discriminator_step", "detached", "torch.randn(real.size(0), generator.latent_dim, device=real.device)", "generator.noise(real.size(0))"),
        ("generator_step", "zero at the end", "torch.randn(batch_size, generator.latent_dim)", "generator.noise(batch_size)"),
        ("train_step", "losses by name", "torch.randn(len(real), generator.latent_dim)", "generator.noise(len(real))"),
    )
}  # fmt: skip


@pytest.mark.parametrize("name", STEPS)
def test_steps_may_use_methods_of_ones_own_generator(grade, tmp_path, name):
    assert "generator.noise" in STEPS[name]
    found = CASES.judged(grade, tmp_path, name, STEPS[name], Generator=METHODS)
    assert_right(found)


SPOILT_STEPS = {
    "no detach": ("discriminator_step", "fake.detach()", "fake", "fakes-not-detached"),
    "no step": ("discriminator_step", "    opt_d.step()\n", "", "discriminator-not-updated"),
    "no gradient": ("generator_step", "loss.backward()", "loss.detach()", "generator-not-updated"),
    "step twice": (
        "generator_step",
        "    opt_g.step()\n",
        "    opt_g.step()\n    opt_g.step()\n",
        "generator-update-count",
    ),
    "one update": ("train_step", "updates=2", "updates=1", "generator-update-count"),
    "three updates": ("train_step", "updates=2", "updates=3", "generator-update-count"),
}


@pytest.mark.parametrize("slip", SPOILT_STEPS)
def test_mistakes_of_steps_show_on_ones_own_networks_too(grade, tmp_path, slip):
    name, old, new, misconception = SPOILT_STEPS[slip]
    assert old in STEPS[name]
    found = CASES.judged(grade, tmp_path, name, STEPS[name].replace(old, new), Generator=METHODS)
    assert found.score < found.max_score
    assert misconception in named(found)
