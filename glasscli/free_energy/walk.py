"""A walk through configurations at one temperature, and switches from one energy to another along it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Box, Floats
from glasscli.engine.own.blend import Blend
from glasscli.engine.pair_tables import PairTable
from glasscli.simulation.kernel import Sites

# Steps of one trial; which share of the trials is wanted, and how long their step is at first and at most.
LEG, WANTED = 10, 0.8
# Attempts at exchanges an atom after each trial.
ATTEMPTS = 4


@dataclass
class Exchanges:
    """Who sits where changes too, by Metropolis: pair tables, the box, and [n] species (from 1) as they are.

    among: [n] atoms that take part, None all;  tried, accepted: attempts so far
    """

    table: PairTable
    box: Box
    species: NDArray[np.int32]
    among: NDArray[np.bool_] | None = None
    tried: int = 0
    accepted: int = 0


class Walk:
    """Hybrid Monte Carlo, with `exchanges` of unlike atoms of the first of a blend's samples where there are any.

    step: of time; `settle` finds one.
    """

    def __init__(
        self,
        blend: Blend,
        kT: float,
        rng: np.random.Generator,
        step: float,
        exchanges: Exchanges | None = None,
    ) -> None:
        self.blend, self.kT, self.rng, self.step, self.exchanges = blend, kT, rng, step, exchanges

    def go(self) -> bool:
        """One trial and what exchanges belong to it; whether the trial was accepted."""
        said = self.blend.trial(self.rng, LEG, self.step, self.kT)
        if self.exchanges:
            self._exchange(self.exchanges)
        return said

    def settle(self, rounds: int) -> None:
        """Walk so many rounds, the step of time following the share of accepted trials; afterwards it stays."""
        for k in range(rounds):
            pace = 1.0 + 0.2 / (1 + k / 10)
            self.step *= pace if self.go() else pace ** (-WANTED / (1 - WANTED))

    def switch(self, path: Floats) -> float:
        """Walk while the energy changes from the weights path[0] to path[-1], [n, n_parts + 1]; return the work done.

        The energy changes while atoms hold still, and atoms walk while it does not: each walk leaves its own canonical
        distribution as it is, so that Crooks's relation holds for these switches whatever their time steps are.
        """
        work = 0.0
        for weights in path[1:]:
            work += self.blend.energy(weights) - self.blend.energy()
            self.blend.weights = weights
            self.go()
        return work

    def _exchange(self, exchanges: Exchanges) -> None:
        blend, box, sample = self.blend, exchanges.box, self.blend.samples[0]
        sites = Sites(
            box.wrap(blend.positions), exchanges.species - 1, box, exchanges.table,
            sample.sites(blend.positions, blend.edges),
        )  # fmt: skip
        attempts = ATTEMPTS * len(exchanges.species)
        tried, accepted, _ = sites.exchange(
            self.rng, attempts, float(blend.weights[0]) / self.kT, among=exchanges.among
        )
        exchanges.tried += int(tried.sum())
        exchanges.accepted += int(accepted.sum())
        exchanges.species = (sites.species + 1).astype(np.int32)
        sample.relabel(exchanges.species)
        blend.look()


def smooth_path(start: Floats, end: Floats, steps: int) -> Floats:
    """[steps + 1, n] weights from `start` to `end`, slow at both ends (de Koning and Antonelli 1996; Freitas 2016)."""
    t = np.linspace(0, 1, steps + 1)
    share = t**5 * (70 * t**4 - 315 * t**3 + 540 * t**2 - 420 * t + 126)
    return np.asarray(start + share[:, None] * (end - start))
