"""Packs what students get: `build/genlab-student.zip` with the released notebooks and genlab itself.

`make student-zip` runs it. The zip is complete: a student unpacks it, installs `requirements.txt` and
opens a notebook. Neither solutions nor tests are inside.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = """# genlab: the labs

You need Python 3.11 or newer. In a terminal, in this folder:

Linux and macOS

    python3 -m venv .venv
    .venv/bin/python -m pip install -r requirements.txt
    .venv/bin/genlab start notebooks

Windows

    py -m venv .venv
    .venv\\Scripts\\python -m pip install -r requirements.txt
    .venv\\Scripts\\genlab start notebooks

JupyterLab opens in your browser. Hand in the notebook, such as `ae.ipynb`, together with the file of weights
that it writes beside itself, such as `ae.safetensors`. Begin with `ae`, then `vae`.
"""


def build_wheel(folder: Path) -> Path:
    """The wheel of this checkout, built into `folder`."""
    shutil.rmtree(ROOT / "build" / "lib", ignore_errors=True)  # an old build's files would come along
    pip_wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    subprocess.run([*pip_wheel, "--wheel-dir", folder, ROOT], check=True)
    return next(folder.glob("genlab-*.whl"))


def pack(target: Path, wheel: Path | None = None) -> Path:
    """Write the zip, with `wheel` or one built now, and return its path."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(target, "w") as archive:
        wheel = wheel or build_wheel(Path(folder))
        archive.write(wheel, f"genlab/{wheel.name}")
        archive.writestr("genlab/requirements.txt", f"./{wheel.name}\n")
        archive.writestr("genlab/README.md", README)
        for notebook in sorted(ROOT.glob("course/*/*.ipynb")):
            archive.write(notebook, f"genlab/{notebook.parent.name}/{notebook.name}", zipfile.ZIP_DEFLATED)
    return target


if __name__ == "__main__":
    made = pack(ROOT / "build" / "genlab-student.zip")
    print(f"{made.relative_to(ROOT)}: {made.stat().st_size / 1e6:.1f} MB")
