"""The nearest neighbours of each atom, by solid angles: no length has to be chosen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Configuration, Floats
from glasscli.errors import InputError

FEWEST, CANDIDATES = 4, 32
# Atoms whose candidates are held at once: many more than are kept.
SLICE = 16384


@dataclass(frozen=True)
class Shells:
    """Neighbours of all atoms in one list; those of atom i are start[i] to start[i + 1].

    start    [n_atoms + 1]; other [m] the neighbours, nearest first; vectors [m, 3] to them
    """

    start: NDArray[np.int64]
    other: NDArray[np.int64]
    vectors: Floats

    @property
    def counts(self) -> NDArray[np.int64]:
        """[n_atoms] how many each has."""
        return np.diff(self.start)


def nearest(configuration: Configuration, count: int) -> tuple[NDArray[np.int64], Floats]:
    """The `count` nearest others of each atom [n, count] and the vectors to them [n, count, 3], nearest first.

    Raises InputError where there are fewer atoms, or the box is too small to tell an atom from its copies.
    """
    found = list(_candidates(configuration, count))
    others = np.concatenate([others for others, _ in found])
    if max(r[:, -1].max() for _, r in found) > configuration.box.width / 2:
        raise InputError(
            f"the box is too small for {count} neighbours of each atom: an atom would see another twice"
        )
    return others, _vectors(configuration, np.arange(configuration.n_atoms)[:, None], others)


def _candidates(c: Configuration, count: int) -> Iterator[tuple[NDArray[np.int64], Floats]]:
    """Of each atom `count` others by distance, [n, count], and distances [n, count], in slices of the atoms."""
    if c.n_atoms <= count:
        raise InputError(f"{c.n_atoms} atoms have no {count} neighbours each")
    tree = c.box.tree(c.positions)
    for start in range(0, c.n_atoms, SLICE):
        atoms = np.arange(start, min(start + SLICE, c.n_atoms))
        distances, found = tree.nearest(c.positions[atoms], count + 1)
        own = found == atoms[:, None]
        # Of atoms on one place any may come first, or none that is the atom itself.
        own[~own.any(axis=1), 0] = True
        own &= np.cumsum(own, axis=1) == 1
        yield found[~own].reshape(-1, count), distances[~own].reshape(-1, count)


def _vectors(c: Configuration, i: NDArray[np.int64], j: NDArray[np.int64]) -> Floats:
    """Vectors from atoms i to the nearest copies of atoms j."""
    return np.asarray(c.box.minimum_image(c.positions[j] - c.positions[i]))


def shells(configuration: Configuration) -> Shells:
    """The neighbours by solid angles (SANN): the fewest whose solid angles fill the sphere.

    Those m nearest with sum r_j / (m - 2) < r_(m+1): 12 in fcc, hcp and an icosahedron, 14 in bcc (van Meel, Filion,
    Valeriani & Frenkel, J. Chem. Phys. 136, 234107 (2012), Eq. 5). Raises InputError for few atoms, and for a box too
    small to hold the shell of an atom once.
    """
    if configuration.box.dimension == 2:
        raise InputError("solid angles need three dimensions: atoms in a plane have polygons")
    most = min(CANDIDATES, configuration.n_atoms - 2)
    if most < FEWEST:
        raise InputError(f"{configuration.n_atoms} atoms are too few for shells of neighbours")
    m = np.arange(3, most + 1)
    kept, counts = [], []
    for others, r in _candidates(configuration, most + 1):
        radius = np.cumsum(r, axis=1)[:, 2:most] / np.maximum(m - 2, 1)
        # What lies beyond half the box may be a copy, but it lies beyond the shell.
        enough = (radius <= r[:, 3 : most + 1]) & (radius <= configuration.box.width / 2)
        if not enough.any(axis=1).all():
            raise InputError("the box is too small for the shells of neighbours, or atoms stand alone in it")
        counts.append(np.maximum(m[enough.argmax(axis=1)], FEWEST))
        kept.append(others[np.arange(most + 1) < counts[-1][:, None]])
    many, other = np.concatenate(counts), np.concatenate(kept)
    start = np.concatenate([[0], np.cumsum(many)]).astype(np.int64)
    return Shells(
        start, other, _vectors(configuration, np.repeat(np.arange(configuration.n_atoms), many), other)
    )
