"""The results' page says what was measured, and what its words claim holds in the numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ASSETS = Path(__file__).parents[2] / "site/docs/assets/results"
NUMBERS: dict[str, str] = json.loads((ASSETS / "numbers.json").read_text(encoding="utf-8"))
RESULTS: dict[str, Any] = json.loads((ASSETS / "results.json").read_text(encoding="utf-8"))


def seeds(lab: str, name: str) -> list[float]:
    return RESULTS["models"][lab]["measures"][name]["seeds"]


def every(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether the measure of every seed of one model is less than that of every seed of the other."""
    return max(seeds(*one)) < min(seeds(*other))


def test_the_autoencoder_is_the_more_accurate_one() -> None:
    assert every(("ae", "test_mse"), ("vae", "test_mse"))
    assert float(NUMBERS["mse_ratio"]) > 1.2


def test_the_autoencoders_latent_space_is_hollow_where_random_codes_fall_and_sorts_digits_all_the_same() -> (
    None
):
    assert max(seeds("ae", "prior_recognised")) < 0.02 < 0.2 < min(seeds("vae", "prior_recognised"))
    assert min(seeds("ae", "separability")) > RESULTS["real"]["digits_separability"]
    assert every(("ae", "fitted_frechet_distance"), ("ae", "prior_frechet_distance"))
    assert every(("ae", "fitted_recognised"), ("vae", "prior_recognised"))


def test_halfway_between_codes_the_two_differ_less_than_in_random_draws() -> None:
    ae, vae = (RESULTS["models"][lab]["measures"]["midpoint_recognised"]["mean"] for lab in ("ae", "vae"))
    assert 0.7 * vae < ae < vae


def test_the_vae_has_the_structure_that_was_asked_for() -> None:
    assert min(seeds("vae", "spread_smallest")) > 0.7
    assert max(seeds("vae", "spread_largest")) < 1.5 < min(seeds("ae", "spread_largest"))
    assert every(("vae", "prior_frechet_distance"), ("ae", "fitted_frechet_distance"))
    assert every(("ae", "fitted_recall"), ("vae", "prior_recall"))


def test_the_vae_blurs_more_and_both_blur() -> None:
    assert every(("vae", "reconstruction_sharpness"), ("ae", "reconstruction_sharpness"))
    assert max(seeds("ae", "reconstruction_sharpness")) < 1


def test_the_gan_shows_nearly_every_movement_and_few_of_the_paintings_in_each() -> None:
    assert min(seeds("gan", "prior_class_coverage")) >= 0.8
    assert max(seeds("gan", "prior_recall")) < 0.6
    assert every(("gan", "prior_recall"), ("vae", "prior_recall"))


def test_seeds_of_the_gan_part_on_the_way_and_scatter_more_at_the_end_than_those_of_the_others() -> None:
    assert float(NUMBERS["gan_at3_times"]) > 1.3
    scatter = {lab: float(NUMBERS[f"{lab}_scatter"].rstrip(" %")) for lab in ("ae", "vae", "gan")}
    assert scatter["gan"] > 2 * max(scatter["ae"], scatter["vae"])


def test_the_gans_samples_are_grainier_than_real_art() -> None:
    assert min(seeds("gan", "sample_sharpness")) > 1


def test_the_kl_is_settled_early() -> None:
    first, fifth, end = (float(NUMBERS[f"kl_{name}"]) for name in ("first", "fifth", "end"))
    assert float(NUMBERS["kl_start"]) < 2 < 0.7 * end < first
    assert fifth == pytest.approx(end, rel=0.1)


def test_neither_model_of_digits_learns_its_own_by_heart() -> None:
    for lab in ("ae", "vae"):
        assert 0 < float(NUMBERS[f"{lab}_gap"].rstrip(" %")) < 15


@pytest.mark.parametrize(
    "name", ["ae_test_mse", "vae_test_loss", "vae_prior_recall", "gan_prior_frechet_distance", "machine"]
)
def test_the_page_prints_what_was_measured(name: str, site: Path) -> None:
    assert NUMBERS[name] in (site / "results" / "index.html").read_text(encoding="utf-8")


def test_every_claim_has_its_verdict(site: Path) -> None:
    page = (site / "results" / "index.html").read_text(encoding="utf-8")
    table = page.split("</table>")[0]
    for claim in ("accurate", "latent space without structure", "structured", "blurrier", "diverse", "unstable"):  # fmt: skip
        assert claim in table
