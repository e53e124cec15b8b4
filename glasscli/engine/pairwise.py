"""Pairs of atoms as LAMMPS has them: whether a system's energy is a sum over pairs, and u(r) and its force where it is.

LAMMPS itself writes both (`pair_write`), so every pair style that it can cut into pairs is covered and none is
programmed twice. The rest of the house asks here and looks at no pair style by itself.
"""

from __future__ import annotations

import math
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Box, Configuration, Floats
from glasscli.engine.deck import evaluation_commands
from glasscli.engine.forces import Forces
from glasscli.engine.library import LibraryEngine
from glasscli.errors import EngineError, InputError
from glasscli.model.system import System

# Closer than a fifth of the cutoff no atoms come at any temperature that is simulated; where that is not close for
# their density, because forces reach far, than two fifths of their mean distance.
INNERMOST, CLOSE, FAR_REACHING = 0.2, 0.4, 0.65
JUST_INSIDE = 1 - 1e-13
# LAMMPS writes something for some of these, but not their energy: that depends on more than two atoms. For embedded
# atoms pair_write oversteps its memory.
MANY_BODY = re.compile(
    r"adp|agni|airebo|atm|bop|comb|dpd|eam|edip|eim|extep|gw|hbond|hdnnp|ilp|lcbo|lebedeva|kolmogorov|local|mace|meam|mliap"
    r"|mgpt|morse/soft|nb3b|pace|pod|polymorphic|quip|reaxff|rebo|sdpd|smtbq|snap|sw\b|sw/|tersoff|threebody|uf3|vashishta"
)
# Pair styles that are known to be sums over pairs. Of any other, three atoms tell.
SUMS = (
    "lj/", "lepton", "morse", "buck", "born", "soft", "yukawa", "mie/", "table", "zero", "gauss", "nm/",
)  # fmt: skip
# Triangles of three atoms, edges in cutoffs; a sum over pairs is one to this share of the forces.
TRIANGLES, ADDITIVE = ((0.4, 0.45, 0.55), (0.6, 0.7, 0.75)), 1e-9


def many_body(system: System) -> str | None:
    """The pair style by which the system's energy is not a sum over pairs, or None where it is one.

    A style that is not known by its name is judged by LAMMPS's forces: on three atoms they must be the sums of those
    between two. Raises EngineError when LAMMPS does not know the style.
    """
    styles = [style for line in _style_lines(system) for style in _styles(line)]
    found = next((style for style in styles if MANY_BODY.search(style)), None)
    # Where charges see all periodic images three atoms are no test: they are seldom neutral.
    if found or system.long_range or all(style.startswith(SUMS) for style in styles) or _adds_up(system):
        return found
    return pair_style(system)


def pair_style(system: System) -> str:
    """The pair style of a system as its file has it, without what follows it."""
    return next((line.split()[1] for line in _style_lines(system)), "none")


def _style_lines(system: System) -> list[str]:
    return [line for line in system.commands if len(line.split()) > 1 and line.split()[0] == "pair_style"]


def _styles(line: str) -> list[str]:
    """The style of a pair_style command; for a hybrid every word after it that may be one."""
    _, style, *words = line.split()
    if not style.startswith("hybrid"):
        return [style]
    return [word for word in words if word[0].isalpha()]


def _adds_up(system: System) -> bool:
    """Whether forces on three atoms are those between two of them added, for every choice of species."""
    edge = 4 * system.cutoff
    with Forces(system) as three, Forces(system) as two:
        for a, b, c in TRIANGLES:
            x = (a**2 + b**2 - c**2) / (2 * a)
            corners = np.array([[0.0, 0, 0], [a, 0, 0], [x, np.sqrt(b**2 - x**2), 0]])
            places = edge / 2 + system.cutoff * corners
            for chosen in combinations_with_replacement(range(1, system.n_species + 1), 3):
                species = np.array(chosen, dtype=np.int32)
                whole = _forces(three, places, species, edge)
                added, largest = np.zeros((3, 3)), 0.0
                for pair in map(list, combinations(range(3), 2)):
                    between = _forces(two, places[pair], species[pair], edge)
                    added[pair] += between
                    largest = max(largest, float(np.abs(between).max()))
                if np.abs(whole - added).max() > ADDITIVE * max(largest, float(np.abs(whole).max())):
                    return False
    return True


def _forces(forces: Forces, places: Floats, species: NDArray[np.int32], edge: float) -> Floats:
    return forces.evaluate(Configuration(places, species, Box.cube(edge))).forces


def innermost(system: System) -> float:
    """The distance below which two atoms never come."""
    inner, spacing = INNERMOST * system.cutoff, system.spacing
    return inner if inner <= FAR_REACHING * spacing else CLOSE * spacing


def no_pairs(system: System) -> str | None:
    """Why a system's energy is no sum over pairs that end at the cutoff, as half a sentence; None where it is one."""
    if why := no_sum(system):
        return why
    if system.sized:
        return "has atoms with diameters, of whose pairs LAMMPS writes no table"
    return None


def no_sum(system: System) -> str | None:
    """The same where pairs of atoms with diameters would do, which are no table."""
    if found := system.long_range:
        return f"sums charges over all periodic images (kspace_style {found.style})"
    if style := many_body(system):
        return f"has a many-body potential ({style})"
    return None


def force_constant_range(system: System) -> float:
    """How far force constants reach: the cutoff of a pair potential, twice that of a many-body one.

    Infinitely far where charges are summed over all periodic images.
    """
    if system.long_range:
        return math.inf
    return 2 * system.cutoff if many_body(system) else system.cutoff


@dataclass(frozen=True)
class PairCurve:
    """What two atoms do to each other: distances [n], their energy [n] and force [n], positive where they repel."""

    r: Floats
    energy: Floats
    force: Floats


class PairSource:
    """Asks LAMMPS for energies and forces of two atoms of any two species, from `inner` to their cutoff.

    around   a configuration, where charges are summed over all periodic images: LAMMPS needs some to set that sum up.
             The atoms asked for then have no charges: what is left is what ends at a cutoff.

    pairs    (first, second) of each pair of species, from 1
    index    [n_species, n_species] int64: which of `pairs` two species (from 0) are

    Raises InputError for a many-body potential, and for one that LAMMPS cannot write pair by pair.
    """

    def __init__(self, system: System, around: Configuration | None = None) -> None:
        why = no_pairs(system) if around is None else many_body(system)
        if why:
            raise InputError(f"{system.name} {why}")
        self._bare = around is not None
        self._system, n = system, system.n_species
        self.pairs: Sequence[tuple[int, int]] = [(a, b) for a in range(1, n + 1) for b in range(a, n + 1)]
        self.index = np.zeros((n, n), dtype=np.int64)
        for k, (a, b) in enumerate(self.pairs):
            self.index[a - 1, b - 1] = self.index[b - 1, a - 1] = k
        self.inner = innermost(system)
        self._outermost = system.cutoff
        self._engine = LibraryEngine(system)
        self._folder = tempfile.TemporaryDirectory(prefix="glasscli-")
        try:
            box = Box.cube(4 * system.cutoff) if around is None else around.box
            self._engine.commands(evaluation_commands(system, box))
            if around is not None:
                self._engine.create(around)
                self._engine.place(around)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End LAMMPS."""
        self._engine.close()
        self._folder.cleanup()

    def curve(self, pair: tuple[int, int], knots: int, inner: float, outer: float) -> PairCurve:
        """Energy and force of a pair of species at `knots` distances, evenly spaced in r^2."""
        path = Path(self._folder.name) / "pair"
        path.unlink(missing_ok=True)
        a, b = pair
        species = self._system.species
        pair_charges = (0.0, 0.0) if self._bare else (species[a - 1].charge, species[b - 1].charge)
        charges = " {:.17g} {:.17g}".format(*pair_charges) if self._system.charged else ""
        try:
            self._engine.commands(
                [f"pair_write {a} {b} {knots} rsq {inner:.17g} {outer:.17g} {path} pair{charges}"]
            )
        except EngineError as error:
            if "inner cutoff" in str(error):
                raise InputError(
                    f"the table of {self._system.name}'s pair energies ends before {inner:.4g}, where atoms may come: "
                    "begin it there"
                ) from error
            raise InputError(f"LAMMPS cannot tabulate this potential pair by pair ({error})") from error
        rows = np.loadtxt(path, skiprows=5)
        # The radii as LAMMPS computes them; the file rounds them to 15 digits.
        squares = inner**2 + (outer**2 - inner**2) * np.arange(knots) / (knots - 1)
        return PairCurve(np.sqrt(squares), rows[:, 2], rows[:, 3])

    def alone(self) -> Floats:
        """[n_species] energy of one atom by itself: what styles that screen charges give each for its own."""
        found = np.zeros(self._system.n_species)
        if self._system.charged:
            box = Box.cube(4 * self._outermost)
            with Forces(self._system) as forces:
                for s in range(len(found)):
                    one = Configuration(np.zeros((1, 3)), np.array([s + 1], dtype=np.int32), box)
                    found[s] = forces.evaluate(one).energy
        return found

    def cutoff(self, pair: tuple[int, int], knots: int = 1001, rounds: int = 6) -> float:
        """The last distance at which a pair still has an energy or a force, by repeated division."""
        inside, beyond = self.inner, self._outermost
        for _ in range(rounds):
            found = self.curve(pair, knots, inside, beyond)
            alive = np.flatnonzero((found.energy != 0) | (found.force != 0))
            if not len(alive):
                break
            last = int(alive[-1])
            inside, beyond = float(found.r[last]), float(found.r[min(last + 1, len(found.r) - 1)])
            if inside == beyond:
                break
        return inside

    def jump(self, pair: tuple[int, int]) -> float:
        """The force with which a pair comes into reach. Few knots: some styles take a millisecond for each."""
        cutoff = self.cutoff(pair, 33, 10)
        return abs(float(self.curve(pair, 2, self.inner, JUST_INSIDE * cutoff).force[-1]))


def force_jump(system: System) -> float:
    """The largest force with which a pair comes into reach: above zero, minima and saddles are not sharp.

    Zero for a potential that is no sum over pairs, where it is not known.
    """
    try:
        with PairSource(system) as source:
            return max(source.jump(pair) for pair in source.pairs)
    except InputError:
        return 0.0


def same_at_contact(one: System, other: System, allowed: float) -> bool:
    """Whether atoms of two pairwise systems repel and attract alike where they touch, to an `allowed` force.

    Between 0.3 and 0.5 of the cutoff of `one`. Raises InputError when either is no sum over pairs.
    """
    if (one.units, one.n_species) != (other.units, other.n_species):
        return False
    low, high = 0.3 * one.cutoff, 0.5 * one.cutoff
    with PairSource(one) as first, PairSource(other) as second:
        for pair in first.pairs:
            ours, theirs = (source.curve(pair, 11, low, high).force for source in (first, second))
            if (np.abs(ours - theirs) > allowed + 1e-9 * np.abs(ours)).any():
                return False
    return True
