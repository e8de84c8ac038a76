"""The judges of the lab `vae` against right and wrong implementations, in the real sandbox."""

from __future__ import annotations

import pytest

from tests.labs import vae_right, vae_right_functions, vae_wrong, vae_wrong_functions
from tests.labs.vae_base import RIGHT as BASE
from tests.labs.vae_base import solution_notebook

RIGHT = vae_right.RIGHT | vae_right_functions.RIGHT
WRONG = vae_wrong.WRONG | vae_wrong_functions.WRONG
GOOD = [(component, style, source) for component, cases in RIGHT.items() for style, source in cases.items()]
BAD = [(component, slip, *case) for component, cases in WRONG.items() for slip, case in cases.items()]


def judged(grade, tmp_path, component: str, source: str, **others: str):
    notebook = solution_notebook(tmp_path / "s01" / "vae" / "vae.ipynb", **{component: source}, **others)
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
    report = grade(solution_notebook(tmp_path / "s01" / "vae" / "vae.ipynb"), only=[*BASE])
    assert [found.status for found in report.components] == ["pass"] * len(BASE), report.components
    assert report.score == 60


ONE_MISTAKE = {
    "Encoder": vae_wrong.WRONG["Encoder"]["softplus on logvar"][0],
    "reparameterize": vae_wrong_functions.WRONG["reparameterize"]["exp of logvar"][0],
    "Decoder": vae_wrong.WRONG["Decoder"]["no sigmoid"][0],
    "VAE": vae_wrong.WRONG["VAE"]["mean in eval mode"][0],
    "reconstruction_loss": vae_wrong_functions.WRONG["reconstruction_loss"]["mean"][0],
    "kl_divergence": vae_wrong_functions.WRONG["kl_divergence"]["negative"][0],
    "vae_loss": vae_wrong_functions.WRONG["vae_loss"]["beta ignored"][0],
}


@pytest.mark.parametrize("name", ONE_MISTAKE)
def test_a_mistake_in_one_component_costs_nothing_in_the_others(grade, tmp_path, name):
    notebook = solution_notebook(tmp_path / "s01" / "vae" / "vae.ipynb", **{name: ONE_MISTAKE[name]})
    report = grade(notebook, only=[*BASE])
    wrong = [found.name for found in report.components if found.status != "pass"]
    assert wrong == [name], report.components


def test_a_component_that_is_not_written_costs_nothing_in_the_others(grade, tmp_path):
    stub = "def {name}(*args, **kwargs):\n    raise NotImplementedError"
    changed = {name: stub.format(name=name) for name in ("reparameterize", "kl_divergence", "VAE")}
    report = grade(solution_notebook(tmp_path / "s01" / "vae" / "vae.ipynb", **changed), only=[*BASE])
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
    found = judged(grade, tmp_path, name, BY_METHODS[name], VAE=METHODS)
    assert (found.status, found.score) == ("pass", found.max_score), found.findings


SPOILT = {
    "train_step": ("model.decode(z)", "model.decode(mu)", "decoder-fed-the-mean"),
    "sample": ("torch.randn(", "torch.rand(", "noise-uniform"),
    "interpolate": ("    return", "    mu = reparameterize(mu, _)\n    return", "interpolates-sampled-codes"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_mistakes_show_on_ones_own_model_too(grade, tmp_path, name):
    old, new, misconception = SPOILT[name]
    found = judged(grade, tmp_path, name, BY_METHODS[name].replace(old, new), VAE=METHODS)
    assert misconception in [finding.misconception for finding in found.findings]
    assert found.score < found.max_score
