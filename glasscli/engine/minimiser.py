"""Energies, forces and inherent structures of configurations, in a LAMMPS instance of their own.

A second instance leaves the molecular dynamics bit for bit untouched. Every call is a function of the configuration
alone: atoms keep their order (no spatial sorting) and neighbours are built afresh, so a resumed run finds the same
bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from glasscli.configuration import Configuration, Floats
from glasscli.deck import evaluation_commands
from glasscli.engine.library import LibraryEngine
from glasscli.errors import EngineError, InputError
from glasscli.protocol import Minimisation
from glasscli.system import System


@dataclass(frozen=True)
class InherentStructure:
    """A configuration at its energy minimum.

    energy      potential energy per atom
    pressure    virial pressure (no kinetic part)
    max_force   largest force component on any atom
    iterations  conjugate-gradient steps taken
    """

    configuration: Configuration
    energy: float
    pressure: float
    max_force: float
    iterations: int


class Minimiser:
    """Evaluates and minimises configurations of one system and one set of species."""

    def __init__(self, system: System, minimisation: Minimisation | None = None) -> None:
        self._system = system
        self._settings = minimisation or Minimisation()
        self._engine: LibraryEngine | None = None
        self._n_atoms = 0
        self._evaluations = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def evaluate(self, configuration: Configuration) -> InherentStructure:
        """Energy, pressure and largest force of a configuration as it is."""
        engine = self._placed(configuration)
        # LAMMPS computes once a timestep: every evaluation takes one of its own.
        self._evaluations += 1
        engine.commands([f"reset_timestep {self._evaluations}", "run 0 post no"])
        return _read(engine, configuration, 0)

    def energies(self, configuration: Configuration) -> Floats:
        """[n_atoms] potential energy of each atom; a pair's energy is shared equally."""
        engine = self._placed(configuration)
        engine.commands(["compute peratom all pe/atom", "run 0 post no"])
        energies = engine.gather_compute("peratom")
        engine.commands(["uncompute peratom"])
        return energies

    def minimise(self, configuration: Configuration) -> InherentStructure:
        """Follow conjugate gradients to the inherent structure.

        Raises EngineError when the energy is not finite. A minimum that the line search cannot approach further
        (lj/cut's force jumps at the cutoff) is returned with the force it reached.
        """
        engine, s = self._placed(configuration), self._settings
        engine.commands(
            [
                "reset_timestep 0",
                f"minimize 0 {s.force_tolerance:g} {s.max_iterations} {10 * s.max_iterations}",
            ]
        )
        return _read(engine, configuration, engine.step)

    def close(self) -> None:
        """End the LAMMPS instance."""
        if self._engine:
            self._engine.close()
            self._engine = None

    def _placed(self, configuration: Configuration) -> LibraryEngine:
        """The engine with its atoms where the configuration says; made anew when the atoms are others."""
        system, species = self._system, configuration.species
        if species.max() > system.n_species:
            raise InputError(
                f"the configuration has {species.max()} species, {system.name} only {system.n_species}: wrong --system?"
            )
        if self._engine is None or self._n_atoms != configuration.n_atoms:
            self.close()
            self._engine = LibraryEngine(system)
            self._engine.commands(evaluation_commands(system, configuration.box.tolist()))
            self._engine.create(configuration)
            self._n_atoms = configuration.n_atoms
        self._engine.place(configuration)
        return self._engine


def _read(engine: LibraryEngine, before: Configuration, iterations: int) -> InherentStructure:
    thermo = engine.thermo(("pe", "press", "fmax"))
    if not np.isfinite(thermo["pe"]):
        raise EngineError("the energy is not finite: atoms lie on top of each other")
    after = engine.configuration()
    return InherentStructure(
        Configuration(after.positions, after.species, before.box, after.images, None, before.step),
        thermo["pe"], thermo["press"], thermo["fmax"], iterations,
    )  # fmt: skip
