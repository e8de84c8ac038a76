"""Links from the grader's findings lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.labs import load_labs

CHAPTERS = Path(__file__).parents[2] / "site/docs"


def anchors(markdown: str) -> set[str]:
    """The anchors that a page names explicitly, as in `### Encoder { #encoder }`."""
    return set(re.findall(r"\{ #([\w-]+) \}", markdown))


@pytest.mark.parametrize("name", sorted(load_labs()))
def test_every_component_and_outcome_links_to_a_passage_of_its_chapter(name: str) -> None:
    lab = load_labs()[name]
    linked = {part.anchor for part in (*lab.components, *lab.outcomes)}
    assert linked
    assert linked <= anchors((CHAPTERS / f"{name}.md").read_text())
