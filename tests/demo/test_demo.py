"""The demo: what is handed in, and the whole road with a few of its students."""

from __future__ import annotations

import csv
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from autograder.demo import run as demo
from autograder.demo.hand_in import filled_in, hand_in
from autograder.demo.sample_class import SAMPLES, Sample
from autograder.demo.train import answers, train
from autograder.policy import load_policy
from autograder.reports.model import ComponentReport, Report
from autograder.reports.words import lab_title
from autograder.sandbox import SandboxUnavailable, probe_sandbox
from autograder.submissions import find_submissions, read_notebook
from course import load_checkpoint, load_mnist
from solutions.source import LABS

ROOT = Path(__file__).parents[2]
RELEASE = ROOT / "course"  # holds what nbgrader releases, as <lab>/<lab>.ipynb
# Who is in the class that the whole road is tried with: nobody trains for long, nobody takes long to judge.
FEW = {
    "ae": ("trained for a single step", "nothing written yet", "the file arrived broken", "handed in as"),
    "vae": ("the KL with its sign flipped", "nothing written yet"),
    "gan": ("the fakes not detached", "nothing written yet"),
    "compare": ("all right, in another style", "a distance without the means", "nothing written yet"),
}


def right_of(lab: str) -> Sample:
    """The first who hands in a lab: all right, and with a trained model."""
    return next(sample for sample in SAMPLES if sample.lab == lab)


def test_the_class_shows_what_an_instructor_meets() -> None:
    of_ae = [sample for sample in SAMPLES if sample.lab == "ae"]
    assert len(of_ae) >= 10
    assert sum(sample.story.startswith("all right") for sample in of_ae) == 2
    assert any("while True" in cell for sample in of_ae for cell in sample.cells.values())
    assert any(not sample.cells for sample in of_ae)
    assert any(sample.cut_at < 1 for sample in of_ae)
    assert any(sample.file_name == "ae (1).ipynb" for sample in of_ae)


def test_every_lab_is_handed_in_by_somebody_and_by_nobody_twice() -> None:
    assert {sample.lab for sample in SAMPLES} == set(LABS)
    assert len({(sample.student, sample.lab) for sample in SAMPLES}) == len(SAMPLES)
    for lab in LABS:
        right = right_of(lab)
        assert right.story.startswith("all right")
        assert right.epochs or right.steps > 1 or lab == "compare"  # where nothing is trained


@pytest.mark.parametrize("lab", LABS)
def test_a_wrong_sample_of_a_lab_differs_from_the_right_one_in_few_cells(lab: str) -> None:
    right = right_of(lab)
    for sample in SAMPLES:
        if sample.lab == lab and sample.cells and "another style" not in sample.story:
            assert sample.cells.keys() == right.cells.keys()
            assert sum(sample.cells[name] != text for name, text in right.cells.items()) <= 2


def test_filling_in_changes_the_source_of_the_answered_cells_and_nothing_else() -> None:
    for sample in map(right_of, LABS):
        released = json.loads((RELEASE / sample.lab / f"{sample.lab}.ipynb").read_text(encoding="utf-8"))
        filled = filled_in(released, sample)
        changed = set()
        for before, after in zip(released["cells"], filled["cells"], strict=True):
            if before != after:
                assert {**before, "source": None} == {**after, "source": None}
                changed.add(after["metadata"]["nbgrader"]["grade_id"])
        assert changed == set(sample.cells)


def test_what_is_handed_in_is_found_with_its_students_and_its_one_broken_file(tmp_path: Path) -> None:
    untrained = [sample for sample in SAMPLES if not sample.epochs and sample.steps <= 1]
    hand_in(untrained, RELEASE, tmp_path)
    found = find_submissions(tmp_path)
    assert {(each.student, each.lab) for each in found} == {
        (each.student.name, each.lab) for each in untrained
    }
    broken = [submission.student for submission in found if read_notebook(submission.notebook).problem]
    assert broken == [sample.student.name for sample in untrained if sample.cut_at < 1]
    trained = [sample.student.name for sample in untrained if sample.steps]
    assert [path.parts[-3] for path in tmp_path.rglob("*.safetensors")] == trained


def test_a_mean_over_pixels_trains_into_collapse_and_right_answers_do_not(tmp_path: Path) -> None:
    stories = ("all right", "mean over pixels")
    data = load_mnist()
    kl = {}
    for story in stories:
        (sample,) = [each for each in SAMPLES if each.lab == "vae" and each.story.startswith(story)]
        train(replace(sample, epochs=1), tmp_path)
        names: dict[str, Any] = {"torch": torch, "nn": nn, "F": F}
        exec("\n".join(sample.cells[name] for name in load_policy().labs["vae"].components), names)
        model = names["VAE"](32)
        load_checkpoint("vae", folder=tmp_path, model=model)
        with torch.no_grad():
            mu, logvar = model.encoder(data.test_images)
        kl[story] = float(0.5 * (mu**2 + logvar.exp() - logvar - 1).sum(1).mean())
    assert kl["mean over pixels"] < 1 < kl["all right"]


def test_a_gan_is_trained_with_the_students_own_code_and_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    sample = right_of("gan")
    told = train(replace(sample, steps=2), tmp_path)
    assert re.fullmatch(r"Frechet distance \d+\.\d to the art", told)
    names = answers(sample)
    generator, discriminator = names["Generator"](100, 8), names["Discriminator"](8)
    load_checkpoint("gan", folder=tmp_path, generator=generator, discriminator=discriminator)
    # A step paints three batches, one for the discriminator's update and two of its own; four batches are judged.
    assert generator.layers[1].num_batches_tracked == 2 * 3
    assert discriminator.layers[3].num_batches_tracked == 2 * 4
    assert names["sample"](generator, 3).shape == (3, 3, 64, 64)


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.lab == "gan" and s.cells], ids=lambda s: s.story)
def test_all_that_students_wrote_for_the_lab_gan_runs_whether_right_or_wrong(sample: Sample) -> None:
    names = answers(sample)
    generator, discriminator = names["Generator"](10, 2), names["Discriminator"](2)
    opt_g, opt_d = names["make_optimizers"](generator, discriminator)
    losses = names["train_step"](generator, discriminator, opt_g, opt_d, torch.rand(4, 3, 64, 64))
    assert set(losses) == {"d_loss", "g_loss"}
    assert names["sample"](generator, 2).shape == (2, 3, 64, 64)


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


def test_the_overview_tells_lab_by_lab_what_is_to_do_and_invents_no_score() -> None:
    parts = (
        ComponentReport("Encoder", "fail", 0.0, 8.0),
        ComponentReport("Decoder", "pass", 8.0, 8.0),
        ComponentReport("discussion_1", "pending", None, 5.0),
    )
    graded = Report("a", "ae", "a.ipynb", "0", 7, 1.0, "graded", "", 8.0, 21.0, 5.0, parts)
    broken = Report("b", "ae", "b.ipynb", "0", 7, 1.0, "ungradable", "broken", None, 0.0, 0.0)
    empty = replace(graded, student="c", score=0.0, components=(parts[0], parts[2]))
    amara, zoe = SAMPLES[:2]
    samples = [amara, replace(amara, lab="vae"), zoe]  # the table follows the lab, not the order
    first, second = demo.overview(samples, [graded, empty, broken]).split("\n\n")
    title, _, _, _, *rows = first.splitlines()
    assert title == "AutoEncoder on MNIST"
    assert rows[0].split()[-2:] == ["8", "Encoder"]
    assert rows[1].split()[-2:] == ["-", "ungradable"]
    title, _, _, _, row = second.splitlines()
    assert title == "Variational AutoEncoder on MNIST"
    assert row.split()[-2:] == ["0", "everything"]


Graded = tuple[Path, dict[tuple[str, str], Report]]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The demo with a few of its students, and the reports by lab and student."""
    try:
        probe_sandbox("auto")
    except SandboxUnavailable as reason:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no sandbox: {reason}")
    out = tmp_path_factory.mktemp("a folder, of any name") / "out"
    reports = demo.run(out, [sample for sample in SAMPLES if sample.story.startswith(FEW[sample.lab])])
    return out, {(report.lab or "", report.student): report for report in reports}


def by_story(graded: Graded, lab: str, story: str) -> Report:
    (sample,) = [each for each in SAMPLES if each.lab == lab and each.story.startswith(story)]
    return graded[1][lab, sample.student.name]


def lost(report: Report) -> list[str]:
    return [part.name for part in report.components if part.status not in ("pass", "pending")]


def test_right_answers_get_every_point_but_those_for_the_training(graded: Graded) -> None:
    for story in ("trained for a single step", "handed in as"):
        assert lost(by_story(graded, "ae", story)) == ["trained_model"]


def test_a_mistake_in_the_kl_is_named_and_costs_no_other_component(graded: Graded) -> None:
    report = by_story(graded, "vae", "the KL with its sign flipped")
    assert lost(report) == ["kl_divergence", "learns", "kl_behaviour", "trained_model"]
    named = {finding.misconception for part in report.components for finding in part.findings}
    assert {"kl-sign-flipped", "kl-runaway"} <= named


def test_fakes_that_are_not_detached_are_named_and_cost_no_other_component(graded: Graded) -> None:
    report = by_story(graded, "gan", "the fakes not detached")
    assert lost(report) == ["discriminator_step", "trained_model"]
    named = {finding.misconception for part in report.components for finding in part.findings}
    assert "fakes-not-detached" in named


def test_a_distance_without_the_means_is_named_and_another_style_loses_nothing(graded: Graded) -> None:
    report = by_story(graded, "compare", "a distance without the means")
    assert lost(report) == ["frechet_distance"]
    named = {finding.misconception for part in report.components for finding in part.findings}
    assert "frechet-without-means" in named
    assert lost(by_story(graded, "compare", "all right, in another style")) == []


def test_a_run_that_went_astray_is_told_in_short_numbers(graded: Graded) -> None:
    report = by_story(graded, "vae", "the KL with its sign flipped")
    told = [
        word for part in report.components for finding in part.findings for word in finding.message.split()
    ]
    assert any("e+" in word for word in told)
    assert max(len(word) for word in told if word[0].isdigit()) < 10


def test_the_untouched_notebook_has_no_points_and_the_broken_file_no_score(graded: Graded) -> None:
    for lab in LABS:
        assert by_story(graded, lab, "nothing written yet").score == 0.0
    broken = by_story(graded, "ae", "the file arrived broken")
    assert broken.status == "ungradable"
    assert broken.score is None


def test_the_gradebook_agrees_with_the_reports_and_leaves_blank_what_has_no_score(graded: Graded) -> None:
    out, reports = graded
    with (out / "classroom" / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {(row["assignment"], row["student_id"]): row for row in csv.DictReader(file)}
    students = {student for _, student in reports}
    assert set(rows) == {(lab, student) for lab in LABS for student in students}
    for key, row in rows.items():
        report = reports.get(key)  # none where the student handed in other labs only
        if report is None or report.score is None:
            assert row["score"] == ""
        else:
            assert float(row["score"]) == pytest.approx(report.score)


def test_each_student_gets_a_page_a_lab_and_the_class_page_links_to_it(graded: Graded) -> None:
    out, reports = graded
    index = (out / "feedback" / "index.html").read_text(encoding="utf-8")
    pages = [path for path in (out / "feedback").iterdir() if path.name != "index.html"]
    assert len(pages) == len(reports)
    assert all(f'href="{page.name}"' in index for page in pages)
    titles = [f'<h2 id="lab-{number}">{lab_title(lab)}' for number, lab in enumerate(LABS, 1)]
    assert [index.index(title) for title in titles] == sorted(index.index(title) for title in titles)
    assert "unknown lab" not in index
    document = json.loads((out / "reports.json").read_text(encoding="utf-8"))
    assert [(report["lab"], report["student"]) for report in document["reports"]] == list(reports)
