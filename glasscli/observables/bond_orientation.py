"""Bond-orientational order of each atom's surroundings: Steinhardt's q_l and w_l, and their averaged forms."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from glasscli.compiled import njit
from glasscli.configuration import Floats
from glasscli.observables.shells import Shells

Waves = NDArray[np.complex128]


@dataclass(frozen=True)
class Order:
    """Of each atom [n].

    q  (4 pi/(2l + 1) sum_m |q_lm|^2)^(1/2), q_lm the mean of Y_lm over the neighbours
    w  sum of Wigner symbols times q_lm q_lm' q_lm'', over (sum |q_lm|^2)^(3/2): independent of how sharp the order is
    averaged  q of q_lm averaged over an atom and its neighbours, which tells crystals from each other (Lechner &
              Dellago, J. Chem. Phys. 129, 114707 (2008), Eq. 6)
    """

    q: Floats
    w: Floats
    averaged: Floats


def bond_order(shells: Shells, l: int) -> Order:  # noqa: E741
    """Return the order of degree l (Steinhardt, Nelson & Ronchetti, Phys. Rev. B 28, 784 (1983), Eqs. 1.3 to 1.6)."""
    local = np.asarray(_means(shells.start, shells.vectors, l))
    around = np.asarray(_around(shells.start, shells.other, local))
    return Order(_length(local, l), _third(local, l), _length(around, l))


def _length(q: Waves, l: int) -> Floats:  # noqa: E741
    return np.asarray(np.sqrt(4 * np.pi / (2 * l + 1) * _squares(q)))


def _squares(q: Waves) -> Floats:
    """[n] sum over all m of |q_lm|^2, of which q has those of m >= 0."""
    squares = np.abs(q) ** 2
    return np.asarray(squares[:, 0] + 2 * squares[:, 1:].sum(axis=1))


def _third(q: Waves, l: int) -> Floats:  # noqa: E741
    signs = (-1.0) ** np.arange(1, l + 1)
    whole = np.concatenate([(signs * q[:, 1:].conj())[:, ::-1], q], axis=1)
    found = np.zeros(len(q))
    for a, b, c, symbol in _symbols(l):
        found += symbol * (whole[:, a + l] * whole[:, b + l] * whole[:, c + l]).real
    squares = _squares(q)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(found / squares**1.5)


def harmonics(vectors: Floats, l: int) -> Waves:  # noqa: E741
    """[m, l + 1] spherical harmonics Y_lm, m = 0 ... l, of the directions of vectors [m, 3]."""
    return np.asarray(_harmonics(np.ascontiguousarray(vectors, dtype=np.float64), l))


@njit()
def _harmonics(vectors, l):  # type: ignore[no-untyped-def] # noqa: E741
    found = np.zeros((len(vectors), l + 1), dtype=np.complex128)
    for k in range(len(vectors)):
        _add(vectors[k], l, found[k])
    return found


@njit()
def _means(start, vectors, l):  # type: ignore[no-untyped-def] # noqa: E741
    """[n, l + 1] means of the harmonics over the neighbours of each atom; those of single neighbours are not kept."""
    found = np.zeros((len(start) - 1, l + 1), dtype=np.complex128)
    for i in range(len(found)):
        for k in range(start[i], start[i + 1]):
            _add(vectors[k], l, found[i])
        found[i] /= start[i + 1] - start[i]
    return found


@njit()
def _around(start, other, local):  # type: ignore[no-untyped-def]
    """[n, l + 1] means of `local` over each atom and its neighbours."""
    found = local.copy()
    for i in range(len(found)):
        for k in range(start[i], start[i + 1]):
            found[i] += local[other[k]]
        found[i] /= start[i + 1] - start[i] + 1
    return found


@njit()
def _add(vector, l, sums):  # type: ignore[no-untyped-def] # noqa: E741
    """Add the harmonics of a direction, m = 0 ... l, to `sums`."""
    x, y, z = vector
    r = math.sqrt(x * x + y * y + z * z)
    cosine = z / r
    sine = math.sqrt(max(0.0, 1.0 - cosine * cosine))
    across = math.sqrt(x * x + y * y)
    turn = complex(x / across, y / across) if across > 0 else complex(1.0, 0.0)
    phase = complex(1.0, 0.0)
    diagonal = math.sqrt(0.25 / math.pi)
    for m in range(l + 1):
        if m > 0:
            diagonal *= -math.sqrt((2 * m + 1) / (2.0 * m)) * sine
            phase *= turn
        before, value = 0.0, diagonal
        for n in range(m + 1, l + 1):
            a = math.sqrt((4.0 * n * n - 1) / (n * n - m * m))
            b = math.sqrt(((n - 1.0) ** 2 - m * m) / (4 * (n - 1.0) ** 2 - 1)) if n > m + 1 else 0.0
            before, value = value, a * (cosine * value - b * before)
        sums[m] += value * phase


@cache
def _symbols(l: int) -> tuple[tuple[int, int, int, float], ...]:  # noqa: E741
    """(m1, m2, m3, Wigner 3j symbol of l, l, l) that are not zero, by Racah's formula."""
    f = math.factorial
    front = math.sqrt(f(l) ** 3 / f(3 * l + 1))
    found = []
    for a in range(-l, l + 1):
        for b in range(max(-l, -l - a), min(l, l - a) + 1):
            c = -a - b
            root = math.sqrt(f(l + a) * f(l - a) * f(l + b) * f(l - b) * f(l + c) * f(l - c))
            total = sum(
                (-1) ** k / (f(k) * f(k + a) * f(k - b) * f(l - k) * f(l - k - a) * f(l - k + b))
                for k in range(max(0, -a, b), min(l, l - a, l + b) + 1)
            )
            found.append((a, b, c, (-1) ** c * front * root * total))
    return tuple(found)
