"""Student markdown on the instructor's pages: shown, never run."""

from __future__ import annotations

import re

import pytest
from jinja2 import Environment

from autograder.gradebook.safe_html import markdown2html


def rendered(source: str, **cell: object) -> str:
    environment = Environment()
    environment.filters["markdown2html"] = markdown2html
    return environment.from_string("{{ source | markdown2html }}").render(source=source, cell=cell)


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        "[x](javascript:alert(1))",
        '<iframe src="https://example.org"></iframe>',
        '<form action="/"><input name=a></form>',
        "<style>body { display: none }</style>",
        '<svg onload="alert(1)"></svg>',
        '<div style="position: fixed">x</div>',
        "![x](https://example.org/count.png)",
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        "$<img src=x onerror=alert(1)>$",
    ],
)
def test_nothing_that_acts_or_loads_by_itself_comes_through(attack: str) -> None:
    html = rendered(f"before\n\n{attack}\n\nafter")
    tags = "".join(re.findall(r"<[^>]*>", html))  # what a browser takes for markup
    for trace in ("script", "onerror", "onload", "iframe", "form", "input", "style", "svg", "src=", "data:"):
        assert trace not in tags, html
    assert "before" in html
    assert "after" in html


def test_ordinary_markdown_and_formulas_stay() -> None:
    html = rendered(
        "**bold** `a < b` $a<b$\n\n> quote\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[site](https://example.org)"
    )
    for part in ("<strong>bold</strong>", "<code>a &lt; b</code>", "$a&lt;b$", "<blockquote>", "<td>1</td>",
                 'href="https://example.org"'):  # fmt: skip
        assert part in html


def test_a_picture_that_came_along_is_shown() -> None:
    html = rendered("![figure](attachment:a.png)", attachments={"a.png": {"image/png": "iVBORw0KGgo="}})
    assert 'src="data:image/png;base64,iVBORw0KGgo="' in html
