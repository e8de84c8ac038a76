"""The judges of the lab `gan` against right and wrong implementations, in the real sandbox."""

from __future__ import annotations

import pytest

from tests.labs import gan_right, gan_right_functions, gan_wrong, gan_wrong_functions
from tests.labs.gan_base import RIGHT as BASE
from tests.labs.gan_base import solution_notebook

RIGHT = gan_right.RIGHT | gan_right_functions.RIGHT
WRONG = gan_wrong.WRONG | gan_wrong_functions.WRONG
GOOD = [(component, style, source) for component, cases in RIGHT.items() for style, source in cases.items()]
BAD = [(component, slip, *case) for component, cases in WRONG.items() for slip, case in cases.items()]


def judged(grade, tmp_path, component: str, source: str, **others: str):
    notebook = solution_notebook(tmp_path / "s01" / "gan" / "gan.ipynb", **{component: source}, **others)
    report = grade(notebook, only=[component])
    assert report.status == "graded", report.message
    return next(found for found in report.components if found.name == component)


@pytest.mark.parametrize(("component", "style", "source"), GOOD, ids=[f"{c}-{s}" for c, s, _ in GOOD])
def test_a_right_component_gets_full_points(grade, tmp_path, component, style, source):
    found = judged(grade, tmp_path, component, source)
    assert (found.status, found.score) == ("pass", found.max_score), found.findings


@pytest.mark.parametrize(
    ("component", "slip", "source", "misconception"), BAD, ids=[f"{c}-{s}" for c, s, *_ in BAD]
)
def test_a_wrong_component_is_caught_and_told(grade, tmp_path, component, slip, source, misconception):
    found = judged(grade, tmp_path, component, source)
    assert found.status != "pass"
    assert found.score < found.max_score
    failed = [finding for finding in found.findings if finding.status == "fail"]
    assert failed[0].message
    if misconception is not None:
        assert misconception in [finding.misconception for finding in failed]


def test_the_plain_solution_gets_all_points_of_its_components(grade, tmp_path):
    report = grade(solution_notebook(tmp_path / "s01" / "gan" / "gan.ipynb"), only=[*BASE])
    assert [found.status for found in report.components] == ["pass"] * len(BASE), report.components
    assert report.score == 60


ONE_MISTAKE = {
    "Generator": gan_wrong.WRONG["Generator"]["no tanh"][0],
    "Discriminator": gan_wrong.WRONG["Discriminator"]["sigmoid"][0],
    "init_weights": gan_wrong.WRONG["init_weights"]["transposed ones left out"][0],
    "discriminator_loss": gan_wrong_functions.WRONG["discriminator_loss"]["labels swapped"][0],
    "generator_loss": gan_wrong_functions.WRONG["generator_loss"]["saturating"][0],
    "make_optimizers": gan_wrong_functions.WRONG["make_optimizers"]["one for both"][0],
    "discriminator_step": gan_wrong_functions.WRONG["discriminator_step"]["uniform noise"][0],
    "generator_step": gan_wrong_functions.WRONG["generator_step"]["step twice"][0],
}


@pytest.mark.parametrize("name", ONE_MISTAKE)
def test_a_mistake_in_one_component_costs_nothing_in_the_others(grade, tmp_path, name):
    notebook = solution_notebook(tmp_path / "s01" / "gan" / "gan.ipynb", **{name: ONE_MISTAKE[name]})
    report = grade(notebook, only=[*BASE])
    wrong = [found.name for found in report.components if found.status != "pass"]
    assert wrong == [name], report.components


def test_a_component_that_is_not_written_costs_nothing_in_the_others(grade, tmp_path):
    stub = "def {name}(*args, **kwargs):\n    raise NotImplementedError"
    names = ("Generator", "discriminator_loss", "generator_loss", "discriminator_step", "generator_step")
    changed = {name: stub.format(name=name) for name in names}
    report = grade(solution_notebook(tmp_path / "s01" / "gan" / "gan.ipynb", **changed), only=[*BASE])
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
    found = judged(grade, tmp_path, "sample", BY_METHODS, Generator=METHODS)
    assert (found.status, found.score) == ("pass", found.max_score), found.findings


def test_mistakes_show_on_ones_own_generator_too(grade, tmp_path):
    source = BY_METHODS.replace("    generator.train(was)\n", "")
    found = judged(grade, tmp_path, "sample", source, Generator=METHODS)
    assert "mode-not-restored" in [finding.misconception for finding in found.findings]
    assert found.score < found.max_score


def test_noise_with_more_axes_than_the_generator_takes_is_told(grade, tmp_path):
    source = BASE["sample"].replace("generator.latent_dim)", "generator.latent_dim, 1, 1)")
    found = judged(grade, tmp_path, "sample", source, Generator=METHODS)
    assert "noise-four-dimensional" in [finding.misconception for finding in found.findings]
    assert found.score == 0


STEPS = {
    name: gan_right_functions.RIGHT[name][style].replace(old, new)
    for name, style, old, new in (
        ("discriminator_step", "detached", "torch.randn(real.size(0), generator.latent_dim, device=real.device)", "generator.noise(real.size(0))"),
        ("generator_step", "zero at the end", "torch.randn(batch_size, generator.latent_dim)", "generator.noise(batch_size)"),
        ("train_step", "losses by name", "torch.randn(len(real), generator.latent_dim)", "generator.noise(len(real))"),
    )
}  # fmt: skip


@pytest.mark.parametrize("name", STEPS)
def test_steps_may_use_methods_of_ones_own_generator(grade, tmp_path, name):
    assert "generator.noise" in STEPS[name]
    found = judged(grade, tmp_path, name, STEPS[name], Generator=METHODS)
    assert (found.status, found.score) == ("pass", found.max_score), found.findings


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
    found = judged(grade, tmp_path, name, STEPS[name].replace(old, new), Generator=METHODS)
    assert found.score < found.max_score
    assert misconception in [finding.misconception for finding in found.findings]
