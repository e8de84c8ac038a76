"""What the course says of its own models: qualities on known pictures and codes, a training in small, the committed results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from solutions import make_results
from solutions.calibrate import jobs
from solutions.results import measure, train
from solutions.results.qualities import gaussian_of, recognised, separability
from solutions.results.summary import over_seeds, summary

FOLDER = Path(__file__).parents[2] / "site/docs/assets/results"
RESULTS: dict[str, Any] = json.loads((FOLDER / "results.json").read_text(encoding="utf-8"))


def test_codes_far_apart_are_separable_and_labels_at_random_are_not() -> None:
    labels = torch.arange(300) % 3
    codes = torch.randn(300, 4, generator=torch.Generator().manual_seed(0))
    apart = codes + 50 * torch.eye(4)[labels]
    assert separability(apart, labels) == 1
    assert separability(codes, labels) < 0.5


def test_a_code_does_not_vote_for_itself() -> None:
    """Pairs of different labels, far from each other: the nearest other one always has the other label."""
    places = 100.0 * torch.arange(10).repeat_interleave(2)[:, None]
    codes = places + torch.tensor([0.0, 1.0]).repeat(10)[:, None]
    assert separability(codes, torch.tensor([0, 1]).repeat(10), k=1) == 0


def test_draws_of_the_fitted_gaussian_have_the_mean_and_covariance_of_the_codes() -> None:
    generator = torch.Generator().manual_seed(0)
    codes = torch.randn(5_000, 3, generator=generator) @ torch.tensor([[2.0, 1, 0], [0, 1, 0], [0, 0, 0]]) + 7
    mean, root = gaussian_of(codes)
    assert torch.allclose(mean, codes.double().mean(0))
    assert torch.allclose(root.T @ root, torch.cov(codes.double().T), atol=1e-9)


def test_a_picture_is_recognised_only_if_the_classifier_is_sure() -> None:
    assert recognised(torch.tensor([[0.95, 0.05], [0.6, 0.4], [0.1, 0.9]])) == pytest.approx(1 / 3)


@pytest.mark.parametrize("lab", train.LABS)
def test_a_short_training_keeps_curves_and_weights_that_measure_as_its_last_epoch(
    lab: str, tmp_path: Path
) -> None:
    record = train.train(lab, 3, None, epochs=1, folder=tmp_path)
    curve = record["curves"]["test_mse"]
    assert len(curve) == 1
    assert curve[0] < 0.7 * record["start"]["test_mse"]
    found = measure.digit_model(lab, 3, None, folder=tmp_path)
    model, data = train.load_model(lab, 3, tmp_path), train.load_mnist()
    with torch.no_grad():
        again = (model.decoder(train.codes(model, data.test_images)) - data.test_images).square().mean()
    assert float(again) == pytest.approx(curve[0], rel=1e-5)
    assert found["prior_frechet_distance"] < found["untrained_frechet_distance"]
    assert 0 < found["reconstruction_sharpness"] < 1


def test_measuring_on_the_way_leaves_the_random_numbers_of_the_training_alone() -> None:
    data = train.load_mnist()
    names = train.reference("vae")
    model = names["VAE"](4)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    train.errors(names, model, data)
    assert torch.equal(torch.rand(3), expected)


def test_mean_and_spread_are_those_of_the_seeds_and_a_single_seed_has_no_spread() -> None:
    assert over_seeds([1.0, 2.0, 3.0]) == {"mean": 2.0, "sd": 1.0, "seeds": [1.0, 2.0, 3.0]}
    assert over_seeds([667_248])["mean"] == 667_248  # what is counted is not rounded
    assert over_seeds([1.0])["sd"] is None


def test_a_model_that_was_measured_but_whose_training_is_gone_is_not_shown() -> None:
    line = {"class": "ae", "network": 0, "separability": 0.9}
    found = summary({}, {"real": {0: {"digits_precision": 1.0}}, "ae": {0: line}}, "command")
    assert "ae" not in found["models"]


def test_lines_are_told_apart_by_class_and_seed() -> None:
    lines = [{"class": "ae", "network": 0, "a": 1}, {"class": "ae", "network": 0, "a": 2}]
    assert make_results.by_class(iter(lines)) == {"ae": {0: lines[1]}}  # the later one counts
    assert jobs.DEFAULT_RUN not in make_results.by_class(iter(lines))


def test_the_committed_results_say_how_they_were_made() -> None:
    provenance = RESULTS["provenance"]
    assert provenance["command"].startswith("python -m solutions.make_results")
    assert {"genlab", "torch", "python"} <= provenance["versions"].keys()
    for lab, model in RESULTS["models"].items():
        assert provenance["seeds"][lab] == model["seeds"]
    assert not [part for part in ("/home", "/tmp", "/root", "/work") if part in json.dumps(RESULTS)]


def test_the_committed_results_are_over_three_seeds_at_the_full_length_of_the_lab_sheet() -> None:
    setup = RESULTS["provenance"]["setup"]
    assert (setup["latent"], setup["batch"], setup["epochs"]) == (32, 128, 20)
    for lab in train.LABS:
        model = RESULTS["models"][lab]
        assert len(model["seeds"]) >= 3
        assert all(len(curve) == 21 for curves in model["curves"].values() for curve in curves)
    assert len(RESULTS["models"]["gan"]["seeds"]) >= 3


def test_mean_and_spread_in_the_committed_results_are_those_of_their_seeds() -> None:
    for model in RESULTS["models"].values():
        for measured in model["measures"].values():
            again = over_seeds(measured["seeds"])
            assert measured["mean"] == pytest.approx(again["mean"], rel=1e-3, abs=1e-9)
            assert (measured["sd"] or 0) == pytest.approx(
                again["sd"] or 0, rel=0.05, abs=2e-4 * abs(again["mean"])
            )


def test_the_files_of_the_results_are_small() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 1_500_000
    assert (FOLDER / "results.json").stat().st_size < 100_000
