"""A build hook of mkdocs: `{{ ae.test_mse }}` in a page becomes the measured number.

The numbers lie in `docs/assets/<lab>/numbers.json`, which `site/figures.py` writes; no number that was
measured is ever typed into a page by hand.
"""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError

ASSETS = Path(__file__).parents[1] / "docs" / "assets"
PLACEHOLDER = re.compile(r"\{\{ (\w+)\.(\w+) \}\}")


@functools.cache
def numbers(lab: str) -> dict[str, str]:
    """The numbers of one lab, as they are to be printed."""
    return json.loads((ASSETS / lab / "numbers.json").read_text(encoding="utf-8"))


def on_page_markdown(markdown: str, /, *, page: Any, **_: Any) -> str:
    """Fill in the numbers of one page.

    Raises:
        PluginError: a page asks for a number that nobody measured.
    """

    def replace(match: re.Match[str]) -> str:
        lab, name = match.groups()
        try:
            return numbers(lab)[name]
        except KeyError:
            raise PluginError(
                f"{page.file.src_uri} asks for {match[0]}, but numbers.json of {lab!r} has no {name!r}. "
                f"Add it to site/figures.py and run it."
            ) from None

    return PLACEHOLDER.sub(replace, markdown)


def on_pre_build(**_: Any) -> None:
    """Read the files anew at each build of `mkdocs serve`."""
    numbers.cache_clear()
