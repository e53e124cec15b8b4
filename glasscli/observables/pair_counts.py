"""Histograms of pair distances by kinds of atoms: the counting under every g(r)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from glasscli.compiled import njit
from glasscli.configuration import Box, Floats
from glasscli.observables.cells import library

Whole = NDArray[np.int64]


def pair_counts(
    positions: Floats, box: Box, kinds: NDArray[np.int64], n_kinds: int, cutoff: float, bins: int
) -> NDArray[np.int64]:
    """Return [n_kinds, n_kinds, bins] pairs (each once, in [a, b] with a <= b) whose distance falls in each bin.

    positions [n, 3] in the periodic box; kinds [n] 0 ... n_kinds - 1; cutoff at most half the box's width, by
    minimum image: a tilted box is to be compact. One core, 32000 atoms to r = 7.3: 0.4 s, against 8 s by a k-d tree
    and 15 s by OVITO.
    """
    # More cells than atoms would help nobody, and with a short cutoff be more than memory holds.
    most = max(5, 2 * round(len(positions) ** (1 / 3)))
    cells = np.clip(np.floor(box.heights / cutoff * 2), 1, most).astype(np.int64)
    # Behind the last bin everything is counted that is too far.
    found = np.zeros((n_kinds, n_kinds, bins + 1), np.int64)
    kinds, scale = np.ascontiguousarray(kinds, np.int64), bins / cutoff
    if (cells >= 5).all():
        where = np.minimum((box.fractional(positions) * cells).astype(np.int64), cells - 1)
        flat = (where[:, 0] * cells[1] + where[:, 1]) * cells[2] + where[:, 2]
        order = np.argsort(flat, kind="stable")
        start = np.searchsorted(flat[order], np.arange(int(cells.prod()) + 1))
        _near(positions[order], box, kinds[order], scale, start, cells, found)
    elif box.plain:
        _all(positions, box, kinds, scale, found)
    else:
        _copies(positions, kinds, *box.copies(positions, cutoff), scale, found)
    found = found[:, :, :bins]
    for a in range(n_kinds):
        for b in range(a):
            found[b, a] += found[a, b]
            found[a, b] = 0
    return found


# By our own kernels (source/pairs.c) where there are any: Numba, which has the same counts, takes a second to load.


def _near(
    positions: Floats, box: Box, kinds: Whole, scale: float, start: Whole, cells: Whole, found: Whole
) -> None:
    """Count pairs of atoms sorted by cells."""
    x, vectors = np.ascontiguousarray(positions.T), np.ascontiguousarray(box.vectors)
    if (kernels := library()) is None:
        _by_cells(x, vectors, kinds, scale, start, cells, found[:, :, :-1])
        return
    n_kinds, _, bins = found.shape
    done = kernels.pairs_near(
        len(kinds), x.ctypes.data, vectors.ctypes.data, kinds.ctypes.data, n_kinds, scale, bins - 1,
        start.ctypes.data, cells.ctypes.data, found.ctypes.data,
    )  # fmt: skip
    _afforded(done, len(kinds))


def _all(positions: Floats, box: Box, kinds: Whole, scale: float, found: Whole) -> None:
    """Count all pairs in a rectangular box."""
    x, edges = np.ascontiguousarray(positions.T), np.ascontiguousarray(box.edges)
    if (kernels := library()) is None:
        _all_pairs(x, edges, kinds, scale, found[:, :, :-1])
        return
    n_kinds, _, bins = found.shape
    done = kernels.pairs_all(
        len(kinds), x.ctypes.data, edges.ctypes.data, kinds.ctypes.data, n_kinds, scale, bins - 1, found.ctypes.data
    )  # fmt: skip
    _afforded(done, len(kinds))


def _copies(
    positions: Floats, kinds: Whole, points: Floats, owners: Whole, scale: float, found: Whole
) -> None:
    """Count pairs of atoms and all copies that may be near."""
    if (kernels := library()) is None:
        _with_copies(positions, kinds, points, owners, scale, found[:, :, :-1])
        return
    n_kinds, _, bins = found.shape
    x, there = np.ascontiguousarray(positions.T), np.ascontiguousarray(points.T)
    of = np.ascontiguousarray(owners, np.int64)
    done = kernels.pairs_copies(
        len(kinds), x.ctypes.data, kinds.ctypes.data, n_kinds, scale, bins - 1, len(of), there.ctypes.data,
        of.ctypes.data, found.ctypes.data,
    )  # fmt: skip
    _afforded(done, len(kinds))


def _afforded(done: int, n: int) -> None:
    if not done:
        raise MemoryError(f"no memory for the pairs of {n} atoms")


# The distances of a row of atoms come first, so that the processor takes several at a time; then they are counted.


@njit()
def _tally(spot, begin, end, kinds, found):  # type: ignore[no-untyped-def]
    """Count the bins spot[0 ... end - begin) of atoms begin ... end with one atom, found [n_kinds, bins]."""
    bins = found.shape[1]
    for j in range(begin, end):
        k = spot[j - begin]
        if k < bins:
            found[kinds[j], k] += 1


@njit()
def _all_pairs(x, box, kinds, scale, found):  # type: ignore[no-untyped-def]
    n = x.shape[1]
    spot = np.empty(n, np.int32)
    for i in range(n):
        p0, p1, p2 = x[0, i], x[1, i], x[2, i]
        for j in range(i):
            d0, d1, d2 = abs(x[0, j] - p0), abs(x[1, j] - p1), abs(x[2, j] - p2)
            d0, d1, d2 = min(d0, box[0] - d0), min(d1, box[1] - d1), min(d2, box[2] - d2)
            spot[j] = np.int32(np.sqrt(d0 * d0 + d1 * d1 + d2 * d2) * scale)
        _tally(spot, 0, i, kinds, found[kinds[i]])


@njit()
def _with_copies(x, kinds, points, owners, scale, found):  # type: ignore[no-untyped-def]
    """Distances to all copies, of which one at most is nearer than half the box's width."""
    spot, of = np.empty(len(points), np.int32), kinds[owners]
    for i in range(len(x)):
        for k in range(len(points)):
            d0, d1, d2 = points[k, 0] - x[i, 0], points[k, 1] - x[i, 1], points[k, 2] - x[i, 2]
            far = owners[k] >= i
            spot[k] = found.shape[2] if far else np.int32(np.sqrt(d0 * d0 + d1 * d1 + d2 * d2) * scale)
        _tally(spot, 0, len(points), of, found[kinds[i]])


@njit()
def _by_cells(x, vectors, kinds, scale, start, cells, found):  # type: ignore[no-untyped-def]
    """Cells half a cutoff wide: two of them on each side hold every pair; half of the shell counts each once.

    The cells of a row along the third edge lie one after the other in memory, cut where the box ends.
    """
    a, b, c = vectors
    spot = np.empty(x.shape[1], np.int32)
    for c0 in range(cells[0]):
        for c1 in range(cells[1]):
            for e0 in range(0, 3):
                for e1 in range(-2, 3):
                    if e0 == 0 and e1 < 0:
                        continue
                    n0, t0 = (c0 + e0) % cells[0], (c0 + e0) // cells[0]
                    n1, t1 = (c1 + e1) % cells[1], (c1 + e1) // cells[1]
                    row = (n0 * cells[1] + n1) * cells[2]
                    for c2 in range(cells[2]):
                        here = (c0 * cells[1] + c1) * cells[2] + c2
                        own = e0 == 0 and e1 == 0
                        first, last = (c2 if own else c2 - 2), c2 + 2
                        for turn in range(-1, 2):
                            low = max(first - turn * cells[2], 0)
                            high = min(last - turn * cells[2], cells[2] - 1)
                            if low > high:
                                continue
                            # Of a rectangular box these are its edges, to the last bit.
                            s0 = t0 * a[0] + t1 * b[0] + turn * c[0]
                            s1, s2 = t1 * b[1] + turn * c[1], turn * c[2]
                            for i in range(start[here], start[here + 1]):
                                p0, p1, p2 = x[0, i] - s0, x[1, i] - s1, x[2, i] - s2
                                begin, end = start[row + low], start[row + high + 1]
                                if own and turn == 0:
                                    begin = i + 1
                                for j in range(begin, end):
                                    d0, d1, d2 = x[0, j] - p0, x[1, j] - p1, x[2, j] - p2
                                    spot[j - begin] = np.int32(np.sqrt(d0 * d0 + d1 * d1 + d2 * d2) * scale)
                                _tally(spot, begin, end, kinds, found[kinds[i]])
