"""What Colab, Kaggle and VS Code make of a notebook, and what students write into it there.

Each function takes a notebook as JSON and returns a new one; the first notebook stays as it is.
"""

from __future__ import annotations

import copy
import json
import re
from typing import Any

Notebook = dict[str, Any]
Cell = dict[str, Any]

DRIVE = """\
from google.colab import drive
drive.mount('/content/drive')
%cd /content/drive/MyDrive/labs
"""
DOWNLOAD = "from google.colab import files, userdata\nfiles.download('model.safetensors')"
KAGGLE = """\
# This Python 3 environment comes with many helpful analytics libraries installed
import numpy as np # linear algebra
import pandas as pd # data processing, CSV file I/O (e.g. pd.read_csv)

# Input data files are available in the read-only "../input/" directory
import os
for dirname, _, filenames in os.walk('/kaggle/input'):
    for filename in filenames:
        print(os.path.join(dirname, filename))
"""
PICTURE = {
    "output_type": "display_data",
    "data": {"image/png": "iVBORw0KGgoAAAANSUhEUg==", "text/plain": ["<Figure size 640x480 with 1 Axes>"]},
    "metadata": {},
}


def colab(notebook: Notebook) -> Notebook:
    """From Google Colab: no ids, tags or nbgrader's marks left; a GPU in the code; Drive, pip and magics."""
    cells = _on_a_gpu(_bare(notebook))
    imports = _imports(cells)
    cells[imports]["source"] = DRIVE + cells[imports]["source"]
    cells.insert(
        imports, _code("!pip install -q genlab-0.1.0-py3-none-any.whl\n%matplotlib inline\n!nvidia-smi")
    )
    for place, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            if "def " in cell["source"] or "fit" in cell["source"]:
                cell["source"] = f'#@title Part {place} {{ display-mode: "form" }}\n' + cell["source"]
            if "fit(" in cell["source"] or "fit_gan(" in cell["source"]:
                cell["source"] = "%%time\n" + cell["source"]
            cell["outputs"], cell["execution_count"] = [copy.deepcopy(PICTURE)], place
        cell["metadata"] = {"id": f"kQ{place:02d}xYz", "outputId": f"b1-{place}", "colab": {"base_uri": "x"}}
    cells.append(_code(DOWNLOAD))
    metadata = {
        "colab": {"provenance": [], "gpuType": "T4", "name": "Copy of lab.ipynb"},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "accelerator": "GPU",
    }
    return _notebook(cells, metadata, minor=0)


def kaggle(notebook: Notebook) -> Notebook:
    """From Kaggle: no ids, tags or marks left; paths of /kaggle; cells merged, and imports moved to the top."""
    cells = _on_a_gpu(_bare(notebook))
    imports = cells.pop(_imports(cells))
    imports["source"] = f"import os\nos.chdir('/kaggle/working')\n{imports['source']}"
    cells.insert(0, imports)
    cells.insert(0, _code(KAGGLE))
    cells.insert(2, _code("sheet = pd.read_csv('/kaggle/input/labs/sheet.csv')\nsheet.head()"))
    merged: list[Cell] = []
    for cell in cells:
        check = cell["cell_type"] == "code" and cell["source"].startswith("check(")
        if check and merged and merged[-1]["cell_type"] == "code":
            merged[-1]["source"] += "\n\n" + cell["source"]
        else:
            merged.append(cell)
    for place, cell in enumerate(merged):
        cell["metadata"] = {"_uuid": f"8f2839f2{place}", "_cell_guid": f"b1076dfc{place}", "trusted": True}
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python", "version": "3.11.13", "pygments_lexer": "ipython3"},
        "kaggle": {"accelerator": "nvidiaTeslaT4", "dataSources": [], "isInternetEnabled": True,
                   "language": "python", "sourceType": "notebook", "isGpuEnabled": True},
    }  # fmt: skip
    return _notebook(merged, metadata, minor=4)


def vs_code(notebook: Notebook) -> Notebook:
    """From VS Code: marks and tags are there, ids are not, and a kernel that is called after a folder."""
    cells = copy.deepcopy(notebook["cells"])
    for cell in cells:
        cell.pop("id", None)
        cell["metadata"]["vscode"] = {"languageId": "python" if cell["cell_type"] == "code" else "markdown"}
        if cell["cell_type"] == "code":
            cell["outputs"] = [copy.deepcopy(PICTURE)]
    cells.insert(_imports(cells), _code("%load_ext autoreload\n%autoreload 2\n%pip install -q ipywidgets"))
    metadata = copy.deepcopy(notebook["metadata"]) | {
        "kernelspec": {"display_name": ".venv (3.12.3)", "language": "python", "name": "venv"},
        "language_info": {"name": "python", "version": "3.12.3", "mimetype": "text/x-python"},
        "orig_nbformat": 4,
    }
    return _notebook(cells, metadata, minor=2)


def _bare(notebook: Notebook) -> list[Cell]:
    """The cells without ids and metadata."""
    cells = copy.deepcopy(notebook["cells"])
    for cell in cells:
        cell.pop("id", None)
        cell["metadata"] = {}
        cell["source"] = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
    return cells


def _on_a_gpu(cells: list[Cell]) -> list[Cell]:
    """What students change when they have a GPU: its name stands where a device could be asked for."""
    for cell in cells:
        if cell["cell_type"] == "code":
            source = re.sub(r"DEVICE = device\(\).*", 'DEVICE = torch.device("cuda")', cell["source"])
            source = source.replace(".to(DEVICE)", '.to("cuda")')
            source = re.sub(r"device=(real|z_start)\.device", 'device="cuda"', source)
            source = source.replace("model.train()\n", "model.train().cuda()\n")
            source = re.sub(r"(torch\.randn_like\(\w+)\)", r'\1, device="cuda:0")', source)
            cell["source"] = source
    return cells


def _imports(cells: list[Cell]) -> int:
    """The place of the cell with the lab's own imports."""
    return next(
        place
        for place, cell in enumerate(cells)
        if cell["cell_type"] == "code" and "from course import (" in "".join(cell["source"])
    )


def _code(source: str) -> Cell:
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source}


def _notebook(cells: list[Cell], metadata: dict[str, Any], minor: int) -> Notebook:
    """With sources as lists of lines, as all of these tools write them."""
    for cell in cells:
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)
    return json.loads(
        json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": minor})
    )
