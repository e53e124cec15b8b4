"""Pairs whose force jumps at their cutoff: what they alone may give off where they cross it.

A pair that attracts with a force f up to its cutoff and not beyond rests nowhere near it: where a strain takes it there
its distance leaps, by a thousandth of the spacing or so, and gives off half of f times that. In a large sample some
pair crosses at any strain, and none of them is a rearrangement. The energy of two minima between which nothing but the
distance r of such a pair went on, with a constant slope and a leap, differs from the work that the trapezium of their
stresses says by at most f |r' - r| / 2, wherever in the step it crossed; energies that jump come in addition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Box, Floats
from glasscli.engine.pairwise import JUST_INSIDE, PairSource
from glasscli.errors import InputError
from glasscli.model.system import System

# A force that is smaller at the cutoff does not jump: what rounding leaves of one that ends smoothly.
SMOOTH = 1e-6


@dataclass(frozen=True)
class Cutoffs:
    """Where pairs of species end, and with what.

    index   [n_species, n_species] which of the following two species (from 0) have
    length  [n_pairs] cutoff; energy, force: [n_pairs] sizes just inside
    """

    index: NDArray[np.int64]
    length: Floats
    energy: Floats
    force: Floats

    @classmethod
    def of(cls, system: System) -> Self | None:
        """Those of a system; None where no force jumps, or where that is not known: no sum over pairs of species."""
        try:
            with PairSource(system) as source:
                lengths = [source.cutoff(pair, 33, 10) for pair in source.pairs]
                ends = [
                    source.curve(pair, 2, source.inner, JUST_INSIDE * length)
                    for pair, length in zip(source.pairs, lengths, strict=True)
                ]
                index = source.index
        except InputError:
            return None
        energy, force = (np.abs([getattr(end, name)[-1] for end in ends]) for name in ("energy", "force"))
        return cls(index, np.array(lengths), energy, force) if force.max() > SMOOTH else None

    def crossed(
        self, species: NDArray[np.int32], before: Floats, box: Box, after: Floats, later: Box
    ) -> float:
        """The most energy that pairs give off of which one end went across the other's cutoff, in either direction.

        before, after: continuous positions [n, 3] in a box and in a later one.
        """
        from scipy.spatial import cKDTree  # takes its time to load

        went = box.cartesian(later.fractional(after)) - before
        slack = 2 * float(np.sqrt((went**2).sum(axis=1).max())) + float(
            np.abs(later.vectors - box.vectors).sum() / box.width * self.length.max()
        )
        n, reach = len(before), float(self.length.max()) + slack
        everywhere, owner = box.copies(box.wrap(before), reach)
        a, b = cKDTree(everywhere).query_pairs(reach, output_type="ndarray").T
        a, b = a[a < n], b[a < n]
        i, j, d = a, owner[b], everywhere[b] - everywhere[a]
        images = np.rint(box.fractional(d - (before[j] - before[i])))
        then = after[j] - after[i] + later.cartesian(images)
        pair = self.index[species[i] - 1, species[j] - 1]
        was, now = (np.sqrt((one**2).sum(axis=1)) for one in (d, then))
        over = (was < self.length[pair]) != (now < self.length[pair])
        # Of a pair of an atom and an image both ways are there only where both are copies of atoms inside.
        share = np.where(b[over] < n, 1.0, 0.5)
        kind = pair[over]
        return float(share @ (self.energy[kind] + self.force[kind] * np.abs(now - was)[over] / 2))
