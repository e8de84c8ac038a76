"""Which colours go together? Palettes chosen by eye, after painters, places and seasons.

Each has a light paper, a dark ink and five paints, so that a movement asks for a role ("the ground", "an
accent") and any palette fills it. Every movement uses every palette: colour alone never tells them apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course.data.painter.dice import Dice

# name: paper, ink, five paints
PALETTES = {
    "de stijl": "F4F0E4 1A1A1C D62718 F2B705 1D4E9E C9CCC8 20639B",
    "bauhaus": "F1E7D0 1F2024 D7422B F0B429 1F5C99 3A8C7D E6835B",
    "chapel": "F0D9C0 2B0F12 8C1C13 C8371F E8702A F2A541 6B2A24",
    "deep water": "E8E3D9 0E1428 1C3F73 3E6FA8 7FA6C9 C06C3E 2B6A78",
    "cut paper": "FBF3E4 14213D E63946 F4A300 2A9D8F 3D5A98 F28FAD",
    "tunis": "F5E6CC 3B2A24 C7522A E5C185 74A892 008585 D98E4F",
    "woodblock": "F3EAD3 0B2545 134074 3D7EA6 8DB1C7 D9A566 C8553D",
    "lilies": "EEF2E6 24423A 5B8E7D 8CB369 A7C4E0 B59BD1 E8A0BF",
    "starry night": "F6E7B4 0D1B3E 1B4B8F 3F7CC4 F2C230 E9A21B 6FB3B8",
    "simultaneous": "F7EEDD 20202A D1322D F28C28 F6C945 2F7F79 2E4A9B",
    "optical": "F8F8F2 11121A 5A2A82 00A6A6 F25F5C FFE066 247BA0",
    "deck chairs": "FBFAF5 0F0F12 1F7A8C E4572E F3C969 5F8D4E B3446C",
    "mallorca": "F3E9D2 16161D D62828 FCBF49 1D5FA8 2B9348 F77F00",
    "homage": "F6EBD8 33261D F4A259 F2C14E D8572A A63D40 6B7F59",
    "sunset": "FFE8D6 2D1E4A 6D3B7C C14A75 F0706A F9A65A FCD581",
    "aurora": "E8F6EF 0B132B 1C5D6B 2EC4A0 8BE28B 6A4C93 B388EB",
    "forest": "F1EFE2 1B2A21 2F5D43 6A994E A7C957 BC6C25 DDA15E",
    "autumn": "F7EBDD 2A1A14 7F2B1D B5452C E08E45 F2C57C 6B705C",
    "fjord": "F4F4EF 20303C 4A6C82 86A9B8 C9D7DA D9B08C B5654A",
    "terracotta": "FAF0E6 3A1F1A 9C4A2F CD7B52 E8B48C 5E7C7E 2F4B4F",
    "candy": "FFF5F3 372549 EF6F92 F9A8B8 5CC4E0 8FD3A8 F7D488",
    "jade": "F2F5EB 10302B 14746F 36A18B 88D4AB E9C46A D4654A",
    "indigo": "F1EDE4 14123A 2E2A78 4F4BB8 8E8AE0 E36588 F4C095",
    "ochre": "F8EED8 241C15 A8741A D9A32E EBCB7A 7B3F1D 4F5D4A",
    "cherry": "FFF6F3 40202D C94C6B E88CA0 F7C6CC 7C9A82 4C6B5D",
    "harbour": "F3F1EA 12263A 0F5C7A 29A0B1 A9D5CF F2A65A D1495B",
    "desert dusk": "FBE9D7 321F3B 77467A C66E7F F0A07E F5CF8E 3E6C8F",
    "lemon grove": "FFFBE8 1F2A30 F2D024 F5A623 4FA3A5 2D6A80 E8643C",
    "wine": "F5EBE6 1D0E14 5C1A33 8F2D4E C25B6E E3A7A0 C9A24B",
    "spring": "F8F9EE 233329 5DA271 A8D672 F6D55C F0884D 6C8EBF",
    "one red seal": "F5F1E8 17171A 3B3B40 74716B A9A498 C0392B D8C9A6",
    "lilac": "F3F0F5 272238 6F5E9C A996D0 D8CDE8 7E9A5B E0B04C",
    "tropics": "FFF4E0 0B2B33 007F73 22C1A1 FF6B5A FFB238 E63E8C",
    "delft": "F4EFE6 1A2B4A 2C5AA0 6E9BD1 BFD4EA D98B5F 8A4F2E",
}


@dataclass(frozen=True)
class Colours:
    """The colours of a batch of paintings: sRGB in [0, 1], float32."""

    paper: np.ndarray  # (N, 3), light
    ink: np.ndarray  # (N, 3), dark
    paints: np.ndarray  # (N, 5, 3), in an order of their own for each painting

    def paint(self, place: int) -> np.ndarray:
        """The paint at this place of each painting's own order, `(N, 3)`; after the fifth comes the first."""
        return self.paints[:, place % 5]


def _parse() -> np.ndarray:
    rows = [[bytes.fromhex(colour) for colour in line.split()] for line in PALETTES.values()]
    return np.array([[list(colour) for colour in row] for row in rows], dtype=np.float32) / np.float32(255)


_TABLE = _parse()  # (palettes, 7, 3)


def choose(dice: Dice) -> Colours:
    """A palette for each painting, its paints shuffled, mixed a little warmer or cooler, purer or greyer."""
    colours = _TABLE[dice.integer(len(_TABLE))]  # (N, 7, 3)
    grey = (colours[..., :1] + colours[..., 1:2] + colours[..., 2:]) / np.float32(3)
    colours = grey + (colours - grey) * dice.between(0.85, 1.1, 1, 1)
    warmth = dice.between(-0.025, 0.025, 1)
    light = dice.between(0.95, 1.03, 1, 1)
    colours = colours * light
    colours[..., 0] += warmth
    colours[..., 2] -= warmth
    colours = np.clip(colours, 0, 1)
    order = dice.order(5)
    return Colours(colours[:, 0], colours[:, 1], np.take_along_axis(colours[:, 2:], order[..., None], axis=1))


def mix(first: np.ndarray, second: np.ndarray, share: float | np.ndarray) -> np.ndarray:
    """`first` with `share` (0 to 1) of `second` stirred in."""
    mixed: np.ndarray = first + (second - first) * share
    return mixed
