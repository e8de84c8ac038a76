"""Who paints what? Paintings in order, one of each movement in turn, finished on the same canvas.

Painting i belongs to movement i mod 10 and depends on the seed and on i alone: the first 500 of 5,000 are
the 500 that `paint(500)` gives, and every stretch of them is balanced.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course.data.painter import geometric, painterly
from course.data.painter.brushes import SIZE, shade, soften
from course.data.painter.dice import Dice

# Number i of this list is label i.
_MOVEMENTS: dict[str, Callable[[Dice], np.ndarray]] = {
    "fields": painterly.fields,
    "grids": geometric.grids,
    "circles": geometric.circles,
    "flow": painterly.flow,
    "drips": painterly.drips,
    "horizons": painterly.horizons,
    "strokes": painterly.strokes,
    "collage": geometric.collage,
    "waves": geometric.waves,
    "constellations": geometric.constellations,
}
MOVEMENTS = tuple(_MOVEMENTS)
# A Gaussian of this many pixels ends every painting. On hard edges (softness 0) a small discriminator wins at once.
SOFTNESS = 1.5
# Paintings of one movement that are painted together: small enough to stay in the processor's cache.
_TOGETHER = 20


def labels(count: int) -> np.ndarray:
    """The movement of each of `count` paintings, an index into `MOVEMENTS`, `(count,)` int64."""
    return np.arange(count, dtype=np.int64) % len(MOVEMENTS)


def paint(count: int, seed: int = 0, softness: float = SOFTNESS, progress: bool = False) -> np.ndarray:
    """Paint `count` pictures: bytes, sRGB, `(count, 3, 64, 64)` uint8."""
    from tqdm import tqdm  # imported here so that `import course` stays quick

    kinds = len(MOVEMENTS)
    pictures = np.empty((count, 3, SIZE, SIZE), dtype=np.uint8)
    blocks = -(-count // (kinds * _TOGETHER))
    for block in tqdm(range(blocks), desc="Painting", disable=not progress, leave=False):
        for label, movement in enumerate(_MOVEMENTS.values()):
            first = block * kinds * _TOGETHER + label
            places = range(first, min(first + kinds * _TOGETHER, count), kinds)
            if places:
                finished = _finish(movement, Dice(_TOGETHER, seed, label, block), softness)
                pictures[places.start : places.stop : kinds] = finished[: len(places)]
    return pictures


def _finish(movement: Callable[[Dice], np.ndarray], dice: Dice, softness: float) -> np.ndarray:
    canvas = movement(dice)
    shade(canvas, dice.between(-0.06, 0.06, SIZE, SIZE))  # the grain of the canvas, before all is softened
    canvas = soften(np.clip(canvas, 0, 1), softness)
    return (canvas * np.float32(255) + np.float32(0.5)).astype(np.uint8)
