"""Exchanges of atoms of unlike species at the sites of a sample, partners drawn by readiness, compiled.

The rule is in `simulation/partners.py`, whose kernel does the same for any pairwise potential, by tables.
"""

from __future__ import annotations

import ctypes
import weakref
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Floats
from glasscli.engine.own.compiled import library
from glasscli.engine.own.sample import Sample, _check, _six

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Exchanged:
    """What a batch of attempts came to.

    tried, accepted  [n_species, n_species], a < b;  energy  sum of the accepted changes
    occupant         [n] the atom (index at the start) that now sits on each site
    """

    tried: Counts
    accepted: Counts
    energy: float
    occupant: Counts


class Ready:
    """The sites of a sample of two or more species, whose diameters do not vary. Raises MissingPackageError where
    nothing was compiled."""

    def __init__(self, sample: Sample) -> None:
        self._library, self._sample = library(), sample
        self._pointer = self._library.ready_new(sample.pointer)
        if not self._pointer:
            raise MemoryError(f"no memory for {sample.atoms} sites, or no two species")
        weakref.finalize(self, self._library.ready_free, self._pointer)

    def exchange(
        self,
        positions: Floats,
        edges: Floats,
        rng: np.random.Generator,
        attempts: int,
        beta: float,
        shares: Floats,
    ) -> Exchanged:
        """Attempts at positions [n, 3] in a periodic box whose edges are at least two cutoffs; the sample's species are
        left as they are.

        shares: [n_species, n_species] float64, weights of pairs a < b of species, one of which is there at least.
        """
        n_species, n = len(shares), self._sample.atoms
        positions, edges = np.ascontiguousarray(positions), _six(edges)
        state, energy = rng.integers(1, 2**64 - 1, 4, dtype=np.uint64), ctypes.c_double()
        counts, occupant = np.zeros((2, n_species, n_species), np.int64), np.empty(n, np.int64)
        tried, accepted = counts
        _check(
            self._library.ready_exchange(
                self._pointer, positions.ctypes.data, edges.ctypes.data, attempts, beta, shares.ctypes.data,
                state.ctypes.data, tried.ctypes.data, accepted.ctypes.data, occupant.ctypes.data, ctypes.byref(energy),
            )
        )  # fmt: skip
        return Exchanged(tried, accepted, energy.value, occupant)

    def change(self, i: int, j: int) -> float:
        """Energy change of exchanging the atoms that now sit on sites i and j, for as long as the sample is asked of no
        other positions."""
        return float(self._library.ready_change(self._pointer, i, j))

    @property
    def order(self) -> Counts:
        """[n] sites in the order in which they are drawn."""
        found = np.empty(self._sample.atoms, np.int64)
        self._library.ready_order(self._pointer, found.ctypes.data)
        return found
