"""Pairs of atoms whose diameters vary, as LAMMPS has them: it writes no table of these, so two atoms are placed."""

from __future__ import annotations

import numpy as np

from glasscli.configuration import Box, Configuration, Floats
from glasscli.engine.evaluator import Evaluator
from glasscli.engine.pairwise import PairCurve, no_sum
from glasscli.errors import InputError
from glasscli.model.sizes import pair_length
from glasscli.model.system import System

# Of a cutoff, in lengths of a pair: how exactly it is found, and the digits that a system's file would give.
FOUND, DIGITS = 1e-13, 6
SECTIONS = 64  # into which what is left is cut each time


class SizedPairs(Evaluator):
    """Asks LAMMPS for energies and forces of two atoms of any two diameters.

    Raises InputError for a system without such, and for a many-body potential.
    """

    extra = ("compute force all property/atom fx",)

    def __init__(self, system: System) -> None:
        if system.sizes is None:
            raise InputError(f"{system.name} has no [sizes]")
        if why := no_sum(system):
            raise InputError(f"{system.name} {why}")
        super().__init__(system)
        self._nonadditivity = system.sizes.nonadditivity

    def length(self, a: float, b: float) -> float:
        """That of a pair of these diameters."""
        return float(pair_length(np.array(a), np.array(b), self._nonadditivity))

    def curve(self, a: float, b: float, distances: Floats) -> PairCurve:
        """Energy and force of atoms of diameters a and b at distances [n] up to the cutoff: pairs in a row, out of each
        other's sight.
        """
        n, apart = len(distances), 4 * self.system.cutoff
        first = np.full((n, 3), apart / 2)
        first[:, 0] += apart * np.arange(n)
        second = first.copy()
        second[:, 0] += distances
        pairs = Configuration(
            np.concatenate([first, second]), np.ones(2 * n, dtype=np.int32), Box(np.array([n * apart, apart, apart])),
            diameters=np.repeat([a, b], n),
        )  # fmt: skip
        engine = self._placed(pairs)
        engine.commands(["compute energy all pe/atom", "run 0 post no"])
        energies, forces = engine.gather_compute("energy"), engine.gather_compute("force")
        engine.commands(["uncompute energy"])
        # As far apart as they are: the second place is rounded.
        return PairCurve(second[:, 0] - first[:, 0], energies[:n] + energies[n:], forces[n:])

    def cutoff(self, size: float) -> float:
        """The last distance at which atoms of one diameter still see each other, in lengths of their pair."""
        inside, beyond, length = 0.5 * size, self.system.cutoff, self.length(size, size)
        while beyond - inside > FOUND * beyond:
            found = self.curve(size, size, np.linspace(inside, beyond, SECTIONS))
            alive = np.flatnonzero((found.energy != 0) | (found.force != 0))
            last = int(alive[-1]) if len(alive) else 0
            before = beyond - inside
            inside, beyond = float(found.r[last]), float(found.r[min(last + 1, SECTIONS - 1)])
            if not 0 < beyond - inside < before:
                break
        rounded = round(inside / length, DIGITS)
        # Where energy and force vanish smoothly, rounding hides the very end.
        return rounded if abs(rounded - inside / length) < 10.0**-DIGITS else inside / length
