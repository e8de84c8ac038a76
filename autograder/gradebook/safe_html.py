"""Markdown of a student as HTML that cannot act: for the feedback page and for the formgrader.

Cleaning happens after rendering. Cleaning markdown itself would break it (`a < b`, quotes, formulas) and
still miss what only rendering turns into markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import nh3
from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

# Pictures must come along with the notebook: an address would be loaded by whoever reads the page.
_PICTURE = re.compile(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=\s]*\Z")
_ATTRIBUTES = {tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()}
_ATTRIBUTES["img"] = {"src", "alt", "title", "width", "height"}


@pass_context
def markdown2html(context: Context, source: str) -> str:
    """The jinja filter that replaces nbconvert's: renders `source`, formulas included, and cleans it."""
    cell = context.get("cell", {})
    attachments = cell.get("attachments", {}) if isinstance(cell, Mapping) else {}
    renderer = IPythonRenderer(escape=False, attachments=attachments)
    return clean(MarkdownWithMath(renderer=renderer).render(source))


def clean(html: str) -> str:
    """`html` without scripts, styles, handlers, forms, frames and addresses that load by themselves."""
    return nh3.clean(
        html,
        attributes=_ATTRIBUTES,
        attribute_filter=_keep,
        url_schemes={"http", "https", "mailto", "data"},
    )


def _keep(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src":
        return value if _PICTURE.match(value) else None
    if attribute in ("href", "cite") and not re.match(r"(https?://|mailto:|#)", value):
        return None
    return value


def text(value: Any) -> str:
    """`value` as text for markdown: nothing in it is markup."""
    return nh3.clean_text(str(value))
