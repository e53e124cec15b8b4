"""Where a structure is locally a Laves phase: the right Voronoi cell with the right species around it.

In C14, C15 and C36 every small atom sits in an icosahedron (Z12, <0,0,12,0>) of 6 small and 6 large neighbours, every
large atom in a Frank-Kasper polyhedron (Z16, <0,0,12,4>) of 12 small and 4 large ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Floats, Ints
from glasscli.errors import InputError
from glasscli.observables.voronoi import Tessellation

# Columns of a tessellation's indices: faces with five and six edges.
_FIVE, _SIX = 4, 5


@dataclass(frozen=True)
class LavesTest:
    """Which atoms are locally Laves.

    z12  [n_atoms] small atoms in <0,0,12,0> of 6 small + 6 large neighbours
    z16  [n_atoms] large atoms in <0,0,12,4> of 12 small + 4 large neighbours
    """

    z12: NDArray[np.bool_]
    z16: NDArray[np.bool_]

    @property
    def laves(self) -> NDArray[np.bool_]:
        """[n_atoms] either."""
        return np.asarray(self.z12 | self.z16)

    @property
    def fraction(self) -> float:
        """Share of all atoms that are locally Laves."""
        return float(self.laves.mean())


@dataclass(frozen=True)
class LocalMeans:
    """Mean energy and Voronoi volume of the atoms of one species."""

    energy: float
    volume: float


def laves_test(tessellation: Tessellation, species: Ints, sizes: tuple[int, int] | None = None) -> LavesTest:
    """Return which atoms have the surroundings of a Laves phase.

    tessellation: made with `bonds=True`; noise shatters vertices where four faces meet, but those of Laves phases are
    all threefold, so no edge threshold is needed. species: [n_atoms]. sizes: (large, small) species, None for 1 and 2.
    Raises InputError without bonds.
    """
    large, small = sizes or (1, 2)
    if tessellation.bonds is None:
        raise InputError("the Laves test needs neighbours: tessellate with bonds=True")
    n = len(species)
    first, second = tessellation.bonds.T
    small_neighbours, neighbours = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for a, b in ((first, second), (second, first)):
        neighbours += np.bincount(a, minlength=n)
        small_neighbours += np.bincount(a[species[b] == small], minlength=n)
    five, six = tessellation.indices[:, _FIVE], tessellation.indices[:, _SIX]
    faces = tessellation.indices.sum(axis=1)
    z12 = (species == small) & (five == 12) & (faces == 12) & (neighbours == 12) & (small_neighbours == 6)
    z16 = (
        (species == large) & (five == 12) & (six == 4) & (faces == 16)
        & (neighbours == 16) & (small_neighbours == 12)
    )  # fmt: skip
    return LavesTest(z12, z16)


def local_means(energies: Floats, tessellation: Tessellation, species: Ints) -> dict[int, LocalMeans]:
    """Return mean energy and Voronoi volume of each species (Derlet & Maass 2019, Fig. 5).

    energies: [n_atoms] of each atom, a pair's energy shared equally (`Minimiser.energies`). Their mean is the energy
    per atom of the whole, the volumes' mean the volume per atom.
    """
    return {
        int(s): LocalMeans(
            float(energies[species == s].mean()), float(tessellation.volumes[species == s].mean())
        )
        for s in np.unique(species)
    }
