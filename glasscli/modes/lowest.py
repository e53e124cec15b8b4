"""The lowest modes of a large sparse symmetric matrix: block Davidson with Chebyshev filters.

Shift-invert needs a factor of the matrix, tens of gigabytes for the long-ranged Hessian of 32000 atoms. A Chebyshev
polynomial that is small from a cut to the top of the spectrum and grows below it needs the matrix and a few hundred
vectors only. Search directions are filtered eigenvectors (Y. Zhou and Y. Saad, SIAM J. Matrix Anal. Appl. 29, 954
(2007)); the product with many vectors at once, three rows a block, is compiled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import bsr_array
from scipy.sparse.linalg import ArpackNoConvergence, eigsh

from glasscli.compiled import njit
from glasscli.configuration import Floats
from glasscli.errors import EngineError
from glasscli.progress import Advance, silent

BLOCK = 24  # vectors filtered at once
EXTRA = 0.3  # share of vectors beyond those wanted: the cut lies above the last wanted mode
WARM_ROUNDS, WARM_DEGREE, DEGREE = 4, 40, 100
MAX_ROUNDS = 400
# The lowest mode grows at most so much above one at the cut, which its rounding errors would drown.
GROWTH = 1e5
FINEST = 1e-6  # of the largest eigenvalue: what the lowest lies below a cut at least
ROUNDING, DEPENDENT = 1e-12, 1e-4  # what is left of a unit vector after projections when nothing of it is new


@dataclass(frozen=True)
class Lowest:
    """Eigenvalues [count], ascending, vectors [n, count], an upper bound of all eigenvalues, the largest residual,
    and how many products with a vector it took.
    """

    values: Floats
    vectors: Floats
    top: float
    residual: float
    products: int


def width(n: int, count: int) -> int:
    """Vectors that are kept at most: memory is twice as many of n doubles, and the matrix."""
    wanted = min(n, count + max(8, int(EXTRA * count)))
    return min(n, 2 * wanted + 2 * BLOCK)


def lowest(
    matrix: bsr_array, count: int, tolerance: float = 1e-8, seed: int = 1, advance: Advance = silent
) -> Lowest:
    """Return the `count` lowest eigenvalues and vectors of a symmetric matrix of 3 x 3 blocks.

    tolerance: |A x - lambda x| as a share of the largest eigenvalue. Raises EngineError when it is not reached.
    """
    n = matrix.shape[0]
    rng = np.random.default_rng(seed)
    operator = _Filtered(matrix, rng)
    wanted = min(n, count + max(8, int(EXTRA * count)))
    basis = np.linalg.qr(rng.standard_normal((n, wanted)))[0]
    image = operator.apply(basis)
    values, basis, image = _ritz(basis, image, wanted)
    for _ in range(WARM_ROUNDS):
        basis = np.linalg.qr(operator.filter(basis, values[0], values[-1], WARM_DEGREE))[0]
        image = operator.apply(basis)
        values, basis, image = _ritz(basis, image, wanted)
    limit = tolerance * operator.top
    for _ in range(MAX_ROUNDS):
        residuals = np.linalg.norm(image[:, :count] - basis[:, :count] * values[:count], axis=0)
        open_ones = np.flatnonzero(residuals > limit)
        advance(count - len(open_ones), f"residual {residuals.max() / operator.top:.0e}")
        if not len(open_ones):
            return Lowest(
                values[:count], basis[:, :count], operator.top, float(residuals.max()), operator.products
            )
        cut = values[min(wanted, len(values)) - 1]
        fresh = _new(operator.filter(basis[:, open_ones[:BLOCK]], values[0], cut, DEGREE), basis)
        basis = np.hstack([basis, fresh])
        image = np.hstack([image, operator.apply(fresh)])
        full = basis.shape[1] + BLOCK > width(n, count)
        values, basis, image = _ritz(basis, image, wanted if full else basis.shape[1])
    raise EngineError(
        f"the lowest {count} modes did not converge (residual {residuals.max() / operator.top:.1e} of the largest "
        "eigenvalue); ask for fewer with --count"
    )


def _new(vectors: Floats, basis: Floats) -> Floats:
    """[n, at most m] orthonormal directions that unit vectors [n, m] add to an orthonormal basis.

    What is new is small, and of one direction where modes have one frequency: what rounding leaves of the rest must go,
    or the basis would hold it twice.
    """
    fresh = vectors - basis @ (basis.T @ vectors)
    lengths = np.linalg.norm(fresh, axis=0)
    fresh = fresh[:, lengths > ROUNDING] / lengths[lengths > ROUNDING]
    for _ in range(2):
        fresh -= basis @ (basis.T @ fresh)
        directions, lengths, _ = np.linalg.svd(fresh, full_matrices=False)
        fresh = directions[:, lengths > DEPENDENT]
    return fresh


def _ritz(basis: Floats, image: Floats, keep: int) -> tuple[Floats, Floats, Floats]:
    """Ritz values, vectors and their products, the lowest `keep`."""
    small = basis.T @ image
    values, vectors = np.linalg.eigh((small + small.T) / 2)
    vectors = vectors[:, :keep]
    return values[:keep], basis @ vectors, image @ vectors


class _Filtered:
    """A matrix as an operator on blocks of vectors, and Chebyshev polynomials of it."""

    def __init__(self, matrix: bsr_array, rng: np.random.Generator) -> None:
        self._parts = (matrix.indptr, matrix.indices, np.ascontiguousarray(matrix.data))
        self.products = 0
        try:
            largest = eigsh(
                matrix,
                k=1,
                which="LA",
                tol=1e-2,
                v0=rng.standard_normal(matrix.shape[0]),
                return_eigenvectors=False,
            )
        except ArpackNoConvergence as error:
            raise EngineError("the largest frequency of this Hessian cannot be found") from error
        # Above the largest eigenvalue for certain: the filter grows there as fast as below its cut.
        self.top = 1.05 * float(largest[0])

    def apply(self, vectors: Floats) -> Floats:
        """[n, m] product with vectors [n, m]."""
        out = np.empty_like(vectors)
        for k in range(0, vectors.shape[1], BLOCK):
            x = np.ascontiguousarray(vectors[:, k : k + BLOCK])
            y = np.empty_like(x)
            _step(*self._parts, x, x, y, 1.0, 0.0, 0.0)
            out[:, k : k + BLOCK] = y
        self.products += vectors.shape[1]
        return out

    def filter(self, vectors: Floats, low: float, cut: float, degree: int) -> Floats:
        """Chebyshev polynomial of at most this degree, small between cut and top, of vectors [n, m]; scaled anew.

        low: the lowest eigenvalue, as far as it is known.
        """
        centre, half = (self.top + cut) / 2, (self.top - cut) / 2
        # Scaled so that the polynomial is 1 where the lowest modes are: no overflow. That is zero, unless so many are
        # unstable that the cut is below it.
        one = 0.0 if cut > 0 else min(low, cut - FINEST * self.top)
        degree = max(2, min(degree, int(np.arccosh(GROWTH) / np.arccosh((centre - one) / half))))
        out = np.empty_like(vectors)
        for k in range(0, vectors.shape[1], BLOCK):
            before = np.ascontiguousarray(vectors[:, k : k + BLOCK])
            sigma = first = -half / (centre - one)
            now = np.empty_like(before)
            _step(*self._parts, before, before, now, sigma / half, -sigma * centre / half, 0.0)
            for _ in range(degree - 1):
                following = 1 / (2 / first - sigma)
                after = np.empty_like(now)
                _step(
                    *self._parts, now, before, after, 2 * following / half, -2 * following * centre / half,
                    -sigma * following,
                )  # fmt: skip
                before, now, sigma = now, after, following
            out[:, k : k + BLOCK] = now / np.linalg.norm(now, axis=0)
        self.products += degree * vectors.shape[1]
        return out


@njit(fastmath=True)
def _step(indptr, indices, data, x, old, out, a, b, c):  # type: ignore[no-untyped-def]
    """out = a A x + b x + c old, x and old [n, m]: one step of the recurrence."""
    m = x.shape[1]
    s0, s1, s2 = np.empty(m), np.empty(m), np.empty(m)
    for i in range(len(indptr) - 1):
        s0[:] = 0.0
        s1[:] = 0.0
        s2[:] = 0.0
        for p in range(indptr[i], indptr[i + 1]):
            j = 3 * indices[p]
            d00, d01, d02 = data[p, 0, 0], data[p, 0, 1], data[p, 0, 2]
            d10, d11, d12 = data[p, 1, 0], data[p, 1, 1], data[p, 1, 2]
            d20, d21, d22 = data[p, 2, 0], data[p, 2, 1], data[p, 2, 2]
            for k in range(m):
                x0, x1, x2 = x[j, k], x[j + 1, k], x[j + 2, k]
                s0[k] += d00 * x0 + d01 * x1 + d02 * x2
                s1[k] += d10 * x0 + d11 * x1 + d12 * x2
                s2[k] += d20 * x0 + d21 * x1 + d22 * x2
        for k in range(m):
            r = 3 * i
            out[r, k] = a * s0[k] + b * x[r, k] + c * old[r, k]
            out[r + 1, k] = a * s1[k] + b * x[r + 1, k] + c * old[r + 1, k]
            out[r + 2, k] = a * s2[k] + b * x[r + 2, k] + c * old[r + 2, k]
