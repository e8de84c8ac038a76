"""How is a painting of shapes composed? Grids, circles, collage, waves and constellations."""

from __future__ import annotations

import numpy as np

from course.data.painter import palettes
from course.data.painter.brushes import (
    PIXEL,
    SIZE,
    X,
    Y,
    box,
    clouds,
    cover,
    direction,
    each,
    lay,
    line,
    pick,
    prime,
    radius,
    shade,
    smooth,
    turned,
    wave,
)
from course.data.painter.dice import Dice
from course.data.painter.palettes import mix

F = np.float32  # a plain number would turn integers and truth values into float64


def grids(dice: Dice) -> np.ndarray:
    """After Mondrian: black bars of several widths, most cells left as paper, a few filled."""
    colours = palettes.choose(dice)
    dark = dice.chance(0.2)[:, None]
    ground, bar = np.where(dark, colours.ink, colours.paper), np.where(dark, colours.paper, colours.ink)
    lines = {}
    index = np.zeros((dice.n, 1, 1), dtype=np.int64)
    for axis in (X, Y):
        count = 2 + dice.integer(3)  # 2 to 4 bars across
        steps = dice.between(0.5, 1.6, 5)
        steps *= np.arange(5) <= count[:, None]  # one cell more than bars
        places = np.cumsum(steps, axis=1)
        places = places[:, :4] / places[:, 4:]
        places = np.where(np.arange(4) < count[:, None], places, F(2))  # unused bars lie off the canvas
        lines[axis.shape] = places
        cell = sum((axis > each(places[:, k])).astype(np.int64) for k in range(4))
        index = index * 5 + cell
    filled = dice.chance(0.42, 25)
    paints = np.take_along_axis(colours.paints, dice.integer(3, 25)[..., None], axis=1)
    tint = mix(ground, bar, 0.08)[:, None]
    paper = np.where(dice.chance(0.3, 25)[..., None], tint, ground[:, None])
    canvas = pick(np.where(filled[..., None], paints, paper).astype(np.float32), index)
    for axis in (X, Y):
        for k in range(4):
            half = each(dice.between(1.1, 2.3)) * F(PIXEL)
            distance = np.abs(axis - each(lines[axis.shape][:, k])) - half
            lay(canvas, np.broadcast_to(cover(distance), (dice.n, SIZE, SIZE)), bar)
    return canvas


def circles(dice: Dice) -> np.ndarray:
    """After Sonia Delaunay and Kandinsky: rings in square cells, or targets that overlap, often halved."""
    colours = palettes.choose(dice)
    table = np.concatenate([colours.paints, colours.paper[:, None], colours.ink[:, None]], axis=1)
    canvas = prime(np.where(dice.chance(0.7)[:, None], colours.paper, colours.ink))
    loose, halved = dice.chance(0.45), dice.chance(0.65)
    _cells(dice, canvas, table, ~loose, halved)
    _targets(dice, canvas, table, loose, halved)
    return canvas


def _cells(dice: Dice, canvas: np.ndarray, table: np.ndarray, here: np.ndarray, halved: np.ndarray) -> None:
    """1, 4 or 9 cells, each with rings in its own colours, halved along its own diameter."""
    many = dice.integer(3) + 1  # cells a side
    edge = each(many) * F(PIXEL)  # a pixel, in cell widths
    x, y = X * each(many), Y * each(many)
    column, row = np.floor(x), np.floor(y)
    cell = (row * 3 + column).astype(np.int64)  # which of nine, for each pixel

    def any_colour() -> np.ndarray:
        """One colour for each cell, `(N, 3, 64, 64)`."""
        return pick(np.take_along_axis(table, dice.integer(7, 9)[..., None], axis=1), cell)

    shown = np.broadcast_to(each(here), cell.shape).astype(np.float32)
    lay(canvas, shown, any_colour())
    tilt = np.take_along_axis(dice.integer(8, 9), cell.reshape(dice.n, -1), axis=1).reshape(cell.shape)
    c, s = direction(tilt.astype(np.float32) / F(8))
    u, v = x - column - F(0.5), y - row - F(0.5)
    half = cover(u * c + v * s, edge) * each(halved)
    rings = np.where(many < 3, 4, 3)
    for ring in range(4):
        size = F(0.47) * (1 - (ring + dice.between(-0.15, 0.15)) / rings.astype(np.float32))
        share = cover(radius(u, v) - each(size), edge) * shown * each(ring < rings)
        lay(canvas, share, any_colour())
        lay(canvas, share * half, any_colour())


def _targets(dice: Dice, canvas: np.ndarray, table: np.ndarray, here: np.ndarray, halved: np.ndarray) -> None:
    """Four to seven targets that crowd the canvas, large ones first, smaller ones on top."""
    count = 4 + dice.integer(4)
    everyone = np.arange(dice.n)
    # One in each cell of a jittered grid of nine.
    order = dice.order(9)
    x = (order % 3 + dice.between(0.1, 0.9, 9)) / F(3)
    y = (np.floor(order / 3) + dice.between(0.1, 0.9, 9)).astype(np.float32) / F(3)
    for k in range(7):
        size = dice.between(0.85, 1.15) * F((0.46, 0.38, 0.33, 0.29, 0.26, 0.23, 0.2)[k])
        u, v = turned(x[:, k].astype(np.float32), y[:, k], dice.between(0, 1))
        far = radius(u, v)
        start = dice.integer(7)
        rings = 4 if k < 4 else 3
        for ring in range(rings):
            share = cover(far - each(size * F(1 - ring / rings))) * each(here & (k < count))
            lay(canvas, share, table[everyone, (start + ring) % 7])
            lay(canvas, share * cover(u) * each(halved), table[everyone, (start + ring + 3) % 7])


def collage(dice: Dice) -> np.ndarray:
    """After Malevich and Moholy-Nagy: cut paper along one slant, large pieces below, with faint shadows."""
    colours = palettes.choose(dice)
    tinted = mix(colours.paper, colours.paint(4), dice.between(0.45, 0.8)[:, None])
    canvas = prime(np.where(dice.chance(0.65)[:, None], colours.paper, tinted))
    shade(canvas, (clouds(dice, 3) - F(0.5)) * F(0.07))
    slant = dice.between(0.04, 0.21) + F(0.25) * dice.integer(2)
    c, s = direction(slant)
    count = 5 + dice.integer(4)
    for k in range(8):
        here = each((k < count).astype(np.float32))
        # Pieces lie near an axis along the slant, through the middle.
        along, aside = dice.between(-0.42, 0.42), dice.between(-0.26, 0.26)
        cx, cy = F(0.5) + along * c - aside * s, F(0.5) + along * s + aside * c
        quarter = dice.integer(4).astype(np.float32) * F(0.25)
        u, v = turned(cx, cy, slant + quarter + dice.between(-0.015, 0.015))
        size = dice.between(0.75, 1.2) * F((0.33, 0.26, 0.21, 0.17, 0.15, 0.12, 0.11, 0.1)[k])
        kind = each(dice.integer(5))
        slim = np.where(dice.chance(0.4), F(0.25), F(0.65))
        card = box(u, v, size * F(1.1), np.maximum(size * slim, F(1.3 * PIXEL)))
        bar = box(u, v, np.maximum(size * 2, F(0.24)), np.full(dice.n, F(1.4 * PIXEL)))
        disc = radius(u, v) - each(size * F(0.85))
        half = np.maximum(disc, v)
        wedge = np.maximum(np.abs(u) * F(0.83) + v * F(0.55), -v) - each(size * F(0.55))
        piece = np.where(kind == 0, card, np.where(kind == 1, bar, np.where(kind == 2, half, wedge)))
        piece = np.where(kind == 4, disc if k % 2 else card, piece)
        lay(canvas, cover(piece - F(PIXEL), 5 * PIXEL) * here * F(0.35), colours.ink)
        last = colours.ink if k in (2, 5) else colours.paint(k)
        lay(canvas, cover(piece) * here, last)
    return canvas


def waves(dice: Dice) -> np.ndarray:
    """After Bridget Riley and Vasarely: stripes, rings or checks that swell and bend, dark against light."""
    colours = palettes.choose(dice)
    # Coordinates of a sheet that a lens swells, turned by eighths.
    u, v = turned(dice.between(0.3, 0.7), dice.between(0.3, 0.7), dice.integer(8).astype(np.float32) / F(8))
    far = radius(u, v)
    lens = smooth(1 - far / each(dice.between(0.45, 0.7))) * each(dice.between(0.2, 0.5) * dice.chance(0.5))
    u, v = u * (1 - lens), v * (1 - lens)
    kind = each(dice.integer(6))  # 0 zigzag, 1 rings, 2 checks, else waves
    bend, often, start = (each(dice.between(*span)) for span in ((0.35, 0.8), (0.8, 2.0), (0.0, 1.0)))
    curve = wave(v * often + start)
    zigzag = np.abs((v * often * 2 + start) % 1 * 2 - 1) * 2 - 1
    count = each(dice.between(4.0, 5.6))
    stripes = wave(u * count + bend * np.where(kind == 0, zigzag, curve))
    rings = wave(far * (1 - lens) * count * F(1.15) + bend * F(0.4) * wave(u * often) - start)
    checks = wave(u * count * F(0.7) + bend * F(0.4) * curve) * wave(v * count * F(0.7)) * F(1.6)
    height = np.where(kind == 1, rings, np.where(kind == 2, checks, stripes))
    # Both colours change slowly over the picture, some in most paintings, not at all in the strictest.
    drift = smooth(u * F(0.9) + F(0.5)) * each(dice.chance(0.6).astype(np.float32))
    canvas = prime(colours.paper)
    lay(canvas, drift * each(dice.between(0, 0.9)), mix(colours.paper, colours.paint(1), 0.6))
    bold = dice.chance(0.5)[:, None]
    dark = prime(np.where(bold, colours.ink, mix(colours.paint(0), colours.ink, 0.45)))
    lay(dark, drift, mix(colours.paint(2), colours.ink, 0.35))
    lay(canvas, np.clip(F(0.5) + height * F(1.6), 0, 1), dark)
    return canvas


def constellations(dice: Dice) -> np.ndarray:
    """After Miro: a night of clouds, bright dots of every size, a chain of them joined by a thin line."""
    colours = palettes.choose(dice)
    night = mix(
        colours.ink, np.array([[0.06, 0.08, 0.24]], dtype=np.float32), dice.between(0.2, 0.6)[:, None]
    )
    canvas = prime(night)
    haze = smooth(clouds(dice, 2) * F(2.2) - F(0.6))
    lay(canvas, haze * each(dice.between(0.2, 0.6)), mix(night, colours.paint(1), 0.75))
    # One star in each cell of a jittered grid: even, yet never regular.
    side = 5
    order = dice.order(side * side)
    x = ((order % side) + dice.between(0.15, 0.85, side * side)) / F(side)
    y = (np.floor(order / side).astype(np.float32) + dice.between(0.15, 0.85, side * side)) / F(side)
    # The chain follows its stars along one direction, so that it wanders instead of tangling.
    links = 8
    c, s = direction(dice.between(0, 1, 1))
    chain = np.argsort(x[:, :links] * c + y[:, :links] * s, axis=1, kind="stable")
    cx, cy = np.take_along_axis(x, chain, axis=1), np.take_along_axis(y, chain, axis=1)
    joined = 4 + dice.integer(4)
    for k in range(links - 1):
        here = each((k < joined).astype(np.float32))
        distance = line(cx[:, k], cy[:, k], cx[:, k + 1], cy[:, k + 1]) - F(0.75 * PIXEL)
        lay(canvas, cover(distance) * here * F(0.8), mix(colours.paper, night, 0.2))
    stars = 13 + dice.integer(12)
    for k in range(side * side):
        here = each((k < stars).astype(np.float32))
        far = radius(X - each(x[:, k]), Y - each(y[:, k]))
        size = each(dice.between(1.5, 2.6) + dice.between(0, 3.2) * dice.chance(0.3)) * F(PIXEL)
        colour = colours.paper if k % 3 == 0 else mix(colours.paint(k), colours.paper, 0.25)
        glow = np.maximum(1 - far / (size * F(3.2)), 0)
        lay(canvas, glow * glow * here * F(0.35), colour)
        lay(canvas, cover(far - size) * here, colour)
    return canvas
