"""The examples that stand in for the outputs of a lab: what the lab saves, small, in the course's data."""

import pytest
import torch
from safetensors.torch import load_file

from course.checkpoint import EXAMPLES
from solutions.make_examples import KEPT


@pytest.mark.parametrize("lab", KEPT)
def test_the_committed_examples_are_complete_small_and_readable_pictures(lab):
    path = EXAMPLES / f"{lab}_example.safetensors"
    assert path.stat().st_size < 200_000
    examples = load_file(path)
    assert set(examples) == set(KEPT[lab])
    for name, tensor in examples.items():
        assert torch.isfinite(tensor).all(), name
        if not name.startswith("history."):
            assert tensor.shape[-1] == 784
            assert 0 <= tensor.min() <= tensor.max() <= 1


def test_the_example_of_ae_ends_where_the_lab_says_it_does():
    examples = load_file(EXAMPLES / "ae_example.safetensors")
    assert len(examples["history.test_loss"]) == 20
    assert float(examples["history.test_loss"][-1]) == pytest.approx(0.011, abs=0.0005)
    error = (examples["reconstructions"].float() - examples["examples"].float()).square().mean()
    assert error < 0.03  # ten digits only
