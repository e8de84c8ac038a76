"""How is a painting of paint composed? Colour fields, flow, drips, horizons and strokes."""

from __future__ import annotations

from dataclasses import dataclass

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
    each,
    lay,
    noise,
    prime,
    radius,
    ripple,
    shade,
    smooth,
    turned,
    wave,
)
from course.data.painter.dice import Dice
from course.data.painter.palettes import Colours, mix

F = np.float32  # a plain number would turn integers and truth values into float64


def fields(dice: Dice) -> np.ndarray:
    """After Rothko and Albers: breathing blocks of thin paint, stacked on a kindred ground or one in another."""
    colours = palettes.choose(dice)
    deep = dice.chance(0.5)[:, None]
    ground = mix(
        colours.paint(0), np.where(deep, colours.ink, colours.paper), dice.between(0.1, 0.75)[:, None]
    )
    canvas = prime(ground)
    shade(canvas, (clouds(dice, 2) - F(0.5)) * F(0.14))
    nested, three = dice.chance(0.25), dice.chance(0.5)
    across, down = dice.between(0.06, 0.16), dice.between(0.06, 0.12)
    weights = dice.between(0.5, 1.8, 3)
    weights[:, 2] *= three
    gap = dice.between(0.02, 0.06)
    room = 1 - 2 * down - gap * np.where(three, F(2), F(1))
    top = down
    shrink, sink = dice.between(0.8, 1.05), dice.between(0.0, 0.07)
    for k in range(3):
        height = room * weights[:, k] / (weights[:, 0] + weights[:, 1] + weights[:, 2])
        half_height = np.where(nested, F((0.41, 0.29, 0.17)[k]) * shrink, height * F(0.5))
        half_width = np.where(nested, half_height, F(0.5) - across)
        middle = np.where(nested, F(0.5) + sink * k, top + height * F(0.5))
        ragged = (noise(dice, 8, 8) - F(0.5)) * each(np.where(nested, F(0.015), F(0.06)))
        block = box(X - F(0.5), Y - each(middle), half_width, half_height) + ragged
        thin = F(0.78) + F(0.22) * noise(dice, 5, 3) + F(0.16) * (ripple(dice, 20, 1) - F(0.5))
        share = cover(block, 4.5 * PIXEL) * np.clip(thin, 0, 1) * each(three | nested | (k < 2))
        colour = mix(colours.paint(k + 1), colours.paper, dice.between(0, 0.25)[:, None])
        lay(canvas, share, np.where(dice.chance(0.12)[:, None], colours.ink, colour))
        top = top + height + gap
    return canvas


def flow(dice: Dice) -> np.ndarray:
    """Marbled paper, agate: ribbons of colour between the stream lines of a slow current, edges in relief."""
    colours = palettes.choose(dice)
    u, _ = turned(dice.between(0.3, 0.7), dice.between(0.3, 0.7), dice.between(0, 1))
    stream = u * each(dice.between(0.6, 1.3))
    stream = stream + (noise(dice, 2, 2) - F(0.5)) * each(dice.between(0.8, 1.5))
    stream = stream + (noise(dice, 4, 4) - F(0.5)) * each(dice.between(0.05, 0.3))
    # How fast the stream changes from pixel to pixel: what keeps every edge as soft as the next.
    slope_x, slope_y = np.gradient(stream, axis=2), np.gradient(stream, axis=1)
    slope = np.sqrt(slope_x * slope_x + slope_y * slope_y) + F(0.002)
    ribbons = np.stack([*(colours.paint(k) for k in range(5)), colours.paper, colours.ink], axis=1)
    canvas = prime(colours.paint(0))
    step = dice.between(0.09, 0.14)
    start: np.ndarray = np.full(dice.n, F(-1.15))
    last = np.zeros(dice.n, dtype=np.int64)
    for _ in range(22):
        edge = (each(start) - stream) / slope  # in pixels, negative on the far side
        last = (last + 1 + dice.integer(6)) % 7  # never the same colour twice running
        lay(canvas, cover(edge - F(1.5), 5.0) * F(0.45), colours.ink)  # the shadow of this ribbon's edge
        lay(canvas, cover(edge, 1.0), ribbons[np.arange(dice.n), last])
        start = start + step * dice.between(0.5, 1.7)
    return canvas


def drips(dice: Dice) -> np.ndarray:
    """After Morris Louis and the walls of the street: paint poured along the top that runs down in drops."""
    colours = palettes.choose(dice)
    pale = dice.chance(0.75)[:, None]
    canvas = prime(np.where(pale, colours.paper, mix(colours.ink, colours.paint(4), 0.2)))
    shade(canvas, (clouds(dice, 3) - F(0.5)) * F(0.08))
    sway = (ripple(dice, 3, 1) - F(0.5)) * F(0.04)
    for k in range(3):
        colour = colours.paint(k)
        for _ in range(3):  # a few drops that sprang off
            far = radius(X - each(dice.between(0.05, 0.95)), Y - each(dice.between(0.4, 0.95)))
            lay(canvas, cover(far - each(dice.between(0.8, 2.2)) * F(PIXEL)) * F(0.9), colour)
        depth = dice.between(0.05, 0.14) + F((0.22, 0.1, 0.0)[k])
        pool = Y - each(depth) - (ripple(dice, 6, 2) - F(0.5)) * F(0.12)
        offset = dice.between(0, 1)
        for drip in range(5):
            x = (offset + (drip + dice.between(-0.3, 0.3)) / F(5)) % F(1)
            end = depth + dice.between(0.08, 0.72 - 0.15 * (2 - k))
            half = dice.between(1.0, 2.1) * F(PIXEL)
            across = np.abs(X - each(x) + sway)
            run = radius(across, np.maximum(Y - each(end), 0)) - each(half)
            bead = radius(across, Y - each(end)) - each(half * F(1.5))
            run = np.minimum(run, bead)
            # A smooth minimum: the drip grows out of the pool instead of being stuck on.
            blend = np.maximum(F(0.07) - np.abs(pool - run), 0)
            pool = np.minimum(pool, run) - blend * blend * F(0.25 / 0.07)
        lay(canvas, cover(pool - F(PIXEL), 4 * PIXEL) * F(0.25), colours.ink)
        lay(canvas, cover(pool), colour)
        gloss = cover(pool + F(3 * PIXEL), 5 * PIXEL)
        shade(canvas, gloss * (noise(dice, 3, 6) - F(0.4)) * F(0.15))
    return canvas


@dataclass(frozen=True)
class Sky:
    """What land and sea must know of the sky above them, for each painting."""

    horizon: np.ndarray  # (N,), its height
    low: np.ndarray  # (N, 3), the colour of the air there
    sun: np.ndarray  # (N, 3)
    sun_x: np.ndarray  # (N,)
    sun_size: np.ndarray  # (N,), a radius


def horizons(dice: Dice) -> np.ndarray:
    """A sky that fades to the horizon, a sun or moon, then ridge behind ridge, or a sea that mirrors it."""
    colours = palettes.choose(dice)
    night = dice.chance(0.3)[:, None]
    high = np.where(night, mix(colours.ink, colours.paint(0), 0.4), mix(colours.paint(0), colours.paper, 0.2))
    low = mix(colours.paint(1), colours.paper, dice.between(0.25, 0.8)[:, None])
    horizon = dice.between(0.42, 0.68)
    canvas = prime(high)
    lay(canvas, np.broadcast_to(smooth(Y / each(horizon)), (dice.n, SIZE, SIZE)), low)
    streaks = smooth((noise(dice, 12, 2) - F(0.45)) * 3) * each(dice.between(0, 0.35))
    lay(canvas, streaks, colours.paper)

    # Of three candidates the sun takes the colour that stands out most from the sky around it.
    up = dice.between(0.3, 0.85)
    around = mix(high, low, smooth(up)[:, None])
    candidates = np.stack([colours.paper, colours.paint(2), colours.paint(4)], axis=1)
    apart = np.abs(candidates - around[:, None])
    sun = candidates[np.arange(dice.n), np.argmax(apart[..., 0] + apart[..., 1] + apart[..., 2], axis=1)]
    x, size = dice.between(0.18, 0.82), dice.between(0.07, 0.18)
    far = radius(X - each(x), Y - each(horizon * up))
    glow = np.maximum(1 - far / each(size * F(3)), 0)
    lay(canvas, glow * glow * F(0.5), sun)
    lay(canvas, cover(far - each(size)), sun)

    sky, sea = Sky(horizon, low, sun, x, size), dice.chance(0.3)
    _sea(dice, canvas, colours, sky, sea)
    _ridges(dice, canvas, colours, sky, sea)
    return canvas


def _sea(dice: Dice, canvas: np.ndarray, colours: Colours, sky: Sky, here: np.ndarray) -> None:
    """Water that darkens towards us, and a broken path of light below the sun."""
    depth = Y - each(sky.horizon)
    water = np.broadcast_to(cover(-depth), (dice.n, SIZE, SIZE)) * each(here)
    depth = np.maximum(depth, 0)
    lay(canvas, water, mix(sky.low, colours.paint(3), 0.55))
    lay(canvas, water * smooth(depth * F(2.2)), mix(colours.ink, colours.paint(3), 0.3))
    path = cover(np.abs(X - each(sky.sun_x)) - each(sky.sun_size) * F(0.7) - depth * F(0.25), 0.12)
    lay(canvas, water * path * smooth((noise(dice, 24, 4) - F(0.35)) * 4) * F(0.8), sky.sun)


def _ridges(dice: Dice, canvas: np.ndarray, colours: Colours, sky: Sky, sea: np.ndarray) -> None:
    """Hills from the haze of the horizon to the dark of the foreground; the sea has but one, its shore."""
    near = mix(colours.ink, colours.paint(3), dice.between(0, 0.35)[:, None])
    haze = mix(sky.low, colours.paint(3), 0.5)
    count = 3 + dice.integer(3)
    steep = dice.between(0.4, 1.5)
    for k in range(5):
        here = each(np.where(sea, k == 4, k < count).astype(np.float32))
        nearness = np.where(sea, F(1), np.minimum(k / (count - 1).astype(np.float32), F(1)))
        base = sky.horizon + (F(0.92) - sky.horizon) * nearness * F(0.85) + F(0.1) * sea
        rough = (ripple(dice, 3, 2) - F(0.5)) * F(0.2) + (ripple(dice, 9, 2) - F(0.5)) * F(0.07)
        ridge = each(base) + rough * each(steep * (F(0.5) + nearness * F(0.6))) - Y
        lay(canvas, cover(ridge, 1.5 * PIXEL) * here, mix(haze, near, nearness[:, None]))
        mist = cover(ridge + F(0.06), 0.2) * here * F(0.22)  # valleys fill with the colour of the air
        lay(canvas, mist, sky.low)


def strokes(dice: Dice) -> np.ndarray:
    """After Joan Mitchell and de Kooning: broad curved strokes all over, two paints on one brush, running dry."""
    colours = palettes.choose(dice)
    ground = np.where(dice.chance(0.25)[:, None], mix(colours.ink, colours.paint(0), 0.15), colours.paper)
    canvas = prime(np.where(dice.chance(0.2)[:, None], mix(colours.paper, colours.paint(4), 0.4), ground))
    shade(canvas, (clouds(dice, 3) - F(0.5)) * F(0.1))
    lean = dice.between(0, 1)
    count = 8 + dice.integer(5)
    # The brush goes round the canvas, so that no quarter of it stays empty.
    order, side = dice.order(16), F(0.25)
    for k in range(12):
        here = each((k < count).astype(np.float32))
        x = (np.floor(order[:, k] / 4).astype(np.float32) + dice.between(0, 1)) * side
        y = (order[:, k] % 4 + dice.between(0, 1)).astype(np.float32) * side
        u, v = turned(x, y, lean + dice.between(-0.06, 0.06) + F(0.25) * dice.chance(0.2))
        v = v + u * u * each(dice.between(-0.8, 0.8))
        half, length = dice.between(0.075, 0.13), dice.between(0.25, 0.45)
        across = v / each(half)  # -1 to 1 over the brush
        bristles = wave(across * F(0.8) + each(dice.between(0, 1)))
        bristles = bristles + wave(across * F(1.7) + u * F(0.7) + each(dice.between(0, 1))) * F(0.9)
        body = np.maximum(np.abs(v) - each(half), np.abs(u) - each(length) + bristles * F(0.06))
        # Towards its end the brush runs dry: the valleys between bristles stop covering first.
        dry = smooth((u / each(length) + F(0.5)) * F(0.8)) * each(dice.between(0.3, 1.0))
        share = cover(body, 2 * PIXEL) * np.clip(F(1.15) + (bristles - F(1.1)) * dry * F(0.75), 0, 1) * here
        first, second = colours.paint(k), mix(colours.paint(k + 1), colours.paper, 0.3)
        lay(canvas, share, colours.ink if k % 6 == 4 else first)
        lay(canvas, share * smooth(bristles * F(0.9) - F(0.1)) * F(0.75), second)
    return canvas
