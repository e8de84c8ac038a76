"""What the built site holds."""

from __future__ import annotations

import importlib.util
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from mkdocs.exceptions import PluginError

ROOT = Path(__file__).parents[2]
# What findings of the lab `ae` link to.
ANCHORS = [
    "encoder",
    "decoder",
    "autoencoder",
    "reconstruction-loss",
    "train-step",
    "evaluate",
    "interpolate",
    "learns",
    "trained-model",
]


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


def test_the_chapter_has_a_passage_for_every_component_and_outcome(pages: dict[str, Page]) -> None:
    assert set(ANCHORS) <= pages["ae/index.html"].ids


def test_no_page_fetches_anything_from_another_host(pages: dict[str, Page], site: Path) -> None:
    foreign = {(name, url) for name, page in pages.items() for url in page.fetched if urlsplit(url).netloc}
    assert not foreign
    for style in (site / "stylesheets").glob("*.css"):
        assert not re.findall(r"url\(\s*[\"']?(?:https?:)?//", style.read_text())


def test_every_image_of_the_pages_has_a_text_for_those_who_cannot_see_it(pages: dict[str, Page]) -> None:
    assert not {name: page.images_without_alt for name, page in pages.items() if page.images_without_alt}


def test_every_formula_became_mathml_and_none_is_left_as_latex(site: Path) -> None:
    chapter = (site / "ae/index.html").read_text()
    assert chapter.count("<math") > 20
    assert "arithmatex" not in chapter
    assert r"\mathcal" not in re.sub(r"<annotation.*?</annotation>", "", chapter, flags=re.DOTALL)


def test_the_numbers_in_the_text_are_the_measured_ones(site: Path) -> None:
    numbers = json.loads((ROOT / "site/docs/assets/ae/numbers.json").read_text())
    chapter = (site / "ae/index.html").read_text()
    assert "{{" not in chapter
    for name in ("test_mse", "pca_mse", "linear_mse", "nothing_mse"):
        assert numbers[name] in chapter


def test_the_measured_numbers_tell_the_story_that_the_text_tells() -> None:
    numbers = json.loads((ROOT / "site/docs/assets/ae/numbers.json").read_text())
    error = {name: float(value) for name, value in numbers.items() if name.endswith("_mse")}
    assert error["test_mse"] < error["pca_mse"] < error["nothing_mse"]
    assert error["pca_mse"] <= error["linear_mse"] < 1.1 * error["pca_mse"]
    assert error["two_mse"] < error["two_pca_mse"]
    assert error["test_mse"] < error["first_mse"]


def test_a_number_that_nobody_measured_stops_the_build_and_is_named() -> None:
    spec = importlib.util.spec_from_file_location("measured", ROOT / "site/hooks/measured.py")
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    page = SimpleNamespace(file=SimpleNamespace(src_uri="ae.md"))
    assert hook.on_page_markdown("latent {{ ae.latent }}", page=page) == "latent 32"
    with pytest.raises(PluginError, match=r"ae\.md asks for .*no_such_number"):
        hook.on_page_markdown("{{ ae.no_such_number }}", page=page)
