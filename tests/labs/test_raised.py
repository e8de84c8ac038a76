"""What is told of exceptions, and of mistakes that follow from others."""

from __future__ import annotations

import pytest

from autograder.labs import load_labs
from autograder.labs.consequences import FOLLOWS, without_consequences
from autograder.labs.raised import SHAPES, known_error, shapes_told
from autograder.reports.model import Finding
from tests.labs.ae_base import RIGHT, solution_notebook

MAT = {"type": "RuntimeError", "message": "mat1 and mat2 shapes cannot be multiplied (28x28 and 784x64)"}


def test_shapes_that_do_not_fit_are_told_with_the_tensors_and_the_contract():
    told = shapes_told("ae", "Encoder", MAT | {"shapes": {"x": [128, 1, 28, 28], "bias": [3]}})
    assert (
        told
        == " There `x` was (128, 1, 28, 28), `bias` was (3,). The contract says (B, 784) -> (B, latent_dim)."
    )


def test_other_errors_are_told_without_shapes():
    assert shapes_told("ae", "Encoder", {"type": "KeyError", "message": "'x'", "shapes": {"x": [1]}}) == ""


@pytest.mark.parametrize(
    "shapes", [None, [1], {"x": "2"}, {"x": ["a"]}, {"`</x>`": [2]}, {"x": [1] * 20}, {"x": [True]}]
)
def test_what_a_worker_says_of_shapes_is_not_trusted(shapes):
    assert "There" not in shapes_told("ae", "Encoder", MAT | {"shapes": shapes})


def test_every_component_of_the_labs_with_tensors_has_its_shapes():
    networks = ("ae", "vae", "gan")
    wanted = {
        (lab.name, c.name) for lab in load_labs().values() for c in lab.components if lab.name in networks
    }
    assert wanted - {*SHAPES} == {("gan", "init_weights"), ("gan", "make_optimizers")}


def test_known_errors_of_steps_have_a_name_and_others_do_not():
    moved = {
        "type": "RuntimeError",
        "message": "one of the variables needed ... modified by an inplace operation: ...",
    }
    assert known_error("train_step", moved)[0] == "step-before-backward"
    assert known_error("Encoder", moved) is None
    assert known_error("train_step", MAT) is None


def test_a_pixel_grid_into_a_linear_layer_is_told_by_its_shape(grade, tmp_path):
    source = RIGHT["Encoder"].replace(
        "return self.net(x)", "x = x.view(-1, 1, 28, 28)\n        return self.net(x)"
    )
    report = grade(solution_notebook(tmp_path / "s01" / "ae" / "ae.ipynb", Encoder=source), only=["Encoder"])
    message = report.components[0].findings[0].message
    assert "in line" in message
    assert "`x` was (2, 1, 28, 28)" in message
    assert "The contract says (B, 784) -> (B, latent_dim)." in message


def test_a_mistake_that_follows_from_another_is_left_out():
    cut = Finding("gradients", "fail", "No gradient.", "graph-cut")
    ignored = Finding("uses_input", "fail", "Nothing comes in.", "input-ignored")
    fine = Finding("shape", "pass", "Right.")
    assert without_consequences([fine, cut, ignored]) == [fine, cut]
    assert without_consequences([fine, ignored]) == [fine, ignored]


def test_no_mistake_follows_from_itself():
    assert all(cause not in follows for cause, follows in FOLLOWS.items())
