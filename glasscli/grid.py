"""Frames in half of the bytes: positions as whole numbers of a grid, kept as differences from the frame before.

A coordinate that went on through the boundaries is rounded to the nearest multiple of twice the precision, so that it
is never farther off than this; place in the box and images come back from it alone. Frames lie in groups: the first of
each as it is, the others by what has changed, so that one frame costs the reading of one group. Signs are put last
(zigzag), after which nearly all upper bytes are 0, and what every HDF5 has, shuffle and gzip, takes them away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.box import Box
from glasscli.configuration import Configuration, Floats, Ints
from glasscli.errors import InputError

Whole = NDArray[np.int64]
Kept = NDArray[np.uint64]

# Bytes that a group takes in memory, and its bounds: 16 frames are within 5 % of what any more save.
GROUP_BYTES, FEWEST, MOST = 2**20, 16, 64
# Coarser than this share of the mean spacing of atoms is a picture; finer than this share of the box is float32.
COARSEST, FINEST = 0.05, 1e-7


def group_of(atoms: int) -> int:
    """Frames to a group."""
    return int(np.clip(GROUP_BYTES // (24 * atoms), FEWEST, MOST))


@dataclass(frozen=True)
class Grid:
    """precision: the largest error of a coordinate, in the system's unit of length."""

    precision: float

    @classmethod
    def checked(cls, precision: float, box: Box, atoms: int) -> Grid:
        """The grid of a sample. Raises InputError for a precision that spoils it, or that saves nothing."""
        coarsest = COARSEST * (box.extent / atoms) ** (1 / box.dimension)
        finest = FINEST * box.length
        if not finest <= precision <= coarsest:
            what = (
                "less than float32 keeps without it"
                if precision < finest
                else f"more than {COARSEST:g} of the spacing of the atoms"
            )
            raise InputError(
                f"--precision {precision:g} is {what}: from {finest:.2g} to {coarsest:.2g}, or none"
            )
        return cls(precision)

    def of(self, configuration: Configuration) -> Whole:
        """[n, 3] whole numbers of a configuration."""
        return np.rint(configuration.unwrapped / (2 * self.precision)).astype(np.int64)

    def places(self, whole: Whole, box: Box) -> tuple[Floats, Ints]:
        """Positions [n, 3] in the box and their images [n, 3] from whole numbers."""
        return box.folded(np.asarray(whole * (2 * self.precision), np.float64))


def differences(whole: Whole) -> Kept:
    """[m, n, 3] a group as it is kept: the first row as it is, the others as steps; the sign in the lowest bit."""
    steps = np.diff(whole, axis=0, prepend=0)
    return ((steps << 1) ^ (steps >> 63)).view(np.uint64)


def restored(kept: Kept, group: int) -> Whole:
    """[m, n, 3] whole numbers again, from rows that begin with the first of a group of so many."""
    steps = (kept >> np.uint64(1)).view(np.int64) ^ -(kept & np.uint64(1)).view(np.int64)
    for start in range(0, len(steps), group):
        np.cumsum(steps[start : start + group], axis=0, out=steps[start : start + group])
    return steps
