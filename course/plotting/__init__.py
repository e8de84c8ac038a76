"""The figures of the labs. Every function returns a matplotlib figure; `show` puts it into the notebook.

Figures have a background of their own, so that they read the same on a light and a dark page, and
never tell classes or curves apart by colour alone.
"""

from course.plotting.adversarial import broken_runs, coverage, gan_curves, gan_progress
from course.plotting.art import art_grid, art_rows, growth, save_animation, show_animation
from course.plotting.canvas import image_tag, show, show_in_place
from course.plotting.comparison import (
    coverage_of_models,
    distance_by_count,
    latent_maps,
    neighbourhoods,
    picture_rows,
    spectra,
    trade_offs,
)
from course.plotting.curves import curves, kl_evolution, loss_curve
from course.plotting.digits import image_grid, interpolation, reconstructions, side_by_side
from course.plotting.latent import kl_per_dimension, latent_plane, latent_scatter

__all__ = [
    "art_grid",
    "art_rows",
    "broken_runs",
    "coverage",
    "coverage_of_models",
    "curves",
    "distance_by_count",
    "gan_curves",
    "gan_progress",
    "growth",
    "image_grid",
    "image_tag",
    "interpolation",
    "kl_evolution",
    "kl_per_dimension",
    "latent_maps",
    "latent_plane",
    "latent_scatter",
    "loss_curve",
    "neighbourhoods",
    "picture_rows",
    "reconstructions",
    "save_animation",
    "show",
    "show_animation",
    "show_in_place",
    "side_by_side",
    "spectra",
    "trade_offs",
]
