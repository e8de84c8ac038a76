"""Makes the figures and numbers of the site from the labs' own code and from the committed calibration.

    python site/figures.py                   # all of them, about six minutes on one core
    python site/figures.py calibration       # only those of one part: ae, vae, gan, compare, calibration, results

What it writes into `site/docs/assets/` is committed; the pages show it and nothing else, so what the site
says is what the code did.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

import figures_ae  # noqa: E402  (the path above has to come first)
import figures_calibration  # noqa: E402
import figures_compare  # noqa: E402
import figures_gan  # noqa: E402
import figures_results  # noqa: E402
import figures_vae  # noqa: E402

PARTS = {
    "ae": figures_ae.make,
    "vae": figures_vae.make,
    "gan": figures_gan.make,
    "compare": figures_compare.make,
    "calibration": figures_calibration.make,
    "results": figures_results.make,
}


def main() -> None:
    """Make the parts that the command line names, or all."""
    parser = argparse.ArgumentParser(description="Make the figures and numbers of the site.")
    parser.add_argument("parts", nargs="*", help=f"any of {', '.join(PARTS)}; all where none is named")
    parts = parser.parse_args().parts or list(PARTS)
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    torch.set_num_threads(1)  # sums in a fixed order: the same machine gives the same figures again
    for part in parts:
        PARTS[part]()


if __name__ == "__main__":
    main()
