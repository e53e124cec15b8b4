"""The pair energies of any pairwise LAMMPS potential, as tables a compiled loop can read.

What LAMMPS writes is condensed to a grid in 1/r^2, in which pair potentials are so smooth that cubic Hermite
interpolation on few knots, which stay in the processor's cache, errs by less than 1e-12 of Lennard-Jones energies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Floats
from glasscli.engine.pairwise import INNERMOST, JUST_INSIDE, PairSource, no_pairs
from glasscli.errors import InputError
from glasscli.model.system import System

# For tables that begin at a fifth of the cutoff; others have as many a unit of 1/r^2.
KNOTS = 4096
# A table may err by this share of the energy between two neighbours; where potentials of several reaches are added,
# their ends are kinks that no smooth table has.
ERROR = 1e-8
# Of the tables that LAMMPS writes, evenly spaced in r^2.
FINE = 32768


@dataclass(frozen=True)
class PairTable:
    """Energies of all pairs of species on one grid of 1/r^2, so that one look-up finds them all.

    pair       [n_species, n_species] int64: which column a pair of species (from 0) reads
    low        1/r^2 of the first knot, at the longest cutoff
    inverse    knots per unit of 1/r^2
    cutoff_sq  [n_pairs] r^2 from which on the energy is zero
    knots      [n_knots, n_pairs, 2] energy, and its slope per knot
    alone      [n_species] energy of an atom by itself
    """

    pair: np.ndarray
    low: float
    inverse: float
    cutoff_sq: Floats
    knots: Floats
    alone: Floats

    @property
    def cutoff(self) -> float:
        """The longest cutoff."""
        return float(np.sqrt(self.cutoff_sq.max()))

    @property
    def inner(self) -> float:
        """The distance below which it says nothing."""
        return float((self.low + (len(self.knots) - 1) / self.inverse) ** -0.5)


def refuse_others(system: System) -> None:
    """Raise InputError when the system's energy is not a sum over pairs that end at the cutoff."""
    if why := no_pairs(system):
        raise InputError(
            f"{system.name} {why}, which the local exchange kernel cannot cut into pairs: use --engine-mc lammps"
        )


def tabulate(system: System, knots: int | None = None) -> PairTable:
    """Return the tables of a system. Raises InputError for a potential that is not pairwise, or has kinks."""
    from scipy.interpolate import CubicHermiteSpline  # here, or every `quench` would wait for it

    refuse_others(system)
    with PairSource(system) as source:
        try:
            cutoffs = [source.cutoff(pair) for pair in source.pairs]
        except InputError as error:
            raise InputError(f"{error}: use --engine-mc lammps") from error
        # The last knot just inside, where energy and force are not yet zero.
        ends = [JUST_INSIDE * cutoff for cutoff in cutoffs]
        inner, alone, spacing = source.inner, source.alone(), system.spacing
        if knots is None:
            share = (INNERMOST * system.cutoff / inner) ** 2
            knots = KNOTS if share <= 1 else int(KNOTS * share)
        grid = np.linspace(max(ends) ** -2, inner**-2, knots)
        step = grid[1] - grid[0]
        columns = []
        for pair, outer in zip(source.pairs, ends, strict=True):
            found = source.curve(pair, FINE, inner, outer)
            r, energy, force = found.r, found.energy, found.force
            # dE/d(r^2) = -F / 2r, and d(r^2) = -r^4 d(1/r^2)
            fine = CubicHermiteSpline(r**2, energy, -force / (2 * r))
            squares = np.clip(1 / grid, inner**2, r[-1] ** 2)
            column = np.column_stack([fine(squares), -fine(squares, 1) * squares**2 * step])
            end = np.array([energy[-1], force[-1] * r[-1] ** 3 / 2 * step])
            columns.append(_begun(column, end, (r[-1] ** -2 - grid[0]) / step))
            between = source.curve(pair, FINE // 2 + 1, inner, outer)
            # Walls that no atom climbs are held to their own height, all else to what neighbours have.
            scale = float(np.abs(between.energy[between.r >= spacing]).max(initial=0.0))
            if (
                kink := _worst(columns[-1], (between.r**-2 - grid[0]) / step, between.energy, scale)
            ) is not None:
                a, b = (system.species[s - 1].name for s in pair)
                raise InputError(
                    f"the energy of {a}-{b} in {system.name} is not smooth at {between.r[kink]:.4g} "
                    f"{system.length_unit}, where no table gives it exactly: use --engine-mc lammps"
                )
    return PairTable(
        source.index, float(grid[0]), float(1 / step), np.square(cutoffs), np.stack(columns, axis=1), alone
    )


def _worst(column: Floats, where: Floats, energy: Floats, scale: float) -> int | None:
    """Which of the points at `where` [n] knots a table [n_knots, 2] has most wrongly; None if it has all right."""
    k = np.clip(where.astype(np.int64), 0, len(column) - 2)
    t = where - k
    (e0, s0), (e1, s1) = column[k].T, column[k + 1].T
    rise = e1 - e0
    found = e0 + t * (s0 + t * (3 * rise - 2 * s0 - s1 + t * (s0 + s1 - 2 * rise)))
    wrong = np.abs(found - energy) / np.maximum(np.maximum(np.abs(energy), scale), np.finfo(float).tiny)
    worst = int(np.argmax(wrong))
    return worst if wrong[worst] > ERROR else None


def _begun(column: Floats, end: Floats, where: float) -> Floats:
    """[n_knots, 2]: a pair whose cutoff lies between two knots.

    The knot beyond the cutoff is set so that the cubic goes through energy and slope `end` at the cutoff.
    """
    k = int(where)
    t = where - k
    if where < 1e-9:
        return column
    e, s = column[k + 1]
    column = column.copy()
    if t > 0.999:  # the cubic would be ill determined, and hardly bends: go on straight
        column[k] = e - s, s
        return column
    unknown = np.array(
        [
            [1 - 3 * t**2 + 2 * t**3, t - 2 * t**2 + t**3],
            [6 * t**2 - 6 * t, 1 - 4 * t + 3 * t**2],
        ]
    )
    known = [
        e * (3 * t**2 - 2 * t**3) + s * (t**3 - t**2),
        e * (6 * t - 6 * t**2) + s * (3 * t**2 - 2 * t),
    ]
    column[k] = np.linalg.solve(unknown, end - known)
    return column
