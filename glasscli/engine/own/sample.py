"""Energies, forces and inherent structures of one sample's atoms, summed over pairs without LAMMPS."""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Box, Configuration, Floats
from glasscli.engine.own.compiled import LOST, instruction_set, library
from glasscli.engine.own.laws import TABLED, laws
from glasscli.errors import EngineError, LostAtomsError
from glasscli.model.system import System

# Measured in melts of 500 atoms: lists are made half as often as with twice the skin, for a little more pruning.
LONGER = 3


class TooClose(EngineError):
    """Atoms are closer to each other than a table of their pair energy goes: only LAMMPS knows of them."""


class Ended(IntEnum):
    """Why a minimisation ended."""

    CONVERGED, ITERATIONS, EVALUATIONS, STUCK = range(4)


@dataclass(frozen=True)
class Descent:
    """Where a minimisation ended: positions [n, 3], energy of the sample, forces [n, 3]; iterations taken, and why."""

    positions: Floats
    energy: float
    forces: Floats
    iterations: int
    ended: Ended


class Sample:
    """Atoms of given species (and diameters, where these vary) in a periodic box, whose shape may change at each call.

    Positions [n, 3] are continuous: they need not lie in the box, which begins at the origin. Edges are [3] those of a
    rectangular one, or [6] with LAMMPS's tilts xy, xz, yz after them (`shape_of`). `skin`: that of a list in
    LAMMPS, 0 the system's own; ours goes LONGER times as far beyond the cutoff, because it is pruned between. Raises
    InputError for a system whose forces are not ours to sum, MissingPackageError where nothing was compiled.
    """

    def __init__(
        self, system: System, species: NDArray[np.int32], skin: float = 0.0, diameters: Floats | None = None
    ) -> None:
        self._library, found = library(), laws(system)
        self.atoms, self._kinds = len(species), system.n_species
        self._pointer = self._library.pairs_new(
            self.atoms, system.n_species, found.family, LONGER * (skin or system.skin), instruction_set()
        )
        if not self._pointer:
            raise MemoryError(f"no memory for the pairs of {self.atoms} atoms")
        self._free = weakref.finalize(self, self._library.pairs_free, self._pointer)
        if found.family == TABLED:
            assert found.table is not None
            table = np.ascontiguousarray(found.table)
            if not self._library.pairs_table(
                self._pointer, table.ctypes.data, table.size, found.scale, found.first_cell,
                table.shape[0] * 2 // (system.n_species * (system.n_species + 1)), found.inner2,
            ):  # fmt: skip
                raise MemoryError("no memory for the tables of pair energies")
        for a in range(system.n_species):
            for b in range(a, system.n_species):
                law = np.ascontiguousarray(found.laws[a, b])
                self._library.pairs_law(self._pointer, a, b, law.ctypes.data)
        self._sizes = system.sizes
        self.species(species)
        if diameters is not None:
            self.diameters(diameters)

    @classmethod
    def of(cls, system: System, configuration: Configuration) -> Self:
        """The atoms of a configuration. Raises InputError where it has no diameters, and the system wants some."""
        return cls(system, configuration.species, diameters=system.diameters_of(configuration))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the memory back; it is at the latest when nobody holds the sample any more."""
        self._free()
        self._pointer = None

    @property
    def pointer(self) -> int:
        """Where the sample lies, for the compiled coupling."""
        assert self._pointer is not None
        return int(self._pointer)

    def species(self, species: NDArray[np.int32]) -> None:
        """The species of the atoms, from 1, are these from now on."""
        if self._sizes:  # which may stand for thirds of the atoms (see `System.classes`)
            species = np.ones_like(species)
        counted = np.ascontiguousarray(species - 1, dtype=np.int32)
        self._library.pairs_species(self._pointer, counted.ctypes.data)

    def relabel(self, species: NDArray[np.int32]) -> None:
        """The same where atoms have not moved: the list of neighbours is kept."""
        counted = np.ascontiguousarray(species - 1, dtype=np.int32)
        self._library.pairs_relabel(self._pointer, counted.ctypes.data)

    def diameters(self, diameters: Floats) -> None:
        """The diameters of the atoms are these from now on, in a system where they vary."""
        assert self._sizes is not None
        found = np.ascontiguousarray(diameters)
        self._library.pairs_sizes(self._pointer, found.ctypes.data, self._sizes.nonadditivity)

    def atoms_of(self, configuration: Configuration) -> None:
        """The atoms are those of a configuration from now on."""
        self.species(configuration.species)
        if self._sizes and configuration.diameters is not None:
            self.diameters(configuration.diameters)

    def reset(self) -> None:
        """Forget the list of neighbours: what follows depends on nothing before."""
        self._library.pairs_reset(self._pointer)

    @property
    def lists(self) -> int:
        """How often neighbours were listed."""
        return int(self._library.pairs_lists(self._pointer))

    @property
    def rows(self) -> int:
        """How many vectors of four pairs the last evaluation went through."""
        return int(self._library.pairs_rows(self._pointer))

    def evaluate(self, positions: Floats, edges: Floats) -> tuple[float, Floats, Floats]:
        """Energy of the sample, forces [n, 3], virial [6] (xx yy zz xy xz yz: sums of force times distance)."""
        positions, edges = np.ascontiguousarray(positions), _six(edges)
        forces, energy, virial = np.empty((self.atoms, 3)), ctypes.c_double(), np.empty(6)
        said = self._library.pairs_evaluate(
            self._pointer, positions.ctypes.data, edges.ctypes.data, 2, forces.ctypes.data, ctypes.byref(energy),
            virial.ctypes.data,
        )  # fmt: skip
        _check(said)
        return energy.value, forces, virial

    def energy_and_forces(self, positions: Floats, edges: Floats) -> tuple[float, Floats]:
        """The same without the virial."""
        positions, edges = np.ascontiguousarray(positions), _six(edges)
        forces, energy = np.empty((self.atoms, 3)), ctypes.c_double()
        said = self._library.pairs_evaluate(
            self._pointer, positions.ctypes.data, edges.ctypes.data, 1, forces.ctypes.data, ctypes.byref(energy), None,
        )  # fmt: skip
        _check(said)
        return energy.value, forces

    def sites(self, positions: Floats, edges: Floats) -> Floats:
        """[n, n_species] energy that an atom of each species would have at each place, all others as they are."""
        positions, edges = np.ascontiguousarray(positions), _six(edges)
        found = np.empty((self.atoms, self._kinds))
        _check(
            self._library.pairs_sites(
                self._pointer, positions.ctypes.data, edges.ctypes.data, found.ctypes.data
            )
        )
        return found

    def minimise(
        self, positions: Floats, edges: Floats, tolerance: float, iterations: int, evaluations: int
    ) -> Descent:
        """Follow conjugate gradients until the largest force component is below `tolerance`."""
        found, edges = np.array(positions, order="C"), _six(edges)
        forces, energy, taken = np.empty((self.atoms, 3)), ctypes.c_double(), ctypes.c_long()
        said = self._library.pairs_minimise(
            self._pointer, found.ctypes.data, edges.ctypes.data, tolerance, iterations, evaluations,
            forces.ctypes.data, ctypes.byref(energy), ctypes.byref(taken),
        )  # fmt: skip
        _check(said + 1 if said < 0 else 1)
        return Descent(found, energy.value, forces, taken.value, Ended(said))


def leg(
    samples: Sequence[Sample], weights: Floats, positions: Floats, velocities: Floats, per_mass: Floats, edges: Floats,
    steps: int, step: float, springs: Floats | None = None, anchors: Floats | None = None,
) -> Floats:  # fmt: skip
    """Dynamics of one set of atoms, in place, by twos (source/legs.c), under the forces of all samples, each times
    its weight, and of springs [n] to anchors [n, 3], times the last of `weights` [len(samples) + 1]; per_mass [n]: the
    acceleration of a unit force.

    Returns [2, len(samples) + 1]: the energies of each sample and of the springs, without weights, before and after,
    those after NaN where atoms came closer than the tables go.
    """
    edges, per_mass, weights = _six(edges), np.ascontiguousarray(per_mass), np.ascontiguousarray(weights)
    pointers = (ctypes.c_void_p * len(samples))(*(s.pointer for s in samples))
    forces, energies = np.empty_like(positions), np.full((2, len(samples) + 1), np.nan)
    energies[:, -1] = 0.0
    said = library().pairs_leg(
        pointers, weights.ctypes.data, len(samples), None if springs is None else springs.ctypes.data,
        None if anchors is None else anchors.ctypes.data, positions.ctypes.data, velocities.ctypes.data,
        per_mass.ctypes.data, edges.ctypes.data, step, steps, forces.ctypes.data, energies.ctypes.data,
    )  # fmt: skip
    if said < 0:
        energies[1] = np.nan
    else:
        _check(said)
    return energies


def shape_of(box: Box) -> Floats:
    """[6] a box of three dimensions that is periodic everywhere, as `edges` take it."""
    a, b, c = box.vectors
    return np.array([a[0], b[1], c[2], b[0], c[0], c[1]])


def _six(edges: Floats) -> Floats:
    found = np.zeros(6)
    found[: len(edges)] = edges
    return found


def _check(said: int) -> None:
    if said == 0:
        raise MemoryError("no memory for the list of neighbours")
    if said == LOST:
        raise LostAtomsError("atoms were lost: they are nowhere near the box")
    if said < 0:
        raise TooClose("atoms are closer than the tables of their pair energy go")
