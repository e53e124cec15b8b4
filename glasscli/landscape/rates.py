"""Harmonic rates: how many negative curvatures a stationary point has, and Vineyard's attempt frequency.

    nu = prod nu_i(minimum) / prod' nu_i(saddle)        (G. H. Vineyard, J. Phys. Chem. Solids 3, 121 (1957))

The products are determinants: a Cholesky factor of the mass-weighted Hessian, its known negative mode turned upward,
gives the saddle's at a tenth of the cost of all its eigenvalues, and exists only if no other mode is negative.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cholesky, eigh, eigvalsh

from glasscli.configuration import Floats
from glasscli.landscape.surface import Surface
from glasscli.modes.lowest import lowest

# Eigenvalues below this share of the largest are rigid motions.
ZERO = 1e-7
SMALL = 300  # coordinates up to which all eigenvalues are found: rotations of a cluster are zero modes too
LARGEST = 7500  # coordinates beyond which the whole matrix is not made


@dataclass(frozen=True)
class Curvatures:
    """Of a stationary point: negative curvatures, ln of the product of |w^2| without rigid motions (and their number).

    log_product  None where the matrix is too large
    negative_square  the lowest w^2, mass-weighted; positive at a minimum
    """

    negative: int
    log_product: float | None
    rigid: int
    negative_square: float


def curvatures(surface: Surface, positions: Floats, mode: Floats | None = None) -> Curvatures:
    """Of a minimum, or of a saddle whose negative mode [n, 3] (not mass-weighted) is known."""
    n = positions.size
    root = np.repeat(np.sqrt(surface.masses), 3)
    if n > LARGEST:
        found = lowest(surface.matrix(positions), 6)
        values = found.values[np.abs(found.values) > ZERO * found.top]
        return Curvatures(int((values < 0).sum()), None, 3, float(values[0] / surface.masses.mean()))
    sparse = surface.matrix(positions)
    matrix = sparse.toarray() / root[:, None] / root
    matrix = (matrix + matrix.T) / 2
    if n <= SMALL:
        return _all(eigvalsh(matrix))
    top = float(np.abs(matrix).sum(axis=1).max())
    shifts = root.reshape(-1, 3)[:, :, None] * np.eye(3)[None] / np.sqrt(surface.masses.sum())
    shifts = shifts.reshape(n, 3)
    matrix += top * shifts @ shifts.T
    extra = 3 * np.log(top)
    lowest_square = 0.0
    if mode is not None:

        def apply(v: Floats) -> Floats:
            return np.asarray(sparse @ (v / root) / root + top * (shifts @ (shifts.T @ v)))

        lowest_square, vector = _refine(apply, mode.ravel() * root)
        matrix += 2 * abs(lowest_square) * np.outer(vector, vector)
    try:
        factor = cholesky(matrix, lower=True, check_finite=False)
    except LinAlgError:
        values = eigvalsh(matrix)
        negative = int((values < 0).sum()) + (mode is not None and lowest_square < 0)
        return Curvatures(negative, None, 3, min(lowest_square, float(values[0])))
    log = 2 * float(np.log(np.diag(factor)).sum()) - extra
    return Curvatures(int(lowest_square < 0), log, 3, lowest_square)


def _all(values: Floats) -> Curvatures:
    real = values[np.abs(values) > ZERO * np.abs(values).max()]
    return Curvatures(
        int((real < 0).sum()), float(np.log(np.abs(real)).sum()), len(values) - len(real), float(real[0])
    )


def _refine(apply: Callable[[Floats], Floats], guess: Floats) -> tuple[float, Floats]:
    """The eigenpair nearest the guess, by Rayleigh quotients (cubic convergence); apply: the matrix as a function."""
    v = guess / np.linalg.norm(guess)
    for _ in range(3):
        # The lowest Ritz pair of a short Krylov space: never another eigenvector than the lowest nearby.
        basis, images = [v], list[Floats]()
        for _ in range(25):
            images.append(apply(basis[-1]))
            w = images[-1].copy()
            for _ in range(2):
                for b in basis:
                    w -= b * (b @ w)
            size = float(np.linalg.norm(w))
            if size < 1e-12:
                break
            basis.append(w / size)
        images += [apply(b) for b in basis[len(images) :]]
        space = np.column_stack(basis)
        _, vectors = eigh(space.T @ np.column_stack(images))
        v = space @ vectors[:, 0]
        v /= np.linalg.norm(v)
    return float(v @ apply(v)), v


def attempt_frequency(minimum: Curvatures, saddle: Curvatures) -> float | None:
    """nu in inverse units of time; None unless the saddle has one negative mode and the rigid motions are the same."""
    if minimum.log_product is None or saddle.log_product is None:
        return None
    if minimum.negative or saddle.negative != 1 or minimum.rigid != saddle.rigid:
        return None
    log = (minimum.log_product - saddle.log_product + np.log(-saddle.negative_square)) / 2
    return float(np.exp(log) / (2 * np.pi))
