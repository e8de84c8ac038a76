"""The figures of the labs. Every function returns a matplotlib figure; `show` puts it into the notebook.

Figures have a background of their own, so that they read the same on a light and a dark page, and
never tell classes or curves apart by colour alone.
"""

from course.plotting.canvas import image_tag, show, show_in_place
from course.plotting.curves import curves, kl_evolution, loss_curve
from course.plotting.digits import image_grid, interpolation, reconstructions, side_by_side
from course.plotting.latent import kl_per_dimension, latent_plane, latent_scatter

__all__ = [
    "curves",
    "image_grid",
    "image_tag",
    "interpolation",
    "kl_evolution",
    "kl_per_dimension",
    "latent_plane",
    "latent_scatter",
    "loss_curve",
    "reconstructions",
    "show",
    "show_in_place",
    "side_by_side",
]
