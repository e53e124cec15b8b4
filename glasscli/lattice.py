"""Shortest vectors of a lattice."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


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
