"""`genlab start` copies notebooks and never overwrites what a student wrote."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import course
from course.start import copy_notebooks, start


def release(folder, text):
    (folder / "ae").mkdir(parents=True, exist_ok=True)
    (folder / "ae" / "ae.ipynb").write_text(text)
    return folder


def test_notebooks_are_copied_into_a_folder_per_lab(tmp_path, capsys):
    assert start(tmp_path / "my labs", launch=False) == 0
    copied = tmp_path / "my labs" / "ae" / "ae.ipynb"
    assert copied.read_bytes() == (Path(course.__file__).parent / "ae" / "ae.ipynb").read_bytes()
    assert "Copied" in capsys.readouterr().out


def test_starting_again_keeps_the_students_work_and_says_so(tmp_path):
    source, target = release(tmp_path / "source", "release"), tmp_path / "target"
    copy_notebooks(target, source)
    (target / "ae" / "ae.ipynb").write_text("my work")
    lines = copy_notebooks(target, source)
    assert "Kept your" in lines[0]
    assert (target / "ae" / "ae.ipynb").read_text() == "my work"
    assert [p.name for p in (target / "ae").glob("*.ipynb")] == ["ae.ipynb"]


def test_a_newer_release_is_laid_beside_the_students_work_once(tmp_path):
    source, target = release(tmp_path / "source", "first"), tmp_path / "target"
    copy_notebooks(target, source)
    (target / "ae" / "ae.ipynb").write_text("my work")
    release(source, "second")
    assert "newer" in copy_notebooks(target, source)[0]
    assert (target / "ae" / "ae.new.ipynb").read_text() == "second"
    (target / "ae" / "ae.new.ipynb").write_text("my work on the newer one")
    assert "newer" not in copy_notebooks(target, source)[0]
    release(source, "third")
    copy_notebooks(target, source)
    assert (target / "ae" / "ae.ipynb").read_text() == "my work"
    assert (target / "ae" / "ae.new.ipynb").read_text() == "my work on the newer one"
    assert (target / "ae" / "ae.new2.ipynb").read_text() == "third"


def test_jupyterlab_opens_in_the_folder(tmp_path):
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from course.start import start; "
            "sys.exit(start(sys.argv[1], options=['--no-browser', '--ServerApp.port=0']))",
            str(tmp_path),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path / "config")},
    )
    seen = []
    try:
        deadline = time.monotonic() + 120
        for line in process.stdout:
            seen.append(line)
            if "is running at" in line or time.monotonic() > deadline:
                break
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
        process.stdout.close()
    text = "".join(seen)
    assert "is running at" in text, text
    assert f"Serving notebooks from local directory: {tmp_path}" in text
