"""Make the examples that stand in for the outputs of a lab: `python -m solutions.make_examples [--only LAB]`.

Later labs draw from what a student's earlier notebook saved. Where that is missing, they use these: what the
lab's own notebook saves when it is run with the reference solutions, tables in half precision, so that a file
stays small. `ae` and `vae` take less than a minute, `gan` about 12. The outputs of a lab that ran lie in
`build/examples/`, and a second call only packs them: delete them to run the lab again.

One core does it all, and the seconds in the examples are seconds of that core, so that they tell what a
training costs and not what else the machine was doing.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from course import __version__
from course.checkpoint import EXAMPLES
from solutions.source import read

FOLDER = Path("build/examples")
# What lab 4 compares, of each lab.
COMPARED = (
    "sample_features",
    "sample_labels",
    "sample_pictures",
    "parameters",
    "seconds_training",
    "seconds_sampling",
)
DIGITS = (*COMPARED, "codes", "labels", "copies", "reconstruction_error", "history.loss", "history.test_loss")
# What later labs show or measure of each lab; lab 2 shows pictures of lab 1.
KEPT = {
    "ae": (*DIGITS, "examples", "reconstructions", "interpolation", "samples"),
    "vae": (*DIGITS, "negative_elbo"),
    "gan": (*COMPARED, "test_steps", "history.test_distance"),
}


def main(arguments: list[str] | None = None) -> None:
    """Run the notebooks as scripts, and keep a part of their outputs."""
    parser = argparse.ArgumentParser(
        prog="python -m solutions.make_examples", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--only", choices=KEPT, help="make the examples of just this lab")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the outputs of labs that ran lie")
    options = parser.parse_args(arguments)
    for lab in [options.only] if options.only else KEPT:
        folder = options.folder.resolve() / lab
        outputs = folder / f"{lab}_outputs.safetensors"
        if outputs.exists():
            print(f"{lab}: ran already, {outputs}")
        else:
            folder.mkdir(parents=True, exist_ok=True)
            run(lab, folder)
        path = EXAMPLES / f"{lab}_example.safetensors"
        save_file(small(load_file(outputs), lab), path, metadata={"lab": lab, "version": __version__})
        path.chmod(0o644)  # safetensors makes a file that only its owner may read
        print(f"{path.name}: {path.stat().st_size / 1e3:.0f} KB, {', '.join(KEPT[lab])}")


def small(outputs: dict[str, torch.Tensor], lab: str) -> dict[str, torch.Tensor]:
    """What is kept of a lab's outputs; tables in half precision, where they are not whole numbers."""
    kept = {name: outputs[name] for name in KEPT[lab]}
    return {
        name: (tensor.half() if tensor.is_floating_point() and tensor.ndim > 1 else tensor).contiguous()
        for name, tensor in kept.items()
    }


def run(lab: str, folder: Path) -> None:
    """Run the cells of `solutions/<lab>.py` but for the checks; what they save lies in the folder then."""
    home, clock, threads = Path.cwd(), time.perf_counter, torch.get_num_threads()
    namespace: dict[str, Any] = {"__name__": f"solutions.{lab}"}
    os.chdir(folder)
    torch.set_num_threads(1)
    time.perf_counter = time.process_time  # what `fit` and `seconds_for` read
    try:
        for cell in read(lab).cells:
            if cell.cell_type == "code" and not cell.source.startswith("check("):
                exec(compile(cell.source, f"solutions/{lab}.py", "exec"), namespace)
    finally:
        os.chdir(home)
        torch.set_num_threads(threads)
        time.perf_counter = clock


if __name__ == "__main__":
    main()
