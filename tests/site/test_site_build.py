"""What the built site holds."""

from __future__ import annotations

import importlib.util
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType, SimpleNamespace
from urllib.parse import urlsplit

import pytest
from mkdocs.exceptions import PluginError

from autograder.labs import Lab, load_labs

ROOT = Path(__file__).parents[2]
LABS = load_labs()


class Page(HTMLParser):
    """Collects ids, and the addresses that a browser fetches by itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.fetched: list[str] = []
        self.images_without_alt: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids.add(values.get("id") or "")
        self.fetched += filter(None, [values.get("src")])
        if tag == "link" and values.get("rel") != "canonical":
            self.fetched += filter(None, [values.get("href")])
        if tag == "img" and not values.get("alt"):
            self.images_without_alt.append(values.get("src") or "")


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Page]:
    return {str(path.relative_to(site)): Page(path.read_text()) for path in site.rglob("*.html")}


@pytest.mark.parametrize("lab", LABS.values(), ids=LABS)
def test_the_chapter_has_a_passage_for_every_component_and_outcome(lab: Lab, pages: dict[str, Page]) -> None:
    anchors = {judged.anchor for judged in (*lab.components, *lab.outcomes)}
    assert anchors <= pages[f"{lab.name}/index.html"].ids


def test_no_page_fetches_anything_from_another_host(pages: dict[str, Page], site: Path) -> None:
    foreign = {(name, url) for name, page in pages.items() for url in page.fetched if urlsplit(url).netloc}
    assert not foreign
    for style in (site / "stylesheets").glob("*.css"):
        assert not re.findall(r"url\(\s*[\"']?(?:https?:)?//", style.read_text())


def test_every_image_of_the_pages_has_a_text_for_those_who_cannot_see_it(pages: dict[str, Page]) -> None:
    assert not {name: page.images_without_alt for name, page in pages.items() if page.images_without_alt}


@pytest.mark.parametrize("lab", LABS)
def test_every_formula_became_mathml_and_none_is_left_as_latex(lab: str, site: Path) -> None:
    chapter = (site / lab / "index.html").read_text()
    assert chapter.count("<math") > 20
    assert "arithmatex" not in chapter
    assert r"\mathcal" not in re.sub(r"<annotation.*?</annotation>", "", chapter, flags=re.DOTALL)


def hook(name: str) -> ModuleType:
    """A build hook, loaded as mkdocs loads it."""
    spec = importlib.util.spec_from_file_location(name, ROOT / f"site/hooks/{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_names_of_functions_stand_apart_from_what_they_are_applied_to() -> None:
    formula = hook("maths").mathml(r"q \log p - \log(2) + \beta \operatorname{KL}(q)", display=False)
    space = '<mspace width="0.167em" />'
    assert f"<mi>q</mi>{space}<mi>log</mi>{space}<mi>p</mi>" in formula
    assert '<mi>log</mi><mo stretchy="false">&#x00028;' in formula
    assert f"{space}<mi>KL</mi><mo" in formula


def test_is_distributed_as_is_set_as_a_relation() -> None:
    assert "<mo>&#x0223C;</mo>" in hook("maths").mathml(r"z \sim p", display=False)


def numbers_of(lab: str) -> dict[str, str]:
    return json.loads((ROOT / "site/docs/assets" / lab / "numbers.json").read_text())


@pytest.mark.parametrize(
    ("lab", "names"),
    [
        ("ae", ["test_mse", "pca_mse", "linear_mse", "nothing_mse"]),
        ("vae", ["elbo", "kl", "settles", "ae_mse", "mse", "evidence", "beta4_kl", "plane_mismatch"]),
        ("gan", ["floor", "untrained", "won_loss", "blind_loss", "twice", "distance_max", "generator16"]),
        ("compare", ["real100", "drawn_precision", "knn_vae", "knn_error", "untrained_precision"]),
    ],
)
def test_the_numbers_in_the_text_are_the_measured_ones(lab: str, names: list[str], site: Path) -> None:
    chapter = (site / lab / "index.html").read_text()
    for name in names:
        assert numbers_of(lab)[name] in chapter


def test_no_placeholder_is_left_on_any_page(site: Path) -> None:
    assert not [page for page in site.rglob("*.html") if "{{" in page.read_text()]


def test_the_vae_numbers_tell_the_story_that_the_text_tells() -> None:
    number = {name: float(value.replace(",", "")) for name, value in numbers_of("vae").items()}
    betas = ["beta0_1", "beta1", "beta4", "beta16", "beta784"]
    kls, copies = ([number[f"{beta}_{what}"] for beta in betas] for what in ("kl", "mse"))
    assert kls == sorted(kls, reverse=True)  # a higher price buys less information,
    assert copies == sorted(copies)  # and worse copies,
    assert min(number[f"{beta}_elbo"] for beta in betas) == number["beta1_elbo"]  # and only 1 is the ELBO
    assert number["beta784_active"] == 0 < number["beta4_active"] < number["beta1_active"]
    assert number["start_kl"] < 1 < number["first_kl"] < number["kl"]
    assert 0 < number["settles"] < number["epochs"]
    assert number["ae_mse"] < number["mse"] < number["pca_mse"] < number["beta4_mse"]
    assert number["mse"] < number["mse_sampled"]
    assert number["copy"] < number["evidence"] < number["evidence_elbo"] < number["grey"]
    assert number["plane_shared"] < number["plane_kl"] < number["plane_limit"]
    assert number["test_loss"] - number["train_loss"] < 5


def test_the_gan_numbers_tell_the_story_that_the_text_tells() -> None:
    number = {name: float(value.replace(",", "")) for name, value in numbers_of("gan").items()}
    assert number["won_loss"] < number["twice"] < number["blind_loss"] < number["start_loss"]
    assert number["rate_g"] < number["rate_d"]  # the discriminator has the harder half
    distances = [number[name] for name in ("floor", "distance_min", "distance_max", "untrained")]
    assert distances == sorted(distances)
    assert number["seed0"] < number["first_distance"] < number["untrained"]
    assert number["first_covered"] <= number["covered0"]
    assert 8 <= number["covered_min"] <= number["covered_max"] <= number["movements"]


def test_the_numbers_of_the_comparison_tell_the_story_that_the_text_tells() -> None:
    measured = numbers_of("compare")
    del measured["rank_smallest"]  # a power of ten, in LaTeX
    number = {name: float(value.replace(",", "")) for name, value in measured.items()}
    for count in (100, 2000):  # theory says what real digits are apart
        assert abs(number[f"real{count}"] / number[f"excess{count}"] - 1) < 0.2
    assert number["blob_distance"] < number["ring_distance"]  # a Gaussian cannot see a ring,
    assert number["blob_precision"] < 0.5 < number["blob_recall"]  # balls can
    assert number["drawn_distance"] < number["other_distance"]
    assert number["drawn_precision"] < 0.5 < number["other_precision"]
    assert number["untrained_recall"] < 0.01 < 0.99 < number["untrained_precision"]
    assert number["rank_negative"] > 0 < number["rank_complex"]
    assert number["counted_strays"] < 0.05 < 0.95 < number["counted_fair"]
    assert number["knn_chance"] < 0.15 < number["knn_chance_with_itself"]
    assert number["knn_pixels"] < number["knn_ae"] < number["knn_pca"] < number["knn_vae"]


def test_the_broken_runs_tell_the_story_that_the_text_tells() -> None:
    number = {name: float(value.replace(",", "")) for name, value in numbers_of("gan").items()}
    for run in ("no_augmentation", "equal_rates", "both_smoothed", "saturating_loss"):
        assert number[f"{run}_distance"] > number["the_recipe_distance"]
    assert number["saturating_loss_early_g_gradient"] < 0.1 * number["the_recipe_early_g_gradient"]
    assert number["saturating_loss_early_fake"] > 0.95
    assert number["no_augmentation_real"] > number["the_recipe_real"] + 0.1
    assert number["no_augmentation_g_gradient"] > 2 * number["the_recipe_g_gradient"]
    balance = {
        run: abs(number[f"{run}_real"] - number[f"{run}_fake"]) for run in ("both_smoothed", "the_recipe")
    }
    assert balance["both_smoothed"] < balance["the_recipe"]
    assert number["no_detach_distance"] < 1.1 * number["the_recipe_distance"]
    assert number["no_detach_g_gradient"] > 2 * number["the_recipe_g_gradient"]
    assert number["broken_steps"] < number["steps"]


def test_a_passage_about_a_figure_is_left_out_until_the_figure_is_made(tmp_path: Path) -> None:
    made = hook("made")
    made.ASSETS = tmp_path
    page = "before\n<!-- once gan/a.svg is made -->\npassage\n<!-- end -->\nafter"
    assert made.on_page_markdown(page) == "before\nafter"
    (tmp_path / "gan").mkdir()
    (tmp_path / "gan/a.svg").write_text("<svg/>")
    assert made.on_page_markdown(page) == "before\npassage\nafter"


def test_the_measured_numbers_tell_the_story_that_the_text_tells() -> None:
    numbers = numbers_of("ae")
    error = {name: float(value) for name, value in numbers.items() if name.endswith("_mse")}
    assert error["test_mse"] < error["pca_mse"] < error["nothing_mse"]
    assert error["pca_mse"] <= error["linear_mse"] < 1.1 * error["pca_mse"]
    assert error["two_mse"] < error["two_pca_mse"]
    assert error["test_mse"] < error["first_mse"]


def test_a_number_that_nobody_measured_stops_the_build_and_is_named() -> None:
    measured = hook("measured")
    page = SimpleNamespace(file=SimpleNamespace(src_uri="ae.md"))
    assert measured.on_page_markdown("latent {{ ae.latent }}", page=page) == "latent 32"
    with pytest.raises(PluginError, match=r"ae\.md asks for .*no_such_number"):
        measured.on_page_markdown("{{ ae.no_such_number }}", page=page)
