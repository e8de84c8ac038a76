"""The page that shows what `genlab calibrate` measured, and its histograms."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from mkdocs.exceptions import PluginError

ROOT = Path(__file__).parents[2]
PAGE = SimpleNamespace(file=SimpleNamespace(src_uri="calibration.md"))


def load(path: Path) -> ModuleType:
    """A file of the site as a module, as mkdocs and `python site/figures.py` load it."""
    sys.path.insert(0, str(path.parent))
    try:
        spec = importlib.util.spec_from_file_location(f"loaded_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module


def worth(loss: list, frechet: list, credit: list, named: dict) -> dict:
    """One kind of trained models."""
    full = sum(share == 1 for share in credit)
    return {
        "models": len(loss), "full points": full, "credit": credit, "named": named, "loss": loss,
        "frechet_distance": frechet,
    }  # fmt: skip


def measured(lab: str = "vae") -> dict:
    """Measurements as `genlab calibrate` writes them, of few runs."""
    shortfall = {
        "name": "learns.shortfall", "outcome": "learns", "title": "Progress missed", "unit": "share",
        "what": "How much of the control run's progress the student's run misses.",
        "side": "above", "threshold": 0.1, "right": [-0.02, -0.01, 0.0, 0.01, 0.03],
        "wrong": {"KL left out": [0.4, 0.6, 2.0], "uphill": [900.0, 40.0, None]},
        "false_fail": {"measured": 0, "runs": 5, "fitted": 2.1e-6, "upper95": 3.9e-5},
    }  # fmt: skip
    below = shortfall | {"name": "kl.level", "title": "KL", "side": "below", "threshold": -0.5, "wrong": {}}
    return {
        "command": f"genlab calibrate {lab}", "versions": {"genlab": "0.1.0", "torch": "2.0"}, "lab": lab,
        "machine": "a laptop", "runs": {"right": 5, "networks": 3, "wrong": 6, "trained": 0},
        "statistics": [shortfall, below],
        "caught": {"KL left out": {"learns": {"runs": 3, "caught": 3}}, "uphill": {"kl": {"runs": 3, "caught": 2}}},
        "by_name_left": {"uniform noise": "the mean moves to match"},
        "trained": {
            "thresholds": {
                "trained_loss_full": 125, "trained_loss_none": 200, "trained_frechet_full": 30,
                "trained_frechet_none": 200,
            },
            "kinds": {
                "untrained": worth([900, 900], [300, 300], [0, 0], {"not-trained": 2}),
                "right, 3 epochs": worth([150, 160], [50, 60], [0.5, 0.6], {"trained-too-little": 2}),
                "right, 20 epochs": worth([115, 118], [20, 22], [1, 1], {}),
            },
        },
    }  # fmt: skip


@pytest.fixture
def hook(tmp_path: Path) -> ModuleType:
    """The build hook and the drawing of pictures, with one calibrated lab in a folder of their own."""
    hook, figures = load(ROOT / "site/hooks/calibration.py"), load(ROOT / "site/figures_calibration.py")
    hook.MEASURED = figures.MEASURED = tmp_path / "measured"
    hook.PICTURES = tmp_path / "pictures"
    for folder in (hook.MEASURED, hook.PICTURES):
        folder.mkdir()
    figures.assets = lambda _: hook.PICTURES
    figures.write_numbers = lambda _, made: (hook.PICTURES / "numbers.json").write_text(json.dumps(made))
    hook.draw = figures.make
    (hook.MEASURED / "vae.json").write_text(json.dumps(measured()))
    hook.draw()
    return hook


def test_the_page_tells_thresholds_rates_and_what_is_caught(hook: ModuleType) -> None:
    page = hook.on_page_markdown("before {{ calibration }} after", page=PAGE)
    assert page.startswith("before")
    assert page.endswith("after")
    assert "5 short runs of right code of 3 different networks, 6 runs of wrong code" in page
    assert "| above 0.1 | 0 of 5 | 1 in 480,000 | 1 in 26,000 |" in page
    assert "| below \u22120.5 |" in page
    assert "| KL left out | 3 runs | 0.6 | 3 of 3 |" in page
    assert "| KL left out | **3 of 3** | \u2013 |" in page
    assert "| uphill | \u2013 | 2 of 3 |" in page
    assert "- **uniform noise**: the mean moves to match" in page


def test_a_run_that_diverged_counts_as_beyond_the_threshold(hook: ModuleType) -> None:
    page = hook.on_page_markdown("{{ calibration }}", page=PAGE)
    assert "| uphill | 3 runs, 1 diverged | 470 | 3 of 3 |" in page


def test_every_picture_on_the_page_is_drawn_in_both_schemes_and_has_words(hook: ModuleType) -> None:
    page = hook.on_page_markdown("{{ calibration }}", page=PAGE)
    pictures = re.findall(r"!\[(.+?)\]\(assets/calibration/(.+?\.svg)#only-(light|dark)\)", page)
    assert len(pictures) == 8  # two statistics, two figures of trained models
    for words, name, _ in pictures:
        assert "Right code lies between" in words
        assert (hook.PICTURES / name).read_text().startswith("<?xml")


def test_trained_models_are_shown_with_what_they_are_worth_right_ones_first(hook: ModuleType) -> None:
    page = hook.on_page_markdown("{{ calibration }}", page=PAGE)
    rows = [
        line.split(" | ")[0] for line in page.splitlines() if " epochs |" in line or "untrained |" in line
    ]
    assert rows == ["| right, 20 epochs", "| right, 3 epochs", "| untrained"]
    assert "| untrained | 2 | 0 | 0% | 900 | 300 | not trained (2) |" in page


def test_the_table_of_trained_models_says_how_varied_they_are_where_that_was_measured(
    hook: ModuleType,
) -> None:
    found = measured("gan")
    for kind in found["trained"]["kinds"].values():
        kind |= {"class_coverage": [0.9, 1.0], "diversity": [0.7, 0.9]}
    (hook.MEASURED / "gan.json").write_text(json.dumps(found))
    hook.draw()
    gan, vae = hook.on_page_markdown("{{ calibration }}", page=PAGE).split("## The lab `vae`")
    assert "| classes covered, median | diversity, median |" in gan
    assert "| 0.95 | 0.8 |" in gan
    assert "diversity" not in vae


def test_pictures_that_no_measurement_asks_for_are_removed(hook: ModuleType) -> None:
    (hook.PICTURES / "vae-old-above-light.svg").write_text("<svg/>")
    hook.draw()
    assert not (hook.PICTURES / "vae-old-above-light.svg").exists()


def test_one_more_calibrated_lab_is_one_more_section(hook: ModuleType) -> None:
    (hook.MEASURED / "gan.json").write_text(json.dumps(measured("gan")))
    hook.draw()
    page = hook.on_page_markdown("{{ calibration }}", page=PAGE)
    assert "## The lab `gan` { #gan }" in page
    assert "## The lab `vae` { #vae }" in page
    ids = re.findall(r"\{ #([\w-]+) \}", page)
    assert len(ids) == len(set(ids))


def test_pictures_of_other_measurements_stop_the_build(hook: ModuleType) -> None:
    (hook.MEASURED / "vae.json").write_text(json.dumps(measured() | {"machine": "another"}))
    with pytest.raises(PluginError, match=r"vae\.json.*figures\.py calibration"):
        hook.on_page_markdown("{{ calibration }}", page=PAGE)


def test_without_measurements_the_page_says_so(hook: ModuleType) -> None:
    (hook.MEASURED / "vae.json").unlink()
    assert "`genlab calibrate`" in hook.on_page_markdown("{{ calibration }}", page=PAGE)


def test_other_pages_are_left_alone(hook: ModuleType) -> None:
    assert hook.on_page_markdown("{{ ae.latent }}", page=PAGE) == "{{ ae.latent }}"
