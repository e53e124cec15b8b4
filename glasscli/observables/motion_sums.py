"""Compiled sums over atoms and pairs of frames, of which the functions of motion are made."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from glasscli.compiled import njit
from glasscli.configuration import Floats
from glasscli.observables.paths import Paths

Pairs = NDArray[np.int64]
# Columns of `self_sums`: atoms, <r^2>, <r^4>, how many stayed within reach; then F_s at each q.
ATOMS, SQUARE, FOURTH, INSIDE, WAVES = 0, 1, 2, 3, 4


def self_sums(
    paths: Paths, pairs: Pairs, species: NDArray[np.int64], q: Floats, reach: float, plane: bool
) -> Floats:
    """Return [P, 1 + s, 4 + k] sums over a slice's atoms between the frames pairs [P, 2], in the order of columns.

    Of all atoms, then of those that are of each of species [s] in the first frame. q: [k] wave numbers; a wave of an
    atom that moved r is sin(q r)/(q r), in a plane J_0(q r).
    """
    vectors = np.zeros((1, 3, 3)) if paths.vectors is None else paths.vectors
    return np.asarray(
        _self_sums(paths.places, vectors, paths.species, pairs, species, np.asarray(q, float), reach, plane)
    )


@njit(nogil=True)
def _bessel(x):  # type: ignore[no-untyped-def]
    """J_0(x) by the trapezoidal rule for its integral over angles, to rounding: the rest is J_2m(x)."""
    m = int(0.5 * x + 6.0 * x ** (1 / 3) + 14)
    total = 0.0
    for k in range(m):
        total += math.cos(x * math.sin(math.pi * (k + 0.5) / m))
    return total / m


@njit(nogil=True)
def _self_sums(places, vectors, species, pairs, kinds, q, reach, plane):  # type: ignore[no-untyped-def]
    breathes = len(vectors) > 1
    varies = len(species) > 1
    n = places.shape[1]
    found = np.zeros((len(pairs), 1 + len(kinds), 4 + len(q)))
    cell = np.zeros((3, 3))
    waves = np.zeros(len(q))
    for p in range(len(pairs)):
        i, j = pairs[p]
        if breathes:
            cell[:] = (vectors[i] + vectors[j]) / 2
        for a in range(n):
            x = places[j, a, 0] - places[i, a, 0]
            y = places[j, a, 1] - places[i, a, 1]
            z = places[j, a, 2] - places[i, a, 2]
            if breathes:
                x, y, z = (
                    x * cell[0, 0] + y * cell[1, 0] + z * cell[2, 0],
                    x * cell[0, 1] + y * cell[1, 1] + z * cell[2, 1],
                    x * cell[0, 2] + y * cell[1, 2] + z * cell[2, 2],
                )
            square = x * x + y * y + z * z
            length = math.sqrt(square)
            for k in range(len(q)):
                phase = q[k] * length
                if phase == 0.0:
                    waves[k] = 1.0
                elif plane:
                    waves[k] = _bessel(phase)
                else:
                    waves[k] = math.sin(phase) / phase
            kind = species[i if varies else 0, a]
            for g in range(1 + len(kinds)):
                if g == 0 or kinds[g - 1] == kind:
                    row = found[p, g]
                    row[0] += 1.0
                    row[1] += square
                    row[2] += square * square
                    if square < reach * reach:
                        row[3] += 1.0
                    for k in range(len(q)):
                        row[4 + k] += waves[k]
    return found


def velocity_sums(paths: Paths, pairs: Pairs, species: NDArray[np.int64]) -> Floats:
    """Return [P, 1 + s] sums of v(i).v(j) over a slice's atoms, as `self_sums` has them."""
    assert paths.velocities is not None
    return np.asarray(_velocity_sums(paths.velocities, paths.species, pairs, species))


@njit(nogil=True)
def _velocity_sums(velocities, species, pairs, kinds):  # type: ignore[no-untyped-def]
    varies = len(species) > 1
    found = np.zeros((len(pairs), 1 + len(kinds)))
    for p in range(len(pairs)):
        i, j = pairs[p]
        for a in range(velocities.shape[1]):
            product = 0.0
            for d in range(3):
                product += velocities[i, a, d] * velocities[j, a, d]
            found[p, 0] += product
            kind = species[i if varies else 0, a]
            for g in range(len(kinds)):
                if kinds[g] == kind:
                    found[p, 1 + g] += product
    return found


def self_counts(
    paths: Paths, pairs: Pairs, species: NDArray[np.int64], width: float, bins: int
) -> NDArray[np.int64]:
    """Return [1 + s, bins] how many atoms of a slice moved by k to k + 1 widths between the frames of all pairs."""
    vectors = np.zeros((1, 3, 3)) if paths.vectors is None else paths.vectors
    return np.asarray(_self_counts(paths.places, vectors, paths.species, pairs, species, width, bins))


@njit(nogil=True)
def _self_counts(places, vectors, species, pairs, kinds, width, bins):  # type: ignore[no-untyped-def]
    breathes = len(vectors) > 1
    varies = len(species) > 1
    found = np.zeros((1 + len(kinds), bins), dtype=np.int64)
    for p in range(len(pairs)):
        i, j = pairs[p]
        for a in range(places.shape[1]):
            d = places[j, a] - places[i, a]
            x, y, z = d[0], d[1], d[2]
            if breathes:
                cell = (vectors[i] + vectors[j]) / 2
                x, y, z = (
                    d[0] * cell[0, 0] + d[1] * cell[1, 0] + d[2] * cell[2, 0],
                    d[0] * cell[0, 1] + d[1] * cell[1, 1] + d[2] * cell[2, 1],
                    d[0] * cell[0, 2] + d[1] * cell[1, 2] + d[2] * cell[2, 2],
                )
            k = int(math.sqrt(x * x + y * y + z * z) / width)
            if k < bins:
                found[0, k] += 1
                kind = species[i if varies else 0, a]
                for g in range(len(kinds)):
                    if kinds[g] == kind:
                        found[1 + g, k] += 1
    return found


@njit(nogil=True)
def distinct_counts(before, after, kinds, n_kinds, edges, width, bins):  # type: ignore[no-untyped-def]
    """[s, s, bins] pairs of different atoms i of `before` and j of `after` at minimum-image distances, by kind."""
    found = np.zeros((n_kinds, n_kinds, bins), dtype=np.int64)
    for i in range(len(before)):
        for j in range(len(after)):
            if i == j:
                continue
            square = 0.0
            for d in range(3):
                x = after[j, d] - before[i, d]
                x -= edges[d] * np.rint(x / edges[d])
                square += x * x
            k = int(math.sqrt(square) / width)
            if k < bins:
                found[kinds[i], kinds[j], k] += 1
    return found
