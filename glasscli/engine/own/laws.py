"""A system's pair energies as the compiled sums take them: powers of the distance, or tables.

LAMMPS is asked for u(r) and its force (`engine/pairwise.py`), so no pair style is programmed twice. Where

    u(r) = a12 r^-12 - a6 r^-6 + c0 + c2 r^2 + c4 r^4

gives its numbers to the digits that it writes, those coefficients are used: Lennard-Jones (cut, shifted, WCA), inverse
powers with the usual smooth ends. All else is tabulated in cells of r^2, each a polynomial of the fifth degree for the
force; a table that is off by more than ALLOWED anywhere is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import mpmath
import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Floats
from glasscli.engine.pairwise import JUST_INSIDE, PairCurve, PairSource
from glasscli.engine.sized_pairs import SizedPairs
from glasscli.errors import InputError
from glasscli.model.sizes import Sizes
from glasscli.model.system import System

POWERS, POLYNOMIAL, TABLED, SCALED = range(4)
# Of what LAMMPS writes, relative to the larger of the value and its part in a typical energy.
EXACT, ALLOWED = 2e-13, 1e-10
KNOTS = 64
CLOSEST = 0.7  # in lengths of pairs, where laws of atoms with diameters are compared
# As in pairs.h: cells of a binade of r^2, numbers kept of a cell; points that each cell is fitted to.
CELL_BITS, CELL_TERMS, DEGREE, POINTS = 7, 8, 5, 16
SLIVER = 1e-9  # of r^2: a piece of a cell that is narrower holds one number
NODES = [0, 2, 5, 11, 14, 16]  # near Chebyshev's


@dataclass(frozen=True)
class Laws:
    """Pair energies of a system.

    family      POWERS, POLYNOMIAL, TABLED, or SCALED: powers of the distance in lengths of pairs (see `model.sizes`)
    laws        [n_species, n_species, 8] what `pairs_law` takes
    table       [n_cells, CELL_TERMS] where TABLED; scale: r^2 times it falls into cells, from number first_cell on
    inner2      r^2 below which a table says nothing
    cutoff      the longest; where SCALED in lengths of pairs
    """

    family: int
    laws: Floats
    cutoff: float
    table: Floats | None = None
    scale: float = 1.0
    first_cell: int = 0
    inner2: float = 0.0


@lru_cache(maxsize=8)
def _laws(dump: str) -> Laws:
    return _found(System.model_validate_json(dump))


def laws(system: System) -> Laws:
    """The pair energies of a system. Raises InputError, in one line, for one whose forces are not ours to sum."""
    return _laws(system.model_dump_json())


def _found(system: System) -> Laws:
    if system.sizes:
        return _scaled(system, system.sizes)
    n = system.n_species
    with PairSource(system) as source:
        cutoffs = [source.cutoff(pair, 33, 12) for pair in source.pairs]
        fits = [
            _powers(source.curve(pair, KNOTS, source.inner, JUST_INSIDE * cutoff))
            for pair, cutoff in zip(source.pairs, cutoffs, strict=True)
        ]
        found = np.zeros((n, n, 8))
        if all(fit is not None for fit in fits):
            for (a, b), cutoff, fit in zip(source.pairs, cutoffs, fits, strict=True):
                assert fit is not None
                a12, a6, c0, c2, c4 = fit
                found[a - 1, b - 1] = found[b - 1, a - 1] = (
                    12 * a12, 6 * a6, cutoff**2, a12, a6, c0, c2, c4,
                )  # fmt: skip
            family = POLYNOMIAL if found[..., 6:].any() else POWERS
            return Laws(family, found, max(cutoffs))
        return _tabled(system, source, cutoffs)


def _scaled(system: System, sizes: Sizes) -> Laws:
    """The law of atoms whose diameters vary: found for one diameter, held to LAMMPS for pairs of unlike ones."""
    small, _, large = (float(d) for d in np.quantile(sizes.of(1000), [0, 0.5, 1]))
    with SizedPairs(system) as source:
        middle = (small + large) / 2
        cutoff, length = source.cutoff(middle), source.length(middle, middle)
        distances = length * np.sqrt(np.linspace(CLOSEST**2, (JUST_INSIDE * cutoff) ** 2, KNOTS))
        curve = source.curve(middle, middle, distances)
        fit = _powers(PairCurve(curve.r / length, curve.energy, curve.force * length))
        refusal = f"{system.name}: the energy of its pairs is no sum of powers of r / s_ij, s_ij their mean diameter"
        if fit is None:
            raise InputError(f"{refusal}: its forces are LAMMPS's")
        a12, a6, c0, c2, c4 = fit
        for a, b in ((small, small), (small, large), (large, small), (large, large), (middle, large)):
            length = source.length(a, b)
            x = np.array([CLOSEST, 0.9, 1.0, 0.97 * cutoff, (1 - 1e-7) * cutoff, (1 + 1e-7) * cutoff])
            curve = source.curve(a, b, length * x)
            x = curve.r / length
            force = 12 * a12 * x**-13 - 6 * a6 * x**-7 - 2 * c2 * x - 4 * c4 * x**3
            if (
                np.abs(np.where(x < cutoff, force, 0) / length - curve.force).max()
                > EXACT * np.abs(curve.force).max()
            ):
                raise InputError(
                    f"{refusal}, with its nonadditivity {sizes.nonadditivity:g}: its forces are LAMMPS's"
                )
        if cutoff * large > system.cutoff:
            raise InputError(
                f"{system.name}: its largest atoms see each other up to {cutoff * large:.6g}, beyond the cutoff "
                f"{system.cutoff:g}"
            )
    found = np.array([[[12 * a12, 6 * a6, cutoff**2, a12, a6, c0, c2, c4]]])
    return Laws(SCALED, found, cutoff)


def _powers(curve: PairCurve) -> tuple[float, ...] | None:
    """a12, a6, c0, c2, c4 of a curve, or None where no such law gives it.

    First as few terms as do; a term that is not there is exactly zero.
    """
    r, y = curve.r, curve.r**-2
    basis = [y**6, -(y**3), np.ones_like(r), r**2, r**4]
    slopes = [12 * y**7 * r, -6 * y**4 * r, np.zeros_like(r), -2 * r, -4 * r**3]
    values = np.concatenate([curve.energy, curve.force])
    scale = np.abs(curve.energy).max(initial=0.0, where=r > 0.4 * r[-1])
    if scale == 0:
        return None
    weight = 1 / np.maximum(np.abs(values), scale)
    columns = [np.concatenate(pair) * weight for pair in zip(basis, slopes, strict=True)]
    for terms in ([0, 1], [0, 1, 2], [1, 2], [0, 2], [1, 3, 4, 2], [0, 3, 4, 2], [0, 1, 2, 3, 4]):
        fit = _least_squares([columns[k] for k in terms], values * weight)
        found = sum((f * columns[k] for f, k in zip(fit, terms, strict=True)), np.zeros_like(values))
        if np.abs(found - values * weight).max() < EXACT:
            whole = [0.0] * len(basis)
            for f, k in zip(fit, terms, strict=True):
                whole[k] = f
            return tuple(whole)
    return None


def _least_squares(columns: list[Floats], values: Floats) -> list[float]:
    """The factors of columns [n] whose sum is nearest to values [n].

    In more digits than doubles have: a BLAS rounds as its processor's kernels do, and the bits of all that follows
    would be this machine's.
    """
    norms = [float(np.abs(column).max()) for column in columns]
    with mpmath.workdps(50):
        exact = [
            [mpmath.mpf(float(v)) / norm for v in column] for column, norm in zip(columns, norms, strict=True)
        ]
        right = [mpmath.mpf(float(v)) for v in values]
        matrix = mpmath.matrix([[mpmath.fdot(a, b) for b in exact] for a in exact])
        found = mpmath.lu_solve(matrix, mpmath.matrix([mpmath.fdot(a, right) for a in exact]))
        return [float(f / norm) for f, norm in zip(found, norms, strict=True)]


def _tabled(system: System, source: PairSource, cutoffs: list[float]) -> Laws:
    """Tables of all pairs. A place where a law is put together of two pieces must fall between two cells: those that a
    system's own numbers name are tried."""
    places = sorted(
        {float(w) for line in system.commands for w in re.findall(r"\d+\.?\d*(?:[eE][-+]?\d+)?", line)}
    )
    worst = np.inf
    for place in [max(cutoffs), *(p for p in places if source.inner < p < max(cutoffs))]:
        scale = 1 / place**2
        table, worst_here = _table(source, cutoffs, scale)
        worst = min(worst, worst_here)
        if worst_here < ALLOWED:
            n = system.n_species
            first, cells = _cells(source.inner, max(cutoffs), scale)
            found = np.zeros((n, n, 8))
            starts = np.arange(len(source.pairs), dtype=np.int64) * cells * CELL_TERMS
            for (a, b), cutoff, start in zip(source.pairs, cutoffs, starts, strict=True):
                for i, j in ((a - 1, b - 1), (b - 1, a - 1)):
                    found[i, j, 2] = cutoff**2
                    found[i, j, 3] = start.view(np.float64)
            return Laws(TABLED, found, max(cutoffs), table, scale, first, source.inner**2)
    raise InputError(
        f"{system.name}: tables of its pair energies are off by {worst:.1g}, more than {ALLOWED:g}: its forces are "
        "LAMMPS's"
    )


def _cells(inner: float, outer: float, scale: float) -> tuple[int, int]:
    """Number of the first cell, and how many there are."""
    first, last = (int(np.float64(r * r * scale).view(np.int64) >> (52 - CELL_BITS)) for r in (inner, outer))
    return first, last - first + 1


def _begins(first: int, cells: int) -> Floats:
    """[cells + 1] scaled r^2 at which cells begin."""
    bits: NDArray[np.int64] = (np.arange(first, first + cells + 1, dtype=np.int64)) << (52 - CELL_BITS)
    return bits.view(np.float64)


def _table(source: PairSource, cutoffs: list[float], scale: float) -> tuple[Floats, float]:
    """[pairs * cells, CELL_TERMS] and the largest error of the force, as a share of it."""
    first, cells = _cells(source.inner, max(cutoffs), scale)
    edges = _begins(first, cells)
    table, worst = np.zeros((len(cutoffs), cells, CELL_TERMS)), 0.0
    for k, (pair, cutoff) in enumerate(zip(source.pairs, cutoffs, strict=True)):
        last = int(
            np.searchsorted(edges, (JUST_INSIDE * cutoff) ** 2 * scale, side="left")
        )  # edges[last] is beyond
        whole = list(range(1, last - 1))
        # LAMMPS writes a binade's cells, which are of one width, at once.
        for begin, end in _runs(edges, whole):
            curve = source.curve(
                pair, (end - begin) * POINTS + 1, (edges[begin] / scale) ** 0.5, (edges[end] / scale) ** 0.5
            )
            for c in range(begin, end):
                part = slice((c - begin) * POINTS, (c - begin + 1) * POINTS + 1)
                piece = PairCurve(curve.r[part], curve.energy[part], curve.force[part])
                table[k, c], error = _cell(piece, edges[c], edges[c + 1], scale)
                worst = max(worst, error)
        for c, low, high in (
            (0, source.inner**2, edges[1] / scale),
            (last - 1, edges[last - 1] / scale, (JUST_INSIDE * cutoff) ** 2),
        ):
            if high < low * (1 + SLIVER):  # a cutoff that is another cell's edge, but for rounding
                last_one = source.curve(pair, 2, source.inner, high**0.5)
                table[k, c, 0] = last_one.force[-1] / last_one.r[-1]
                table[k, c, DEGREE + 1] = last_one.energy[-1]
                continue
            table[k, c], error = _cell(
                source.curve(pair, POINTS + 1, low**0.5, high**0.5), edges[c], edges[c + 1], scale
            )
            worst = max(worst, error)
    return table.reshape(-1, CELL_TERMS), worst


def _runs(edges: Floats, cells: list[int]) -> Iterator[tuple[int, int]]:
    """(first, end) of cells that follow each other and are of one width."""
    for _, same in groupby(cells, key=lambda c: float(edges[c + 1] - edges[c])):
        run = list(same)
        yield run[0], run[-1] + 1


def _cell(curve: PairCurve, begin: float, end: float, scale: float) -> tuple[Floats, float]:
    """[CELL_TERMS] of a cell of scaled r^2, and how far its force is off, as a share of the largest there.

    The polynomial goes through NODES of the points, by divided differences: sums of a few terms in a fixed order.
    """
    width = end - begin
    t, values = (curve.r**2 * scale - begin) / width, curve.force / curve.r
    size = float(np.abs(values).max())
    if size == 0:
        return np.zeros(CELL_TERMS), 0.0
    nodes, differences = t[NODES], values[NODES].copy()
    for order in range(1, len(NODES)):
        differences[order:] = (differences[order:] - differences[order - 1 : -1]) / (
            nodes[order:] - nodes[: len(NODES) - order]
        )
    terms = np.zeros(len(NODES))
    for node, difference in zip(nodes[::-1], differences[::-1], strict=True):
        terms = np.concatenate([[difference - node * terms[0]], terms[:-1] - node * terms[1:]])
    found = np.zeros_like(t)
    for term in terms[::-1]:
        found = found * t + term
    # The energy at the cell's beginning: what it is in the middle, and the integral from there.
    middle, integral = float(t[POINTS // 2]), 0.0
    for k in range(DEGREE, -1, -1):
        integral = (integral + float(terms[k]) / (k + 1)) * middle
    start = float(curve.energy[POINTS // 2]) + integral * width * 0.5 / scale
    cell = np.zeros(CELL_TERMS)
    cell[: DEGREE + 1], cell[DEGREE + 1] = terms / width ** np.arange(DEGREE + 1.0), start
    return cell, float(np.abs(found - values).max() / size)
