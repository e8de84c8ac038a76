"""A build hook of mkdocs: mends what the theme leaves without a name for screen readers."""

from __future__ import annotations

from typing import Any


def on_post_page(output: str, /, **_: Any) -> str:
    """Name the search dialogue; the theme gives it the role but no label."""
    return output.replace(
        'data-md-component="search" role="dialog"',
        'data-md-component="search" role="dialog" aria-label="Search"',
    )
