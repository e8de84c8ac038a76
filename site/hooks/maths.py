"""A build hook of mkdocs: LaTeX becomes MathML while the site is built, so no page needs JavaScript.

`pymdownx.arithmatex` marks the formulas; `latex2mathml` converts them; the browser draws them.
"""

from __future__ import annotations

import html
import re
from typing import Any

from latex2mathml.converter import convert

# What latex2mathml sets too tightly or too widely, and what TeX would do.
TILDE = "<mi>&#x0007E;</mi>", "<mo>&#x0223C;</mo>"  # "is distributed as" is a relation
NAMED = re.compile(r"<mo>([A-Za-z]{2,})</mo>"), r"<mi>\1</mi>"  # \operatorname is no infix operator
THIN = '<mspace width="0.167em" />'
BEFORE_NAME = re.compile(
    r"(</(?:mi|mn|msub|msup|msubsup|mfrac|mrow)>|&#x00029;</mo>)(?=<mi>(?:log|ln|KL)</mi>)"
)
AFTER_NAME = re.compile(r'(<mi>(?:log|ln)</mi>)(?!<mo stretchy="false">&#x00028;|<mrow><mo stretchy="true")')

FORMULA = re.compile(r'<(span|div) class="arithmatex">\\([(\[])(.*?)\\[)\]]</\1>', re.DOTALL)


def mathml(latex: str, display: bool) -> str:
    """The MathML of one formula; its LaTeX source goes along for whoever copies it."""
    element = spaced(convert(latex, display="block" if display else "inline"))
    source = f'<annotation encoding="application/x-tex">{html.escape(latex)}</annotation>'
    body = re.fullmatch(r"(<math[^>]*>)(.*)(</math>)", element, re.DOTALL)
    if body is None:
        raise ValueError(f"latex2mathml gave no <math> element for: {latex}")
    opening, content, closing = body.groups()
    return f"{opening}<semantics>{content}{source}</semantics>{closing}"


def spaced(element: str) -> str:
    """The same formula with a thin space around the names of functions."""
    element = NAMED[0].sub(NAMED[1], element.replace(*TILDE))
    return AFTER_NAME.sub(rf"\1{THIN}", BEFORE_NAME.sub(rf"\1{THIN}", element))


def on_page_content(page_html: str, /, **_: Any) -> str:
    """Replace every formula that arithmatex marked."""

    def replace(match: re.Match[str]) -> str:
        tag, bracket, latex = match.groups()
        rendered = mathml(html.unescape(latex).strip(), display=bracket == "[")
        # A wide formula scrolls by itself on a phone; the keyboard must be able to reach it.
        attributes = ' class="formula" tabindex="0"' if tag == "div" else ""
        return f"<{tag}{attributes}>{rendered}</{tag}>"

    return FORMULA.sub(replace, page_html)
