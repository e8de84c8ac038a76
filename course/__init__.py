"""What the notebooks of the labs use: data, a training loop, figures, checkpoints and `check`.

    from course import check, fit, load_mnist, plotting, save_checkpoint

Everything here is meant to be read. Nothing here judges your work: `check` asks the grader.
"""

import sys

from course import plotting
from course.adversarial import GanHistory, fit_gan
from course.augmentation import Augmented
from course.checking import check, ready, warm_up
from course.checkpoint import load_checkpoint, load_outputs, save_checkpoint, save_outputs
from course.comparison import largest_rise, sharpness, spectrum
from course.data.art import load_art, load_gallery
from course.data.gan_runs import load_gan_runs
from course.data.mnist import load_mnist
from course.movements import art_distance, see_art, see_digits
from course.training import History, device, fit, seconds_for, set_seed

__version__ = "0.1.0"

if "ipykernel" in sys.modules:  # a notebook: somebody is about to read for longer than this takes
    warm_up()

__all__ = [
    "Augmented",
    "GanHistory",
    "History",
    "art_distance",
    "check",
    "device",
    "fit",
    "fit_gan",
    "largest_rise",
    "load_art",
    "load_checkpoint",
    "load_gallery",
    "load_gan_runs",
    "load_mnist",
    "load_outputs",
    "plotting",
    "ready",
    "save_checkpoint",
    "save_outputs",
    "seconds_for",
    "see_art",
    "see_digits",
    "set_seed",
    "sharpness",
    "spectrum",
]
