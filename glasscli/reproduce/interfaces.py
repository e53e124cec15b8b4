"""Where atoms move in a composite of crystals and a disordered boundary: inside either, or where they meet."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Configuration, Floats, Ints
from glasscli.errors import InputError
from glasscli.landscape.events import way
from glasscli.observables.laves import laves_test
from glasscli.observables.voronoi import Tessellation, tessellate

REGIONS = ("crystal", "interface", "boundary")
# Of the mean spacing. An atom that went further left its place, where inherent structures have no vibrations; one whose
# new place was another's old one within REPLACED is part of a string (C. Donati et al., Phys. Rev. Lett. 80, 2338
# (1998), who take 0.6 of the spacing where there are vibrations).
LEFT, REPLACED = 0.4, 0.4


def regions(cells: Tessellation, species: Ints) -> NDArray[np.int64]:
    """[n_atoms] number in REGIONS: locally Laves and next to such an atom, or neither; interface where the two meet.

    An atom is locally Laves when all its neighbours are in place, so these belong to the crystal too: it is then the
    grains of a nanocomposite. cells: made with bonds. Raises InputError without.
    """
    if cells.bonds is None:
        raise InputError("regions need neighbours: tessellate with bonds=True")
    first, second = cells.bonds.T
    laves = laves_test(cells, species).laves
    crystal = laves.copy()
    crystal[first[laves[second]]] = crystal[second[laves[first]]] = True
    meets = np.zeros(len(species), dtype=bool)
    meets[cells.bonds[crystal[first] != crystal[second]]] = True
    return np.where(meets, REGIONS.index("interface"), np.where(crystal, 0, REGIONS.index("boundary")))


def moves(a: Configuration, b: Configuration) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """[n_atoms] which atoms left their places between two inherent structures, and which of them took another's."""
    left = np.linalg.norm(way(a.positions, b.positions, a.box), axis=1) > LEFT * a.spacing
    # The nearest old place may be the atom's own: of the two nearest, the one that is not.
    distances, owners = a.box.tree(a.positions).nearest(b.box.wrap(b.positions), 2)
    others = np.where(owners == np.arange(a.n_atoms)[:, None], np.inf, distances).min(axis=1)
    return left, left & (others < REPLACED * a.spacing)


@dataclass(frozen=True)
class Whereabouts:
    """Moves by region, in the order of REGIONS.

    atoms    [3] mean number of atoms in a region
    left     [3] atoms that left their places, summed over all intervals
    strings  [3] of these, atoms that took another's place
    """

    atoms: Floats
    left: Floats
    strings: Floats

    def rate(self, intervals: int) -> Floats:
        """[3] share of a region's atoms that leave their places in an interval; nan for a region without atoms."""
        empty = self.atoms == 0
        return np.asarray(np.where(empty, np.nan, self.left / np.where(empty, 1, self.atoms) / intervals))


def whereabouts(frames: Sequence[Configuration]) -> Whereabouts:
    """Count the moves between successive inherent structures by the region that each atom was in before."""
    atoms, left, strings = (np.zeros(len(REGIONS)) for _ in range(3))
    for a, b in itertools.pairwise(frames):
        where = regions(tessellate(a, bonds=True), a.species)
        gone, string = moves(a, b)
        for total, chosen in ((atoms, np.ones(a.n_atoms, dtype=bool)), (left, gone), (strings, string)):
            total += np.bincount(where[chosen], minlength=len(REGIONS))
    return Whereabouts(atoms / max(1, len(frames) - 1), left, strings)
