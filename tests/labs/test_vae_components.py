"""The judges of the lab `vae` against right and wrong implementations, in the real sandbox."""

from __future__ import annotations

import pytest

from solutions.styles import load_styles
from tests.labs import vae_wrong, vae_wrong_functions
from tests.labs.cases import Cases, assert_caught, assert_right, code_of, named
from tests.labs.vae_base import RIGHT as BASE
from tests.labs.vae_base import solution_notebook

RIGHT = load_styles("vae")
WRONG = vae_wrong.WRONG | vae_wrong_functions.WRONG
CASES = Cases("vae", BASE, solution_notebook, RIGHT, WRONG)


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
    "Encoder": "vae.Encoder.activation-on-logvar.softplus",
    "reparameterize": "vae.reparameterize.std-is-variance",
    "Decoder": "vae.Decoder.no-sigmoid-on-pixels",
    "VAE": "vae.VAE.decoder-fed-the-mean.in-eval-mode",
    "reconstruction_loss": "vae.reconstruction_loss.bce-averaged",
    "kl_divergence": "vae.kl_divergence.kl-sign-flipped",
    "vae_loss": "vae.vae_loss.beta-ignored",
}


@pytest.mark.parametrize("name", ONE_MISTAKE)
def test_a_mistake_in_one_component_costs_nothing_in_the_others(grade, tmp_path, name):
    report = CASES.all_judged(grade, tmp_path, **{name: code_of(ONE_MISTAKE[name])})
    wrong = [found.name for found in report.components if found.status != "pass"]
    assert wrong == [name], report.components


def test_a_component_that_is_not_written_costs_nothing_in_the_others(grade, tmp_path):
    changed = CASES.stubs("reparameterize", "kl_divergence", "VAE")
    report = CASES.all_judged(grade, tmp_path, **changed)
    statuses = {found.name: found.status for found in report.components}
    assert {name for name, status in statuses.items() if status == "missing"} == {*changed}
    assert all(status == "pass" for name, status in statuses.items() if name not in changed), statuses


METHODS = """
class VAE(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.latent_dim = latent_dim
        self.encoder, self.decoder = Encoder(latent_dim), Decoder(latent_dim)
    def encode(self, x):
        return self.encoder(x)
    def decode(self, z):
        return self.decoder(z)
    def forward(self, x):
        mu, logvar = self.encode(x)
        return self.decode(reparameterize(mu, logvar)), mu, logvar
"""
BY_METHODS = {
    "train_step": """
def train_step(model, optimizer, x, beta=1.0):
    model.train()
    mu, logvar = model.encode(x)
    z = mu + torch.exp(logvar / 2) * torch.from_numpy(np.random.randn(*mu.shape)).float()
    loss, reconstruction, kl = vae_loss(model.decode(z), x, mu, logvar, beta)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return {"loss": loss.item(), "reconstruction": reconstruction.item(), "kl": kl.item()}
""",
    "sample": """
@torch.no_grad()
def sample(model, n):
    mode = model.training
    model.eval()
    x = model.decode(torch.randn(n, model.latent_dim))
    model.train(mode)
    return x
""",
    "interpolate": """
def interpolate(model, x_start, x_end, steps):
    mu, _ = model.encode(torch.stack([x_start, x_end]))
    return model.decode(torch.lerp(mu[:1], mu[1:], torch.linspace(0, 1, steps)[:, None]))
""",
}


@pytest.mark.parametrize("name", BY_METHODS)
def test_methods_of_ones_own_model_may_be_used(grade, tmp_path, name):
    found = CASES.judged(grade, tmp_path, name, BY_METHODS[name], VAE=METHODS)
    assert_right(found)


SPOILT = {
    "train_step": ("model.decode(z)", "model.decode(mu)", "decoder-fed-the-mean"),
    "sample": ("torch.randn(", "torch.rand(", "noise-uniform"),
    "interpolate": ("    return", "    mu = reparameterize(mu, _)\n    return", "interpolates-sampled-codes"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_mistakes_show_on_ones_own_model_too(grade, tmp_path, name):
    old, new, misconception = SPOILT[name]
    found = CASES.judged(grade, tmp_path, name, BY_METHODS[name].replace(old, new), VAE=METHODS)
    assert misconception in named(found)
    assert found.score < found.max_score
