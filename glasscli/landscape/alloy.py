"""Concentration excitations of the atoms in a file, with the force constants of its own system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from glasscli.configuration import Configuration, Floats
from glasscli.engine.pair_derivatives import pair_derivatives
from glasscli.engine.pairwise import no_pairs
from glasscli.errors import InputError
from glasscli.formats.foreign import open_any
from glasscli.formats.names import labels
from glasscli.formats.source import frames_in, wanted_system
from glasscli.model.system import System
from glasscli.theory.answers.excitations import AlloyExcitations, alloy_excitations, lennard_jones
from glasscli.theory.excitations import Ints, SecondDerivative
from glasscli.units import WITHOUT_SYSTEM

# In reduced units, where a diameter is one; elsewhere the same at the density of a Lennard-Jones glass.
SHELL, REACH, LARGEST = 1.45, 2.5, 12.0
SPACING = 0.767 ** (1 / 3)


def pair_second_derivative(system: System) -> SecondDerivative:
    """u'' of a system's own pairs, as LAMMPS tabulates them.

    With e(s) = u(r), s = r^2: u'' = 2 e' + 4 s e''. Raises InputError for a many-body potential.
    """
    if why := no_pairs(system):
        raise InputError(
            f"{system.name} {why}: its energy is no sum over pairs within the cutoff, which the force constants of "
            "concentration excitations are made of"
        )
    pairs = pair_derivatives(system)

    def second(r: Floats, a: Ints, b: Ints) -> Floats:
        squares = np.square(r)
        first, curved = pairs.evaluate(squares, a, b)
        return 2 * first + 4 * squares * curved

    return second


def excitations_of(
    file: Path, frame: int = -1, system_name: str | None = None, species: Sequence[str] | None = None, *,
    pairs: tuple[Sequence[float], Sequence[float]] | None = None, shell: float | None = None,
    reach: float | None = None, k_s: float | None = None, k_max: float | None = None,
) -> AlloyExcitations:  # fmt: skip
    """Return the excitations of one frame of a file; see `alloy_excitations`.

    system_name, species  whose potential and species the atoms have; by default the file's own system
    pairs                 (sigma, epsilon) of Lennard-Jones pairs A-A, A-B, B-B instead of the system's
    shell, reach, k_max   None: those of reduced units, or as many spacings; no reach beyond the system's cutoff

    Raises InputError for a file that names no system, a many-body potential, other than two species.
    """
    system = wanted_system(file, system_name) if pairs is None or system_name else None
    found = frames_in(open_any(file), system, species)
    if not -len(found) <= frame < len(found):
        raise InputError(f"{file} has {len(found)} frames, not a frame {frame}")
    atoms = found[frame]
    kinds = atoms.species
    if pairs is None:
        assert system is not None
        second = pair_second_derivative(system)
    else:
        second = lennard_jones(*pairs)
        # Species as 1 and 2, whatever the file calls them.
        kinds = (np.searchsorted(np.unique(kinds), kinds) + 1).astype(np.int32)
    unit = _unit(atoms, system)
    longest = None if system is None or unit == 1.0 else system.cutoff
    names = labels(atoms.counts, system.names if system else getattr(found, "species_names", {}))
    answer = alloy_excitations(
        atoms.positions, kinds, atoms.box, shell=shell or SHELL * unit, reach=reach or longest or REACH * unit,
        second=second, k_s=k_s, k_max=LARGEST / unit if k_max is None else k_max,
    )  # fmt: skip
    units = system.unit_system if system else WITHOUT_SYSTEM
    return replace(answer, species=tuple(names.values()), units=units)


def _unit(atoms: Configuration, system: System | None) -> float:
    """What the defaults count in: one in reduced units, else the spacing of the atoms in that of the reduced glass."""
    return 1.0 if system is None or system.units == "lj" else atoms.spacing / SPACING
