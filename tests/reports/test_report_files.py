"""Files: in one step, under safe names, in the documented JSON."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
import report_examples as examples
from hypothesis import given
from hypothesis import strategies as st

from autograder.reports.files import safe_name, write_atomically
from autograder.reports.json_file import write_json
from autograder.reports.model import document


def test_a_file_is_replaced_as_a_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.json"
    write_atomically(path, "first, and longer")
    with path.open() as reader:  # somebody who is reading keeps the old file
        write_atomically(path, "second")
        assert reader.read() == "first, and longer"
    assert path.read_text() == "second"
    assert list(path.parent.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path: Path) -> None:
    path = write_atomically(tmp_path / "report.html", "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "half a page \ud800")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX systems")
def test_a_result_is_as_readable_as_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    path = write_atomically(tmp_path / "result", "x")
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


@given(st.text(), st.text())
def test_a_safe_name_is_plain_and_short_whatever_the_student_is_called(student: str, lab: str) -> None:
    name = safe_name(student, lab)
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert 8 <= len(name) <= 49
    assert not name.startswith("-")
    assert name == safe_name(student, lab)


def test_names_that_look_alike_stay_apart() -> None:
    students = ["Ana", "ANA", "aña", "王", "李", "", "a/b", "a b", "../ana"]
    assert len({safe_name(student, "ae") for student in students}) == len(students)
    assert safe_name("Zoë Müller, B.", "ae").startswith("zoe-muller-b-ae-")


def test_the_json_document_has_the_documented_shape(tmp_path: Path) -> None:
    reports = [examples.full_report(), examples.ungradable(), examples.hostile()]
    written = document(reports, seed=7, policy="default", versions={"genlab": "0.1.0"})
    read = json.loads(write_json(tmp_path / "out.json", written).read_text())
    assert read["schema"] == 1
    assert [report["status"] for report in read["reports"]] == ["graded", "ungradable", "graded"]
    assert read["reports"][1]["score"] is None
    first = read["reports"][0]
    assert first["student"] == "Zoë Müller, B."
    assert set(first["components"][0]) == {"name", "status", "score", "max_score", "findings"}
    assert first["components"][-1]["score"] is None


def test_a_number_that_json_cannot_say_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "out.json", {"score": float("nan")})
    assert list(tmp_path.iterdir()) == []
