"""Crystals whose sites are shared by species: mixing entropy by exchanges, not assumed.

Where more atoms of a species are wanted than a crystal has, they sit on sites of those that are too many
(`substitute`). Atoms on these shared sites exchange places throughout, in the crystal and on the way to an Einstein
crystal whose springs are those of sites. There energies know nothing of species, as at infinite temperature: all

    W = N_shared! / prod_s N_s!

patterns are as probable, exactly, and the work of the switch is what is not ideal of them:

    F = F(as if of one pattern) - kT ln W,      F = -kT ln sum_i exp(-F_i / kT) over patterns i

The entropy of who sits where is that of the distribution of patterns, p_i = exp((F - F_i) / kT):

    S_mixing = -k sum_i p_i ln p_i = (<F_i> - F) / T

with <F_i> the mean over patterns taken from the walk, each held still and switched by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, xlogy

from glasscli.configuration import Configuration
from glasscli.engine.own.blend import Blend
from glasscli.engine.own.sample import Sample
from glasscli.engine.pair_tables import PairTable
from glasscli.errors import InputError
from glasscli.free_energy.crystal import Absolute, Effort, frenkel_ladd, translations
from glasscli.free_energy.kauzmann import mean_of
from glasscli.free_energy.walk import Exchanges, Walk
from glasscli.model.system import System
from glasscli.structures.build import substitute

PATTERNS = 3  # of the walk, whose F_i are measured


@dataclass(frozen=True)
class Solution:
    """Of the whole sample.

    absolute           F, exact for this number of atoms, and means
    entropy, error     S_mixing in k
    ideal, infinite    ln W, and what it is for so many atoms of an infinite crystal
    exchanged          share of the attempts at exchanges that were accepted
    """

    absolute: Absolute
    entropy: float
    error: float
    ideal: float
    infinite: float
    exchanged: float


def shared_sites(crystal: Configuration, counts: Sequence[int]) -> NDArray[np.bool_]:
    """[n] sites of the species that a crystal has too many of for these counts of atoms. Raises InputError where it
    has exactly these."""
    own = np.array([(crystal.species == s).sum() for s in range(1, len(counts) + 1)])
    if not (many := np.flatnonzero(own > np.array(counts)) + 1).size:
        raise InputError("the crystal has that composition itself: nothing is shared")
    return np.isin(crystal.species, many)


def ideal(species: NDArray[np.int32]) -> tuple[float, float]:
    """ln W of these atoms on as many sites, and what it is for each of so many in an infinite crystal."""
    counts = np.unique(species, return_counts=True)[1]
    n = int(counts.sum())
    return float(gammaln(n + 1) - gammaln(counts + 1).sum()), float(-n * xlogy(counts / n, counts / n).sum())


def mixed_crystal(
    system: System, crystal: Configuration, counts: Sequence[int], table: PairTable, kT: float, seed: int,
    rng: np.random.Generator, effort: Effort,
) -> Solution:  # fmt: skip
    """F of the sites of `crystal` with these counts of atoms of each species on them; seed: of the first pattern."""
    shared = shared_sites(crystal, counts)
    exchanges = Exchanges(table, crystal.box, substitute(crystal, tuple(counts), seed).species, shared)
    number, infinite = ideal(exchanges.species[shared])
    found = frenkel_ladd(system, crystal, kT, rng, effort, exchanges)
    absolute = replace(found, value=found.value - kT * number)
    # In a walk that goes on, patterns are as far from each other as a mean takes to settle.
    blend = Blend([Sample(system, exchanges.species)], crystal.positions, crystal.box.edges)
    walk = Walk(blend, kT, rng, 0.1 * crystal.spacing * np.sqrt(1 / kT), exchanges)
    exchanges.tried = exchanges.accepted = 0  # towards the Einstein crystal all were accepted
    still = replace(effort, switches=max(2, effort.switches // PATTERNS))
    values, errors = [], []
    for _ in range(PATTERNS):
        walk.settle(effort.rounds // 2)
        one = _held_still(system, crystal, exchanges.species, kT, rng, still)
        values.append(one.value)
        errors.append(one.error)
    mean, doubt = mean_of(values, errors)
    exchanged = exchanges.accepted / exchanges.tried
    error = float(np.hypot(doubt, absolute.error)) / kT
    return Solution(absolute, (mean - absolute.value) / kT, error, number, infinite, exchanged)


def _held_still(
    system: System, crystal: Configuration, species: NDArray[np.int32], kT: float, rng: np.random.Generator,
    effort: Effort,
) -> Absolute:  # fmt: skip
    """F_i of one pattern; of all that translations of the crystal make of it one, as of all patterns."""
    pattern = Configuration(crystal.positions, species, crystal.box)
    found = frenkel_ladd(system, pattern, kT, rng, effort)
    alike = np.log(translations(crystal) / translations(pattern))
    return replace(found, value=found.value + kT * float(alike))
