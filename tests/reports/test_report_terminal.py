"""The table in the terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest
import report_examples as examples
from hypothesis import given
from hypothesis import strategies as st

from autograder.reports.notebook_html import component_text
from autograder.reports.terminal import display_width, pad, shorten, table, wrap
from autograder.reports.words import COMPONENT_WORDS


def test_one_report_shows_every_component_with_status_and_points() -> None:
    report = examples.full_report()
    lines = table([report], width=100).splitlines()
    for component in report.components:
        name = component.name.replace("discussion_", "discussion ")
        (line,) = [line for line in lines if line.startswith(f"  {name} ")]
        assert COMPONENT_WORDS[component.status].word in line
        assert f"/ {component.max_score:g}" in line


def test_the_score_leaves_out_the_points_that_wait_for_a_person() -> None:
    assert "24 of 85 points, 15 more by hand" in table([examples.full_report()], width=100)


def test_a_failed_component_shows_its_recognised_mistake_and_where_to_read() -> None:
    text = table([examples.full_report()], width=100)
    assert "Your codes are cut off at 0" in text
    assert "see https://genlab.example.org/ae/#encoder" in text


def test_several_reports_end_in_a_summary_without_a_number_for_the_ungradable_one() -> None:
    reports = [examples.full_report(), examples.ungradable(), examples.grader_error()]
    summary = table(reports, width=100).split("\n\n")[-1]
    (row,) = [line for line in summary.splitlines() if line.startswith("Émile")]
    assert "ungradable" in row
    assert not any(character.isdigit() for character in row)
    assert "24 / 85" in summary
    assert "grader error" in summary


def test_several_reports_name_the_right_components_in_one_line() -> None:
    first = table([examples.full_report(), examples.perfect()], width=100).split("\n\n")[0]
    assert "right: Decoder, AutoEncoder" in first
    assert "discussion" not in first


def test_no_report_says_so() -> None:
    assert "no submission was found" in table([])


def test_hostile_strings_reach_no_terminal() -> None:
    for text in (table([examples.hostile()] * 2, width=80), component_text(examples.hostile().components[0])):
        assert not any((ord(c) < 32 and c != "\n") or c in "\x7f\x9b\u202e" for c in text)
        assert "red" in text
        text.encode()


@pytest.mark.parametrize("width", [60, 80, 100])
def test_nothing_but_a_link_is_wider_than_the_terminal(width: int) -> None:
    long = examples.component(
        "a_component_with_a_very_long_name", "fail", 0.0, 12.0, examples.bad("x", "y" * 200)
    )
    reports = [examples.full_report(), examples.ungradable("a very long name " * 9), examples.hostile()]
    for text in (table(reports, width=width), table([replace(reports[0], components=(long,))], width=width)):
        lines = [line for line in text.splitlines() if not line.startswith("      see http")]
        assert max(map(display_width, lines)) <= width


@given(st.text(st.characters(categories=["L", "M", "N", "P", "Zs"])), st.integers(10, 60))
def test_wrapping_keeps_every_character_and_the_width(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(display_width(line) <= width for line in lines)


def test_wide_characters_count_twice_and_accents_not_at_all() -> None:
    assert display_width("王小明") == 6
    assert display_width("e\u0301") == 1
    assert pad("王", 4) == "王  "
    assert display_width(shorten("王小明王小明", 5)) <= 5


def test_the_text_of_a_component_shows_failures_first_and_passes_on_one_line() -> None:
    lines = component_text(examples.FAILED).splitlines()
    assert lines[0] == "Encoder: not yet right (4 of 8 points)"
    assert lines[1].startswith("  linear last layer: ")
    assert lines[-1] == "  right: shape, gradients"
