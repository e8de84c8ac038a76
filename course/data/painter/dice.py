"""Where does chance come from? Random numbers for a batch of paintings, the same on every machine.

Only NumPy's stream of raw uniform numbers is used: its ready-made distributions may change with a version.
"""

from __future__ import annotations

import numpy as np


class Dice:
    """Random draws for `n` paintings: every method returns one value, or one block of values, for each."""

    def __init__(self, n: int, *seed: int) -> None:
        self.n = n
        self._stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))

    def between(self, low: float, high: float, *shape: int) -> np.ndarray:
        """Uniform in [low, high), float32, shape `(n, *shape)`."""
        draws = self._stream.random((self.n, *shape), dtype=np.float32)
        return draws * np.float32(high - low) + np.float32(low)

    def integer(self, count: int, *shape: int) -> np.ndarray:
        """Uniform in 0 .. count - 1, int64, shape `(n, *shape)`."""
        return np.minimum((self.between(0, 1, *shape) * np.float32(count)).astype(np.int64), count - 1)

    def chance(self, share: float, *shape: int) -> np.ndarray:
        """True in about this share of the draws, shape `(n, *shape)`."""
        return self.between(0, 1, *shape) < np.float32(share)

    def order(self, count: int) -> np.ndarray:
        """A random order of 0 .. count - 1 for each painting, shape `(n, count)`."""
        return np.argsort(self.between(0, 1, count), axis=1, kind="stable")
