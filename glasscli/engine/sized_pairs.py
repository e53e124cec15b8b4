"""Pairs of atoms whose diameters vary, as LAMMPS has them: it writes no table of these, so two atoms are placed."""

from __future__ import annotations

from typing import Self

import numpy as np

from glasscli.configuration import Box, Configuration, Floats
from glasscli.engine.forces import Forces
from glasscli.engine.pairwise import PairCurve, no_sum
from glasscli.errors import InputError
from glasscli.model.sizes import pair_length
from glasscli.model.system import System

# Of a cutoff, in lengths of a pair: how exactly it is found, and the digits that a system's file would give.
FOUND, DIGITS = 1e-13, 6


class SizedPairs:
    """Asks LAMMPS for energies and forces of two atoms of any two diameters.

    Raises InputError for a system without such, and for a many-body potential.
    """

    def __init__(self, system: System) -> None:
        if system.sizes is None:
            raise InputError(f"{system.name} has no [sizes]")
        if why := no_sum(system):
            raise InputError(f"{system.name} {why}")
        self._sizes, self._forces = system.sizes, Forces(system)
        self._box = Box.cube(4 * system.cutoff)
        self.reach = system.cutoff

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._forces.close()

    def length(self, a: float, b: float) -> float:
        """That of a pair of these diameters."""
        return float(pair_length(np.array(a), np.array(b), self._sizes.nonadditivity))

    def curve(self, a: float, b: float, distances: Floats) -> PairCurve:
        """Energy and force of atoms of diameters a and b at distances [n]."""
        energies, forces = np.empty(len(distances)), np.empty(len(distances))
        centre = np.full(3, self._box.edges[0] / 2)
        for k, r in enumerate(distances):
            places = np.array([centre, centre + np.array([r, 0, 0])])
            found = self._forces.evaluate(
                Configuration(places, np.ones(2, dtype=np.int32), self._box, diameters=np.array([a, b]))
            )
            energies[k], forces[k] = 2 * found.energy, found.forces[1, 0]
        # As far apart as they are: the second place is rounded.
        return PairCurve((centre[0] + distances) - centre[0], energies, forces)

    def cutoff(self, size: float) -> float:
        """The last distance at which atoms of one diameter still see each other, in lengths of their pair."""
        inside, beyond, length = 0.5 * size, self.reach, self.length(size, size)
        while beyond - inside > FOUND * beyond:
            middle = (inside + beyond) / 2
            found = self.curve(size, size, np.array([middle]))
            if found.energy[0] != 0 or found.force[0] != 0:
                inside = middle
            else:
                beyond = middle
        rounded = round(inside / length, DIGITS)
        # Where energy and force vanish smoothly, rounding hides the very end.
        return rounded if abs(rounded - inside / length) < 10.0**-DIGITS else inside / length
