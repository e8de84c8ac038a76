"""Import torchvision, also where its compiled operators do not match the installed torch.

The labs only need `torchvision.datasets`, which is plain Python. Yet `import torchvision` fails with
`RuntimeError: operator torchvision::nms does not exist` when its compiled part cannot be loaded, for
instance a CPU build of torch beside the torchvision of PyPI. Declaring the operator's signature is
enough for the import: nothing in the labs ever calls it.
"""

from __future__ import annotations

import importlib
import re
import sys
from types import ModuleType

import torch

# Signatures as in torchvision's own C++ sources, torchvision/csrc/ops/nms.cpp.
_SCHEMAS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}
# A declaration lives as long as the object that made it.
_declared: dict[str, torch.library.Library] = {}


def import_torchvision() -> ModuleType:
    """Return the module `torchvision` with `torchvision.datasets` loaded.

    Raises:
        ImportError: torchvision is not installed.
        RuntimeError: torchvision and torch do not fit in a way that this function cannot mend.
    """
    while True:
        try:
            importlib.import_module("torchvision.datasets")
        except RuntimeError as error:
            missing = re.search(r"operator torchvision::(\w+) does not exist", str(error))
            name = missing.group(1) if missing else ""
            if name not in _SCHEMAS or name in _declared:
                raise RuntimeError(
                    f"torchvision does not fit the installed torch {torch.__version__}: {error}. "
                    "Install both together: pip install --upgrade torch torchvision"
                ) from error
            _declared[name] = library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore
            library.define(_SCHEMAS[name])  # type: ignore[no-untyped-call]
            # What the failed import left behind would hide the mended parts.
            for module in [m for m in sys.modules if m.partition(".")[0] == "torchvision"]:
                del sys.modules[module]
        else:
            return sys.modules["torchvision"]
