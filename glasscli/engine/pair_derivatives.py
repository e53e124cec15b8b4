"""First and second derivatives of any pairwise LAMMPS potential, compiled.

LAMMPS itself writes the force of every pair of species (`pair_write`); a cubic spline of it in s = r^2 from a fifth of
the cutoff on gives both derivatives: with e(s) = u(r),

    u'/r = 2 e',      u'' - u'/r = 4 r^2 e'',

so that a pair's block of the Hessian, 4 e'' d d^T + 2 e' 1, needs no square root. For Lennard-Jones at the distances
atoms have the spline's e'' errs by about 1e-9 of itself.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from glasscli.configuration import Box, Floats
from glasscli.engine.deck import evaluation_commands
from glasscli.engine.library import LibraryEngine
from glasscli.engine.pair_tables import many_body
from glasscli.errors import EngineError, InputError
from glasscli.model.system import System

KNOTS = 16384
INNERMOST = 0.2


@dataclass(frozen=True)
class PairDerivatives:
    """Derivatives of the pair energies of a system.

    pair          [n_species, n_species] which table a pair of species (from 0) reads
    low, inverse  [n_pairs] r^2 of the first knot, knots per unit of r^2
    cutoff_sq     [n_pairs] r^2 from which on a pair has no energy
    coefficients  [n_pairs, KNOTS - 1, 4] of e'(s) in each interval, highest power first
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

    def evaluate(
        self, squares: Floats, first: NDArray[np.int32], second: NDArray[np.int32]
    ) -> tuple[Floats, Floats]:
        """[n] e' and e'' of pairs at squared distances [n] of species (from 1) [n], [n]."""
        return self._at(squares, self.pair[first - 1, second - 1])

    def _at(self, squares: Floats, pair: NDArray[np.int64]) -> tuple[Floats, Floats]:
        first, second = _evaluate(squares, pair, self.low, self.inverse, self.cutoff_sq, self.coefficients)
        return first, second


def pair_derivatives(system: System) -> PairDerivatives:
    """Return the derivatives of a system's pair energies.

    Raises InputError when LAMMPS cannot write the potential pair by pair; embedded atoms are not even tried, there
    pair_write oversteps its memory. What it writes for other many-body potentials is not their energy: compare forces
    before use.
    """
    if style := many_body(system):
        raise InputError(f"{system.name} has a many-body potential ({style})")
    n = system.n_species
    pairs = [(a, b) for a in range(n) for b in range(a, n)]
    index = np.zeros((n, n), dtype=np.int64)
    inner = INNERMOST * system.cutoff
    cutoffs, coefficients = [], []
    with LibraryEngine(system) as engine, tempfile.TemporaryDirectory(prefix="glasscli-") as folder:
        engine.commands(evaluation_commands(system, Box.cube(4 * system.cutoff)))
        for k, (a, b) in enumerate(pairs):
            index[a, b] = index[b, a] = k
            outer = _cutoff(engine, Path(folder), a + 1, b + 1, inner, system.cutoff)
            # The last knot just inside, where the force is not yet zero.
            r, forces = _forces(engine, Path(folder), a + 1, b + 1, inner, outer * (1 - 1e-13), KNOTS)
            inverse = (KNOTS - 1) / (r[-1] ** 2 - r[0] ** 2)
            # e' = -F/2r
            coefficients.append(CubicSpline(np.arange(KNOTS), -forces / (2 * r)).c.T)
            cutoffs.append((inner**2, inverse, outer**2))
    low, inverses, squares = np.array(cutoffs).T
    return PairDerivatives(
        index, np.ascontiguousarray(low), np.ascontiguousarray(inverses), np.ascontiguousarray(squares),
        np.array(coefficients),
    )  # fmt: skip


def _forces(
    engine: LibraryEngine, folder: Path, a: int, b: int, inner: float, outer: float, knots: int
) -> tuple[Floats, Floats]:
    """[knots] r and force of a pair of species, evenly spaced in r^2."""
    path = folder / "pair"
    path.unlink(missing_ok=True)
    try:
        engine.commands([f"pair_write {a} {b} {knots} rsq {inner:.17g} {outer:.17g} {path} pair"])
    except EngineError as error:
        raise InputError(f"LAMMPS cannot write this potential pair by pair ({error})") from error
    # The radii as LAMMPS computes them; the file rounds them.
    squares = inner**2 + (outer**2 - inner**2) * np.arange(knots) / (knots - 1)
    return np.sqrt(squares), np.loadtxt(path, skiprows=5)[:, 3]


def _cutoff(engine: LibraryEngine, folder: Path, a: int, b: int, inner: float, outer: float) -> float:
    """The last radius at which a pair has a force, by repeated division."""
    for _ in range(6):
        r, forces = _forces(engine, folder, a, b, inner, outer, 1001)
        alive = np.flatnonzero(forces)
        if not len(alive):
            break
        inner, outer = float(r[alive[-1]]), float(r[min(alive[-1] + 1, len(r) - 1)])
    return inner


@njit(cache=True)
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
