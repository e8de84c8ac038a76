"""What training the student's VAE, and its checkpoint, must show: real short runs, real files, in the sandbox."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from autograder.policy import load_policy
from course.data.mnist import load_mnist
from solutions.calibrate import trained as calibration
from solutions.calibrate.styles import Style, vae_source
from solutions.calibrate.wrong import VAE_FAULTS
from tests.labs.ae_base import IMPORTS, code_cell, component_cells, write_notebook

PLAIN = vae_source(Style((100,)))
RUNS = ["learns", "kl_behaviour"]


def notebook(place: Path, source: dict[str, str]) -> Path:
    cells = [code_cell(IMPORTS)]
    for name, text in source.items():
        cells += component_cells(name, text)
    return write_notebook(place / "vae.ipynb", cells, lab="vae")


def judged(grade, place: Path, source: dict[str, str], only: list[str]) -> dict[str, Any]:
    report = grade(notebook(place, source), only=only)
    assert report.status == "graded", report.message
    return {found.name: found for found in report.components}


def names(source: dict[str, str]) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(IMPORTS + "\n".join(source.values()), namespace)
    torch.manual_seed(0)
    return namespace


def save(place: Path, model: nn.Module, *, lab: str = "vae", latent_dim: int = 32) -> None:
    metadata = {"lab": lab, "version": "0", "arguments": json.dumps({"model": {"latent_dim": latent_dim}})}
    place.mkdir(parents=True, exist_ok=True)
    state = {f"model.{key}": value.contiguous() for key, value in model.state_dict().items()}
    save_file(state, place / "vae.safetensors", metadata=metadata)


@pytest.fixture
def place(tmp_path) -> Path:
    return tmp_path / "s01" / "vae"


@pytest.fixture(scope="module")
def trained() -> nn.Module:
    """The plain solution after a few seconds of training."""
    namespace, images = names(PLAIN), load_mnist().train_images
    model = namespace["VAE"](32)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, fused=True)
    for _ in range(900):
        namespace["train_step"](model, optimizer, images[torch.randint(0, len(images), (128,))])
    return model


# short runs -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "style",
    [
        Style(()),
        Style((48,), "Tanh"),
        Style((128, 64), "SiLU", "BatchNorm1d"),
        Style((100,), dropout=0.3, clamp=True),
    ],
    ids=lambda style: style.name,
)
def test_right_training_passes_whatever_the_network(grade, place, style):
    found = judged(grade, place, vae_source(style), RUNS)
    assert [found[name].status for name in RUNS] == ["pass", "pass"], found
    assert "nats" in found["kl_behaviour"].findings[0].message


def test_a_deep_network_that_uses_no_latent_even_with_right_steps_gets_a_note_and_its_points(grade, place):
    found = judged(grade, place, vae_source(Style((64,) * 6, "Tanh")), RUNS)
    assert [found[name].status for name in RUNS] == ["pass", "pass"], found
    assert any(finding.status == "note" for finding in found["kl_behaviour"].findings)


@pytest.mark.parametrize(
    ("fault", "outcome", "misconception"),
    [
        ("KL left out", "kl_behaviour", "kl-runaway"),
        ("KL averaged over latents", "kl_behaviour", "kl-runaway"),
        ("KL times 784", "kl_behaviour", "posterior-collapse"),
        ("decoder gets noise", "kl_behaviour", "posterior-collapse"),
        ("z detached", "kl_behaviour", "posterior-collapse"),
        ("AE passed off as VAE", "learns", None),
        ("decoder gets the mean", "learns", None),
        ("one noise for all latents", "learns", None),
        ("no optimiser step", "kl_behaviour", "no-update"),
        ("learns noise", "learns", None),
    ],
)
def test_wrong_training_is_caught_by_the_grader_s_own_measurements(
    grade, place, fault, outcome, misconception
):
    found = judged(grade, place, VAE_FAULTS[fault].applied(PLAIN), RUNS)[outcome]
    assert found.status != "pass"
    assert found.findings[0].misconception == misconception
    assert found.score < found.max_score


def test_a_kl_that_the_student_s_step_reports_is_not_believed(grade, place):
    lying = VAE_FAULTS["KL left out"].applied(PLAIN)
    lying["train_step"] = lying["train_step"].replace("kl.item()}", "22.0}").replace("loss.item()", "120.0")
    assert judged(grade, place, lying, RUNS)["kl_behaviour"].score == 0


def test_a_forward_that_claims_everything_earns_nothing(grade, place, trained):
    """`x_hat = x, mu = logvar = 0` would score an ELBO of -44.8, above any honest model."""
    source = PLAIN | {
        "VAE": PLAIN["VAE"].replace(
            "        mu, logvar = self.encoder(x)\n        return self.decoder(reparameterize(mu, logvar)), mu, logvar",
            "        mu, logvar = self.encoder(x)\n        return x + 0 * mu.sum(), 0 * mu, 0 * logvar",
        )
    }
    assert "return x + 0" in source["VAE"]
    save(place, names(PLAIN)["VAE"](32))
    found = judged(grade, place, source, [*RUNS, "trained_model"])
    assert [found[name].score for name in (*RUNS, "trained_model")] == [0, 0, 0]


def test_an_outcome_is_the_same_alone_and_beside_the_other(grade, place):
    both = judged(grade, place, PLAIN, RUNS)
    assert judged(grade, place, PLAIN, ["kl_behaviour"])["kl_behaviour"] == both["kl_behaviour"]


# trained_model ----------------------------------------------------------------------------------


def test_a_trained_checkpoint_earns_points_and_hears_its_figures(grade, place, trained):
    save(place, trained)
    found = judged(grade, place, PLAIN, ["trained_model"])["trained_model"]
    assert found.score > 0.5 * found.max_score, found.findings
    assert "held-out ELBO" in found.findings[0].message


def test_an_untrained_checkpoint_earns_nothing_and_is_named(grade, place):
    save(place, names(PLAIN)["VAE"](32))
    found = judged(grade, place, PLAIN, ["trained_model"])["trained_model"]
    assert (found.score, found.findings[0].misconception) == (0, "not-trained")


def test_a_decoder_that_looks_training_images_up_is_named_and_earns_nothing(grade, place):
    source = PLAIN | calibration.LOOKUP
    model = names(source)["VAE"](32)
    model.encoder.keys.copy_(torch.randn(1000, 32))
    model.decoder.keys.copy_(model.encoder.keys)
    for part in (model.encoder, model.decoder):
        part.images.copy_(load_mnist().train_images[:1000])
    save(place, model)
    found = judged(grade, place, source, ["trained_model"])["trained_model"]
    assert (found.score, found.findings[0].misconception) == (0, "memorised")


def test_a_collapsed_posterior_is_named(grade, place, trained):
    model = names(PLAIN)["VAE"](32)
    model.load_state_dict(trained.state_dict())
    with torch.no_grad():
        for head in (model.encoder.mu, model.encoder.logvar):
            head.weight.zero_()
            head.bias.zero_()
        model.decoder.net[0].weight.zero_()
        model.decoder.net[-2].weight.zero_()
        model.decoder.net[-2].bias.copy_(torch.logit(load_mnist().train_images.mean(0), 1e-3))
    save(place, model)
    found = judged(grade, place, PLAIN, ["trained_model"])["trained_model"]
    assert (found.score, found.findings[0].misconception) == (0, "posterior-collapse")


def test_another_latent_size_is_judged_as_it_was_saved(grade, place):
    save(place, names(PLAIN)["VAE"](7), latent_dim=7)
    found = judged(grade, place, PLAIN, ["trained_model"])["trained_model"]
    assert found.findings[0].misconception == "not-trained"


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.unlink(), "No `vae.safetensors`"),
        (lambda path: path.write_bytes(b"\xff" * 64), "damaged"),
        (lambda path: torch.save({"weight": torch.zeros(3)}, path), "pickle"),
        (lambda path: save(path.parent, nn.Linear(3, 3), lab="ae"), "lab `ae`"),
        (lambda path: save(path.parent, nn.Linear(3, 3)), "does not fit your `VAE`"),
        (lambda path: save(path.parent, nn.Linear(3, 3), latent_dim=10**9), "latent_dim=1000000000"),
    ],
)
def test_a_checkpoint_that_cannot_be_used_gets_its_own_message(grade, place, spoil, words):
    save(place, names(PLAIN)["VAE"](32))
    spoil(place / "vae.safetensors")
    found = judged(grade, place, PLAIN, ["trained_model"])["trained_model"]
    assert found.score == 0
    assert words in found.findings[0].message


# calibration ------------------------------------------------------------------------------------


def test_the_thresholds_of_the_policy_are_those_that_were_calibrated():
    folder = Path(__file__).parents[2] / "autograder" / "outcomes" / "calibration"
    settings = load_policy().outcomes["vae"]
    found = json.loads((folder / "vae.json").read_text())
    measured = found["settings"] | found["trained"]["thresholds"]
    assert {key: settings[key] for key in measured} == measured
    assert set(settings) - set(measured) == set()
