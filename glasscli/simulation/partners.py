"""Exchanges whose partners are chosen by how well each would fit where the other is.

A site i of species a keeps the energy E(i, b) that an atom of species b would have there, so its readiness to become b,

    w_i(b) = exp[-(E(i, b) - E(i, a)) / 2 kT],

is known before anything is tried. Two atoms are drawn with probability s_ab w_i(b) w_j(a) / Z, Z the sum of that over
all pairs of unlike atoms (s_ab a weight of the two species), and exchanged with probability

    min(1, exp(-dE/kT) s_ab w'_i(a) w'_j(b) Z / [s_ab w_i(b) w_j(a) Z']),

primes standing for afterwards: detailed balance by Metropolis and Hastings. Where i and j do not see each other the
exponentials cancel and Z/Z' is left, so that most are accepted (proposals balanced locally: Zanella, J. Am. Stat.
Assoc. 115, 852 (2020)). An attempt costs two neighbourhoods, as an accepted exchange does where partners are any.

This kernel takes any pairwise potential. Where atoms move under our own forces, `engine/own/ready.py` does the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glasscli.compiled import njit
from glasscli.configuration import Floats
from glasscli.simulation.kernel import Counts, Sites, _around, _change, _energies, _random, _state

# Readiness is summed by blocks of sites, so that drawing an atom looks at few: at so many blocks at most, whatever the
# number of sites.
BLOCK, BLOCKS = 32, 1024
# Largest exponents: of a readiness, so that sums of them are exact to eight digits whatever was taken away again, and
# of the rule.
STEEPEST, LARGEST = 18.0, 500.0


def exchange_ready(
    sites: Sites, rng: np.random.Generator, attempts: int, beta: float, weights: Floats | None = None
) -> tuple[Counts, Counts, float]:
    """As `Sites.exchange`, partners drawn by readiness."""
    n_species = sites._site.shape[1] - 3
    tried, accepted = np.zeros((n_species, n_species), np.int64), np.zeros((n_species, n_species), np.int64)
    shares = shares_of(np.bincount(sites._species, minlength=n_species), weights)
    energy = _exchange_ready(
        _state(rng), attempts, beta, sites._species, sites._occupant, sites._site, shares, tried, accepted,
        *sites._space, *sites._table,
    )  # fmt: skip
    return tried, accepted, float(energy)


def shares_of(counts: Sequence[int] | Counts, weights: Floats | None) -> Floats:
    """[n_species, n_species] s_ab of a < b, zero where atoms of one are not there; counts: of atoms, by species.

    Raises ValueError where that leaves nothing.
    """
    there = np.asarray(counts) > 0
    if there.sum() < 2:
        raise ValueError("all atoms are alike: there is nothing to exchange")
    shares = np.triu(np.ones((len(there), len(there))) if weights is None else weights, 1)
    shares *= np.multiply.outer(there, there)
    if not shares.sum() > 0:
        raise ValueError("no pair of species that is there has a weight")
    return np.ascontiguousarray(shares, dtype=np.float64)


@njit(inline="always")
def _readiness(i, b, beta, species, site):  # type: ignore[no-untyped-def]
    """w of one site for one species; nothing for the one that is there."""
    a = species[i]
    if a == b:
        return 0.0
    return np.exp(min(-0.5 * beta * (site[i, 3 + b] - site[i, 3 + a]), STEEPEST))


@njit(inline="always")
def _settle(i, beta, species, site, ready, sums, block):  # type: ignore[no-untyped-def]
    """Bring the readiness of one site up to date, and its block's sum."""
    a = species[i]
    for b in range(ready.shape[1]):
        now = _readiness(i, b, beta, species, site)
        sums[i // block, a, b] += now - ready[i, b]
        ready[i, b] = now


@njit()
def _whole(sums, shares, parts):  # type: ignore[no-untyped-def]
    """Z; parts [s, s]: the readiness of all atoms of a for b."""
    parts[:] = 0.0
    for k in range(len(sums)):
        parts += sums[k]
    total = 0.0
    for a in range(len(parts)):
        for b in range(a + 1, len(parts)):
            total += shares[a, b] * parts[a, b] * parts[b, a]
    return total


@njit()
def _draw(left, a, b, species, ready, sums, block):  # type: ignore[no-untyped-def]
    """The atom of species a at which the readiness for b has added up to `left`."""
    last = -1
    for k in range(len(sums)):
        if left >= sums[k, a, b]:
            left -= sums[k, a, b]
            continue
        for i in range(k * block, min((k + 1) * block, len(species))):
            if species[i] == a:
                last = i
                left -= ready[i, b]
                if left < 0:
                    return i
    if last < 0:  # rounding took it past the last
        for i in range(len(species)):
            if species[i] == a:
                last = i
    return last


@njit()
def _become(  # type: ignore[no-untyped-def]
    i, b, beta, species, site, ready, sums, block, x, y, z, box, cells, where, begin, pair, low, inverse, cutoff_sq,
    knots, furthest, found, near, distances, squares, kept, kept_ready,
):  # fmt: skip
    """The atom of site i becomes one of species b; how many sites around it were told. What they were is kept."""
    a, n_species = species[i], len(pair)
    count = _around(i, False, x, y, z, box, cells, where, begin, furthest, near, distances, squares)
    for k in range(count):
        j = near[k]
        for s in range(n_species):
            kept[k, s], kept_ready[k, s] = site[j, 3 + s], ready[j, s]
        if j != i:
            _energies(distances[k], low, inverse, cutoff_sq, knots, found)
            for s in range(n_species):
                site[j, 3 + s] += found[pair[s, b]] - found[pair[s, a]]
            _settle(j, beta, species, site, ready, sums, block)
    for s in range(n_species):
        sums[i // block, a, s] -= ready[i, s]
        ready[i, s] = 0.0
    species[i] = b
    _settle(i, beta, species, site, ready, sums, block)
    return count


@njit()
def _restore(i, a, species, site, ready, sums, block, near, count, kept, kept_ready):  # type: ignore[no-untyped-def]
    """Undo `_become`: the atom of site i was one of species a."""
    for s in range(ready.shape[1]):
        sums[i // block, species[i], s] -= ready[i, s]
        ready[i, s] = 0.0
    species[i] = a
    for k in range(count):
        j = near[k]
        for s in range(ready.shape[1]):
            site[j, 3 + s] = kept[k, s]
            sums[j // block, species[j], s] += kept_ready[k, s] - ready[j, s]
            ready[j, s] = kept_ready[k, s]


@njit()
def _exchange_ready(  # type: ignore[no-untyped-def]
    state, attempts, beta, species, occupant, site, shares, tried, accepted,
    x, y, z, box, cells, where, begin, pair, low, inverse, cutoff_sq, knots,
):  # fmt: skip
    n, n_species, furthest = len(x), len(pair), cutoff_sq.max()
    total, found, parts = 0.0, np.zeros(len(cutoff_sq)), np.zeros((n_species, n_species))
    near, distances, squares = np.empty((2, n + 1), np.int64), np.empty(n + 1), np.empty(n)
    kept, kept_ready = np.empty((2, n + 1, n_species)), np.empty((2, n + 1, n_species))
    block = max(BLOCK, n // BLOCKS)
    ready, sums = np.zeros((n, n_species)), np.zeros(((n + block - 1) // block, n_species, n_species))
    for i in range(n):
        _settle(i, beta, species, site, ready, sums, block)
    whole = _whole(sums, shares, parts)
    for _ in range(attempts):
        left, a, b = _random(state) * whole, 0, 1
        for p in range(n_species * n_species):
            c, d = p // n_species, p % n_species
            if c < d and shares[c, d] > 0:
                a, b = c, d
                left -= shares[a, b] * parts[a, b] * parts[b, a]
                if left < 0:
                    break
        i = _draw(_random(state) * parts[a, b], a, b, species, ready, sums, block)
        j = _draw(_random(state) * parts[b, a], b, a, species, ready, sums, block)
        tried[a, b] += 1
        change = _change(i, j, a, b, site, box, pair, low, inverse, cutoff_sq, knots, furthest, found)
        forth = ready[i, b] * ready[j, a] / whole
        first = _become(
            i, b, beta, species, site, ready, sums, block, x, y, z, box, cells, where, begin, pair, low, inverse,
            cutoff_sq, knots, furthest, found, near[0], distances, squares, kept[0], kept_ready[0],
        )  # fmt: skip
        second = _become(
            j, a, beta, species, site, ready, sums, block, x, y, z, box, cells, where, begin, pair, low, inverse,
            cutoff_sq, knots, furthest, found, near[1], distances, squares, kept[1], kept_ready[1],
        )  # fmt: skip
        then = _whole(sums, shares, parts)
        back = ready[i, a] * ready[j, b] / then
        if _random(state) * forth < np.exp(min(-beta * change, LARGEST)) * back:
            occupant[i], occupant[j] = occupant[j], occupant[i]
            accepted[a, b] += 1
            total += change
            whole = then
        else:
            _restore(j, b, species, site, ready, sums, block, near[1], second, kept[1], kept_ready[1])
            _restore(i, a, species, site, ready, sums, block, near[0], first, kept[0], kept_ready[0])
            whole = _whole(sums, shares, parts)
    return total
