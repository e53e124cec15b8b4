"""A walk at constant pressure: hybrid Monte Carlo, and after each trial an attempt at another volume."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glasscli.configuration import Box
from glasscli.free_energy.walk import WANTED, Walk

EVERYWHERE, ALONG_Z = (0, 1, 2), (2,)
HALF = 0.5  # share of these attempts that is wanted


class Pressed:
    """Atoms under the first sample of a walk's blend at a pressure (energy per volume).

    axes: those edges of the box that change, together; of one axis the pressure along it is the one that is held.
    """

    def __init__(self, walk: Walk, pressure: float, axes: Sequence[int] = EVERYWHERE) -> None:
        self.walk, self.pressure, self.axes = walk, pressure, list(axes)
        self.stretch = 0.01  # of ln V, at most, in an attempt

    def go(self) -> tuple[bool, bool]:
        """One trial and one attempt; whether each was accepted."""
        return self.walk.go(), self._rescale()

    def settle(self, rounds: int) -> None:
        """Walk so many rounds, both steps following what is accepted."""
        for k in range(rounds):
            pace = 1.0 + 0.2 / (1 + k / 10)
            went, stretched = self.go()
            self.walk.step *= pace if went else pace ** (-WANTED / (1 - WANTED))
            self.stretch *= pace if stretched else pace ** (-HALF / (1 - HALF))

    def _rescale(self) -> bool:
        """P(V'/V) = exp[-(dU + P dV)/kT + (N + 1) ln(V'/V)] for steps in ln V (Frenkel and Smit, 5.4)."""
        walk, blend = self.walk, self.walk.blend
        before, positions, edges, energies = blend.energy(), blend.positions, blend.edges, blend.energies
        change = self.stretch * (2 * walk.rng.random() - 1)
        scale = np.ones(3)
        scale[self.axes] = np.exp(change / len(self.axes))
        volume = float(edges.prod())
        blend.positions, blend.edges = positions * scale, edges * scale
        blend.look()
        cost = blend.energy() - before + self.pressure * volume * np.expm1(change)
        cost -= (len(positions) + 1) * walk.kT * change
        if not walk.rng.random() < np.exp(min(0.0, -cost / walk.kT)):
            blend.positions, blend.edges, blend.energies = positions, edges, energies
            return False
        if walk.exchanges:
            walk.exchanges.box = Box(blend.edges)
        return True
