"""Atoms under a weighted sum of pair energies and of springs, by hybrid Monte Carlo: what free energies are made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glasscli.configuration import Floats
from glasscli.engine.own.legs import accepted, momenta
from glasscli.engine.own.sample import Sample, leg


class Blend:
    """Atoms at positions [n, 3], continuous, in a rectangular periodic box.

        U = sum_p weights[p] U_p + weights[-1] sum_i springs_i |x_i - anchors_i|^2 / 2

    Samples by trials that are exact at any time step (see `legs`). Momenta add up to nothing, so that the centre of
    mass stays: with springs the atoms' masses are these, so that it is sum k_i (x_i - a_i) that stays zero.
    Masses decide how fast configurations change, never which: `momenta` of the sampler are not the atoms' own.

    energies  [n_parts + 1] of the parts and of the springs at the present positions, without weights
    """

    def __init__(
        self, samples: Sequence[Sample], positions: Floats, edges: Floats, springs: Floats | None = None,
        anchors: Floats | None = None,
    ) -> None:  # fmt: skip
        self.samples, self.positions, self.edges = list(samples), positions.copy(), edges
        self.springs = None if springs is None else np.ascontiguousarray(springs)
        self.anchors = None if anchors is None else np.ascontiguousarray(anchors)
        n = len(positions)
        self.masses = np.ones(n) if springs is None else springs / springs.mean()
        self.weights = np.zeros(len(self.samples) + 1)
        self.weights[0] = 1.0
        self.energies = np.zeros(len(self.samples) + 1)
        self.look()

    def look(self) -> None:
        """Work the energies out anew: atoms were placed, or others sit on the sites."""
        still = np.zeros_like(self.positions)
        self.energies = self._leg(self.positions, still, 0, 0.0)[0]

    def energy(self, weights: Floats | None = None) -> float:
        """The weighted sum at the present positions; other weights than the present ones on wish."""
        w = self.weights if weights is None else weights
        return float(w[w != 0] @ self.energies[w != 0])

    def trial(self, rng: np.random.Generator, steps: int, step: float, kT: float) -> bool:
        """Go one stretch with new momenta; return whether its end was accepted."""
        drawn = momenta(rng, self.masses, kT)
        positions, velocities = self.positions.copy(), drawn.copy()
        _, after = self._leg(positions, velocities, steps, step)
        before = self.energy()
        used = self.weights != 0
        change = float(self.weights[used] @ after[used]) - before
        change += 0.5 * float(self.masses @ ((velocities**2).sum(axis=1) - (drawn**2).sum(axis=1)))
        if not accepted(rng, before, change, kT):
            return False
        self.positions, self.energies = positions, after
        return True

    def _leg(self, positions: Floats, velocities: Floats, steps: int, step: float) -> Floats:
        return leg(
            self.samples, self.weights, positions, velocities, 1 / self.masses, self.edges, steps, step,
            self.springs, self.anchors,
        )  # fmt: skip
