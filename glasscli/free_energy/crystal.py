"""Free energies of crystals, switched to Einstein crystals and back (Frenkel and Ladd, J. Chem. Phys. 81, 3188, 1984).

For labelled atoms that each stay near a site, with sum_i k_i u_i = 0 kept (u_i: away from the site),

    F = -kT ln Z_E + F_switch - kT ln(V / n) + sum_i 3 kT ln(L_i),
    Z_E = prod_i (2 pi kT / k_i)^(3/2) * (sum_i k_i / 2 pi kT)^(3/2)

Z_E is the Einstein crystal under that constraint (the second factor: how probable it is without), F_switch the work
from it to the crystal under the same constraint. The crystal as a whole may be anywhere: V/n, with n translations
that bring it upon itself, between which only the names of atoms differ (Polson, Trizac, Pronk and Frenkel, J. Chem.
Phys. 112, 5339 (2000), where n is the number of atoms). L_i = (2 pi hbar^2 / m_i kT)^(1/2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from glasscli.configuration import Configuration, Floats
from glasscli.engine.own.blend import Blend
from glasscli.engine.own.sample import Sample
from glasscli.errors import EngineError
from glasscli.free_energy.estimate import Difference, difference
from glasscli.free_energy.means import Means, of_walk, sampled
from glasscli.free_energy.walk import Exchanges, Walk, smooth_path
from glasscli.model.system import System

# Of the mean spacing: sites are that near to where a translation brings them.
SAME = 1e-4
# The same: how far, root mean square, atoms of a crystal that holds are from their sites; at melting it is 0.1 to 0.15.
HELD = 0.25


@dataclass(frozen=True)
class Effort:
    """How much is done for one free energy.

    switches  there, and as many back;  steps  in each: changes of the energy with a trial between two
    rounds    trials that a mean is taken over, half as many before it to settle
    """

    switches: int = 6
    steps: int = 200
    rounds: int = 1000


@dataclass(frozen=True)
class Absolute:
    """Of the whole sample: F and its error, the switches behind it where there were any, and what else was measured
    in the same state."""

    value: float
    error: float
    switched: Difference | None
    means: Means


def translations(crystal: Configuration, alike: bool = False) -> int:
    """How many translations bring a periodic crystal upon itself; alike: whoever sits on its sites."""
    species = np.ones_like(crystal.species) if alike else crystal.species
    positions = crystal.box.wrap(crystal.positions)
    tree = KDTree(positions, boxsize=crystal.box.edges)
    found = 0
    for j in np.flatnonzero(species == species[0]):
        away, to = tree.query(crystal.box.wrap(positions + (positions[j] - positions[0])))
        found += bool((away < SAME * crystal.spacing).all() and (species[to] == species).all())
    return found


def wavelengths(system: System, kT: float) -> Floats:
    """[n_species] thermal wavelengths (2 pi hbar^2 / m kT)^(1/2); of Lennard-Jones units with hbar = 1."""
    units = system.unit_system
    masses = np.array([s.mass for s in system.species]) * units.energy_per_mass_velocity2
    return np.asarray(np.sqrt(2 * np.pi * units.hbar**2 / (masses * kT)))


def einstein(springs: Floats, kT: float, volume: float) -> float:
    """-kT ln(Z_E V): springs [n], volume in which the crystal as a whole may be."""
    constrained = 1.5 * np.log(2 * np.pi * kT / springs).sum() - 1.5 * np.log(2 * np.pi * kT / springs.sum())
    return float(-kT * (constrained + np.log(volume)))


def frenkel_ladd(
    system: System, crystal: Configuration, kT: float, rng: np.random.Generator, effort: Effort = Effort(),
    exchanges: Exchanges | None = None,
) -> Absolute:  # fmt: skip
    """F of a crystal of these sites in this box, of the whole sample. The species of `crystal` say which sites are
    alike; exchanges: who sits on them, where atoms exchange places (see `solution`)."""
    sample = Sample(system, crystal.species if exchanges is None else exchanges.species)
    start = Blend([sample], crystal.positions, crystal.box.edges)
    walk = Walk(start, kT, rng, 0.1 * crystal.spacing * np.sqrt(1 / kT), exchanges)
    walk.settle(effort.rounds // 2)
    means = sampled(walk, effort.rounds, crystal.positions)
    per_species = {
        s: float(means.squares[crystal.species == s].mean()) for s in set(crystal.species.tolist())
    }
    if (away := float(np.sqrt(max(per_species.values())))) > HELD * crystal.spacing:
        raise EngineError(
            f"atoms left their sites ({away:.2g} from them on average): this crystal does not hold there"
        )
    if min(per_species.values()) <= 0:
        raise EngineError("atoms do not move: so cold that rounding holds them; give a higher temperature")
    springs = 3 * kT / np.array([per_species[s] for s in crystal.species.tolist()])
    found = by_springs(
        system, crystal, start.positions, springs, kT, rng, walk.step, effort, exchanges=exchanges
    )
    return Absolute(found.value, found.error, found.switched, means)


@dataclass(frozen=True)
class BySprings:
    """Of the whole sample: F and its error, the switches behind it, and what was added when the last springs were
    taken away; nothing where none stayed."""

    value: float
    error: float
    switched: Difference
    released: float


def by_springs(
    system: System, sites: Configuration, positions: Floats, springs: Floats, kT: float, rng: np.random.Generator,
    step: float, effort: Effort, kept: float = 0.0, exchanges: Exchanges | None = None,
) -> BySprings:  # fmt: skip
    """F of atoms that stay near their sites, switched from where they are [n, 3] to springs [n] and back.

    kept: this share of the springs stays, for atoms that would leave otherwise, and is taken away at the end: with
    U_s the energy of the springs, F(0) = F(kept) - kept <U_s> - kept^2 (<U_s^2> - <U_s>^2) / 2kT, of what
    stays.
    exchanges: who sits on the sites. Springs are those of sites, so that in the Einstein crystal all that exchanges
    reach is as probable: a way back begins with one of these, drawn by lot, and F is that of one of them until the
    logarithm of their number is taken off (see `solution`).
    """
    species = sites.species if exchanges is None else exchanges.species
    sample = Sample(system, species)
    rest = float(sample.evaluate(sites.positions, sites.box.edges)[0])
    blend = Blend([sample], positions, sites.box.edges, springs, sites.positions)
    whole, free = np.array([1.0, kept]), np.array([0.0, 1.0])
    blend.weights = whole
    _hold(blend)
    both = Walk(blend, kT, rng, step, exchanges)
    both.settle(effort.rounds // 4)
    path = smooth_path(whole, free, effort.steps)
    there, back, held = list[float](), list[float](), list[float]()
    left = blend.positions, _occupants(exchanges)
    for _ in range(effort.switches):
        blend.positions, blend.weights = left[0], whole
        _place(sample, exchanges, left[1])
        blend.look()
        for _ in range(max(1, effort.steps // 4)):
            both.go()
            held.append(float(blend.energies[-1]))
        left = blend.positions, _occupants(exchanges)
        there.append(both.switch(path) + rest)
        drawn = rng.standard_normal(sites.positions.shape) * np.sqrt(kT / springs)[:, None]
        blend.positions = sites.positions + drawn - springs @ drawn / springs.sum()
        blend.weights = free
        if exchanges is not None:
            _place(sample, exchanges, by_lot(exchanges, rng))
        blend.look()
        back.append(both.switch(path[::-1]) - rest)
    switched = difference(np.array(back), np.array(there), kT)
    volume = sites.box.volume / translations(sites)
    lengths = wavelengths(system, kT)[species - 1]
    value = einstein(springs, kT, volume) + switched.value + rest + 3 * kT * float(np.log(lengths).sum())
    if not kept:
        return BySprings(value, switched.error, switched, 0.0)
    mean, error = of_walk(np.array(held))
    released = -kept * mean - kept**2 * float(np.var(held)) / (2 * kT)
    return BySprings(value + released, float(np.hypot(switched.error, kept * error)), switched, released)


def by_lot(exchanges: Exchanges, rng: np.random.Generator) -> NDArray[np.int32]:
    """[n] species, those that exchange places on any of their sites."""
    drawn = exchanges.species.copy()
    among = np.ones(len(drawn), dtype=bool) if exchanges.among is None else exchanges.among
    drawn[among] = rng.permutation(drawn[among])
    return drawn


def _occupants(exchanges: Exchanges | None) -> NDArray[np.int32] | None:
    return None if exchanges is None else exchanges.species


def _place(sample: Sample, exchanges: Exchanges | None, species: NDArray[np.int32] | None) -> None:
    if exchanges is not None and species is not None:
        exchanges.species = species
        sample.species(species)


def _hold(blend: Blend) -> None:
    """Shift atoms so that sum k u = 0, which trials then keep."""
    assert blend.springs is not None and blend.anchors is not None
    away = blend.positions - blend.anchors
    blend.positions = blend.positions - blend.springs @ away / blend.springs.sum()
    blend.look()
