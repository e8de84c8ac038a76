"""Both notebooks run from top to bottom in a real kernel: with the solutions, and with the stubs in place."""

import os
import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient
from safetensors.torch import load_file

import course
from autograder.policy import load_policy
from solutions import build
from solutions.source import LABS

ROOT = Path(course.__file__).parents[1]
POLICY = load_policy().labs
# What later labs find in the outputs of a lab, the two epochs of these tests included.
COMPARED = {
    "sample_labels": (2000,),
    "parameters": (),
    "seconds_training": (),
    "seconds_sampling": (),
}
COMPARED_DIGITS = {
    **COMPARED,
    "sample_features": (2000, 48),
    "sample_pictures": (64, 784),
    "copies": (64, 784),
    "reconstruction_error": (),
}
OUTPUTS = {
    "ae": {
        **COMPARED_DIGITS,
        "codes": (2000, 32),
        "labels": (2000,),
        "examples": (10, 784),
        "reconstructions": (10, 784),
        "interpolation": (3, 11, 784),
        "samples": (10, 784),
        "history.loss": (2,),
        "history.test_loss": (2,),
    },
    "vae": {
        **COMPARED_DIGITS,
        "negative_elbo": (),
        "codes": (2000, 32),
        "logvar": (2000, 32),
        "labels": (2000,),
        "examples": (10, 784),
        "reconstructions": (10, 784),
        "interpolation": (3, 11, 784),
        "samples": (50, 784),
        "history.loss": (2,),
        "history.test_kl": (2,),
    },
    "gan": {
        **COMPARED,
        "sample_features": (2000, 64),
        "sample_pictures": (24, 3, 64, 64),
        "samples": (256, 3, 64, 64),
        "movements": (256,),
        "steps": (6,),
        "test_steps": (7,),
        "history.d_loss": (6,),
        "history.g_loss": (6,),
        "history.real": (6,),
        "history.g_gradient": (6,),
        "history.test_distance": (7,),
    },
}
NETWORKS = {
    "ae": ("model.encoder.", "model.decoder."),
    "vae": ("model.encoder.", "model.decoder."),
    "gan": ("generator.layers.", "discriminator.layers."),
}
# The test loss of the mean digit: mean squared error, and binary cross-entropy in nats.
MEAN_DIGIT = {"ae": 0.064, "vae": 200}
STUBS = {
    "ae": ("Encoder", "train_step", "interpolate"),
    "vae": ("Encoder", "reparameterize", "sample"),
    "gan": ("Generator", "generator_loss", "sample"),
    "compare": ("frechet_distance", "precision_recall", "comparison_table"),
}
# What the live figure and the bar say at the end.
ENDS = {
    "ae": ("after 2 of 2 epochs", r"epoch 2 of 2 +100%.*passed, 00:00 left.*loss \d+\.\d+"),
    "vae": ("after 2 of 2 epochs", r"epoch 2 of 2 +100%.*passed, 00:00 left.*loss \d+\.\d+"),
    "gan": ("after 6 of 6 steps", r"step 6 of 6 +100%.*passed, 00:00 left.*d_loss \d+\.\d+"),
}


def run(notebook, folder, monkeypatch):
    """Execute all cells in a kernel of its own; an error in any of them fails the test."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("GENLAB_EPOCHS", "2")
    monkeypatch.setenv("GENLAB_STEPS", "6")
    monkeypatch.delenv("GENLAB_WORKER", raising=False)
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()
    return notebook


def outputs(notebook, kind):
    return [
        (cell, output)
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == kind
    ]


def printed(notebook):
    return "".join(output.text for _, output in outputs(notebook, "stream") if output.name == "stdout")


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module", params=LABS)
def lab(request):
    return request.param


@pytest.fixture
def trained(lab):
    """The lab, if it trains a model."""
    if lab not in NETWORKS:
        pytest.skip("nothing is trained in this lab")
    return lab


@pytest.fixture(scope="module")
def solved(lab, tmp_path_factory, monkeypatch_module):
    folder = tmp_path_factory.mktemp(f"solved_{lab}")
    return folder, run(build.instructor_notebook(lab), folder, monkeypatch_module)


def test_the_instructors_notebook_trains_and_saves_a_model_and_outputs_that_later_labs_draw_from(
    trained, solved
):
    lab, (folder, _) = trained, solved
    weights = load_file(folder / f"{lab}.safetensors")
    assert all(key.startswith(NETWORKS[lab]) for key in weights)
    saved = load_file(folder / f"{lab}_outputs.safetensors")
    if lab in MEAN_DIGIT:  # six steps of a GAN are worth nothing yet
        assert saved["history.test_loss"][-1] < MEAN_DIGIT[lab]
    for name, shape in OUTPUTS[lab].items():
        assert saved[name].shape == shape, name


def test_outputs_of_the_solved_notebook_are_what_later_labs_take(trained, solved, capsys):
    course.load_outputs(trained, folder=solved[0])
    assert "yours" in capsys.readouterr().out


def test_a_later_lab_run_alone_takes_the_examples_and_says_so(lab, solved):
    for earlier in {"vae": ["ae"], "compare": ["ae", "vae", "gan"]}.get(lab, []):
        assert f"Outputs of the lab `{earlier}`: the examples that come with the course" in printed(solved[1])


def test_the_lab_compare_ends_with_a_table_and_a_verdict_on_every_claim(lab, solved):
    if lab != "compare":
        pytest.skip("a table is made in the lab compare")
    folder, notebook = solved
    table = pd.read_csv(folder / "comparison.csv", index_col=0)
    assert list(table.index) == ["AE", "VAE", "GAN"]
    assert table["reconstruction error"].isna().tolist() == [False, False, True]
    assert table["negative ELBO"].isna().tolist() == [True, False, True]
    assert table["precision"].between(0, 1).all()
    assert (
        (table["Frechet distance"] > table["of other real ones"])
        & (table["Frechet distance"] < table["of noise"])
    ).all()
    verdicts = re.findall(r"^(supported|refuted) +(AE|VAE|GAN): ", printed(notebook), re.M)
    assert {model for _, model in verdicts} == {"AE", "VAE", "GAN"}
    assert len(verdicts) == 10


def test_every_figure_of_the_notebook_is_shown_once_with_its_words(solved):
    _, notebook = solved
    for cell, output in outputs(notebook, "display_data"):
        for tag in re.findall(r"<img [^>]*>", output.data.get("text/html", "")):
            assert re.search(r'alt="[^"]{20,}"', tag), cell.source[:80]
    for cell in notebook.cells:
        if cell.cell_type == "code" and "plotting.show(" in cell.source:
            images = [o for o in cell.outputs if "<img " in o.get("data", {}).get("text/html", "")]
            assert len(images) == cell.source.count("plotting.show(")
            assert len(cell.outputs) == len(images) + sum(o.output_type == "stream" for o in cell.outputs)


def test_training_shows_a_live_curve_in_one_place_and_a_progress_bar_below_it(trained, solved):
    lab, (_, notebook) = trained, solved
    cell = next(c for c in notebook.cells if "train" in c.metadata.get("tags", []))
    curve, *streams = cell.outputs  # the bar's text comes in pieces, which an editor joins
    live, last = ENDS[lab]
    assert live in curve.data["text/html"]
    assert {(o.output_type, o.get("name")) for o in streams} == {("stream", "stdout")}
    bar = [line for line in re.split(r"[\r\n]", "".join(o.text for o in streams)) if "%|" in line][-1]
    assert re.search(last, bar), bar


def test_nothing_in_the_solved_notebook_is_left_to_write(solved):
    _, notebook = solved
    assert "Not yet" not in printed(notebook)
    assert not outputs(notebook, "error")


@pytest.fixture(scope="module")
def untouched(lab, tmp_path_factory, monkeypatch_module):
    folder = tmp_path_factory.mktemp(f"untouched_{lab}")
    notebook = nbformat.read(ROOT / "course" / lab / f"{lab}.ipynb", as_version=4)
    return folder, run(notebook, folder, monkeypatch_module)


def test_the_released_notebook_runs_through_with_stubs_in_place_and_says_what_is_missing(lab, untouched):
    folder, notebook = untouched
    assert not outputs(notebook, "error")
    assert not [o for _, o in outputs(notebook, "stream") if o.name == "stderr"]
    text = printed(notebook)
    assert "Not yet" in text
    for name in STUBS[lab]:
        assert f"`{name}`" in text
    assert not list(folder.glob("*.safetensors"))


@pytest.mark.parametrize("which", ["untouched", "solved"])
def test_every_check_answers_once_as_a_table_and_in_words(lab, which, request):
    _, notebook = request.getfixturevalue(which)
    checks = [c for c in notebook.cells if c.cell_type == "code" and c.source.startswith("check(")]
    assert len(checks) == len(POLICY[lab].components) + len(POLICY[lab].outcomes)
    for cell in checks:
        answers = [o for o in cell.outputs if o.output_type in ("execute_result", "display_data")]
        assert len(answers) == 1, cell.source
        assert "text/html" in answers[0].data
        assert answers[0].data["text/plain"].strip()


def test_the_reference_passes_every_check_of_a_component(lab, solved):
    _, notebook = solved
    text = {
        cell.metadata.nbgrader.grade_id: cell.outputs[-1].data["text/plain"]
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.source.startswith("check(")
    }
    for name, points in POLICY[lab].components.items():
        assert f"{points:g} of {points:g} points" in text[f"check_{name}"], text[f"check_{name}"]
