"""The examples that stand in for the outputs of a lab: what the lab saves, small, in the course's data."""

import pytest
import torch
from safetensors.torch import load_file

from course.checkpoint import EXAMPLES
from solutions.make_examples import COMPARED, KEPT, small
from solutions.source import read

PICTURES = ("examples", "reconstructions", "interpolation", "samples")


@pytest.fixture(params=KEPT)
def lab(request):
    return request.param


@pytest.fixture
def examples(lab):
    return load_file(EXAMPLES / f"{lab}_example.safetensors")


def test_the_committed_examples_are_complete_small_and_finite(lab, examples):
    assert (EXAMPLES / f"{lab}_example.safetensors").stat().st_size < 600_000
    assert set(examples) == set(KEPT[lab])
    for name, tensor in examples.items():
        assert torch.isfinite(tensor).all(), name


def test_pictures_of_digits_are_readable(examples):
    for name in set(PICTURES) & set(examples):
        assert examples[name].shape[-1] == 784
        assert 0 <= examples[name].min() <= examples[name].max() <= 1


def test_what_lab_4_compares_has_one_form_in_all_labs(lab, examples):
    assert set(COMPARED) <= set(examples)
    assert examples["sample_features"].shape == (2000, 64 if lab == "gan" else 48)
    assert examples["sample_labels"].shape == (2000,)
    assert examples["sample_labels"].dtype == torch.int64
    assert -1 <= examples["sample_labels"].min() <= examples["sample_labels"].max() == 9
    assert examples["sample_pictures"].dtype == torch.uint8
    for name in ("parameters", "seconds_training", "seconds_sampling"):
        assert examples[name].shape == ()
        assert examples[name] > 0


def test_every_example_is_something_that_the_notebook_saves(lab):
    (cell,) = [
        cell for cell in read(lab).cells if cell.cell_type == "code" and "save_outputs(\n" in cell.source
    ]
    for name in KEPT[lab]:
        assert name.startswith("history.") or name == "seconds_training" or f"{name}=" in cell.source


def test_tables_are_halved_and_counts_numbers_and_curves_are_not():
    names = KEPT["ae"]
    outputs = dict.fromkeys(names, torch.rand(3, 4)) | {
        "labels": torch.arange(3),
        "parameters": torch.tensor(419_120),
        "seconds_training": torch.tensor(8.25),
        "history.loss": torch.rand(20),
        "not kept": torch.rand(2),
    }
    found = small(outputs, "ae")
    assert set(found) == set(names)
    assert found["codes"].dtype == torch.float16
    assert found["labels"].dtype == found["parameters"].dtype == torch.int64
    assert found["history.loss"].dtype == found["seconds_training"].dtype == torch.float32


def test_the_example_of_ae_ends_where_the_lab_says_it_does():
    examples = load_file(EXAMPLES / "ae_example.safetensors")
    assert len(examples["history.test_loss"]) == 20
    assert float(examples["history.test_loss"][-1]) == pytest.approx(0.011, abs=0.0005)
    error = (examples["reconstructions"].float() - examples["examples"].float()).square().mean()
    assert error < 0.03  # ten digits only


def test_the_example_of_vae_ends_where_the_lab_says_it_does():
    examples = load_file(EXAMPLES / "vae_example.safetensors")
    assert float(examples["negative_elbo"]) == pytest.approx(113, abs=1.5)
    assert float(examples["reconstruction_error"]) == pytest.approx(0.012, abs=0.0005)
