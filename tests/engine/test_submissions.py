"""Finding and reading submissions: whatever lies there, an answer in words and never a traceback."""

from __future__ import annotations

import json

import pytest

from autograder.submissions import SubmissionError, find_submissions, read_notebook
from tests.labs.ae_base import IMPORTS, RIGHT, code_cell, solution_notebook, write_notebook


def test_a_tree_of_submissions_gives_students_and_labs(tmp_path):
    for student in ("anna", "ben"):
        solution_notebook(tmp_path / student / "ae" / "ae.ipynb")
    found = find_submissions(tmp_path)
    assert [(s.student, s.lab) for s in found] == [("anna", "ae"), ("ben", "ae")]


def test_a_students_folder_and_a_lone_notebook_are_found(tmp_path):
    notebook = solution_notebook(tmp_path / "anna" / "ae" / "ae.ipynb")
    assert [s.student for s in find_submissions(tmp_path / "anna")] == ["anna"]
    assert [(s.student, s.notebook) for s in find_submissions(notebook)] == [("anna", notebook)]


def test_a_browsers_second_copy_is_found_under_its_odd_name(tmp_path):
    notebook = solution_notebook(tmp_path / "anna" / "ae" / "ae (1).ipynb")
    assert [s.notebook for s in find_submissions(tmp_path)] == [notebook]


def test_of_two_notebooks_of_a_lab_the_one_with_its_name_counts(tmp_path):
    solution_notebook(tmp_path / "anna" / "ae" / "ae-Copy1.ipynb")
    notebook = solution_notebook(tmp_path / "anna" / "ae" / "ae.ipynb")
    solution_notebook(tmp_path / "anna" / "ae" / ".ipynb_checkpoints" / "ae-checkpoint.ipynb")
    assert [s.notebook for s in find_submissions(tmp_path)] == [notebook]


@pytest.mark.parametrize("path", ["nothing-here", "."])
def test_a_place_without_notebooks_is_refused_with_its_name(tmp_path, path):
    with pytest.raises(SubmissionError, match=r"no such file|no notebook"):
        find_submissions(tmp_path / path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b'{"cells": [', "JSON is broken"),
        (b"\x89PNG\r\n\x1a\n", "JSON is broken"),
        (b"[" * 100_000, "JSON is broken"),
        (b"[1, 2]", "not a notebook"),
        (b'{"a": 1}', "no list of cells"),
        (b'{"cells": {"a": 1}}', "no list of cells"),
        (b'{"cells": []}', "no notebook of this course"),
        (b'{"cells": [], "metadata": {"genlab": {"lab": ["ae"]}}}', "no notebook of this course"),
        (b'{"worksheets": [{"cells": 5}, {"cells": null}]}', "no notebook of this course"),
        (
            b'{"cells": [null, 3, "x", {"cell_type": "code"}, {"cell_type": "code", "source": 7, "metadata": []}]}',
            "no notebook of this course",
        ),
    ],
)
def test_a_file_that_is_no_notebook_says_why(tmp_path, content, words):
    path = tmp_path / "ae.ipynb"
    path.write_bytes(content)
    assert words in read_notebook(path).problem


def test_a_notebook_beyond_the_size_limit_is_told_so(tmp_path):
    path = solution_notebook(tmp_path / "ae.ipynb")
    assert "larger than" in read_notebook(path, limit_mb=0.0001).problem


def test_fifty_megabytes_of_outputs_do_not_matter(tmp_path):
    path = solution_notebook(tmp_path / "ae.ipynb")
    content = json.loads(path.read_text())
    content["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 50_000_000}]
    path.write_text(json.dumps(content))
    assert read_notebook(path).lab == "ae"


def test_the_lab_is_told_by_metadata_then_ids_then_names_never_by_the_file(tmp_path):
    vae = [code_cell("def kl_divergence(mu, logvar):\n    pass\nclass Encoder: pass\nclass Decoder: pass")]
    assert read_notebook(write_notebook(tmp_path / "ae.ipynb", vae, lab=None)).lab == "vae"
    assert read_notebook(write_notebook(tmp_path / "gan.ipynb", vae, lab="ae")).lab == "ae"
    named = [code_cell(IMPORTS), *(code_cell(source) for source in RIGHT.values())]
    assert read_notebook(write_notebook(tmp_path / "vae.ipynb", named, lab=None)).lab == "ae"


def test_a_notebook_of_the_third_format_and_with_a_byte_order_mark_is_read(tmp_path):
    path = tmp_path / "ae.ipynb"
    cells = [{"cell_type": "code", "input": source, "outputs": []} for source in RIGHT.values()]
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3}).encode())
    assert read_notebook(path).lab == "ae"


def test_a_lone_surrogate_in_a_source_is_survived(tmp_path):
    path = write_notebook(tmp_path / "ae.ipynb", [code_cell("x = '\ud800'")])
    read_notebook(path).cells[0].source.encode("utf-8")


def test_a_folder_named_like_a_notebook_is_no_submission(tmp_path):
    solution_notebook(tmp_path / "anna" / "ae" / "ae.ipynb")
    (tmp_path / "anna" / "ae" / "zzz.ipynb").mkdir()
    assert len(find_submissions(tmp_path)) == 1
