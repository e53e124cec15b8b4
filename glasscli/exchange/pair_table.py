"""The pair energies of any pairwise LAMMPS potential, as tables a compiled loop can read.

LAMMPS itself writes the tables (`pair_write`), so every pair style it can cut into pairs is covered and none is
programmed twice. Cubic Hermite interpolation in r^2 of energy and force, which both are exact at the knots, errs by
less than 1e-11 of the energy for Lennard-Jones at the distances that atoms have.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glasscli.configuration import Floats
from glasscli.deck import evaluation_commands
from glasscli.engine.library import LibraryEngine
from glasscli.errors import EngineError, InputError
from glasscli.system import System

KNOTS = 16384
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
    """Energies of all pairs of species on one grid of r^2, so that one look-up finds them all.

    pair       [n_species, n_species] int64: which column a pair of species (from 0) reads
    low        r^2 of the first knot
    inverse    knots per unit of r^2
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
    refuse_many_body(system)
    n = system.n_species
    pairs = [(a, b) for a in range(n) for b in range(a, n)]
    index = np.zeros((n, n), dtype=np.int64)
    inner = INNERMOST * system.cutoff
    with LibraryEngine(system) as engine, tempfile.TemporaryDirectory(prefix="glasscli-") as folder:
        engine.commands(evaluation_commands(system, [4 * system.cutoff] * 3))
        writer = _Writer(engine, Path(folder) / "pairs")
        cutoffs = [writer.cutoff(a + 1, b + 1, inner, system.cutoff) for a, b in pairs]
        # The last knot just inside, where energy and force are not yet zero.
        outer = max(cutoffs) * JUST_INSIDE
        columns = []
        for k, (a, b) in enumerate(pairs):
            index[a, b] = index[b, a] = k
            column = _per_knot(*writer.table(a + 1, b + 1, knots, inner, outer), inner, outer)
            end = _per_knot(*writer.table(a + 1, b + 1, 2, inner, cutoffs[k] * JUST_INSIDE), inner, outer, knots)
            columns.append(_ended(column, end[-1], _position(cutoffs[k] * JUST_INSIDE, inner, outer, knots)))
    inverse = (knots - 1) / (outer**2 - inner**2)
    return PairTable(index, inner**2, inverse, np.square(cutoffs), np.ascontiguousarray(np.stack(columns, axis=1)))


def _position(r: float, inner: float, outer: float, knots: int) -> float:
    return (r**2 - inner**2) / (outer**2 - inner**2) * (knots - 1)


def _per_knot(
    r: Floats, energy: Floats, force: Floats, inner: float, outer: float, knots: int | None = None
) -> Floats:
    """[n, 2] energy and slope by knot: dE/d(r^2) = -F / 2r."""
    step = (outer**2 - inner**2) / ((knots or len(r)) - 1)
    return np.column_stack([energy, -force / (2 * r) * step])


def _ended(column: Floats, end: Floats, where: float) -> Floats:
    """A column that ends between two knots: the knot beyond is set so that the cubic goes through the end."""
    k = min(int(where), len(column) - 2)
    t = where - k
    if t > 1 - 1e-9:
        return column
    # Hermite's cubic in t: energy and slope at t are linear in those of the knot beyond.
    value = np.array([t**2 * (3 - 2 * t), t**2 * (t - 1)])
    slope = np.array([6 * t * (1 - t), 3 * t**2 - 2 * t])
    e, s = column[k]
    known_value = e * (1 - 3 * t**2 + 2 * t**3) + s * (t - 2 * t**2 + t**3)
    known_slope = e * (6 * t**2 - 6 * t) + s * (1 - 4 * t + 3 * t**2)
    column = column.copy()
    if t < 1e-3:  # the cubic would be ill determined, and hardly bends: go on straight
        column[k + 1] = e + s, s
    else:
        column[k + 1] = np.linalg.solve(np.array([value, slope]), end - np.array([known_value, known_slope]))
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
