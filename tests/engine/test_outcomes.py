"""What training the student's code, and their checkpoint, must show: real short runs, real files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors import torch as safetensors
from safetensors.torch import save_file
from torch import nn

from autograder.outcomes.checkpoint import parse
from tests.labs.ae_base import IMPORTS, RIGHT, code_cell, solution_notebook, write_notebook

LEARNS, TRAINED = ["learns"], ["trained_model"]


def outcome(grade, notebook: Path, name: str):
    report = grade(notebook, only=[name])
    assert report.status == "graded", report.message
    return next(found for found in report.components if found.name == name)


def make_model(latent_dim: int = 32) -> nn.Module:
    namespace: dict[str, object] = {}
    exec(IMPORTS + RIGHT["Encoder"] + RIGHT["Decoder"] + RIGHT["AutoEncoder"], namespace)
    torch.manual_seed(0)
    model = namespace["AutoEncoder"](latent_dim)
    assert isinstance(model, nn.Module)
    return model


def save(path: Path, model: nn.Module, prefix: str = "model.", lab: str = "ae", latent_dim: int = 32) -> None:
    metadata = {
        "lab": lab,
        "version": "0.1.0",
        "arguments": json.dumps({"model": {"latent_dim": latent_dim}}),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({prefix + key: value for key, value in model.state_dict().items()}, path, metadata=metadata)


@pytest.fixture
def place(tmp_path) -> Path:
    return tmp_path / "s01" / "ae"


@pytest.fixture(scope="module")
def trained() -> nn.Module:
    """The plain solution after a few seconds of training."""
    from course.data.mnist import load_mnist

    x = load_mnist().train_images.reshape(-1, 784)
    model = make_model()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(600):
        batch = x[torch.randint(0, len(x), (64,))]
        optimizer.zero_grad()
        ((model(batch) - batch) ** 2).mean().backward()
        optimizer.step()
    return model


# learns ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoder",
    [
        "return self.net(x)",
        "return self.net(F.dropout(x, 0.2, self.training))",
        "return 0.01 * self.net(x)",
    ],
)
def test_right_training_learns_whatever_the_network(grade, place, encoder):
    source = RIGHT["Encoder"].replace("return self.net(x)", encoder)
    found = outcome(grade, solution_notebook(place / "ae.ipynb", Encoder=source), "learns")
    assert found.status == "pass", found.findings


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("train_step", "    optimizer.step()\n", ""),
        ("train_step", "loss.backward()", "(-loss).backward()"),
        (
            "train_step",
            "    optimizer.step()\n",
            "    optimizer.step()\n    for p in model.parameters(): p.data.mul_(0.9)\n",
        ),
        (
            "train_step",
            "reconstruction_loss(model(x), x)",
            "reconstruction_loss(model(x), torch.rand_like(x))",
        ),
        ("train_step", "loss.backward()", "(loss / 0).backward()"),
        ("AutoEncoder", "self.decoder(self.encoder(x))", "x"),
    ],
)
def test_training_that_does_not_learn_is_caught_and_names_what_to_mend_first(grade, place, name, old, new):
    notebook = solution_notebook(place / "ae.ipynb", **{name: RIGHT[name].replace(old, new)})
    found = outcome(grade, notebook, "learns")
    assert found.status not in ("pass", "missing"), found.findings
    assert f"First mend `{name}`" in found.findings[0].message


def test_a_forward_that_claims_a_perfect_reconstruction_earns_nothing(grade, place):
    """The grader goes through `.encoder` and `.decoder` in workers that cannot see each other."""
    cheat = "SEEN = []\n" + RIGHT["Encoder"].replace(
        "return self.net(x)", "SEEN[:] = [x]\n        return 0 * self.net(x)"
    )
    decoder = RIGHT["Decoder"].replace(
        "return self.net(z)", "return SEEN[0] + 0 * self.net(z) if SEEN else self.net(z)"
    )
    found = outcome(grade, solution_notebook(place / "ae.ipynb", Encoder=cheat, Decoder=decoder), "learns")
    assert (found.status, found.findings[0].misconception) == ("fail", "forward-is-not-the-composition")
    save(place / "ae.safetensors", make_model())
    assert outcome(grade, place / "ae.ipynb", "trained_model").score == 0


def test_steps_that_move_nothing_earn_nothing_even_if_the_network_cannot_learn(grade, place):
    frozen = (
        RIGHT["AutoEncoder"]
        .replace(
            "    def forward",
            "        self.requires_grad_(False)\n        self.one = nn.Parameter(torch.zeros(1))\n    def forward",
        )
        .replace("self.decoder(self.encoder(x))", "self.decoder(self.encoder(x)) + 0 * self.one")
    )
    found = outcome(grade, solution_notebook(place / "ae.ipynb", AutoEncoder=frozen), "learns")
    assert (found.score, found.findings[0].misconception) == (0, "no-update")


def test_pixels_packed_into_the_bits_of_a_code_do_not_pass_for_a_model(grade, place):
    """32 float32 hold 1024 bits; a hundredth of noise leaves a model's code alone, and not those."""
    encoder = RIGHT["Encoder"].replace(
        "return self.net(x)",
        "q = (F.avg_pool2d(x.view(-1, 1, 28, 28), 3).flatten(1) * 7).round()\n"
        "        q = F.pad(q, (0, 96 - q.shape[1])).view(len(x), 32, 3)\n"
        "        return q @ torch.tensor([1.0, 16.0, 256.0]) + 0 * self.net(x)",
    )
    decoder = RIGHT["Decoder"].replace(
        "return self.net(z)",
        "d = torch.stack([z % 16, (z // 16) % 16, z // 256], -1).view(len(z), 96)[:, :81] / 7\n"
        "        return F.interpolate(d.view(-1, 1, 9, 9), 28).flatten(1).clamp(0, 1) + 0 * self.net(z)",
    )
    save(place / "ae.safetensors", make_model())
    found = outcome(
        grade, solution_notebook(place / "ae.ipynb", Encoder=encoder, Decoder=decoder), "trained_model"
    )
    assert found.score < 8


def test_an_untouched_component_makes_the_outcome_missing(grade, place):
    stub = "def train_step(model, optimizer, x):\n    raise NotImplementedError"
    found = outcome(grade, solution_notebook(place / "ae.ipynb", train_step=stub), "learns")
    assert found.status == "missing"
    assert "`train_step`" in found.findings[0].message


def test_a_step_that_never_ends_is_not_waited_for_twice(grade, place):
    stuck = "def train_step(model, optimizer, x):\n    while True:\n        pass"
    found = outcome(grade, solution_notebook(place / "ae.ipynb", train_step=stuck), "learns")
    assert found.status == "timeout"
    assert "`train_step`" in found.findings[0].message


# trained_model --------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["model.", "model.module.", "model._orig_mod.", ""])
def test_a_trained_checkpoint_earns_points_under_any_wrapper(grade, place, trained, prefix):
    save(place / "ae.safetensors", trained, prefix)
    found = outcome(grade, solution_notebook(place / "ae.ipynb"), "trained_model")
    assert found.score > 5, found.findings


@pytest.mark.parametrize("prefix", ["", "wrapped.", "wrapped.module.", "_orig_mod.wrapped."])
def test_a_discriminator_is_read_without_what_augments_it_and_a_generator_as_it_is(prefix):
    tensors = {f"discriminator.{prefix}layer.weight": torch.zeros(3), "generator.wrapped.bias": torch.ones(2)}
    found = parse(safetensors.save(tensors, metadata={"lab": "gan"}), "gan")
    assert set(found.weights["discriminator"]) == {"layer.weight"}
    assert set(found.weights["generator"]) == {"wrapped.bias"}


def test_an_untrained_checkpoint_earns_nothing_and_is_named(grade, place):
    save(place / "ae.safetensors", make_model())
    found = outcome(grade, solution_notebook(place / "ae.ipynb"), "trained_model")
    assert (found.score, found.findings[0].misconception) == (0, "not-trained")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.unlink(), "No `ae.safetensors`"),
        (lambda path: path.write_bytes(b""), "damaged"),
        (lambda path: path.write_bytes(path.read_bytes()[:1000]), "damaged"),
        (lambda path: path.write_bytes(b"\xff" * 64), "damaged"),
        (lambda path: torch.save({"weight": torch.zeros(3)}, path), "pickle"),
        (lambda path: save(path, make_model(), lab="vae"), "lab `vae`"),
        (lambda path: save(path, make_model(64), latent_dim=64), "latent_dim=64"),
        (lambda path: save(path, nn.Linear(3, 3)), "does not fit"),
        (lambda path: save_file({"model.x": torch.tensor([float("nan")])}, path), "NaN"),
        (lambda path: save_file({"model.x": torch.zeros(3).to(torch.float8_e4m3fn)}, path), "does not fit"),
        (
            lambda path: save_file({"model." * 3 + "module." * 5000 + "x": torch.zeros(3)}, path),
            "does not fit",
        ),
        (lambda path: (path.unlink(), path.symlink_to("/etc/passwd")), "link"),
        (lambda path: (path.unlink(), path.mkdir()), "No `ae.safetensors`"),
    ],
)
def test_a_checkpoint_that_cannot_be_used_gets_its_own_message(grade, place, spoil, words):
    save(place / "ae.safetensors", make_model())
    spoil(place / "ae.safetensors")
    found = outcome(grade, solution_notebook(place / "ae.ipynb"), "trained_model")
    assert found.score == 0
    assert words in found.findings[0].message


def test_the_grade_of_a_checkpoint_does_not_depend_on_the_rest_of_the_notebook(grade, place, trained):
    save(place / "ae.safetensors", trained)
    right = outcome(grade, solution_notebook(place / "ae.ipynb"), "trained_model")
    wrong = outcome(
        grade, solution_notebook(place / "ae.ipynb", train_step="train_step = None"), "trained_model"
    )
    assert wrong == right


def test_a_notebook_without_any_id_or_metadata_is_graded_all_the_same(grade, place):
    cells = [code_cell(IMPORTS), *(code_cell(source) for source in RIGHT.values())]
    report = grade(write_notebook(place / "ae.ipynb", cells, lab=None))
    assert report.lab == "ae"
    assert report.score == 70
