"""How does paint get on a canvas, with the same bytes on every machine?

A canvas is `(N, 3, 64, 64)` float32, sRGB in [0, 1]. Positions and sizes are in canvas widths: x runs from 0
(left) to 1 (right), y from 0 (top) to 1. A shape is its signed distance (negative inside, Inigo Quilez,
https://iquilezles.org/articles/distfunctions2d), so that its edge can be as soft as wanted.

Only + - * / sqrt, floor and comparisons are used, one NumPy call each: IEEE 754 fixes their results to the
last bit, while sin, exp, matrix products and long sums differ between processors.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course.data.painter.dice import Dice

SIZE = 64
PIXEL = 1 / SIZE
_CENTRES = (np.arange(SIZE, dtype=np.float32) + np.float32(0.5)) / np.float32(SIZE)
X = _CENTRES.reshape(1, 1, SIZE)
Y = _CENTRES.reshape(1, SIZE, 1)


def each(values: np.ndarray) -> np.ndarray:
    """`(N,)` => `(N, 1, 1)`: one number for each painting, ready to meet X and Y."""
    return values.reshape(-1, 1, 1)


# Numbers ---------------------------------------------------------------------------------------------


def wave(turns: np.ndarray) -> np.ndarray:
    """sin(2 pi turns) from a parabola, wrong by at most 0.0011 and never different between machines."""
    t = turns - np.floor(turns + np.float32(0.5))  # in [-1/2, 1/2]
    arc = t * (np.float32(8) - np.float32(16) * np.abs(t))
    sine: np.ndarray = arc * (np.float32(0.775) + np.float32(0.225) * np.abs(arc))
    return sine


def direction(turns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cosine and sine of an angle in turns, on the unit circle to rounding."""
    c, s = wave(turns + np.float32(0.25)), wave(turns)
    length = np.sqrt(c * c + s * s)
    return c / length, s / length


def smooth(t: np.ndarray) -> np.ndarray:
    """0 up to 0, 1 from 1 on, an S in between."""
    t = np.clip(t, 0, 1)
    rise: np.ndarray = t * t * (3 - 2 * t)
    return rise


def noise(dice: Dice, rows: int, columns: int) -> np.ndarray:
    """Smooth clouds in [0, 1], `(N, 64, 64)`: `rows` x `columns` random heights with S-curves between."""
    heights = dice.between(0, 1, rows + 1, columns + 1)
    return _between(_between(heights, rows, axis=1), columns, axis=2)


def ripple(dice: Dice, cells: int, axis: int) -> np.ndarray:
    """Noise along one axis alone: `(N, 1, 64)` for axis 2 (x), `(N, 64, 1)` for axis 1 (y)."""
    heights = _between(dice.between(0, 1, cells + 1), cells, axis=1)
    return heights[:, None, :] if axis == 2 else heights[:, :, None]


def clouds(dice: Dice, cells: int) -> np.ndarray:
    """Noise of three sizes, each half as strong as the one before, in [0, 1], `(N, 64, 64)`."""
    large, middle, fine = (noise(dice, cells * k, cells * k) for k in (1, 2, 4))
    return (large + middle * np.float32(0.5) + fine * np.float32(0.25)) / np.float32(1.75)


def _between(heights: np.ndarray, cells: int, axis: int) -> np.ndarray:
    at = _CENTRES * np.float32(cells)
    left = np.floor(at).astype(np.int64)
    shape = [1] * heights.ndim
    shape[axis] = SIZE
    share = smooth(at - left.astype(np.float32)).reshape(shape)
    low, high = np.take(heights, left, axis), np.take(heights, left + 1, axis)
    finer: np.ndarray = low + (high - low) * share
    return finer


# Shapes: signed distances, `(N, 64, 64)` ---------------------------------------------------------------


def turned(cx: np.ndarray, cy: np.ndarray, turns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of a sheet of paper that lies at (cx, cy), turned: along it, and across it."""
    c, s = direction(each(turns))
    dx, dy = X - each(cx), Y - each(cy)
    return dx * c + dy * s, dy * c - dx * s


def box(u: np.ndarray, v: np.ndarray, half_width: np.ndarray, half_height: np.ndarray) -> np.ndarray:
    """A rectangle around the origin of (u, v)."""
    distance: np.ndarray = np.maximum(np.abs(u) - each(half_width), np.abs(v) - each(half_height))
    return distance


def radius(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Distance from the origin of (u, v); minus a radius it is a disc."""
    distance: np.ndarray = np.sqrt(u * u + v * v)
    return distance


def line(x0: np.ndarray, y0: np.ndarray, x1: np.ndarray, y1: np.ndarray) -> np.ndarray:
    """Distance from the segment between two points; minus half a width it is a bar with round ends."""
    px, py = X - each(x0), Y - each(y0)
    dx, dy = each(x1 - x0), each(y1 - y0)
    along = np.clip((px * dx + py * dy) / (dx * dx + dy * dy + np.float32(1e-6)), 0, 1)
    return radius(px - dx * along, py - dy * along)


# Paint -------------------------------------------------------------------------------------------------


def cover(distance: np.ndarray, softness: float | np.ndarray = PIXEL) -> np.ndarray:
    """How much of each pixel a shape covers, 0 to 1; its edge is `softness` wide."""
    return np.clip(np.float32(0.5) - distance / np.float32(softness), 0, 1)


def prime(colour: np.ndarray) -> np.ndarray:
    """A canvas of one colour, `(N, 3)` => `(N, 3, 64, 64)`."""
    return np.broadcast_to(colour[:, :, None, None], (len(colour), 3, SIZE, SIZE)).copy()


def lay(canvas: np.ndarray, share: np.ndarray, colour: np.ndarray) -> None:
    """Put a colour, `(N, 3)` or one for each pixel `(N, 3, 64, 64)`, over the canvas where `share` says so."""
    if colour.ndim == 2:
        colour = colour[:, :, None, None]
    change = colour - canvas
    change *= share[:, None]
    canvas += change


def shade(canvas: np.ndarray, light: np.ndarray) -> None:
    """Lighten (above 0) or darken the canvas, `(N, 64, 64)`."""
    canvas += light[:, None]


def pick(table: np.ndarray, index: np.ndarray) -> np.ndarray:
    """A colour for each pixel: `(N, K, 3)` and indices `(N, 64, 64)` => `(N, 3, 64, 64)`."""
    flat = np.take_along_axis(table, index.reshape(len(index), -1, 1), axis=1)  # (N, 4096, 3)
    return np.moveaxis(flat, 2, 1).reshape(len(index), 3, SIZE, SIZE)


# Finish ------------------------------------------------------------------------------------------------


def soften(images: np.ndarray, sigma: float) -> np.ndarray:
    """Blur by a Gaussian of `sigma` pixels; beyond the edge the canvas goes on as at its edge."""
    if sigma <= 0:
        return images
    weights = _gaussian(sigma)
    for axis in (2, 3):
        reach = len(weights) - 1
        pad = [(0, 0)] * 4
        pad[axis] = (reach, reach)
        wide = np.moveaxis(np.pad(images, pad, mode="edge"), axis, -1)
        total = wide[..., reach : reach + SIZE] * weights[0]
        for step in range(1, reach + 1):
            both = (
                wide[..., reach - step : reach - step + SIZE] + wide[..., reach + step : reach + step + SIZE]
            )
            total += both * weights[step]
        images = np.ascontiguousarray(np.moveaxis(total, -1, axis))
    return images


def _gaussian(sigma: float) -> Sequence[np.float32]:
    """Weights of 0, 1, 2, ... pixels to either side, to three sigmas.

    `exp` may differ in its last bit between machines: rounding to six digits takes that away.
    """
    reach = int(3 * sigma + 0.5)
    raw = [round(float(np.exp(-0.5 * (step / sigma) ** 2)), 6) for step in range(reach + 1)]
    total = raw[0] + 2 * sum(raw[1:])
    return [np.float32(value / total) for value in raw]
