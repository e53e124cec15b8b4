"""Histograms of pair distances by kinds of atoms: the counting under every g(r)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from glasscli.configuration import Floats


def pair_counts(
    positions: Floats, box: Floats, kinds: NDArray[np.int64], n_kinds: int, cutoff: float, bins: int
) -> NDArray[np.int64]:
    """Return [n_kinds, n_kinds, bins] pairs (each once, in [a, b] with a <= b) whose distance falls in each bin.

    positions [n, 3] in the periodic box [3]; kinds [n] 0 ... n_kinds - 1; cutoff at most half the shortest edge, by
    minimum image. One core, 32000 atoms to r = 7.3: 0.5 s, against 8 s by a k-d tree and 15 s by OVITO.
    """
    # More cells than atoms would help nobody, and with a short cutoff be more than memory holds.
    most = max(5, 2 * round(len(positions) ** (1 / 3)))
    cells = np.clip(np.floor(box / cutoff * 2), 1, most).astype(np.int64)
    if (cells < 5).any():
        return np.asarray(_all_pairs(positions, box, kinds, n_kinds, cutoff, bins))
    where = np.minimum((positions / box * cells).astype(np.int64), cells - 1)
    flat = (where[:, 0] * cells[1] + where[:, 1]) * cells[2] + where[:, 2]
    order = np.argsort(flat, kind="stable")
    start = np.searchsorted(flat[order], np.arange(int(cells.prod()) + 1))
    counted = _by_cells(positions[order], box, kinds[order], n_kinds, cutoff, bins, start, cells)
    return np.asarray(counted)


@njit(cache=True, inline="always")
def _count(x, y, z, box, a, b, square, scale, bins, found):  # type: ignore[no-untyped-def]
    d2 = x * x + y * y + z * z
    if d2 < square:
        k = int(np.sqrt(d2) * scale)
        if k < bins:
            if a <= b:
                found[a, b, k] += 1
            else:
                found[b, a, k] += 1


@njit(cache=True)
def _all_pairs(x, box, kinds, n_kinds, cutoff, bins):  # type: ignore[no-untyped-def]
    found = np.zeros((n_kinds, n_kinds, bins), np.int64)
    square, scale = cutoff * cutoff, bins / cutoff
    half0, half1, half2 = box[0] / 2, box[1] / 2, box[2] / 2
    for i in range(len(x)):
        for j in range(i):
            d0, d1, d2 = abs(x[i, 0] - x[j, 0]), abs(x[i, 1] - x[j, 1]), abs(x[i, 2] - x[j, 2])
            if d0 > half0:
                d0 -= box[0]
            if d1 > half1:
                d1 -= box[1]
            if d2 > half2:
                d2 -= box[2]
            _count(d0, d1, d2, box, kinds[i], kinds[j], square, scale, bins, found)
    return found


@njit(cache=True)
def _by_cells(x, box, kinds, n_kinds, cutoff, bins, start, cells):  # type: ignore[no-untyped-def]
    """Cells half a cutoff wide: two of them on each side hold every pair; half of the shell counts each once."""
    found = np.zeros((n_kinds, n_kinds, bins), np.int64)
    square, scale = cutoff * cutoff, bins / cutoff
    for c0 in range(cells[0]):
        for c1 in range(cells[1]):
            for c2 in range(cells[2]):
                here = (c0 * cells[1] + c1) * cells[2] + c2
                for e0 in range(0, 3):
                    for e1 in range(-2, 3):
                        for e2 in range(-2, 3):
                            if e0 == 0 and (e1 < 0 or (e1 == 0 and e2 < 0)):
                                continue
                            n0, n1, n2 = c0 + e0, c1 + e1, c2 + e2
                            s0 = s1 = s2 = 0.0
                            if n0 >= cells[0]:
                                n0 -= cells[0]
                                s0 = box[0]
                            if n1 >= cells[1]:
                                n1 -= cells[1]
                                s1 = box[1]
                            elif n1 < 0:
                                n1 += cells[1]
                                s1 = -box[1]
                            if n2 >= cells[2]:
                                n2 -= cells[2]
                                s2 = box[2]
                            elif n2 < 0:
                                n2 += cells[2]
                                s2 = -box[2]
                            there = (n0 * cells[1] + n1) * cells[2] + n2
                            for i in range(start[here], start[here + 1]):
                                p0, p1, p2 = x[i, 0] - s0, x[i, 1] - s1, x[i, 2] - s2
                                begin = i + 1 if there == here else start[there]
                                for j in range(begin, start[there + 1]):
                                    _count(
                                        x[j, 0] - p0, x[j, 1] - p1, x[j, 2] - p2,
                                        box, kinds[i], kinds[j], square, scale, bins, found,
                                    )  # fmt: skip
    return found
