"""Exchange attempts at frozen positions, compiled.

Every site keeps the energy that each species would have there. The energy change of exchanging the atoms of two sites
is then four of these numbers, and a correction when the two see each other: the cost of an attempt depends neither on
the number of atoms nor on the cutoff. Only an accepted exchange touches the sites around it.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from glasscli.configuration import Floats
from glasscli.exchange.pair_table import PairTable

Counts = NDArray[np.int64]


class Sites:
    """Frozen sites and who sits on them.

    positions  [n, 3], in the periodic box [3], whose edges are at least two cutoffs
    species    [n] from 0; changes as atoms are exchanged
    occupant   [n] the atom (index at the start) that now sits on each site
    energies   [n, n_species] energy with all others that an atom of each species would have on each site
    """

    def __init__(self, positions: Floats, species: NDArray[np.int32], box: Floats, table: PairTable) -> None:
        self.positions = np.ascontiguousarray(positions)
        self.box = np.ascontiguousarray(box)
        self.species = species.astype(np.int64)
        self.occupant = np.arange(len(species))
        self._table = (table.pair, table.low, table.inverse, table.cutoff_sq, table.knots)
        self._start, self._near = neighbours(self.positions, self.box, table.cutoff)
        self.energies = _site_energies(
            self.positions, self.box, self.species, len(table.pair), self._start, self._near, *self._table
        )

    def total(self) -> float:
        """Potential energy of all."""
        return float(0.5 * self.energies[np.arange(len(self.species)), self.species].sum())

    def change(self, i: int, j: int) -> float:
        """Energy change of exchanging the atoms of sites i and j."""
        return float(
            _change_once(i, j, self.positions, self.box, self.species, self.energies, *self._table)
        )

    def exchange(self, rng: np.random.Generator, attempts: int, beta: float) -> tuple[Counts, Counts, float]:
        """Attempt exchanges of unlike atoms by Metropolis at inverse temperature `beta`.

        Returns tried and accepted, both [n_species, n_species] (a < b), and the sum of accepted energy changes.
        Raises ValueError when all atoms are alike.
        """
        n_species = self.energies.shape[1]
        counts = np.bincount(self.species, minlength=n_species)
        if (counts > 0).sum() < 2:
            raise ValueError("all atoms are alike: there is nothing to exchange")
        order = np.argsort(self.species, kind="stable")
        first = np.concatenate([[0], np.cumsum(counts)])
        tried = np.zeros((n_species, n_species), np.int64)
        accepted = np.zeros((n_species, n_species), np.int64)
        energy = _exchange(
            _state(rng), attempts, beta, self.positions, self.box, self.species, self.occupant, self.energies,
            self._start, self._near, order, first, tried, accepted, *self._table,
        )  # fmt: skip
        return tried, accepted, float(energy)

    def transmute(
        self, rng: np.random.Generator, attempts: int, beta: float, mu: Floats
    ) -> tuple[Counts, Counts, float]:
        """Attempt to change the species of single atoms, at chemical potentials `mu` [n_species] (semi-grand).

        Returns tried and accepted, [from, to], and the sum of accepted changes of potential energy. Momenta are
        taken to be drawn afresh for the new mass, so that the kinetic energy plays no part.
        """
        n_species = self.energies.shape[1]
        tried = np.zeros((n_species, n_species), np.int64)
        accepted = np.zeros((n_species, n_species), np.int64)
        energy = _transmute(
            _state(rng), attempts, beta, mu, self.positions, self.box, self.species, self.energies,
            self._start, self._near, tried, accepted, *self._table,
        )  # fmt: skip
        return tried, accepted, float(energy)


def _state(rng: np.random.Generator) -> NDArray[np.uint64]:
    """Seed of the compiled generator: not all zero."""
    return rng.integers(1, 2**64 - 1, 4, dtype=np.uint64)


def neighbours(positions: Floats, box: Floats, cutoff: float) -> tuple[Counts, NDArray[np.int32]]:
    """Neighbour lists by minimum image: start [n + 1], and the sites near i in near[start[i]:start[i + 1]].

    Cells of a cutoff's width, so the cost grows with n; a box of fewer than four cells a side is searched whole.
    """
    cells = np.maximum(1, np.floor(box / cutoff)).astype(np.int64)
    if (cells < 4).any():
        cells[:] = 1
    where = np.minimum((positions / box * cells).astype(np.int64), cells - 1)
    flat = (where[:, 0] * cells[1] + where[:, 1]) * cells[2] + where[:, 2]
    order = np.argsort(flat, kind="stable").astype(np.int32)
    begin = np.searchsorted(flat[order], np.arange(int(cells.prod()) + 1))
    x, y, z = np.ascontiguousarray(positions[order].T)
    start, near = _neighbours(positions, x, y, z, box, cutoff * cutoff, cells, where, order, begin)
    return start, near


@njit(cache=True, inline="always")
def _random(state):  # type: ignore[no-untyped-def]
    """Uniform in [0, 1): xoshiro256+ (Blackman and Vigna 2021), whose upper 53 bits are good. `state` [4] uint64."""
    s0, s1, s2, s3 = state[0], state[1], state[2], state[3]
    result = s0 + s3
    moved = s1 << np.uint64(17)
    s2 ^= s0
    s3 ^= s1
    state[0], state[1] = s0 ^ s3, s1 ^ s2
    state[2], state[3] = s2 ^ moved, (s3 << np.uint64(45)) | (s3 >> np.uint64(19))
    return np.float64(result >> np.uint64(11)) * 2.0**-53


@njit(cache=True, inline="always")
def _accepted(cost, state):  # type: ignore[no-untyped-def]
    """Metropolis: with probability exp(-cost), cost in kT."""
    if cost <= 0:
        return True
    drawn = _random(state)
    # exp(-cost) < 1 / (1 + cost + cost^2 / 2) settles nearly all without an exponential.
    return drawn * (1 + cost + 0.5 * cost * cost) < 1 and drawn < np.exp(-cost)


@njit(cache=True, inline="always")
def _squared(x, box, i, j):  # type: ignore[no-untyped-def]
    d0, d1, d2 = abs(x[i, 0] - x[j, 0]), abs(x[i, 1] - x[j, 1]), abs(x[i, 2] - x[j, 2])
    d0 = min(d0, box[0] - d0)
    d1 = min(d1, box[1] - d1)
    d2 = min(d2, box[2] - d2)
    return d0 * d0 + d1 * d1 + d2 * d2


@njit(cache=True, fastmath=True)
def _squares(x, y, z, box, x0, y0, z0, squares):  # type: ignore[no-untyped-def]
    """Squared distances of all to one point; a loop that vectorises."""
    l0, l1, l2 = box[0], box[1], box[2]
    for k in range(len(x)):
        d0, d1, d2 = abs(x[k] - x0), abs(y[k] - y0), abs(z[k] - z0)
        d0, d1, d2 = min(d0, l0 - d0), min(d1, l1 - d1), min(d2, l2 - d2)
        squares[k] = d0 * d0 + d1 * d1 + d2 * d2


@njit(cache=True)
def _pick(squares, members, square, i, near):  # type: ignore[no-untyped-def]
    """Members nearer than the cutoff, but for i itself. Written always, kept when near: no branch to mispredict."""
    found = 0
    for k in range(len(members)):
        near[found] = members[k]
        found += (squares[k] < square) & (members[k] != i)
    return found


@njit(cache=True)
def _neighbours(positions, x, y, z, box, square, cells, where, order, begin):  # type: ignore[no-untyped-def]
    """x, y, z are in the order of cells."""
    n = len(order)
    shells = 1 if cells[0] == 1 else 3
    squares = np.empty(n)
    start = np.zeros(n + 1, np.int64)
    near = np.empty(128 * n, np.int32)
    found = 0
    for i in range(n):
        start[i] = found
        for shell in range(shells * shells * shells):
            c0 = (where[i, 0] + shell // (shells * shells) - shells // 2) % cells[0]
            c1 = (where[i, 1] + shell // shells % shells - shells // 2) % cells[1]
            c2 = (where[i, 2] + shell % shells - shells // 2) % cells[2]
            cell = (c0 * cells[1] + c1) * cells[2] + c2
            low, high = begin[cell], begin[cell + 1]
            if found + high - low > len(near):
                bigger = np.empty(2 * len(near) + n, np.int32)
                bigger[:found] = near[:found]
                near = bigger
            _squares(
                x[low:high], y[low:high], z[low:high], box, positions[i, 0], positions[i, 1], positions[i, 2], squares
            )
            found += _pick(squares, order[low:high], square, i, near[found:])
    start[n] = found
    return start, near[:found].copy()


@njit(cache=True, inline="always")
def _energies(square, low, inverse, cutoff_sq, knots, found):  # type: ignore[no-untyped-def]
    """Energies of all pairs of species at one squared distance: cubic Hermite interpolation."""
    t = (square - low) * inverse
    k = min(max(int(t), 0), len(knots) - 2)
    t -= k
    for p in range(len(cutoff_sq)):
        e0, s0, e1, s1 = knots[k, p, 0], knots[k, p, 1], knots[k + 1, p, 0], knots[k + 1, p, 1]
        rise = e1 - e0
        found[p] = e0 + t * (s0 + t * (3 * rise - 2 * s0 - s1 + t * (s0 + s1 - 2 * rise)))
        if square >= cutoff_sq[p]:
            found[p] = 0.0


@njit(cache=True)
def _site_energies(  # type: ignore[no-untyped-def]
    x, box, species, n_species, start, near, pair, low, inverse, cutoff_sq, knots
):
    energies, found = np.zeros((len(x), n_species)), np.zeros(len(cutoff_sq))
    for i in range(len(x)):
        a = species[i]
        for k in range(start[i], start[i + 1]):
            j = near[k]
            if j > i:
                b = species[j]
                _energies(_squared(x, box, i, j), low, inverse, cutoff_sq, knots, found)
                for s in range(n_species):
                    energies[i, s] += found[pair[s, b]]
                    energies[j, s] += found[pair[s, a]]
    return energies


@njit(cache=True, inline="always")
def _change(  # type: ignore[no-untyped-def]
    i, j, x, box, species, energies, pair, low, inverse, cutoff_sq, knots, furthest, found
):
    a, b = species[i], species[j]
    change = energies[i, b] - energies[i, a] + energies[j, a] - energies[j, b]
    square = _squared(x, box, i, j)
    if square < furthest:
        # Each of the two was counted in the other's site energy as what it no longer is.
        _energies(square, low, inverse, cutoff_sq, knots, found)
        change += 2 * found[pair[a, b]] - found[pair[a, a]] - found[pair[b, b]]
    return change


@njit(cache=True)
def _change_once(  # type: ignore[no-untyped-def]
    i, j, x, box, species, energies, pair, low, inverse, cutoff_sq, knots
):
    found = np.zeros(len(cutoff_sq))
    return _change(
        i, j, x, box, species, energies, pair, low, inverse, cutoff_sq, knots, cutoff_sq.max(), found
    )


@njit(cache=True)
def _become(  # type: ignore[no-untyped-def]
    i, b, x, box, species, energies, start, near, pair, low, inverse, cutoff_sq, knots, found
):
    """The atom of site i becomes one of species b: tell the sites around it."""
    a = species[i]
    for k in range(start[i], start[i + 1]):
        j = near[k]
        _energies(_squared(x, box, i, j), low, inverse, cutoff_sq, knots, found)
        for s in range(energies.shape[1]):
            energies[j, s] += found[pair[s, b]] - found[pair[s, a]]
    species[i] = b


@njit(cache=True)
def _exchange(  # type: ignore[no-untyped-def]
    state, attempts, beta, x, box, species, occupant, energies, start, near, order, first, tried, accepted,
    pair, low, inverse, cutoff_sq, knots,
):  # fmt: skip
    n_species, furthest = energies.shape[1], cutoff_sq.max()
    total, found = 0.0, np.zeros(len(cutoff_sq))
    # Pairs of unlike atoms are drawn uniformly; with the composition fixed their number by species is too.
    unlike = 0.0
    for a in range(n_species):
        for b in range(a + 1, n_species):
            unlike += (first[a + 1] - first[a]) * (first[b + 1] - first[b])
    for _ in range(attempts):
        a, b = 0, 1
        if n_species > 2:
            left = _random(state) * unlike
            for p in range(n_species * n_species):
                a, b = p // n_species, p % n_species
                if a < b:
                    left -= (first[a + 1] - first[a]) * (first[b + 1] - first[b])
                    if left < 0:
                        break
        p = first[a] + int(_random(state) * (first[a + 1] - first[a]))
        q = first[b] + int(_random(state) * (first[b + 1] - first[b]))
        i, j = order[p], order[q]
        tried[a, b] += 1
        change = _change(
            i, j, x, box, species, energies, pair, low, inverse, cutoff_sq, knots, furthest, found
        )
        if not _accepted(beta * change, state):
            continue
        _become(i, b, x, box, species, energies, start, near, pair, low, inverse, cutoff_sq, knots, found)
        _become(j, a, x, box, species, energies, start, near, pair, low, inverse, cutoff_sq, knots, found)
        order[p], order[q] = j, i
        occupant[i], occupant[j] = occupant[j], occupant[i]
        accepted[a, b] += 1
        total += change
    return total


@njit(cache=True)
def _transmute(  # type: ignore[no-untyped-def]
    state, attempts, beta, mu, x, box, species, energies, start, near, tried, accepted,
    pair, low, inverse, cutoff_sq, knots,
):  # fmt: skip
    n, n_species = energies.shape
    total, found = 0.0, np.zeros(len(cutoff_sq))
    for _ in range(attempts):
        i = int(_random(state) * n)
        a = species[i]
        b = (a + 1 + int(_random(state) * (n_species - 1))) % n_species
        tried[a, b] += 1
        change = energies[i, b] - energies[i, a]
        if not _accepted(beta * (change - mu[b] + mu[a]), state):
            continue
        _become(i, b, x, box, species, energies, start, near, pair, low, inverse, cutoff_sq, knots, found)
        accepted[a, b] += 1
        total += change
    return total
