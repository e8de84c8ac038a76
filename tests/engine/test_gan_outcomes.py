"""What training the student's GAN, and its checkpoint, must show: real short runs, real files, in the sandbox."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from course.augmentation import Augmented
from course.checkpoint import save_checkpoint
from course.data.art import load_art
from solutions.calibrate.gan_styles import FAULTS, Style, source
from solutions.calibrate.gan_trained import LOOKUP
from tests.labs.ae_base import IMPORTS, code_cell, component_cells, write_notebook

PLAIN = source(Style())
RUNS = ["learns", "training_dynamics"]


def notebook(place: Path, parts: dict[str, str]) -> Path:
    cells = [code_cell(IMPORTS)]
    for name, text in parts.items():
        cells += component_cells(name, text)
    return write_notebook(place / "gan.ipynb", cells, lab="gan")


def judged(grade, place: Path, parts: dict[str, str], only: list[str]) -> dict[str, Any]:
    report = grade(notebook(place, parts), only=only)
    assert report.status == "graded", report.message
    return {found.name: found for found in report.components}


def names(parts: dict[str, str]) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(IMPORTS + "\n".join(parts.values()), namespace)
    torch.manual_seed(0)
    return namespace


def save(place: Path, generator: nn.Module, **arguments: object) -> None:
    metadata = {"lab": "gan", "version": "0", "arguments": json.dumps({"generator": arguments})}
    place.mkdir(parents=True, exist_ok=True)
    state = {f"generator.{key}": value.contiguous() for key, value in generator.state_dict().items()}
    save_file(state, place / "gan.safetensors", metadata=metadata)


@pytest.fixture
def place(tmp_path) -> Path:
    return tmp_path / "s01" / "gan"


# short runs -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "style",
    [
        Style(),
        Style(generator="", discriminator="spectral", first="linear", last="mean", init="default"),
    ],
    ids=lambda style: style.name,
)
def test_right_code_of_any_style_learns_and_plays(grade, place, style):
    found = judged(grade, place, source(style), RUNS)

    assert {name: found[name].status for name in RUNS} == dict.fromkeys(RUNS, "pass")


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("generator wants to be fake", "learns"),
        ("labels swapped", "learns"),
        ("one generator update", "training_dynamics"),
        ("discriminator never updated", "training_dynamics"),
    ],
)
def test_a_fault_fails_the_outcome_that_shows_it(grade, place, fault, expected):
    found = judged(grade, place, FAULTS[fault].applied(PLAIN), RUNS)

    assert found[expected].status == "fail"


def test_weights_that_become_nan_are_told_as_such(grade, place):
    found = judged(grade, place, FAULTS["weights become NaN"].applied(PLAIN), RUNS)

    said = {finding.misconception for name in RUNS for finding in found[name].findings}
    assert said == {"training-diverges"}


def test_init_weights_that_are_not_written_do_not_keep_the_networks_from_training(grade, place):
    stub = "\ndef init_weights(module):\n    raise NotImplementedError\n"
    found = judged(grade, place, {**PLAIN, "init_weights": stub}, ["init_weights", *RUNS])

    assert found["init_weights"].status == "missing"
    assert [found[name].status for name in RUNS] == ["pass", "pass"]


# the trained model ------------------------------------------------------------------------------


def lookup(count: int, images: torch.Tensor, noise: float = 0.0) -> tuple[dict[str, str], nn.Module]:
    parts = {"Generator": LOOKUP.format(count=count, noise=noise)}
    generator = names(parts)["Generator"]()
    generator.images.copy_(images)
    return parts, generator


def trained_model(
    grade, place: Path, parts: dict[str, str], generator: nn.Module, **arguments: object
) -> Any:
    save(place, generator, **arguments)
    return judged(grade, place, parts, ["trained_model"])["trained_model"]


def misconception(found: Any) -> str | None:
    return found.findings[0].misconception


def test_new_paintings_of_all_movements_get_all_points(grade, place):
    parts, generator = lookup(1500, load_art(1500, 8_888, progress=False).images)

    assert trained_model(grade, place, parts, generator).status == "pass"


def test_copies_of_training_paintings_get_nothing(grade, place):
    parts, generator = lookup(500, load_art(progress=False).images[:500])
    found = trained_model(grade, place, parts, generator)

    assert (found.score, misconception(found)) == (0, "memorised")


def test_a_single_picture_is_called_mode_collapse(grade, place):
    parts, generator = lookup(1, load_art(1, 8_888, progress=False).images * 0.8, noise=0.01)
    found = trained_model(grade, place, parts, generator)

    assert (found.score, misconception(found)) == (0, "mode-collapse")


def test_five_movements_of_ten_are_counted(grade, place):
    art = load_art(3000, 8_888, progress=False)
    parts, generator = lookup(1500, art.images[art.labels < 5])
    found = trained_model(grade, place, parts, generator)

    assert found.status == "partial"
    assert misconception(found) == "modes-missing"
    assert "5 of 10 movements" in found.findings[0].message


def test_an_untrained_generator_gets_nothing(grade, place):
    generator = names(PLAIN)["Generator"](100, 16)
    found = trained_model(grade, place, PLAIN, generator, latent_dim=100, width=16)

    assert found.score == 0


@pytest.mark.parametrize(
    ("picture", "name"),
    [
        ("torch.tanh(z[:, :3, None, None]).expand(-1, 3, 64, 64)", "flat-samples"),
        ("torch.rand(len(z), 3, 64, 64) * 2 - 1", "noise-samples"),
    ],
)
def test_flat_colours_and_noise_are_named(grade, place, picture, name):
    parts = {
        "Generator": PLAIN["Generator"].replace("return self.net(z[:, :, None, None])", f"return {picture}")
    }
    found = trained_model(grade, place, parts, names(parts)["Generator"](100, 8), latent_dim=100, width=8)

    assert (found.score, misconception(found)) == (0, name)


def test_a_checkerboard_is_named(grade, place):
    art = load_art(1500, 8_888, progress=False).images
    i = torch.arange(64)
    board = 1 - 2.0 * ((i[:, None] + i) % 2)
    parts, generator = lookup(1500, 0.75 * art + 0.25 * board)
    found = trained_model(grade, place, parts, generator)

    assert found.status != "pass"
    assert misconception(found) == "checkerboard"


def test_the_checkpoint_of_a_narrow_gan_with_a_wrapped_discriminator_fits(grade, place):
    made = names(PLAIN)
    place.mkdir(parents=True)
    save_checkpoint(
        "gan",
        folder=place,
        generator=made["Generator"](latent_dim=12, width=8),
        discriminator=Augmented(made["Discriminator"](width=8)),
    )
    found = judged(grade, place, PLAIN, ["trained_model"])["trained_model"]

    assert "Frechet distance" in found.findings[0].message


def test_a_checkpoint_without_a_generator_says_how_to_save_one(grade, place):
    place.mkdir(parents=True)
    save_checkpoint("gan", folder=place, model=nn.Linear(2, 2))
    found = judged(grade, place, PLAIN, ["trained_model"])["trained_model"]

    assert "save_checkpoint" in found.findings[0].message


def test_a_checkpoint_of_other_classes_is_told_as_such(grade, place):
    found = trained_model(grade, place, PLAIN, names(PLAIN)["Generator"](100, 16), latent_dim=100, width=8)

    assert misconception(found) == "checkpoint-does-not-fit"
