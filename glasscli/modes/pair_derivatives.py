"""First and second derivatives of any pairwise LAMMPS potential, compiled.

LAMMPS itself writes the force of every pair of species (see exchange/pair_table.py); a cubic spline of it in
s = r^2 gives both derivatives: with e(s) = u(r),

    u'/r = 2 e',      u'' - u'/r = 4 r^2 e'',

so that a pair's block of the Hessian, 4 e'' d d^T + 2 e' 1, needs no square root. For Lennard-Jones at the distances
atoms have the spline's e'' errs by about 1e-9 of itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from glasscli.configuration import Floats
from glasscli.exchange.pair_table import tabulate
from glasscli.system import System


@dataclass(frozen=True)
class PairDerivatives:
    """Derivatives of the pair energies of a system.

    pair          [n_species, n_species] which table a pair of species (from 0) reads
    low, inverse  r^2 of the first knot, knots per unit of r^2
    cutoff_sq     [n_pairs] r^2 from which on a pair has no energy
    last          [n_pairs] the last interval inside the cutoff; its cubic goes on to the cutoff itself
    coefficients  [n_pairs, n_knots - 1, 4] of e'(s) in each interval, highest power first
    """

    pair: NDArray[np.int64]
    low: float
    inverse: float
    cutoff_sq: Floats
    last: NDArray[np.int64]
    coefficients: Floats

    @property
    def cutoff(self) -> float:
        """The longest cutoff."""
        return float(np.sqrt(self.cutoff_sq.max()))

    @property
    def force_jump(self) -> float:
        """The largest force with which a pair comes into reach: above zero, the Hessian misses what happens there."""
        ends, _ = self._at(self.cutoff_sq * (1 - 1e-12), np.arange(len(self.cutoff_sq)))
        return float(np.abs(2 * ends * np.sqrt(self.cutoff_sq)).max())

    def evaluate(
        self, squares: Floats, first: NDArray[np.int32], second: NDArray[np.int32]
    ) -> tuple[Floats, Floats]:
        """[n] e' and e'' of pairs at squared distances [n] of species (from 1) [n], [n]."""
        return self._at(squares, self.pair[first - 1, second - 1])

    def _at(self, squares: Floats, pair: NDArray[np.int64]) -> tuple[Floats, Floats]:
        first, second = _evaluate(
            squares, pair, self.low, self.inverse, self.cutoff_sq, self.last, self.coefficients
        )
        return first, second


def pair_derivatives(system: System) -> PairDerivatives:
    """Return the derivatives of a system's pair energies. Raises InputError when it is not pairwise."""
    table = tabulate(system)
    n_knots, n_pairs = table.knots.shape[:2]
    coefficients = np.zeros((n_pairs, n_knots - 1, 4))
    last = np.empty(n_pairs, dtype=np.int64)
    squares = table.low + np.arange(n_knots) / table.inverse
    for p, cutoff_sq in enumerate(table.cutoff_sq):
        # The last knots of a pair of shorter reach are beyond its cutoff.
        inside = int((squares < cutoff_sq).sum())
        spline = CubicSpline(np.arange(inside), table.knots[:inside, p, 1] * table.inverse)
        coefficients[p, : inside - 1] = spline.c.T
        last[p] = inside - 2
    return PairDerivatives(table.pair, table.low, table.inverse, table.cutoff_sq, last, coefficients)


@njit(cache=True)
def _evaluate(squares, pair, low, inverse, cutoff_sq, last, coefficients):  # type: ignore[no-untyped-def]
    first, second = np.zeros(len(squares)), np.zeros(len(squares))
    for k in range(len(squares)):
        p = pair[k]
        if squares[k] >= cutoff_sq[p]:
            continue
        t = (squares[k] - low) * inverse
        i = min(max(int(t), 0), last[p])
        t -= i
        a, b, c, d = coefficients[p, i]
        first[k] = d + t * (c + t * (b + t * a))
        second[k] = (c + t * (2 * b + t * 3 * a)) * inverse
    return first, second
