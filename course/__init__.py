"""What the notebooks of the labs use: data, a training loop, figures, checkpoints and `check`.

    from course import check, fit, load_mnist, plotting, save_checkpoint

Everything here is meant to be read. Nothing here judges your work: `check` asks the grader.
"""

import sys

from course import plotting
from course.checking import check, ready, warm_up
from course.checkpoint import load_checkpoint, load_outputs, save_checkpoint, save_outputs
from course.data.mnist import load_mnist
from course.training import History, device, fit, set_seed

__version__ = "0.1.0"

if "ipykernel" in sys.modules:  # a notebook: somebody is about to read for longer than this takes
    warm_up()

__all__ = [
    "History",
    "check",
    "device",
    "fit",
    "load_checkpoint",
    "load_mnist",
    "load_outputs",
    "plotting",
    "ready",
    "save_checkpoint",
    "save_outputs",
    "set_seed",
]
