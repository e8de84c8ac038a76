"""What a person meets: in a real Chromium, light and dark, phone and desk, with axe looking on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import report_examples as examples
from axe_playwright_python.sync_playwright import Axe

from autograder.reports.class_page import write_feedback
from autograder.reports.notebook_html import component_html
from autograder.reports.page import feedback_page

REPORTS = [
    examples.full_report(),
    examples.perfect(),
    examples.ungradable(),
    examples.grader_error(),
    examples.hostile(),
    examples.full_report("Wolfeschlegelsteinhausenbergerdorff-" * 4),
    examples.variational("Zoë Müller, B."),
]
# The grounds of JupyterLab's two themes, on which outputs lie.
THEMES = {"light": ("#ffffff", "rgba(0, 0, 0, 0.87)"), "dark": ("#111111", "rgba(255, 255, 255, 0.87)")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Feedback pages, the class page and, for each theme, every component as a notebook shows it."""
    folder = tmp_path_factory.mktemp("pages")
    write_feedback(REPORTS, folder)
    names = ("full", "perfect", "ungradable", "error", "hostile", "long", "vae")
    for name, report in zip(names, REPORTS, strict=True):
        (folder / f"{name}.html").write_text(feedback_page(report), encoding="utf-8")
    tables = "".join(component_html(part) for report in REPORTS for part in report.components)
    for theme, (ground, ink) in THEMES.items():
        head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Notebook</title>'
        head += f'<main style="background: {ground}; color: {ink}"><h1>Notebook</h1>'
        (folder / f"notebook-{theme}.html").write_text(f"{head}{tables}</main>", encoding="utf-8")
    return folder


def visit(browser: Any, path: Path, *, width: int = 1200, scheme: str = "light") -> tuple[Any, list[str]]:
    """Open a page; also returns what it asked for beyond itself and what it complained about."""
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url) if request.url != path.as_uri() else None)
    page.on("dialog", lambda dialog: (seen.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    return page, seen


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["full", "perfect", "ungradable", "error", "hostile", "vae", "index"])
def test_pages_have_no_accessibility_violation(browser: Any, folder: Path, name: str, scheme: str) -> None:
    page, seen = visit(browser, folder / f"{name}.html", scheme=scheme)
    result = Axe().run(page)
    page.close()
    assert result.violations_count == 0, result.generate_report()
    assert seen == []


@pytest.mark.parametrize("theme", THEMES)
def test_the_notebook_table_has_no_accessibility_violation(browser: Any, folder: Path, theme: str) -> None:
    page, seen = visit(browser, folder / f"notebook-{theme}.html")
    result = Axe().run(page)
    page.close()
    assert result.violations_count == 0, result.generate_report()
    assert seen == []


@pytest.mark.parametrize(
    "name", ["full", "perfect", "ungradable", "hostile", "long", "vae", "index", "notebook-light"]
)
def test_a_phone_never_scrolls_sideways(browser: Any, folder: Path, name: str) -> None:
    page, _ = visit(browser, folder / f"{name}.html", width=375)
    width = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert width == 375


@pytest.mark.parametrize(("name", "width"), [("full", 680), ("index", 1000)])  # A4 upright and on its side
def test_paper_is_light_and_wide_enough_whatever_the_screen(
    browser: Any, folder: Path, name: str, width: int
) -> None:
    page, _ = visit(browser, folder / f"{name}.html", width=width, scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    result = Axe().run(page)
    needed = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert result.violations_count == 0, result.generate_report()
    assert needed == width


def test_no_script_of_a_student_runs_and_nothing_is_loaded(browser: Any, folder: Path) -> None:
    for name in ("hostile", "index", "notebook-light"):
        page, seen = visit(browser, folder / f"{name}.html")
        assert page.locator("script, img, iframe, object").count() == 0
        page.close()
        assert seen == []


def test_every_link_within_a_page_leads_somewhere(browser: Any, folder: Path) -> None:
    page, _ = visit(browser, folder / "full.html")
    targets = page.eval_on_selector_all(
        "a[href^='#']", "links => links.map(link => link.getAttribute('href'))"
    )
    missing = [target for target in targets if page.locator(target).count() != 1]
    page.close()
    assert len(targets) > 10
    assert missing == []


def test_the_class_page_leads_to_each_feedback_page(browser: Any, folder: Path) -> None:
    page, _ = visit(browser, folder / "index.html")
    page.get_by_role("link", name="Zoë Müller, B.").first.click()
    heading = page.get_by_role("heading", level=1).inner_text()
    page.close()
    assert heading == "AutoEncoder on MNIST"
