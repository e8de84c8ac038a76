"""A known mistake comes with what to look at, one line below its message, wherever a report is shown."""

from __future__ import annotations

import report_examples as examples

from autograder.misconceptions import look_at
from autograder.reports.html import prose
from autograder.reports.notebook_html import component_html, component_text
from autograder.reports.page import feedback_page
from autograder.reports.terminal import table
from autograder.reports.words import hint

LOOK = look_at("vae", "kl_divergence", "kl-sign-flipped")


def test_the_terminal_shows_what_to_look_at_below_the_message() -> None:
    text = " ".join(table([examples.known_mistake()], width=100).split())
    assert f"This is the negative of the KL divergence. Look at: {LOOK} see https" in text


def test_a_notebook_shows_it_once_for_the_main_finding_alone() -> None:
    part = examples.known_mistake().components[0]
    lines = component_text(part, "vae").splitlines()
    assert lines[1:3] == [
        "  matches definition: This is the negative of the KL divergence.",
        f"    look at: {LOOK}",
    ]
    page = component_html(part, "vae")
    assert page.count("Look at:") == 1
    assert str(prose(str(LOOK))) in page


def test_the_feedback_page_shows_it_where_to_start_and_at_the_component() -> None:
    page = feedback_page(examples.known_mistake())
    assert page.count("<em>Look at:</em>") == 2
    assert page.count(str(prose(str(LOOK)))) == 2


def test_a_mistake_that_the_catalogue_does_not_know_has_no_such_line() -> None:
    for text in (feedback_page(examples.full_report()), component_text(examples.FAILED, "ae")):
        assert "look at:" not in text.lower()


def test_where_the_lab_is_not_told_only_what_is_true_in_every_lab_is_said() -> None:
    part = examples.known_mistake().components[0]
    assert hint(None, part) is None
    cut = examples.component("x", "fail", 0.0, 1.0, examples.bad("gradient", "No gradient.", "graph-cut"))
    assert hint(None, cut) == look_at("gan", "generator_loss", "graph-cut")


def test_what_is_right_or_only_noted_has_no_hint() -> None:
    assert hint("ae", examples.PASSED) is None
    note = examples.component("x", "pass", 1.0, 1.0, examples.Finding("y", "note", "z", "graph-cut"))
    assert hint("ae", note) is None
