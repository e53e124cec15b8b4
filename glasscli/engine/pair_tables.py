"""The pair energies of any pairwise LAMMPS potential, as tables a compiled loop can read.

LAMMPS itself writes the tables (`pair_write`), so every pair style it can cut into pairs is covered and none is
programmed twice. They are condensed to a grid in 1/r^2, in which pair potentials are so smooth that cubic Hermite
interpolation on few knots, which stay in the processor's cache, errs by less than 1e-12 of Lennard-Jones energies.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glasscli.configuration import Box, Floats
from glasscli.engine.deck import evaluation_commands
from glasscli.engine.library import LibraryEngine
from glasscli.errors import EngineError, InputError
from glasscli.model.system import System

KNOTS = 4096
# Of the tables that LAMMPS writes, evenly spaced in r^2.
FINE = 32768
# Closer than a fifth of the cutoff no atoms come at any temperature that is simulated.
INNERMOST = 0.2
JUST_INSIDE = 1 - 1e-13
# LAMMPS writes something for some of these, but not their energy: that depends on more than two atoms.
MANY_BODY = re.compile(
    r"adp|agni|airebo|atm|bop|comb|dpd|eam|edip|eim|extep|gw|hbond|hdnnp|ilp|lcbo|lebedeva|kolmogorov|local|mace|meam|mliap"
    r"|mgpt|morse/soft|nb3b|pace|pod|polymorphic|quip|reaxff|rebo|sdpd|smtbq|snap|sw\b|sw/|tersoff|threebody|uf3|vashishta"
)


@dataclass(frozen=True)
class PairTable:
    """Energies of all pairs of species on one grid of 1/r^2, so that one look-up finds them all.

    pair       [n_species, n_species] int64: which column a pair of species (from 0) reads
    low        1/r^2 of the first knot, at the longest cutoff
    inverse    knots per unit of 1/r^2
    cutoff_sq  [n_pairs] r^2 from which on the energy is zero
    knots      [n_knots, n_pairs, 2] energy, and its slope per knot
    """

    pair: np.ndarray
    low: float
    inverse: float
    cutoff_sq: Floats
    knots: Floats

    @property
    def cutoff(self) -> float:
        """The longest cutoff."""
        return float(np.sqrt(self.cutoff_sq.max()))


def many_body(system: System) -> str | None:
    """The pair style by which the system's energy is known not to be a sum over pairs, or None."""
    styles = [line.split()[1] for line in system.commands if line.startswith("pair_style ")]
    return next((style for style in styles if MANY_BODY.search(style)), None)


def refuse_many_body(system: System) -> None:
    """Raise InputError when the system's energy is not a sum over pairs."""
    if style := many_body(system):
        raise InputError(
            f"{system.name} has a many-body potential ({style}), which the local exchange kernel cannot cut into "
            "pairs: use --engine-mc lammps"
        )


def tabulate(system: System, knots: int = KNOTS) -> PairTable:
    """Return the tables of a system. Raises InputError for a potential that is not pairwise."""
    from scipy.interpolate import CubicHermiteSpline

    refuse_many_body(system)
    n = system.n_species
    pairs = [(a, b) for a in range(n) for b in range(a, n)]
    index = np.zeros((n, n), dtype=np.int64)
    inner = INNERMOST * system.cutoff
    with LibraryEngine(system) as engine, tempfile.TemporaryDirectory(prefix="glasscli-") as folder:
        engine.commands(evaluation_commands(system, Box.cube(4 * system.cutoff)))
        writer = _Writer(engine, Path(folder) / "pairs")
        cutoffs = [writer.cutoff(a + 1, b + 1, inner, system.cutoff) for a, b in pairs]
        # The last knot just inside, where energy and force are not yet zero.
        ends = [JUST_INSIDE * cutoff for cutoff in cutoffs]
        grid = np.linspace(max(ends) ** -2, inner**-2, knots)
        step = grid[1] - grid[0]
        columns = []
        for k, (a, b) in enumerate(pairs):
            index[a, b] = index[b, a] = k
            r, energy, force = writer.table(a + 1, b + 1, FINE, inner, ends[k])
            # dE/d(r^2) = -F / 2r, and d(r^2) = -r^4 d(1/r^2)
            fine = CubicHermiteSpline(r**2, energy, -force / (2 * r))
            squares = np.clip(1 / grid, inner**2, r[-1] ** 2)
            column = np.column_stack([fine(squares), -fine(squares, 1) * squares**2 * step])
            end = np.array([energy[-1], force[-1] * r[-1] ** 3 / 2 * step])
            columns.append(_begun(column, end, (r[-1] ** -2 - grid[0]) / step))
    return PairTable(index, float(grid[0]), float(1 / step), np.square(cutoffs), np.stack(columns, axis=1))


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


class _Writer:
    """Asks LAMMPS for r, energy, force of a pair of species."""

    def __init__(self, engine: LibraryEngine, path: Path) -> None:
        self._engine, self._path = engine, path

    def table(self, a: int, b: int, knots: int, inner: float, outer: float) -> tuple[Floats, Floats, Floats]:
        """[knots] r, energy, force, evenly spaced in r^2."""
        self._path.unlink(missing_ok=True)
        try:
            self._engine.commands(
                [f"pair_write {a} {b} {knots} rsq {inner:.17g} {outer:.17g} {self._path} pair"]
            )
        except EngineError as error:
            raise InputError(
                f"LAMMPS cannot tabulate this potential pair by pair: use --engine-mc lammps ({error})"
            ) from error
        rows = np.loadtxt(self._path, skiprows=5)
        # The radii as LAMMPS computes them; the file rounds them to 15 digits.
        squares = inner**2 + (outer**2 - inner**2) * np.arange(knots) / (knots - 1)
        return np.sqrt(squares), rows[:, 2], rows[:, 3]

    def cutoff(self, a: int, b: int, inner: float, outer: float) -> float:
        """The last radius at which the pair still has an energy or a force, by repeated division."""
        inside, beyond = inner, outer
        for _ in range(6):
            r, energy, force = self.table(a, b, 1001, inside, beyond)
            alive = np.flatnonzero((energy != 0) | (force != 0))
            if not len(alive):
                break
            inside, beyond = r[alive[-1]], r[min(alive[-1] + 1, len(r) - 1)]
        return float(inside)
