"""Exchange attempts at frozen positions, compiled.

Every site keeps the energy that each species would have there. The energy change of exchanging the atoms of two sites
is then four of these numbers, and a correction when the two see each other: the cost of an attempt depends neither on
the number of atoms nor on the cutoff. Only an accepted exchange touches the sites around it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glasscli.compiled import njit
from glasscli.configuration import Box, Floats
from glasscli.engine.pair_tables import PairTable

Counts = NDArray[np.int64]


class Sites:
    """Frozen sites and who sits on them.

    positions  [n, 3], in the periodic box, whose edges are at least two cutoffs; of a plane those in it
    species    [n] from 0; changes as atoms are exchanged
    occupant   [n] the atom (index at the start) that now sits on each site
    energies   [n, n_species] energy by itself and with all others that an atom of each species would have on each site

    All are in the order of the atoms at the start; inside, sites are sorted by cells of a cutoff's width.
    """

    def __init__(
        self, positions: Floats, species: NDArray[np.int32], box: Box, table: PairTable,
        energies: Floats | None = None,
    ) -> None:  # fmt: skip
        """energies: where they are known already, without those that each has alone."""
        self._order, self._space = cells_of(positions, box, table.cutoff)
        self._rank = np.empty_like(self._order)
        self._rank[self._order] = np.arange(len(self._order))
        self._species = species[self._order].astype(np.int64)
        self._occupant = np.arange(len(self._order))
        self._table = (table.pair, table.low, table.inverse, table.cutoff_sq, table.knots)
        self._alone = table.alone
        if energies is None:
            self._site = _prepare(self._species, len(table.pair), *self._space, *self._table)
        else:
            self._site = np.column_stack([*self._space[:3], energies[self._order]])
        self._site[:, 3:] += table.alone

    @property
    def species(self) -> Counts:
        """[n] species that sits on each site."""
        return self._species[self._rank]

    @property
    def occupant(self) -> Counts:
        """[n] atom that sits on each site."""
        return self._order[self._occupant][self._rank]

    @property
    def energies(self) -> Floats:
        """[n, n_species] energies of the sites."""
        return np.asarray(self._site[self._rank, 3:])

    def total(self) -> float:
        """Potential energy of all."""
        whole = self._site[np.arange(len(self._species)), 3 + self._species]
        return float(0.5 * (whole + self._alone[self._species]).sum())

    def change(self, i: int, j: int) -> float:
        """Energy change of exchanging the atoms of sites i and j."""
        a, b = self._rank[i], self._rank[j]
        return float(_change_once(a, b, self._species, self._site, self._space[3], *self._table))

    def exchange(
        self, rng: np.random.Generator, attempts: int, beta: float, weights: Floats | None = None,
        among: NDArray[np.bool_] | None = None,
    ) -> tuple[Counts, Counts, float]:  # fmt: skip
        """Attempt exchanges of unlike atoms by Metropolis at inverse temperature `beta`.

        weights: [n_species, n_species], of which a < b counts: how often a pair of species is tried, then any of its
        pairs of atoms alike; None tries all pairs of unlike atoms alike. The composition being fixed, a move and its
        reverse are proposed equally often either way.
        among: [n] sites whose atoms exchange places; None: all.
        Returns tried and accepted, both [n_species, n_species] (a < b), and the sum of accepted energy changes.
        Raises ValueError when all atoms are alike.
        """
        n_species = self._site.shape[1] - 3
        chosen = np.arange(len(self._order)) if among is None else np.flatnonzero(among[self._order])
        counts = np.bincount(self._species[chosen], minlength=n_species)
        if (counts > 0).sum() < 2:
            raise ValueError("all atoms are alike: there is nothing to exchange")
        pairs = np.multiply.outer(counts, counts).astype(np.float64)
        shares = np.triu(pairs if weights is None else weights * (pairs > 0), 1)
        if not shares.sum() > 0:
            raise ValueError("no pair of species that is there has a weight")
        grouped = chosen[np.argsort(self._species[chosen], kind="stable")]
        first = np.concatenate([[0], np.cumsum(counts)])
        tried = np.zeros((n_species, n_species), np.int64)
        accepted = np.zeros((n_species, n_species), np.int64)
        energy = _exchange(
            _state(rng), attempts, beta, self._species, self._occupant, self._site, grouped, first, shares, tried,
            accepted,
            *self._space, *self._table,
        )  # fmt: skip
        return tried, accepted, float(energy)

    def transmute(
        self, rng: np.random.Generator, attempts: int, beta: float, mu: Floats
    ) -> tuple[Counts, Counts, float]:
        """Attempt to change the species of single atoms, at chemical potentials `mu` [n_species] (semi-grand).

        Returns tried and accepted, [from, to], and the sum of accepted changes of potential energy. Momenta are
        taken to be drawn afresh for the new mass, so that the kinetic energy plays no part.
        """
        n_species = self._site.shape[1] - 3
        tried = np.zeros((n_species, n_species), np.int64)
        accepted = np.zeros((n_species, n_species), np.int64)
        energy = _transmute(
            _state(rng),
            attempts,
            beta,
            mu,
            self._species,
            self._site,
            tried,
            accepted,
            *self._space,
            *self._table,
        )
        return tried, accepted, float(energy)


def _state(rng: np.random.Generator) -> NDArray[np.uint64]:
    """Seed of the compiled generator: not all zero."""
    return rng.integers(1, 2**64 - 1, 4, dtype=np.uint64)


def cells_of(positions: Floats, box: Box, cutoff: float) -> tuple[Counts, tuple[NDArray[Any], ...]]:
    """[n] atoms by cells of a cutoff's width, and the space as kernels take it: x, y, z in that order, the edges of the
    box, cells along each, the cell of each atom, where each cell begins."""
    box = box.layer(3 * cutoff)
    cells = np.maximum(1, np.floor(box.edges / cutoff)).astype(np.int64)
    if (cells < 3).any():  # a cell would be its own neighbour on both sides: search the whole box
        n = len(positions)
        x, y, z = np.ascontiguousarray(positions.T)
        return np.arange(n), (
            x, y, z, box.edges, np.ones(3, np.int64), np.zeros((n, 3), np.int64), np.array([0, n]),
        )  # fmt: skip
    where = np.minimum((box.fractional(positions) * cells).astype(np.int64), cells - 1)
    flat = (where[:, 0] * cells[1] + where[:, 1]) * cells[2] + where[:, 2]
    order = np.argsort(flat, kind="stable")
    begin = np.searchsorted(flat[order], np.arange(int(cells.prod()) + 1))
    x, y, z = np.ascontiguousarray(positions[order].T)
    return order, (x, y, z, box.edges, cells, where[order], begin)


@njit(inline="always")
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


@njit(inline="always")
def _accepted(cost, state):  # type: ignore[no-untyped-def]
    """Metropolis: with probability exp(-cost), cost in kT."""
    if cost <= 0:
        return True
    drawn = _random(state)
    # exp(-cost) < 1 / (1 + cost + cost^2 / 2) settles nearly all without an exponential.
    return drawn * (1 + cost + 0.5 * cost * cost) < 1 and drawn < np.exp(-cost)


@njit(inline="always")
def _squared(site, box, i, j):  # type: ignore[no-untyped-def]
    d0, d1, d2 = abs(site[i, 0] - site[j, 0]), abs(site[i, 1] - site[j, 1]), abs(site[i, 2] - site[j, 2])
    d0, d1, d2 = min(d0, box[0] - d0), min(d1, box[1] - d1), min(d2, box[2] - d2)
    return d0 * d0 + d1 * d1 + d2 * d2


@njit(fastmath=True)
def _squares(x, y, z, l0, l1, l2, x0, y0, z0, squares):  # type: ignore[no-untyped-def]
    """Squared distances of all to one point; a loop that vectorises."""
    for k in range(len(x)):
        d0, d1, d2 = abs(x[k] - x0), abs(y[k] - y0), abs(z[k] - z0)
        d0, d1, d2 = min(d0, l0 - d0), min(d1, l1 - d1), min(d2, l2 - d2)
        squares[k] = d0 * d0 + d1 * d1 + d2 * d2


@njit()
def _pick(squares, n, furthest, first, near, distances):  # type: ignore[no-untyped-def]
    """Those nearer than the cutoff. Written always, kept when near: no branch to mispredict."""
    found = 0
    for k in range(n):
        near[found] = first + k
        distances[found] = squares[k]
        found += squares[k] < furthest
    return found


@njit()
def _around(i, later, x, y, z, box, cells, where, begin, furthest, near, distances, squares):  # type: ignore[no-untyped-def]
    """The sites near i (only those after it when `later`; i itself may be among them otherwise): how many."""
    shells = 1 if cells[0] == 1 else 3
    found = 0
    for shell in range(shells * shells * shells):
        c0 = (where[i, 0] + shell // (shells * shells) - shells // 2) % cells[0]
        c1 = (where[i, 1] + shell // shells % shells - shells // 2) % cells[1]
        c2 = (where[i, 2] + shell % shells - shells // 2) % cells[2]
        cell = (c0 * cells[1] + c1) * cells[2] + c2
        low, high = begin[cell], begin[cell + 1]
        if later and low <= i:
            low = i + 1
        if low < high:
            _squares(x[low:high], y[low:high], z[low:high], box[0], box[1], box[2], x[i], y[i], z[i], squares)
            found += _pick(squares, high - low, furthest, low, near[found:], distances[found:])
    return found


@njit(inline="always")
def _energies(square, low, inverse, cutoff_sq, knots, found):  # type: ignore[no-untyped-def]
    """Energies of all pairs of species at one squared distance: cubic Hermite interpolation."""
    t = (1 / square - low) * inverse
    k = min(max(int(t), 0), len(knots) - 2)
    t -= k
    for p in range(len(cutoff_sq)):
        e0, s0, e1, s1 = knots[k, p, 0], knots[k, p, 1], knots[k + 1, p, 0], knots[k + 1, p, 1]
        rise = e1 - e0
        found[p] = e0 + t * (s0 + t * (3 * rise - 2 * s0 - s1 + t * (s0 + s1 - 2 * rise)))
        if square >= cutoff_sq[p]:
            found[p] = 0.0


@njit()
def _prepare(  # type: ignore[no-untyped-def]
    species, n_species, x, y, z, box, cells, where, begin, pair, low, inverse, cutoff_sq, knots
):
    """[n, 3 + n_species]: place of each site and its energies, together in memory because they are read together."""
    n, furthest = len(x), cutoff_sq.max()
    site, found = np.zeros((n, 3 + n_species)), np.zeros(len(cutoff_sq))
    near, distances, squares = np.empty(n + 1, np.int64), np.empty(n + 1), np.empty(n)
    for i in range(n):
        site[i, 0], site[i, 1], site[i, 2] = x[i], y[i], z[i]
        a = species[i]
        count = _around(i, True, x, y, z, box, cells, where, begin, furthest, near, distances, squares)
        for k in range(count):
            j = near[k]
            b = species[j]
            _energies(distances[k], low, inverse, cutoff_sq, knots, found)
            for s in range(n_species):
                site[i, 3 + s] += found[pair[s, b]]
                site[j, 3 + s] += found[pair[s, a]]
    return site


@njit(inline="always")
def _change(  # type: ignore[no-untyped-def]
    i, j, a, b, site, box, pair, low, inverse, cutoff_sq, knots, furthest, found
):
    change = site[i, 3 + b] - site[i, 3 + a] + site[j, 3 + a] - site[j, 3 + b]
    square = _squared(site, box, i, j)
    if square < furthest:
        # Each of the two was counted in the other's site energy as what it no longer is.
        _energies(square, low, inverse, cutoff_sq, knots, found)
        change += 2 * found[pair[a, b]] - found[pair[a, a]] - found[pair[b, b]]
    return change


@njit()
def _change_once(i, j, species, site, box, pair, low, inverse, cutoff_sq, knots):  # type: ignore[no-untyped-def]
    found = np.zeros(len(cutoff_sq))
    a, b = species[i], species[j]
    return _change(i, j, a, b, site, box, pair, low, inverse, cutoff_sq, knots, cutoff_sq.max(), found)


@njit()
def _become(  # type: ignore[no-untyped-def]
    i, b, species, site, x, y, z, box, cells, where, begin, pair, low, inverse, cutoff_sq, knots,
    furthest, found, near, distances, squares,
):  # fmt: skip
    """The atom of site i becomes one of species b: tell the sites around it."""
    a = species[i]
    count = _around(i, False, x, y, z, box, cells, where, begin, furthest, near, distances, squares)
    for k in range(count):
        j = near[k]
        if j != i:
            _energies(distances[k], low, inverse, cutoff_sq, knots, found)
            for s in range(len(pair)):
                site[j, 3 + s] += found[pair[s, b]] - found[pair[s, a]]
    species[i] = b


@njit()
def _exchange(  # type: ignore[no-untyped-def]
    state, attempts, beta, species, occupant, site, grouped, first, shares, tried, accepted,
    x, y, z, box, cells, where, begin, pair, low, inverse, cutoff_sq, knots,
):  # fmt: skip
    n, n_species, furthest = len(x), len(pair), cutoff_sq.max()
    total, found = 0.0, np.zeros(len(cutoff_sq))
    near, distances, squares = np.empty(n + 1, np.int64), np.empty(n + 1), np.empty(n)
    # A pair of species by its share, then atoms of each: with shares n_a n_b all pairs of unlike atoms alike.
    whole = shares.sum()
    a, b = 0, 1
    for _ in range(attempts):
        if n_species > 2:
            left = _random(state) * whole
            for p in range(n_species * n_species):
                if shares[p // n_species, p % n_species] > 0:
                    a, b = p // n_species, p % n_species
                    left -= shares[a, b]
                    if left < 0:
                        break
        p = first[a] + int(_random(state) * (first[a + 1] - first[a]))
        q = first[b] + int(_random(state) * (first[b + 1] - first[b]))
        i, j = grouped[p], grouped[q]
        tried[a, b] += 1
        change = _change(i, j, a, b, site, box, pair, low, inverse, cutoff_sq, knots, furthest, found)
        if not _accepted(beta * change, state):
            continue
        for where_to, kind in ((i, b), (j, a)):
            _become(
                where_to, kind, species, site, x, y, z, box, cells, where, begin, pair, low, inverse, cutoff_sq, knots,
                furthest, found, near, distances, squares,
            )  # fmt: skip
        grouped[p], grouped[q] = j, i
        occupant[i], occupant[j] = occupant[j], occupant[i]
        accepted[a, b] += 1
        total += change
    return total


@njit()
def _transmute(  # type: ignore[no-untyped-def]
    state, attempts, beta, mu, species, site, tried, accepted,
    x, y, z, box, cells, where, begin, pair, low, inverse, cutoff_sq, knots,
):  # fmt: skip
    n, n_species, furthest = len(x), len(pair), cutoff_sq.max()
    total, found = 0.0, np.zeros(len(cutoff_sq))
    near, distances, squares = np.empty(n + 1, np.int64), np.empty(n + 1), np.empty(n)
    for _ in range(attempts):
        i = int(_random(state) * n)
        a = species[i]
        b = (a + 1 + int(_random(state) * (n_species - 1))) % n_species
        tried[a, b] += 1
        change = site[i, 3 + b] - site[i, 3 + a]
        if not _accepted(beta * (change - mu[b] + mu[a]), state):
            continue
        _become(
            i, b, species, site, x, y, z, box, cells, where, begin, pair, low, inverse, cutoff_sq, knots,
            furthest, found, near, distances, squares,
        )  # fmt: skip
        accepted[a, b] += 1
        total += change
    return total
