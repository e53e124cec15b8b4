"""The cell of another program's frame as our box, and how its atoms come into it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glasscli.box import Box, Floats, Ints, upright
from glasscli.errors import FileError, InputError

if TYPE_CHECKING:
    from ovito.data import DataCollection


@dataclass(frozen=True)
class Placed:
    """A box, and the way into it.

    box       of this frame
    corner    [3] the file's corner of the box, in the box's own directions; 0 along free ones, where atoms stay
    rotation  [3, 3] that turns the file's directions to those of the box; None where they are the same
    mirrored  whether c points the other way: the file's vectors are left-handed
    stated    whether the file has a box: one without holds a cluster
    """

    box: Box
    corner: Floats
    rotation: Floats | None = None
    mirrored: bool = False
    stated: bool = True

    def positions(self, positions: Floats) -> Floats:
        """[n, 3] from the box's corner; they may lie outside of it."""
        return self.directions(positions) - self.corner

    def directions(self, vectors: Floats) -> Floats:
        """[n, 3] velocities, or positions, in the directions of the box."""
        return vectors if self.rotation is None else vectors @ self.rotation

    def images(self, images: Ints) -> Ints:
        """[n, 3] image flags along the vectors of the box."""
        return images * np.array([1, 1, -1], dtype=np.int32) if self.mirrored else images

    def notes(self, name: str, corner: bool = True) -> list[str]:
        """Lines for people: what is otherwise than in the file; corner: whether that is where the file has it."""
        found = []
        if self.rotation is not None:
            found.append(f"{name}: its box is turned, and the atoms with it: a along x, b in the xy plane")
        if corner and self.corner.any():
            place = ", ".join(f"{x:.6g}" for x in self.corner + 0.0)  # no -0
            found.append(f"{name}: positions are from the box's corner ({place})")
        return found


def placed(
    data: DataCollection, path: Path, frame: int, boundary: str | None = None, given: Box | None = None
) -> Placed:
    """The box of a frame, of a plane (GSD states that) as a layer. Raises FileError for one that encloses nothing.

    boundary: in LAMMPS's words, where the file states what OVITO does not pass on; given: the box of a file that has
    none, InputError where it has one
    """
    cell = data.cell
    where = f"{path.name}: frame {frame}"
    if given is not None:
        if cell is not None and (cell.is2D or cell.volume > 0):
            raise InputError(f"{path.name} states its box itself: leave --box out")
        return Placed(given, np.zeros(3))
    if cell is None:
        particles = data.particles
        assert particles is not None
        positions = np.asarray(particles["Position"], dtype=np.float64)
        size = float(np.ptp(positions, axis=0).max()) if np.isfinite(positions).all() else 0.0
        return Placed(Box(np.full(3, size or 1.0), (False, False, False)), np.zeros(3), stated=False)
    matrix = np.array(cell[...], dtype=np.float64)
    if cell.is2D:  # what is above the plane is no matter
        matrix[2, :3], matrix[:2, 2], matrix[2, 2] = 0.0, 0.0, np.abs(matrix[:2, :2]).max()
    a, b, c = (word == "p" for word in boundary.split()) if boundary else map(bool, cell.pbc)
    try:
        return _standing(matrix.tobytes(), (a, b, c))
    except InputError as error:
        raise FileError(f"{where} has a box with no volume") from error


@lru_cache(maxsize=4)  # frames of constant volume have one box, and what is worked out of it once
def _standing(cell: bytes, periodic: tuple[bool, bool, bool]) -> Placed:
    """The way into the box of a cell, [3, 4] numbers: its vectors, one a column, and its corner."""
    matrix = np.frombuffer(cell).reshape(3, 4)
    box, rotation, shift = upright(matrix[:, :3].T, periodic)
    turned = not np.array_equal(rotation, np.eye(3))
    mirrored = bool(shift.any())
    corner = matrix[:, 3] + shift if mirrored else matrix[:, 3].copy()
    if turned:
        corner = corner @ rotation
    if box.free:
        corner = box.cartesian(np.where(box.periodic, box.fractional(corner), 0.0))
    return Placed(box, corner, rotation if turned else None, mirrored)
