"""Exchanges of atoms of unlike diameters at frozen positions, compiled."""

from __future__ import annotations

import ctypes
import weakref

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Box, Floats
from glasscli.engine.own.compiled import instruction_set, library
from glasscli.engine.own.laws import SCALED, laws
from glasscli.errors import InputError
from glasscli.model.system import System

Counts = NDArray[np.int64]


class Swaps:
    """Frozen sites and whose atoms sit on them, of a system whose diameters vary from atom to atom.

    diameters  [n] of the atoms; occupant  [n] the atom (index at the start) that now sits on each site

    Raises InputError for a system whose pairs are none of ours, MissingPackageError where nothing was compiled.
    """

    def __init__(self, system: System, diameters: Floats) -> None:
        self._library, found, sizes = library(), laws(system), system.sizes
        if sizes is None or found.family != SCALED:
            raise InputError(f"{system.name} has no [sizes]: its species are exchanged")
        law = np.ascontiguousarray(found.laws[0, 0])
        self.atoms, self._diameters = len(diameters), diameters
        self._pointer = self._library.swaps_new(
            self.atoms, law.ctypes.data, sizes.nonadditivity, float(diameters.max()), _positive(law),
            instruction_set(),
        )  # fmt: skip
        if not self._pointer:
            raise MemoryError(f"no memory for {self.atoms} sites")
        self._free = weakref.finalize(self, self._library.swaps_free, self._pointer)
        self.occupant: Counts = np.arange(self.atoms)

    def place(self, positions: Floats, box: Box) -> None:
        """The atoms are at positions [n, 3] in a periodic box, whose edges are at least two cutoffs."""
        positions, edges = np.ascontiguousarray(positions), np.ascontiguousarray(box.edges)
        diameters = np.ascontiguousarray(self._diameters)
        if not self._library.swaps_place(
            self._pointer, positions.ctypes.data, edges.ctypes.data, diameters.ctypes.data
        ):
            raise MemoryError("no memory for the neighbours of sites")
        self.occupant = np.arange(self.atoms)

    def total(self) -> float:
        """Potential energy of all."""
        return float(self._library.swaps_total(self._pointer))

    def change(self, i: int, j: int) -> float:
        """Energy change of exchanging the atoms of sites i and j."""
        return float(self._library.swaps_change(self._pointer, i, j))

    def exchange(
        self, rng: np.random.Generator, attempts: int, beta: float, width: float
    ) -> tuple[int, float]:
        """Attempt exchanges by Metropolis at inverse temperature `beta`, of unlike atoms whose diameters differ by less
        than `width`: all such pairs alike, so that a move and its reverse are proposed equally often.

        Returns how many were accepted, and the sum of their energy changes. Raises InputError where no pair is so near.
        """
        gaps = np.diff(np.unique(self._diameters))
        if not len(gaps) or gaps.min() >= width:
            raise InputError(f"no two atoms have unlike diameters that differ by less than {width:g}")
        state = rng.integers(1, 2**64 - 1, 4, dtype=np.uint64)
        total = ctypes.c_double()
        accepted = self._library.swaps_exchange(
            self._pointer,
            state.ctypes.data,
            attempts,
            beta,
            width,
            self.occupant.ctypes.data,
            ctypes.byref(total),
        )
        return int(accepted), total.value


def _positive(law: Floats) -> int:
    """Whether no pair of a law (see `pairs_law`) has a negative energy, rounding at the cutoff aside."""
    x = np.linspace(0.3, law[2] ** 0.5, 2001)
    energy = law[3] * x**-12 - law[4] * x**-6 + law[5] + law[6] * x**2 + law[7] * x**4
    return int(energy.min() > -1e-12 * abs(energy).max())
