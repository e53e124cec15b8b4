"""Free energies of liquids, by two ways that have nothing in common.

From the ideal gas at infinite temperature, along an isochore: with b = 1/kT and U the potential energy,

    b F_ex(b) = int_0^b U db' = int_0^(b^1/4) 4 z^3 U(z^4) dz

In z a core that diverges as r^-12 is smooth: at high temperatures b F_ex is a power series in z (b^(1/4) is the only
combination of temperature and length that r^-12 has). No line of transitions is met at fixed volume.

From the Uhlenbeck-Ford fluid at the temperature itself, by switching there and back.

Mixtures: names of like atoms are exchanged in both, so that mixing is ideal in the ideal gas and in the reference,
whose atoms are all alike; all else of it is measured. F_ideal = sum_s N_s kT (ln(N_s L_s^3 / V) - 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from glasscli.configuration import Configuration, Floats
from glasscli.engine.own.blend import Blend
from glasscli.engine.own.sample import Sample
from glasscli.engine.pair_tables import PairTable
from glasscli.free_energy.crystal import Absolute, Effort, wavelengths
from glasscli.free_energy.estimate import Difference, difference
from glasscli.free_energy.means import Means, sampled
from glasscli.free_energy.uhlenbeck_ford import Fluid
from glasscli.free_energy.walk import Exchanges, Walk, smooth_path
from glasscli.model.system import System

# Gauss-Legendre nodes between infinite temperature and the highest that is asked for, and between two of these.
FIRST, BETWEEN = 10, 3
# Exchanges go by tables that begin where no atom gets to at less than so many times the hottest temperature asked for;
# above, atoms pass each other anyway.
HOT = 8.0


@dataclass(frozen=True)
class Node:
    """A temperature (kT) of an isochore, and the weight of its potential energy in b F_ex up to each of those asked
    for, [n_asked]; asked: which of these it is itself, if it is one."""

    kT: float
    weights: Floats
    asked: int | None = None


def ideal(system: System, counts: Sequence[int], volume: float, kT: float) -> float:
    """Free energy of the ideal gas of so many atoms of each species in a volume, of the whole."""
    lengths = wavelengths(system, kT)
    return float(
        sum(
            n * kT * (np.log(n * length**3 / volume) - 1)
            for n, length in zip(counts, lengths, strict=True)
            if n
        )
    )


def isochore(asked: Sequence[float]) -> list[Node]:
    """The temperatures (kT) to walk at, hottest first, for the free energies at those that are asked for."""
    order = sorted(range(len(asked)), key=lambda i: -asked[i])
    nodes, low = [], 0.0
    for place, i in enumerate(order):
        high = asked[i] ** -0.25
        x, w = np.polynomial.legendre.leggauss(BETWEEN if place else FIRST)
        z = low + (high - low) * (x + 1) / 2
        # All from here on down have this piece of the integral.
        later = np.isin(np.arange(len(asked)), order[place:]).astype(np.float64)
        nodes += [
            Node(float(z_k**-4), later * 4 * z_k**3 * w_k * (high - low) / 2)
            for z_k, w_k in zip(z, w, strict=True)
        ]
        nodes.append(Node(asked[i], np.zeros(len(asked)), i))
        low = high
    return nodes


class Liquid:
    """Atoms of a system in a cubic box, walked from one temperature to the next.

    table: pair tables where unlike atoms exchange places
    """

    def __init__(
        self, system: System, start: Configuration, rng: np.random.Generator, table: PairTable | None
    ) -> None:
        self.system, self._rng = system, rng
        self._sample = Sample(system, start.species)
        self._edges, self.positions = start.box.edges, start.positions
        self._exchanges = None if table is None else Exchanges(table, start.box, start.species)
        self._reach = 0.02 * start.spacing  # step of time by thermal velocity
        self.counts = tuple(int((start.species == s).sum()) for s in range(1, system.n_species + 1))
        self._species = start.species

    @property
    def volume(self) -> float:
        """Of the box."""
        return float(self._edges.prod())

    def means(self, kT: float, rounds: int, exchanges: bool = True) -> Means:
        """Settle at a temperature, then average over so many rounds."""
        swaps = self._exchanges if exchanges else None
        walk = Walk(
            Blend([self._sample], self.positions, self._edges),
            kT,
            self._rng,
            self._reach / np.sqrt(kT),
            swaps,
        )
        walk.settle(max(rounds // 2, 50))
        found = sampled(walk, rounds)
        self.positions, self._reach = walk.blend.positions, float(walk.step * np.sqrt(kT))
        return found

    def switched(self, kT: float, fluid: Fluid, effort: Effort) -> Difference:
        """F(liquid) - F(fluid), of the whole sample, from where the atoms are."""
        volume = self.volume / len(self.positions)
        other = Sample(fluid.system(self.system, volume, kT), self._species)
        blend = Blend([self._sample, other], self.positions, self._edges)
        walk = Walk(blend, kT, self._rng, self._reach / np.sqrt(kT), self._exchanges)
        here, there = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
        path = smooth_path(here, there, effort.steps)
        walk.settle(effort.rounds // 2)
        out, home = list[float](), list[float]()
        for _ in range(effort.switches):
            for weights, found, way in ((here, out, path), (there, home, path[::-1])):
                blend.weights = weights
                for _ in range(max(1, effort.steps // 4)):
                    walk.go()
                found.append(walk.switch(way))
        self.positions = blend.positions
        return difference(np.array(home), np.array(out), kT)


def by_fluid(liquid: Liquid, kT: float, fluid: Fluid, effort: Effort) -> Absolute:
    """F of a liquid by way of the Uhlenbeck-Ford fluid, of the whole sample."""
    means = liquid.means(kT, effort.rounds)
    switched = liquid.switched(kT, fluid, effort)
    n = len(liquid.positions)
    value = ideal(liquid.system, liquid.counts, liquid.volume, kT) + n * kT * fluid.excess() + switched.value
    return Absolute(value, switched.error, switched, means)


def along(liquid: Liquid, asked: Sequence[float], rounds: int) -> list[Absolute]:
    """F of the whole sample at each kT asked for, from the ideal gas; `independent` is that of the worst walk above."""
    sums, squares, at = np.zeros(len(asked)), np.zeros(len(asked)), dict[int, Means]()
    independent = float("inf")
    for node in isochore(asked):
        found = liquid.means(node.kT, rounds, node.kT < HOT * max(asked))
        sums += node.weights * found.energy
        squares += (node.weights * found.energy_error) ** 2
        independent = min(independent, found.independent)
        if node.asked is not None:
            at[node.asked] = replace(found, independent=independent)
    gas = [ideal(liquid.system, liquid.counts, liquid.volume, kT) for kT in asked]
    return [
        Absolute(gas[i] + kT * float(sums[i]), kT * float(np.sqrt(squares[i])), None, at[i])
        for i, kT in enumerate(asked)
    ]
