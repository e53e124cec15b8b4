"""Which minima a trajectory visits between two of its inherent structures: the time between them is bisected.

States of the dynamics are kept in memory as they pass, and minimised only where they are needed, so that the
trajectory is the same with and without. What is found is a function of the states alone, resumed or not.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse.csgraph import connected_components

from glasscli.configuration import Box, Configuration, Floats
from glasscli.engine.minimiser import InherentStructure, Minimiser

# Of the mean spacing: an atom further than this from its other place makes another minimum.
PLACE = 0.05
# Of one bond's energy, for the whole sample.
ENERGY = 1e-3
# The core of a rearrangement moves more than this share of its farthest atom; the rest gives way elastically.
CORE = 0.4
# Atoms within this many spacings are neighbours.
LINK = 1.5


class Harvest:
    """Minima between two that are given, from the states kept in between."""

    def __init__(self, minimiser: Minimiser) -> None:
        self._minimiser = minimiser
        self._last: InherentStructure | None = None
        self._states: list[Configuration] = []

    def begin(self, found: InherentStructure) -> None:
        """Forget what was before; the dynamics goes on from the basin of `found`."""
        self._last, self._states = found, []

    def keep(self, state: Configuration) -> None:
        """Keep the present state until the next minimum is given."""
        self._states.append(replace(state, velocities=None))

    def reach(self, end: InherentStructure) -> list[InherentStructure]:
        """Return the minima met on the way from the last one to `end`, each at the first state known to be in it."""
        found = self._between(self._last, self._states, end) if self._last else []
        self.begin(end)
        return found

    def _between(
        self, a: InherentStructure, states: list[Configuration], b: InherentStructure
    ) -> list[InherentStructure]:
        """Halve the time until a and b are one transition apart, or no state lies between.

        One transition: the state in the middle lies in a or in b, and the atoms that move are one connected group.
        """
        if not states or same(a, b):
            return []
        half = len(states) // 2
        middle = self._minimiser.minimise(states[half])
        if (same(middle, a) or same(middle, b)) and one_group(a, b):
            return [] if same(middle, a) else [middle]
        before = self._between(a, states[:half], middle)
        arrived = [] if same([a, *before][-1], middle) else [middle]
        return [*before, *arrived, *self._between(middle, states[half + 1 :], b)]


def same(a: InherentStructure, b: InherentStructure) -> bool:
    """Whether two inherent structures are one: their energies agree and no atom lies elsewhere."""
    one, other = a.configuration, b.configuration
    if abs(a.energy - b.energy) * one.n_atoms > ENERGY:
        return False
    return bool(np.abs(way(one.positions, other.positions, one.box)).max() < PLACE * one.spacing)


def one_group(a: InherentStructure, b: InherentStructure) -> bool:
    """Whether the core of what moves from a to b hangs together, neighbour by neighbour."""
    one = a.configuration
    u = way(one.positions, b.configuration.positions, one.box)
    lengths = np.linalg.norm(u, axis=1)
    core = one.positions[lengths > CORE * lengths.max()]
    apart = np.linalg.norm(one.box.minimum_image(core[None] - core[:, None]), axis=2)
    near = apart < LINK * one.spacing
    return int(connected_components(near, directed=False, return_labels=False)) == 1


def way(a: Floats, b: Floats, box: Box) -> Floats:
    """[n, 3] displacements from a to b by the shortest way, the drift of the atoms that stay left out."""
    u = box.minimum_image(b - a)
    return np.asarray(u - np.median(u, axis=0))
