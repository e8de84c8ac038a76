"""The build: notebooks fit the contract, are what nbgrader would release, and staleness is seen."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.policy import LabPolicy, load_policy
from solutions import build, source

ROOT = build.REPOSITORY
LABS = load_policy().labs


@pytest.fixture(scope="module", params=source.LABS)
def lab(request):
    return request.param


@pytest.fixture(scope="module")
def instructor(lab):
    return build.instructor_notebook(lab)


@pytest.fixture(scope="module")
def released(lab):
    return nbformat.read(ROOT / "course" / lab / f"{lab}.ipynb", as_version=4)


def marks(notebook):
    return {
        c.metadata.nbgrader.grade_id: (c, c.metadata.nbgrader)
        for c in notebook.cells
        if "nbgrader" in c.metadata
    }


def test_committed_notebooks_are_fresh():
    assert build.stale() == []


def test_building_twice_gives_the_same_bytes(lab):
    assert build.outputs(lab) == build.outputs(lab)


def test_a_stale_notebook_is_named_and_fails_the_check(tmp_path, monkeypatch, capsys):
    for name in source.LABS:
        shutil.copytree(ROOT / "course" / name, tmp_path / "course" / name)
    shutil.copytree(ROOT / ".binder", tmp_path / ".binder")
    file = tmp_path / "course" / "ae" / "ae.ipynb"
    assert build.stale(tmp_path) == []
    file.write_text(file.read_text(encoding="utf-8").replace("Lab 1", "Lab one"), encoding="utf-8")
    real = build.stale
    monkeypatch.setattr(build, "stale", lambda: real(tmp_path))
    assert build.main(["--check"]) == 1
    assert "ae/ae.ipynb" in capsys.readouterr().err.replace(os.sep, "/")
    file.unlink()
    assert len(build.stale()) == 1


def test_the_release_is_what_nbgrader_itself_would_release(lab, instructor, tmp_path):
    folder = tmp_path / "classroom" / "source" / lab
    folder.mkdir(parents=True)
    nbformat.write(instructor, folder / f"{lab}.ipynb")
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", lab],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    theirs = tmp_path / "classroom" / "release" / lab / f"{lab}.ipynb"
    assert theirs.read_bytes() == (ROOT / "course" / lab / f"{lab}.ipynb").read_bytes()


def test_every_component_has_a_stub_and_right_below_it_a_locked_check(lab, released):
    ids = [c.metadata.nbgrader.grade_id if "nbgrader" in c.metadata else None for c in released.cells]
    for name in LABS[lab].components:
        stub, check = released.cells[ids.index(name)], released.cells[ids.index(name) + 1]
        assert stub.metadata.nbgrader.solution
        assert not stub.metadata.nbgrader.grade
        assert "raise NotImplementedError" in stub.source
        assert check.metadata.nbgrader.grade_id == f"check_{name}"
        assert check.source == f'check("{name}")'


def test_checks_of_components_and_outcomes_are_locked_and_carry_the_policys_points(lab, released):
    found = marks(released)
    for name, points in (LABS[lab].components | LABS[lab].outcomes).items():
        cell, mark = found[f"check_{name}"]
        assert cell.source == f'check("{name}")'
        assert (mark.grade, mark.solution, mark.locked, mark.points) == (True, False, True, points)
        assert (cell.metadata.deletable, cell.metadata.editable) == (False, False)
    for name in LABS[lab].outcomes:
        assert name not in found


def test_discussion_cells_are_markdown_graded_by_hand(lab, released):
    for name, points in LABS[lab].discussion.items():
        cell, mark = marks(released)[name]
        assert cell.cell_type == "markdown"
        assert (mark.grade, mark.solution, mark.points) == (True, True, points)
        assert "Rubric" not in cell.source


def test_points_add_up_to_sixty_twentyfive_and_fifteen(lab, released):
    points = {name: mark.points for name, (_, mark) in marks(released).items() if mark.grade}
    policy = LABS[lab]
    components, outcomes, discussion = (80, 0, 20) if lab == "compare" else (60, 25, 15)
    assert sum(points[f"check_{name}"] for name in policy.components) == components
    assert sum(points[f"check_{name}"] for name in policy.outcomes) == outcomes
    assert sum(points[name] for name in policy.discussion) == discussion
    assert sum(points.values()) == 100


def test_no_line_of_a_solution_leaves_with_the_release(lab, instructor, released):
    assert "SOLUTION" not in "\n".join(cell.source for cell in released.cells)
    stubs = {cell.id: cell.source for cell in released.cells}
    regions = 0
    for cell in instructor.cells:
        for region in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, flags=re.S):
            regions += 1
            for line in filter(None, map(str.strip, region.splitlines())):
                assert line not in stubs[cell.id]
    # Classes have two regions, functions and discussion answers one.
    assert regions == {"ae": 13, "vae": 16, "gan": 15, "compare": 7}[lab]


def test_the_release_is_clean_and_says_which_lab_it_is(lab, released):
    assert released.metadata.genlab.lab == lab
    assert released.metadata.genlab.version
    assert all(not c.outputs and c.execution_count is None for c in released.cells if c.cell_type == "code")
    assert len({cell.id for cell in released.cells}) == len(released.cells)


def test_long_training_is_tagged_and_nothing_else_is(released):
    for cell in released.cells:
        trains = (
            cell.cell_type == "code"
            and re.search(r"\b(fit|fit_gan|train_vae|train_gan|broken_gan)\(", cell.source) is not None
        )
        assert ("train" in cell.metadata.get("tags", [])) == trains


def test_every_figure_has_words_and_every_exercise_its_level_and_time(lab, released):
    shown = [c for c in released.cells if c.cell_type == "code" and "plotting.show(" in c.source]
    assert len(shown) >= 6
    for cell in shown:
        assert cell.source.count("plotting.show(") == len(re.findall(r'alt="[^"]{30,}"', cell.source))
    text = "\n".join(c.source for c in released.cells if c.cell_type == "markdown")
    exercises = re.findall(
        r"^## Exercise \d+: `(\w+)`\n\n\*Difficulty (\d) of 4, about \d+ minutes\.\*", text, re.M
    )
    assert [name for name, _ in exercises] == list(LABS[lab].components)
    assert text.count("<summary>Hint</summary>") == len(exercises)
    assert text.count("<details>") == text.count("</details>")


def test_a_change_elsewhere_keeps_the_ids_of_the_other_cells(lab, instructor, monkeypatch):
    changed = source.read(lab)
    changed.cells[1].source += "\nOne more sentence."
    gone = next(cell.source for cell in changed.cells[5:] if cell.cell_type == "markdown")
    changed.cells = [cell for cell in changed.cells if cell.source != gone]
    monkeypatch.setattr(source, "read", lambda lab: changed)
    before = [c.id for c in instructor.cells if c.source != gone]
    after = [c.id for c in build.instructor_notebook(lab).cells]
    assert after[0] == before[0]
    assert after[1] != before[1]
    assert after[2:] == before[2:]
    assert len(after) == len(instructor.cells) - 1


def test_points_of_another_policy_are_stamped(lab):
    parts = ("components", "outcomes", "discussion")
    doubled = {part: {n: 2 * p for n, p in getattr(LABS[lab], part).items()} for part in parts}
    notebook = build.instructor_notebook(lab, LabPolicy(**doubled))
    assert sum(mark.points for _, mark in marks(notebook).values() if mark.grade) == 200


def test_a_policy_that_asks_for_another_component_is_refused_by_name(lab):
    policy = LABS[lab]
    more = LabPolicy(policy.components | {"Diffusion": 5}, policy.outcomes, policy.discussion)
    with pytest.raises(build.SourceError, match="check_Diffusion"):
        build.instructor_notebook(lab, more)
    name, *others = policy.components
    fewer = LabPolicy({n: policy.components[n] for n in others}, policy.outcomes, policy.discussion)
    with pytest.raises(build.SourceError, match=f"check_{name}"):
        build.instructor_notebook(lab, fewer)
