"""How long does a clean run of a lab's notebook take? `python -m solutions.clean_run [--only LAB]`.

Runs the notebook with all solutions in place from top to bottom in a kernel of its own, at full length, and
notes the seconds in `solutions/clean_runs.json`, from which the build writes a sentence into the notebook. On a CPU
what counts are the seconds that the kernel computed, which other programs on the machine hardly change; on a GPU
those that passed. Give `OMP_NUM_THREADS=1` to measure one core. The GAN takes 10 to 20 minutes.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from autograder import __version__
from solutions.source import LABS

FILE = Path(__file__).with_name("clean_runs.json")
# Asked of the kernel when all cells have run.
LAST_CELL = """\
import json as _json, time as _time, torch as _torch
print(_json.dumps({"device": "cuda" if _torch.cuda.is_available() else "cpu", "torch": _torch.__version__,
                   "computed": _time.process_time(), "threads": _torch.get_num_threads()}))"""


def measure(notebook: nbformat.NotebookNode) -> tuple[str, dict[str, Any]]:
    """Run a notebook, which is changed; returns the kind of device and what was measured there."""
    notebook.cells.append(nbformat.v4.new_code_cell(LAST_CELL))
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        resources = {"metadata": {"path": folder}}
        NotebookClient(notebook, timeout=None, kernel_name="python3", resources=resources).execute()
        passed = time.monotonic() - began
    told = json.loads(notebook.cells[-1].outputs[0].text)
    seconds = passed if told["device"] == "cuda" else told["computed"]
    figures = {"seconds": round(seconds, 1), "passed": round(passed, 1), "threads": told["threads"]}
    return told["device"], figures | {"torch": told["torch"], "genlab": __version__}


def sentence(lab: str, file: Path = FILE) -> str:
    """What a notebook says of its own clean run: on a CPU and on a GPU, and that it is not known where it is not."""
    known = json.loads(file.read_text(encoding="utf-8")).get(lab, {}) if file.exists() else {}
    on_cpu, on_gpu = known.get("cpu"), known.get("cuda")
    cpu = "on a CPU it has not been measured"
    if on_cpu:
        cores = "one core" if on_cpu["threads"] == 1 else f"{on_cpu['threads']} cores"
        cpu = f"it takes about {_in_words(on_cpu['seconds'])} on {cores} of a CPU"
    gpu = f"about {_in_words(on_gpu['seconds'])} on a GPU" if on_gpu else "on a GPU it has not been measured"
    return f"**A clean run** of the whole notebook, with every exercise written: {cpu}; {gpu}."


def _in_words(seconds: float) -> str:
    if seconds < 90:
        return f"{max(10, round(seconds, -1)):.0f} seconds"
    return f"{seconds / 60:.0f} minutes"


def main(arguments: list[str] | None = None) -> None:
    """Measure the labs one after the other, each noted as soon as it is known."""
    from solutions.build import instructor_notebook  # which asks this module for the sentence

    parser = argparse.ArgumentParser(
        prog="python -m solutions.clean_run", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--only", choices=LABS, help="measure just this lab")
    only = parser.parse_args(arguments).only
    for lab in [only] if only else LABS:
        device, figures = measure(instructor_notebook(lab))
        known = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
        known[lab] = known.get(lab, {}) | {device: figures}
        FILE.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
        print(f"{lab} on {device}: {figures}")


if __name__ == "__main__":
    main()
