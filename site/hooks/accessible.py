"""A build hook of mkdocs: mends what the theme leaves without a name or out of reach of the keyboard."""

from __future__ import annotations

import re
from typing import Any

TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)


def on_page_content(page_html: str, /, **_: Any) -> str:
    """Put every table into a box that scrolls by itself on a phone and that the keyboard can reach."""
    return TABLE.sub(lambda table: f'<div class="table" tabindex="0">{table[0]}</div>', page_html)


def on_post_page(output: str, /, **_: Any) -> str:
    """Name the search dialogue; the theme gives it the role but no label."""
    return output.replace(
        'data-md-component="search" role="dialog"',
        'data-md-component="search" role="dialog" aria-label="Search"',
    )
