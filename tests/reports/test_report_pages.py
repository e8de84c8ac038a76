"""The HTML as text: what is in it, what never is. How it looks and behaves is tested in a browser."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
import report_examples as examples

from autograder.reports import html
from autograder.reports.class_figures import class_figures, component_names
from autograder.reports.class_page import class_page, feedback_names, write_feedback
from autograder.reports.model import Report
from autograder.reports.notebook_html import component_html, component_text
from autograder.reports.page import feedback_page


def text_of(page: str) -> str:
    """The page's words in reading order, without its style sheet."""
    words: list[str] = []

    class Reader(HTMLParser):
        skipped = False

        def handle_starttag(self, tag: str, attrs: object) -> None:
            self.skipped = tag == "style"

        def handle_data(self, data: str) -> None:
            if not self.skipped:
                words.append(data)

    Reader().feed(page)
    return " ".join("".join(words).split())


def test_the_feedback_page_tells_score_pending_points_and_every_component() -> None:
    report = examples.full_report()
    text = text_of(feedback_page(report, versions={"genlab": "0.1.0"}))
    assert "24 of 85 points so far" in text
    assert "15 more points wait for a person" in text
    assert "Feedback for Zoë Müller, B." in text
    assert "Seed 7, genlab 0.1.0" in text
    for component in report.components:
        assert component.name.replace("discussion_", "discussion ") in text
        for finding in component.findings:
            assert finding.status == "pass" or finding.message.replace("`", "") in text


def test_the_page_starts_with_the_recognised_mistake_of_the_first_wrong_component() -> None:
    text = text_of(feedback_page(examples.full_report()))
    start = text.index("Start here: Encoder")
    assert text.index("Your codes are cut off at 0") > start
    assert "Start here" not in text_of(feedback_page(examples.perfect()))
    assert "Well done" in text_of(feedback_page(examples.perfect()))


@pytest.mark.parametrize("report", [examples.ungradable(), examples.grader_error()])
def test_what_was_not_graded_shows_its_reason_and_no_score(report: Report) -> None:
    text = text_of(feedback_page(report))
    assert "No score yet" in text
    assert report.message in text
    assert not re.search(r"\b0 of|0 points", text)


def test_a_page_does_not_tell_where_the_grading_machine_keeps_its_files() -> None:
    report = replace(examples.full_report(), source="/srv/courses/2031/submitted/Zoë/ae/ae.ipynb")
    page = feedback_page(report)
    assert "Graded file: Zoë/ae/ae.ipynb" in page
    assert "/srv" not in page


def test_the_same_report_gives_the_same_page_however_long_grading_took() -> None:
    report = examples.full_report()
    assert feedback_page(report) == feedback_page(replace(report, seconds=99.0))


def test_no_hostile_string_becomes_markup_or_a_link() -> None:
    report = examples.hostile()
    pages = [
        feedback_page(report, versions={examples.HOSTILE: examples.HOSTILE}),
        class_page([report, replace(report, status="ungradable", score=None)], links=["a.html", None]),
        component_html(report.components[0]),
    ]
    for page in pages:
        assert "<script" not in page
        assert "<img" not in page
        assert "javascript:" not in page
        assert "{{" not in page.replace("{{ 7*7 }}", "")  # shown as it is, not evaluated
        assert not any(c in page for c in "\x1b\x07\u202e")
        page.encode()


def test_code_between_backticks_is_set_as_code_and_escaped() -> None:
    assert html.prose("use `a < b`\nnow") == "use <code>a &lt; b</code><br>now"


def test_the_notebook_table_says_the_status_in_words_and_shows_the_main_finding_first() -> None:
    text = text_of(component_html(examples.FAILED))
    assert text.startswith("Encoder ✗ not yet right 4 of 8 points")
    assert text.index("linear last layer") < text.index("codes of either sign") < text.index("device")
    assert text.endswith("other checks ✓ right shape, gradients")


def test_what_a_right_outcome_reached_is_told_in_full() -> None:
    note = examples.Finding("kl_behaviour", "note", "So short a run tells little.")
    noted = replace(examples.SETTLES, findings=(*examples.SETTLES.findings, note))
    for part in (examples.SETTLES, noted):
        assert examples.KL_PATH in text_of(component_html(part))
        assert examples.KL_PATH in component_text(part)
        assert examples.KL_PATH in text_of(feedback_page(examples.variational("Ana", part)))
    assert "As it should be." not in text_of(component_html(examples.PASSED))  # a check's name says it all


def test_a_component_that_raised_does_not_read_as_a_wrong_answer() -> None:
    raised = examples.component("evaluate", "error", 0.0, 8.0, examples.bad("runs", "ValueError: line 3"))
    assert "not yet right" not in text_of(component_html(raised))


def test_the_class_page_shows_every_student_and_no_zero_for_the_ungradable() -> None:
    reports = [examples.full_report(), examples.ungradable(), examples.grader_error()]
    page = class_page(reports, links=["zoe.html", "emile.html", None])
    text = text_of(page)
    assert 'href="zoe.html"' in page
    assert "Émile Okafor – ungradable The file is not a notebook" in text
    assert "Ana – grader error A worker could not start." in text
    assert text.index("Ana –") < text.index("Émile Okafor –") < text.rindex("Zoë Müller")


def test_links_must_come_one_a_report() -> None:
    with pytest.raises(ValueError, match="zip"):
        class_page([examples.full_report()], links=[])


def test_figures_leave_out_what_could_not_be_graded() -> None:
    figures = class_figures([examples.full_report(), examples.perfect(), examples.ungradable()])
    assert (figures.graded, figures.ungradable, figures.grader_errors) == (2, 1, 0)
    assert figures.median_score == 22.0
    assert sum(figures.histogram) == 2
    assert figures.histogram[2] == 1  # 24 of 85
    assert figures.histogram[9] == 1  # 20 of 20
    assert dict(figures.hardest)["train_step"] == 0.5
    assert figures.hardest[0][1] == 0.0
    assert figures.hardest[-1][1] == 1.0


def test_a_mistake_counts_once_a_student() -> None:
    twice = replace(examples.FAILED, findings=examples.FAILED.findings * 2)
    report = replace(examples.full_report(), components=(twice,))
    figures = class_figures([report, replace(report, student="Ana")])
    assert figures.mistakes == (("Encoder", "code-relu", 2),)


def test_each_lab_has_its_own_figures_and_table() -> None:
    wrong = examples.component("kl_behaviour", "fail", 0.0, 6.0, examples.COLLAPSES)
    reports = [
        examples.full_report("Ana"),
        examples.variational("Ana", wrong),
        examples.variational("Zoë"),
    ]
    text = text_of(class_page(reports, links=["a.html", "b.html", "c.html"]))
    first, second = text.split("Variational AutoEncoder on MNIST", 1)
    assert "1 submission " in first
    assert "loss summed" in first
    assert "posterior collapse" not in first
    assert "2 submissions " in second
    assert "posterior collapse" in second
    assert "evaluate" not in second


def test_a_class_without_any_score_has_no_figures_but_a_page() -> None:
    figures = class_figures([examples.ungradable()])
    assert figures.median_score is None
    assert sum(figures.histogram) == 0
    assert "No submission was found" in text_of(class_page([]))
    assert "Émile Okafor" in text_of(class_page([examples.ungradable()]))


def test_what_only_a_person_grades_gets_no_column() -> None:
    names = component_names([examples.perfect(), examples.full_report()])
    assert names[0] == "Encoder"
    assert not any(name.startswith("discussion") for name in names)


def test_each_report_gets_a_page_of_its_own_and_the_class_page_links_to_it(tmp_path: Path) -> None:
    reports = [examples.full_report(), examples.full_report("Ana"), examples.ungradable(), examples.hostile()]
    reports.append(replace(reports[0], source="submitted/zoe/second.ipynb"))  # the same student twice
    class_table = write_feedback(reports, tmp_path)
    pages = [tmp_path / name for name in feedback_names(reports)]
    assert len(set(pages)) == len(reports)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in pages} | {"index.html"}
    index = class_table.read_text(encoding="utf-8")
    assert all(f'href="{page.name}"' in index for page in pages)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    write_feedback(reports, tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_templates_and_style_ship_with_the_package() -> None:
    root = Path(__file__).parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text())
    patterns = project["tool"]["setuptools"]["package-data"]["autograder"]
    package = root / "autograder"
    shipped = {path for pattern in patterns for path in package.glob(pattern)}
    needed = {path for path in (package / "reports").iterdir() if path.suffix in (".html", ".css")}
    assert needed
    assert needed <= shipped
