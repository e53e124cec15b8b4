"""First and second derivatives of any pairwise LAMMPS potential, compiled.

A cubic spline of the force that LAMMPS writes, in s = r^2 from a fifth of the cutoff on, gives both derivatives: with
e(s) = u(r),

    u'/r = 2 e',      u'' - u'/r = 4 r^2 e'',

so that a pair's block of the Hessian, 4 e'' d d^T + 2 e' 1, needs no square root. For Lennard-Jones at the distances
atoms have the spline's e'' errs by about 1e-9 of itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from glasscli.compiled import njit
from glasscli.configuration import Configuration, Floats
from glasscli.engine.own.laws import laws
from glasscli.engine.pairwise import JUST_INSIDE, PairSource
from glasscli.errors import InputError
from glasscli.model.sizes import pair_length
from glasscli.model.system import System

KNOTS = 16384


class Derivatives(Protocol):
    """What a Hessian of pairs is made of: the longest cutoff, and e' and e'' of atoms at a distance."""

    @property
    def cutoff(self) -> float:
        """The longest cutoff."""

    def between(
        self, configuration: Configuration, i: NDArray[np.int64], j: NDArray[np.int64], squares: Floats
    ) -> tuple[Floats, Floats]:
        """[n] e' and e'' of atoms i and j of a configuration at squared distances [n]."""


@dataclass(frozen=True)
class PairDerivatives:
    """Derivatives of the pair energies of a system.

    pair          [n_species, n_species] which table a pair of species (from 0) reads
    low, inverse  [n_pairs] r^2 of the first knot, knots per unit of r^2
    cutoff_sq     [n_pairs] r^2 from which on a pair has no energy
    coefficients  [n_pairs, n_knots - 1, 4] of e'(s) in each interval, highest power first
    """

    pair: NDArray[np.int64]
    low: Floats
    inverse: Floats
    cutoff_sq: Floats
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

    def between(
        self, configuration: Configuration, i: NDArray[np.int64], j: NDArray[np.int64], squares: Floats
    ) -> tuple[Floats, Floats]:
        """[n] e' and e'' of atoms i and j of a configuration at squared distances [n]."""
        return self.evaluate(squares, configuration.species[i], configuration.species[j])

    def evaluate(
        self, squares: Floats, first: NDArray[np.int32], second: NDArray[np.int32]
    ) -> tuple[Floats, Floats]:
        """[n] e' and e'' of pairs at squared distances [n] of species (from 1) [n], [n]."""
        return self._at(squares, self.pair[first - 1, second - 1])

    def _at(self, squares: Floats, pair: NDArray[np.int64]) -> tuple[Floats, Floats]:
        first, second = _evaluate(squares, pair, self.low, self.inverse, self.cutoff_sq, self.coefficients)
        return first, second


@dataclass(frozen=True)
class SizedDerivatives:
    """The same of atoms whose diameters vary, from their law (see `own.laws`).

    law            [8] of `pairs_law`, lengths in those of pairs
    cutoff         the longest
    nonadditivity  of lengths of pairs
    """

    law: Floats
    cutoff: float
    nonadditivity: float
    force_jump = 0.0  # it vanishes smoothly, or rounding would show

    def between(
        self, configuration: Configuration, i: NDArray[np.int64], j: NDArray[np.int64], squares: Floats
    ) -> tuple[Floats, Floats]:
        """[n] e' and e'' of atoms i and j of a configuration at squared distances [n]."""
        assert configuration.diameters is not None
        d = configuration.diameters
        s2 = pair_length(d[i], d[j], self.nonadditivity) ** 2
        _, _, cutoff2, a12, a6, _, c2, c4 = self.law
        x = squares / s2
        first = (-6 * a12 * x**-7 + 3 * a6 * x**-4 + c2 + 2 * c4 * x) / s2
        second = (42 * a12 * x**-8 - 12 * a6 * x**-5 + 2 * c4) / s2**2
        return np.where(x < cutoff2, first, 0.0), np.where(x < cutoff2, second, 0.0)


def sized_derivatives(system: System) -> SizedDerivatives:
    """Return them for a system with [sizes]. Raises InputError for any other, and where the law is none of ours."""
    if system.sizes is None:
        raise InputError(f"{system.name} has no [sizes]")
    return SizedDerivatives(laws(system).laws[0, 0], system.cutoff, system.sizes.nonadditivity)


def pair_derivatives(system: System) -> PairDerivatives:
    """Return the derivatives of a system's pair energies.

    Raises InputError for a many-body potential and for one that LAMMPS cannot write pair by pair. A style that hides
    more than pairs can pass all the same: compare forces before use.
    """
    with PairSource(system) as source:
        return of_source(source)


def of_source(source: PairSource, knots: int = KNOTS, search: tuple[int, int] = (1001, 6)) -> PairDerivatives:
    """Return the derivatives of the pairs that a source tells.

    knots, search: of the tables, and of `PairSource.cutoff`; fewer where LAMMPS is slow. Raises InputError where LAMMPS
    cannot write one.
    """
    from scipy.interpolate import CubicSpline  # it takes its time to load

    bounds, coefficients = [], []
    for pair in source.pairs:
        cutoff = source.cutoff(pair, *search)
        if JUST_INSIDE * cutoff <= source.inner:  # these two have no energy anywhere
            coefficients.append(np.zeros((knots - 1, 4)))
            bounds.append((source.inner**2, 0.0, 0.0))
            continue
        # The last knot just inside, where the force is not yet zero.
        found = source.curve(pair, knots, source.inner, JUST_INSIDE * cutoff)
        inverse = (knots - 1) / (found.r[-1] ** 2 - found.r[0] ** 2)
        # e' = -F/2r
        coefficients.append(CubicSpline(np.arange(knots), -found.force / (2 * found.r)).c.T)
        bounds.append((source.inner**2, inverse, cutoff**2))
    low, inverses, squares = np.array(bounds).T
    return PairDerivatives(
        source.index, np.ascontiguousarray(low), np.ascontiguousarray(inverses), np.ascontiguousarray(squares),
        np.array(coefficients),
    )  # fmt: skip


@njit()
def _evaluate(squares, pair, low, inverse, cutoff_sq, coefficients):  # type: ignore[no-untyped-def]
    first, second = np.zeros(len(squares)), np.zeros(len(squares))
    for k in range(len(squares)):
        p = pair[k]
        if squares[k] >= cutoff_sq[p]:
            continue
        t = (squares[k] - low[p]) * inverse[p]
        i = min(max(int(t), 0), coefficients.shape[1] - 1)
        t -= i
        a, b, c, d = coefficients[p, i]
        first[k] = d + t * (c + t * (b + t * a))
        second[k] = (c + t * (2 * b + t * 3 * a)) * inverse[p]
    return first, second
