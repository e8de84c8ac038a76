"""The site in a real browser: no request leaves it, it is accessible, it fits a phone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

PAGES = [
    "",
    "ae/",
    "vae/",
    "gan/",
    "compare/",
    "results/",
    "students/",
    "instructors/",
    "calibration/",
    "audit/",
    "mistakes/",
    "api/course/",
    "api/autograder/",
]


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=[1280, 375], ids=["desktop", "phone"])
def width(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.strip("/") or "home")
def test_a_page_is_accessible_fits_the_screen_and_asks_no_other_host(
    browser, address: str, path: str, scheme: str, width: int
) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    page = context.new_page()
    requests, failures = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("requestfailed", lambda request: failures.append(request.url))
    page.on("response", lambda response: response.status >= 400 and failures.append(response.url))
    page.goto(f"{address}/{path}", wait_until="networkidle")

    assert [url for url in requests if not url.startswith((address, "data:", "blob:"))] == []
    assert failures == []
    violations = Axe().run(page).response["violations"]
    assert [(v["id"], [node["target"] for node in v["nodes"]]) for v in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_formulas_are_drawn_in_our_font_and_without_javascript(browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    fonts = []
    page.on("response", lambda response: fonts.append((response.url, response.status)))
    page.goto(f"{address}/ae/", wait_until="networkidle")
    assert (f"{address}/assets/fonts/stix-two-math.woff2", 200) in fonts
    fraction = page.locator("math mfrac").first.bounding_box()
    assert fraction is not None
    assert fraction["height"] > 20  # numerator above denominator, not side by side
    context.close()


def test_an_answer_stays_folded_until_it_is_asked_for(browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/ae/#check-yourself")
    question = page.locator("details.question").first
    answer = question.locator("p").last
    assert not answer.is_visible()
    question.locator("summary").click()
    assert answer.is_visible()
    page.close()
