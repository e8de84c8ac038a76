"""Words, points and the cleaning of strings that students control."""

from __future__ import annotations

from typing import get_args

import pytest
import report_examples as examples
from hypothesis import given
from hypothesis import strategies as st

from autograder.reports import model, words


def test_every_status_has_a_word_a_short_word_and_a_symbol() -> None:
    assert set(words.COMPONENT_WORDS) == set(get_args(model.ComponentStatus))
    assert set(words.FINDING_WORDS) == set(get_args(model.FindingStatus))
    for wording in [*words.COMPONENT_WORDS.values(), *words.FINDING_WORDS.values()]:
        assert wording.word
        assert wording.short
        assert len(wording.symbol) == 1


def test_no_two_statuses_of_a_component_read_the_same() -> None:
    for part in ("word", "short", "symbol"):
        shown = [getattr(wording, part) for wording in words.COMPONENT_WORDS.values()]
        assert len(set(shown)) == len(shown)


@given(st.text())
def test_plain_text_has_no_control_characters_and_can_be_written_to_any_file(text: str) -> None:
    cleaned = words.plain(text)
    cleaned.encode("utf-8")
    assert not any((ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 for c in cleaned)
    assert words.plain(cleaned) == cleaned


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"], exclude_characters="\u00a0")))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert words.plain(text) == text


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;window title\x07text", "text"),
        ("\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\", "click"),
        ("a\x9b31mb", "ab"),
        ("abc\u202edef", "abcdef"),
        ("Zoë Müller, B.\r\nNguyễn", "Zoë Müller, B.\nNguyễn"),
    ],
)
def test_escape_sequences_and_direction_marks_are_taken_out(given_text: str, shown: str) -> None:
    assert words.plain(given_text) == shown


@pytest.mark.parametrize(
    ("value", "text"), [(8.0, "8"), (7.5, "7.5"), (20 / 3, "6.67"), (0.0, "0"), (100.0, "100")]
)
def test_points_are_written_as_people_write_them(value: float, text: str) -> None:
    assert words.number(value) == text


def test_a_recognised_mistake_is_the_main_finding_even_behind_another_failure() -> None:
    main = words.main_finding(examples.FAILED)
    assert main is not None
    assert main.misconception == "code-relu"
    assert [f.check for f in words.other_findings(examples.FAILED)] == ["codes_of_either_sign", "device"]


def test_a_note_is_the_main_finding_only_where_nothing_failed() -> None:
    note = model.Finding("device", "note", "Mapped to the CPU.")
    passed = examples.component("Encoder", "pass", 8.0, 8.0, examples.ok("shape"), note)
    assert words.main_finding(passed) is note
    assert words.main_finding(examples.PASSED) is None


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "//evil", 'https://a"b', "https://a b", None]
)
def test_only_plain_web_links_are_followed(link: str | None) -> None:
    assert words.web_link(link) is None
    assert (
        words.web_link("https://genlab.example.org/ae/#encoder") == "https://genlab.example.org/ae/#encoder"
    )


def test_what_is_not_graded_never_reads_as_a_number() -> None:
    for report in (examples.ungradable(), examples.grader_error()):
        assert not any(character.isdigit() for character in words.report_points(report))
