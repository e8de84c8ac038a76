"""The anatomy of a lab, as a student meets it: exercises, figures, what is folded, and what stands at the top."""

from __future__ import annotations

import ast
import re

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.policy import load_policy
from solutions import away, build, clean_run, source

EXERCISE = re.compile(
    r"^## Exercise (\d+): `(\w+)`\n\n\*Difficulty ([1-4]) of 4, about (\d+) minutes\.\*\n\n(.+)", re.S
)
FIGURE = re.compile(r"\bplotting\.show(?:_animation)?\(")
TO_SEE = re.compile(r"\*\*(What to see|How to read it)")
FOLD = re.compile(r"<details>\s*<summary>(.*?)</summary>(.*?)</details>", re.S)


@pytest.fixture(scope="module", params=source.LABS)
def lab(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def cells(lab: str) -> list[NotebookNode]:
    """The cells of the released notebook, as the sources give it now."""
    return build.student_notebook(build.instructor_notebook(lab)).cells


@pytest.fixture(scope="module")
def exercises(cells: list[NotebookNode]) -> dict[str, list[NotebookNode]]:
    """The cells from each exercise's heading to the next heading of that level, by component."""
    found: dict[str, list[NotebookNode]] = {}
    current: list[NotebookNode] | None = None
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            match = re.match(r"## Exercise \d+: `(\w+)`", cell.source)
            current = found.setdefault(match[1], []) if match else None
        if current is not None:
            current.append(cell)
    return found


def folds(section: list[NotebookNode]) -> list[tuple[str, str]]:
    """(summary, text) of everything folded in a section, in order."""
    text = "\n".join(cell.source for cell in section if cell.cell_type == "markdown")
    return [(summary, inside) for summary, inside in FOLD.findall(text)]


def stub(section: list[NotebookNode], name: str) -> NotebookNode:
    return next(cell for cell in section if cell.metadata.get("nbgrader", {}).get("grade_id") == name)


def test_there_is_one_exercise_for_each_component_numbered_in_order(lab, exercises):
    assert list(exercises) == list(load_policy().labs[lab].components)
    numbers = [int(EXERCISE.match(section[0].source)[1]) for section in exercises.values()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_an_exercise_tells_its_level_its_minutes_and_then_what_to_do_and_why(exercises):
    for name, section in exercises.items():
        match = EXERCISE.match(section[0].source)
        assert match, name
        assert 5 <= int(match[4]) <= 60, name
        assert len(match[5].split()) >= 30, name
        between = section[: section.index(stub(section, name))]
        assert all(cell.cell_type == "markdown" or "grade_id" not in cell.source for cell in between), name


def test_a_stub_is_typed_says_its_shapes_and_raises_until_it_is_written(exercises):
    for name, section in exercises.items():
        (definition,) = ast.parse(stub(section, name).source).body
        assert ast.get_docstring(definition), name
        functions = [node for node in ast.walk(definition) if isinstance(node, ast.FunctionDef)]
        assert "NotImplementedError" in {n.id for n in ast.walk(definition) if isinstance(n, ast.Name)}, name
        for function in functions:
            arguments = [*function.args.args, *function.args.kwonlyargs]
            untyped = [a.arg for a in arguments if a.annotation is None and a.arg != "self"]
            assert (untyped, function.returns is None) == ([], False), f"{name}: {function.name}"


def test_docstrings_of_stubs_give_shapes_of_tensors(exercises):
    for name, section in exercises.items():
        source = stub(section, name).source
        if "torch.Tensor" in source or "(nn.Module)" in source:
            (definition,) = ast.parse(source).body
            assert re.search(r"\((?:N|B|n|steps|\d)[^)]*[,)]", ast.get_docstring(definition)), name


def test_the_check_stands_right_below_the_stub(exercises):
    for name, section in exercises.items():
        below = section[section.index(stub(section, name)) + 1]
        assert below.source == f'check("{name}")'


def test_a_hint_is_the_first_thing_that_is_folded_and_nothing_is_open_from_the_start(exercises):
    for name, section in exercises.items():
        titles = [summary for summary, _ in folds(section)]
        assert titles, name
        assert titles[0] == "Hint", name
        assert "<details open" not in "".join(cell.source for cell in section)


def test_the_first_hint_is_not_the_answer_itself(lab, exercises):
    answers = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in build.instructor_notebook(lab).cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    }
    for name, section in exercises.items():
        lines = [
            line.strip().removesuffix(",")
            for region in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", answers[name], re.S)
            for line in region.splitlines()
            if len(line.strip()) > 20
        ]
        hint = folds(section)[0][1]
        if len(lines) > 2:
            assert sum(line in hint for line in lines) <= len(lines) / 2, name


def test_an_exercise_tells_what_should_come_out(exercises):
    for name, section in exercises.items():
        expected = [text for summary, text in folds(section) if summary == "What you should see"]
        assert len(expected) == 1, name
        assert len(expected[0].split()) >= 8, name


def test_every_figure_has_words_for_who_cannot_see_it(cells):
    for cell in cells:
        if cell.cell_type == "code" and FIGURE.search(cell.source):
            alternatives = re.findall(r'\balt=\(?\s*f?"([^"]{30,})"', cell.source)
            assert len(alternatives) == len(FIGURE.findall(cell.source)), cell.source


def test_every_figure_is_followed_or_preceded_by_what_to_see(cells):
    for place, cell in enumerate(cells):
        if cell.cell_type == "code" and FIGURE.search(cell.source):
            text = [c.source if c.cell_type == "markdown" else "" for c in cells]
            above = next(filter(None, reversed(text[:place])), "")
            below = next(filter(None, text[place:]), "")
            assert TO_SEE.search(above) or TO_SEE.search(below), f"nothing on what to see in\n{cell.source}"


def test_markdown_tells_of_folds_that_close(cells):
    for cell in cells:
        assert (
            cell.source.count("<details>")
            == cell.source.count("</details>")
            == len(FOLD.findall(cell.source))
        )


def test_the_top_says_how_long_a_student_and_a_clean_run_take(lab, cells):
    top = cells[0].source
    assert re.search(r"All in all: about .+ hours?", top)
    assert clean_run.sentence(lab) in top


def test_what_was_not_measured_is_not_claimed(tmp_path):
    file = tmp_path / "runs.json"
    assert clean_run.sentence("ae", file).count("not been measured") == 2
    file.write_text('{"ae": {"cpu": {"seconds": 71.0, "threads": 1}, "cuda": {"seconds": 240.0}}}')
    assert "about 70 seconds on one core of a CPU; about 4 minutes on a GPU" in clean_run.sentence("ae", file)
    assert clean_run.sentence("vae", file).count("not been measured") == 2


def test_a_clean_run_is_timed_by_the_kernel_that_runs_it():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("sum(range(10**6))")])
    device, figures = clean_run.measure(notebook)
    assert device in ("cpu", "cuda")
    assert figures["seconds"] > 0
    assert figures["threads"] >= 1


def test_links_open_this_very_notebook_at_this_very_version(lab, cells):
    address = away.repository()
    title, blank, links, *_ = cells[0].source.splitlines()
    assert title.startswith("# Lab ")
    assert blank == ""
    assert links == away.links(lab, address)
    targets = dict(re.findall(r"\[(\w+)\]\((\S+)\)", links))
    assert list(targets) == ["Colab", "Kaggle", "Binder"]
    for target in targets.values():
        path = re.search(r"(?:blob|tree)/(?:v[\d.]+/)?(course/\S+\.ipynb)$", target)[1]
        assert (build.REPOSITORY / path).is_file()
        assert "v0.1.0".replace("0.1.0", away.__version__) in target
    assert "<img" not in links
    assert "![" not in links


def test_the_first_code_cell_installs_only_from_the_release_and_packages_that_we_depend_on(cells):
    first = next(cell for cell in cells if cell.cell_type == "code")
    assert first.source == away.first_cell(away.repository())
    installs = [line.split()[3:] for line in first.source.splitlines() if "%pip install" in line]
    (_, wheel), names = installs
    assert wheel == away.release(away.repository())
    project = (build.REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    assert all(re.search(rf'^    "{name}>=', project, re.M) for name in names)
    assert not {"genlab", "course", "autograder"} & set(names)


def test_the_address_is_one_setting_and_only_ours_until_it_is_changed(tmp_path):
    # No account on GitHub can have a dot in its name, so nobody can put another course at the placeholder.
    owner = away.repository().split("/")[3]
    assert "." in owner or owner != "genlab.example.org"
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text('[project.urls]\nRepository = "https://github.com/kit/labs.git"\n')
    assert away.repository(pyproject) == "https://github.com/kit/labs"
    pyproject.write_text('[project]\nname = "genlab"\n')
    assert away.repository(pyproject) is None
    pyproject.write_text('[project.urls]\nRepository = "https://gitlab.example.org/kit/labs"\n')
    with pytest.raises(away.AddressError, match=r"expected https://github\.com"):
        away.repository(pyproject)


def test_without_an_address_a_notebook_has_no_links_and_installs_nothing(lab, monkeypatch):
    monkeypatch.setattr(away, "repository", lambda: None)
    text = "\n".join(cell.source for cell in build.instructor_notebook(lab).cells)
    assert "Open in" not in text
    assert "pip install" not in text
    assert build.shared_outputs() == {}


def test_another_address_leaves_the_ids_of_all_cells_but_the_first_code_cell(lab, monkeypatch):
    before = [cell.id for cell in build.instructor_notebook(lab).cells]
    monkeypatch.setattr(away, "repository", lambda: "https://github.com/kit/labs")
    assert [cell.id for cell in build.instructor_notebook(lab).cells] == before


def test_notebooks_carry_what_jupyterlab_notebook_and_vs_code_read(lab):
    notebook = nbformat.read(
        build.REPOSITORY / "course" / lab / f"{lab}.ipynb", as_version=nbformat.NO_CONVERT
    )
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec == {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    }
    assert notebook.metadata.language_info.name == "python"  # VS Code picks its language by this
    for cell in notebook.cells:
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell.id)
