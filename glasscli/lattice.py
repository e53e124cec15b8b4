"""Vectors of a lattice: the shortest, and those of any cell turned to stand upright."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from glasscli.errors import InputError

Floats = NDArray[np.float64]

# Off-diagonal numbers of a cell below this share of its largest are a writer's rounding.
ROUNDED = 1e-9


def reduced(vectors: Floats) -> Floats:
    """Return the [k, 3] shortest vectors of the lattice that up to three independent ones span (Minkowski), ascending.

    Each is shortened by the nearest point of the lattice of those before it, until none gets shorter
    (I. Semaev, LNCS 2146, 181 (2001)).
    """
    found = np.array(vectors, dtype=np.float64)
    while True:
        found = found[np.argsort((found**2).sum(axis=1), kind="stable")]
        for k in range(1, len(found)):
            rest = found[k] - np.round(found[k] @ np.linalg.pinv(found[:k])) @ found[:k]
            copies = rest + np.array(list(product((0, -1, 1), repeat=k))) @ found[:k]
            squares = (copies**2).sum(axis=1)
            if squares.min() < (found[k] ** 2).sum() * (1 - 1e-12):
                found[k] = copies[int(squares.argmin())]
                break
        else:
            return found


def standing(cell: Floats) -> tuple[Floats, Floats, Floats]:
    """Return any three vectors [3, 3], one a row, as a along x, b in the xy plane and c above it, with the rotation
    [3, 3] and the shift [3] to there.

    (positions - shift) @ rotation are the places from the corner of the new cell of those that are given from the
    old one's. The rotation is the unit matrix where the cell stands upright already. A left-handed cell is taken from
    its other face along c.
    Raises InputError for vectors that enclose nothing.
    """
    cell = np.array(cell, dtype=np.float64)
    size = np.abs(cell).max()
    if not (np.isfinite(cell).all() and abs(np.linalg.det(cell)) > 1e-12 * size**3):
        raise InputError("a box with no volume")
    shift = np.zeros(3)
    if np.linalg.det(cell) < 0:
        shift, cell[2] = cell[2].copy(), -cell[2]
    rotation = np.eye(3)
    if (np.abs(np.triu(cell, 1)) > ROUNDED * size).any() or (np.diag(cell) <= 0).any():
        turned, lower = np.linalg.qr(cell.T)
        signs = np.sign(np.diag(lower))
        rotation, cell = turned * signs, (lower.T * signs)
    return np.tril(np.where(np.abs(cell) > ROUNDED * size, cell, 0.0)), rotation, shift
