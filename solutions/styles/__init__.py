"""Right implementations of every component, in many styles: none may lose a point.

The audit makes complete solutions of them; the tests grade each by itself. Student code like any other: nothing in the
grader or in the notebooks follows it.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping

PARTS = {
    "ae": ("ae",),
    "vae": ("vae_networks", "vae_functions"),
    "gan": ("gan_networks", "gan_functions"),
    "compare": ("compare",),
}


def load_styles(lab: str) -> Mapping[str, Mapping[str, str]]:
    """By component, then by style in words: the text a student would write.

    Raises:
        KeyError: there is no such lab.
    """
    found: dict[str, Mapping[str, str]] = {}
    for part in PARTS[lab]:
        found |= importlib.import_module(f"solutions.styles.{part}").RIGHT
    return found
