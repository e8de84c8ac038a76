"""A build hook of mkdocs: a passage about figures that nobody has made yet is left out.

`<!-- once gan/samples.webp is made -->` begins such a passage, `<!-- end -->` ends it; the file is one of
`docs/assets`. Figures of long trainings come later than the words around them, and the page stands without them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

ASSETS = Path(__file__).parents[1] / "docs" / "assets"
PASSAGE = re.compile(r"<!-- once (\S+) is made -->\n(.*?)<!-- end -->\n?", re.DOTALL)


def on_page_markdown(markdown: str, /, **_: Any) -> str:
    """Keep the passages whose figure exists, leave out the others."""
    return PASSAGE.sub(lambda found: found[2] if (ASSETS / found[1]).exists() else "", markdown)
