"""Make the examples that stand in for the outputs of a lab: `python -m solutions.make_examples`.

Later labs draw from what a student's earlier notebook saved. Where that is missing, they use these: what the
lab's own notebook saves when it is run with the reference solutions, in half precision, so that a file stays
well under 200 KB. A lab takes about half a minute on two cores.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file

from course import __version__
from course.checkpoint import EXAMPLES
from solutions.source import read

# What later labs show of each lab.
KEPT = {
    "ae": ("history.loss", "history.test_loss", "examples", "reconstructions", "interpolation", "samples"),
}


def main() -> None:
    """Run the notebooks as scripts, and keep a part of their outputs."""
    for lab, names in KEPT.items():
        outputs = load_file(run(lab) / f"{lab}_outputs.safetensors")
        path = EXAMPLES / f"{lab}_example.safetensors"
        small = {name: outputs[name].half().contiguous() for name in names}
        save_file(small, path, metadata={"lab": lab, "version": __version__})
        path.chmod(0o644)  # safetensors makes a file that only its owner may read
        print(f"{path.name}: {path.stat().st_size / 1e3:.0f} KB, {', '.join(names)}")


def run(lab: str) -> Path:
    """Run the cells of `solutions/<lab>.py` but for the checks; return the folder of what they saved."""
    home, folder = Path.cwd(), Path(tempfile.mkdtemp(prefix=f"genlab-{lab}-"))
    namespace: dict[str, Any] = {"__name__": f"solutions.{lab}"}
    os.chdir(folder)
    try:
        for cell in read(lab).cells:
            if cell.cell_type == "code" and not cell.source.startswith("check("):
                exec(compile(cell.source, f"solutions/{lab}.py", "exec"), namespace)
    finally:
        os.chdir(home)
    return folder


if __name__ == "__main__":
    main()
