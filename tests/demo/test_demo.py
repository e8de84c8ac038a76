"""The demo: what is handed in, and the whole road with a few of its students."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest

from autograder.demo import run as demo
from autograder.demo.hand_in import COMPONENTS, filled_in, hand_in
from autograder.demo.sample_class import SAMPLES
from autograder.policy import load_policy
from autograder.reports.model import ComponentReport, Report
from autograder.sandbox import SandboxUnavailable, probe_sandbox
from autograder.submissions import find_submissions, read_notebook

ROOT = Path(__file__).parents[2]
RELEASED = ROOT / "course" / "ae" / "ae.ipynb"


def test_the_class_shows_what_an_instructor_meets() -> None:
    assert len(SAMPLES) >= 10
    assert len({sample.student for sample in SAMPLES}) == len(SAMPLES)
    assert sum(sample.story.startswith("all right") for sample in SAMPLES) == 2
    assert any("while True" in cell for sample in SAMPLES for cell in sample.cells.values())
    assert any(not sample.cells for sample in SAMPLES)
    assert any(sample.cut_at < 1 for sample in SAMPLES)
    assert any(sample.file_name == "ae (1).ipynb" for sample in SAMPLES)


def test_the_components_of_the_demo_are_those_of_the_policy() -> None:
    assert list(COMPONENTS) == list(load_policy().labs["ae"].components)


def test_filling_in_changes_the_source_of_the_answered_cells_and_nothing_else() -> None:
    released = json.loads(RELEASED.read_text(encoding="utf-8"))
    sample = SAMPLES[0]
    filled = filled_in(released, sample)
    changed = set()
    for before, after in zip(released["cells"], filled["cells"], strict=True):
        if before != after:
            assert {**before, "source": None} == {**after, "source": None}
            changed.add(after["metadata"]["nbgrader"]["grade_id"])
    assert changed == set(sample.cells)


def test_what_is_handed_in_is_found_with_its_students_and_its_one_broken_file(tmp_path: Path) -> None:
    untrained = [sample for sample in SAMPLES if not sample.epochs]
    hand_in(untrained, RELEASED, tmp_path)
    found = find_submissions(tmp_path)
    assert {submission.student for submission in found} == {sample.student for sample in untrained}
    broken = [submission.student for submission in found if read_notebook(submission.notebook).problem]
    assert broken == [sample.student for sample in untrained if sample.cut_at < 1]
    trained = [sample.student for sample in untrained if sample.steps]
    assert [path.parts[-3] for path in tmp_path.rglob("ae.safetensors")] == trained


def test_the_demo_removes_nothing_that_it_did_not_make(tmp_path: Path) -> None:
    precious = tmp_path / "thesis.txt"
    precious.write_text("years of work")
    assert demo.main(["--out", str(tmp_path)]) == 2
    assert precious.read_text() == "years of work"


def test_an_earlier_demo_is_made_anew(tmp_path: Path) -> None:
    demo.empty(tmp_path / "out")
    (tmp_path / "out" / "old.html").touch()
    demo.empty(tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == [demo.MARK]


def test_without_a_sandbox_there_is_a_loud_banner(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")  # no bubblewrap to be found
    with pytest.raises(SandboxUnavailable):
        probe_sandbox("auto")
    assert demo.choose_sandbox() == "none"
    banner = capsys.readouterr().err
    assert "WARNING" in banner
    assert "refuse" in banner


def test_the_overview_tells_what_each_student_has_to_do_and_invents_no_score() -> None:
    parts = (
        ComponentReport("Encoder", "fail", 0.0, 8.0),
        ComponentReport("Decoder", "pass", 8.0, 8.0),
        ComponentReport("discussion_1", "pending", None, 5.0),
    )
    graded = Report("a", "ae", "a.ipynb", "0", 7, 1.0, "graded", "", 8.0, 21.0, 5.0, parts)
    broken = Report("b", None, "b.ipynb", "0", 7, 1.0, "ungradable", "broken", None, 0.0, 0.0)
    lines = demo.overview(SAMPLES[:2], [graded, broken]).splitlines()
    assert lines[2].split()[-2:] == ["8", "Encoder"]
    assert lines[3].split()[-2:] == ["-", "ungradable"]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Report]]:
    """The demo with four of its students, none of whom trains for long."""
    try:
        probe_sandbox("auto")
    except SandboxUnavailable as reason:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no sandbox: {reason}")
    stories = ("trained for a single step", "nothing written yet", "the file arrived broken", "handed in as")
    out = tmp_path_factory.mktemp("demo") / "out"
    reports = demo.run(out, [sample for sample in SAMPLES if sample.story.startswith(stories)])
    return out, {report.student: report for report in reports}


def by_story(reports: dict[str, Report], story: str) -> Report:
    (student,) = [sample.student for sample in SAMPLES if sample.story.startswith(story)]
    return reports[student]


def test_right_answers_get_every_point_but_those_for_the_training(
    graded: tuple[Path, dict[str, Report]],
) -> None:
    for story in ("trained for a single step", "handed in as"):
        report = by_story(graded[1], story)
        lost = [part.name for part in report.components if part.status not in ("pass", "pending")]
        assert lost == ["trained_model"]


def test_the_untouched_notebook_has_no_points_and_the_broken_file_no_score(
    graded: tuple[Path, dict[str, Report]],
) -> None:
    assert by_story(graded[1], "nothing written yet").score == 0.0
    broken = by_story(graded[1], "the file arrived broken")
    assert broken.status == "ungradable"
    assert broken.score is None


def test_the_gradebook_agrees_with_the_reports_and_leaves_the_ungradable_blank(
    graded: tuple[Path, dict[str, Report]],
) -> None:
    out, reports = graded
    with (out / "classroom" / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert set(rows) == set(reports)
    for student, report in reports.items():
        if report.score is None:
            assert rows[student]["score"] == ""
        else:
            assert float(rows[student]["score"]) == pytest.approx(report.score)


def test_every_student_gets_a_page_and_the_class_page_links_to_it(
    graded: tuple[Path, dict[str, Report]],
) -> None:
    out, reports = graded
    index = (out / "feedback" / "index.html").read_text(encoding="utf-8")
    pages = [path for path in (out / "feedback").iterdir() if path.name != "index.html"]
    assert len(pages) == len(reports)
    assert all(f'href="{page.name}"' in index for page in pages)
    document = json.loads((out / "reports.json").read_text(encoding="utf-8"))
    assert [report["student"] for report in document["reports"]] == list(reports)
