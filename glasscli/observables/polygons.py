"""Voronoi polygons of atoms in a plane, and what their neighbours say: bond-orientational order, cages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Configuration, Floats
from glasscli.errors import GlassError, InputError

# Sides shorter than this share of the spacing are corners where four polygons meet, split by rounding.
CORNER = 1e-6
BEGIN = 3.0  # spacings of copies around the box that are tried first


@dataclass(frozen=True)
class Polygons:
    """The Voronoi polygons of one configuration in a plane.

    first, second  [n] the atoms on both sides of every side, each side both ways
    vectors        [n, 2] from the first atom to the second across that side
    lengths        [n] of the sides
    n_atoms        number of atoms
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    vectors: Floats
    lengths: Floats
    n_atoms: int

    @property
    def sides(self) -> NDArray[np.int64]:
        """[n_atoms] number of sides of each polygon: of neighbours."""
        return np.bincount(self.first, minlength=self.n_atoms)

    @property
    def areas(self) -> Floats:
        """[n_atoms] area of each polygon; their sum is that of the box."""
        triangles = self.lengths * np.linalg.norm(self.vectors, axis=1) / 4
        return np.asarray(np.bincount(self.first, triangles, minlength=self.n_atoms), dtype=np.float64)

    @property
    def psi_6(self) -> NDArray[np.complex128]:
        """[n_atoms] mean of exp(6 i theta) over the neighbours (Nelson & Halperin, Phys. Rev. B 19, 2457 (1979))."""
        x, y = self.vectors.T
        waves = np.exp(6j * np.arctan2(y, x))
        whole = np.bincount(self.first, waves.real, minlength=self.n_atoms) + 1j * np.bincount(
            self.first, waves.imag, minlength=self.n_atoms
        )
        return np.asarray(whole / self.sides)

    def relative(self, vectors: Floats) -> Floats:
        """[n_atoms, k] displacements [n_atoms, k] less the mean of those of each atom's neighbours."""
        sums = np.stack(
            [np.bincount(self.first, column[self.second], minlength=self.n_atoms) for column in vectors.T],
            axis=1,
        )
        return np.asarray(vectors - sums / self.sides[:, None])


def polygons(configuration: Configuration) -> Polygons:
    """Return the Voronoi polygons of a configuration in a periodic plane (SciPy's Voronoi of atoms and copies).

    Raises InputError for any other space, GlassError where the polygons do not fill the box, as with atoms on top of
    each other.
    """
    c, box = configuration, configuration.box
    if box.dimension != 2 or box.free:
        raise InputError(f"Voronoi polygons need a periodic plane; this box is {box.words}")
    positions, reach = box.wrap(c.positions), BEGIN * c.spacing
    while True:
        points, owners = box.copies(positions, reach)
        found = _of_points(points[:, :2], owners, c.n_atoms)
        # A corner's circle through its atoms holds no other atom: all that could lie in it must be there.
        if found is not None and 2 * found[1] <= reach:
            break
        if reach > 4 * box.diagonal + 4 * BEGIN * c.spacing:
            raise GlassError(_UNFILLED)
        reach *= 2
    if not abs(found[0].areas.sum() / box.extent - 1) < 1e-6:
        raise GlassError(_UNFILLED)
    return found[0]


_UNFILLED = "the Voronoi polygons of this frame do not fill its box: are two atoms on the same place?"


def _of_points(points: Floats, owners: NDArray[np.int64], n: int) -> tuple[Polygons, float] | None:
    """The polygons of the first n of points [m, 2], and the farthest of their corners; None where one is open."""
    if len(points) < 4:
        return None
    from scipy.spatial import Voronoi  # it takes its time to load

    diagram = Voronoi(points)
    pairs = np.asarray(diagram.ridge_points, dtype=np.int64)
    ends = np.asarray(diagram.ridge_vertices, dtype=np.int64)
    near = (pairs < n).any(axis=1)
    pairs, ends = pairs[near], ends[near]
    if (ends < 0).any() or len(np.unique(pairs[pairs < n])) < n:
        return None
    corners = diagram.vertices[ends]
    lengths = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
    farthest = float(np.linalg.norm(corners - points[pairs[:, :1]], axis=2).max())
    both = np.concatenate([pairs, pairs[:, ::-1]])
    lengths = np.concatenate([lengths, lengths])
    kept = (both[:, 0] < n) & (lengths > CORNER * np.sqrt(np.ptp(points, axis=0).prod() / len(points)))
    both, lengths = both[kept], lengths[kept]
    vectors = points[both[:, 1]] - points[both[:, 0]]
    return Polygons(both[:, 0], owners[both[:, 1]], vectors, lengths, n), farthest
