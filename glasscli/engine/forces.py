"""Energy, forces and stress of a configuration as it is, in a LAMMPS instance of its own.

The box may be smaller than the cutoff: LAMMPS makes as many periodic images as the cutoff needs, so the energy of
a crystal's unit cell is that of the infinite crystal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from glasscli.configuration import Configuration, Floats
from glasscli.deck import evaluation_commands
from glasscli.engine.library import LibraryEngine
from glasscli.errors import EngineError, InputError
from glasscli.system import System

# LAMMPS's nktv2p: pressure unit of one energy unit per volume unit.
PRESSURE_PER_ENERGY_DENSITY = {"lj": 1.0, "metal": 1.6021765e6}


@dataclass(frozen=True)
class Evaluation:
    """What LAMMPS says of one configuration.

    energy   potential energy per atom
    forces   [n_atoms, 3] force on each atom
    stress   [3] diagonal of the virial pressure tensor in energy per volume, positive when the crystal pushes
             outward: dE_total/d ln L_i = -volume * stress[i] at fixed fractional positions
    """

    energy: float
    forces: Floats
    stress: Floats


class Forces:
    """Evaluates configurations of one system; the instance is made anew only when the number of atoms changes."""

    def __init__(self, system: System) -> None:
        self.system = system
        self._engine: LibraryEngine | None = None
        self._n_atoms = 0
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def evaluate(self, configuration: Configuration) -> Evaluation:
        """Energy, forces and stress. Raises EngineError when atoms lie on top of each other."""
        engine = self._placed(configuration)
        # LAMMPS computes once a timestep: every evaluation takes one of its own.
        self._count += 1
        engine.commands([f"reset_timestep {self._count}", "run 0 post no"])
        thermo = engine.thermo(("pe", "pxx", "pyy", "pzz"))
        if not np.isfinite(thermo["pe"]):
            raise EngineError("the energy is not finite: atoms lie on top of each other")
        unit = PRESSURE_PER_ENERGY_DENSITY[self.system.units]
        forces = np.column_stack([engine.gather_compute(f"f{axis}") for axis in "xyz"])
        stress = np.array([thermo[key] for key in ("pxx", "pyy", "pzz")]) / unit
        return Evaluation(thermo["pe"], forces, stress)

    def close(self) -> None:
        """End the LAMMPS instance."""
        if self._engine:
            self._engine.close()
            self._engine = None

    def _placed(self, configuration: Configuration) -> LibraryEngine:
        system = self.system
        if configuration.species.max() > system.n_species:
            raise InputError(f"{system.name} has only {system.n_species} species")
        if self._engine is None or self._n_atoms != configuration.n_atoms:
            self.close()
            self._engine = LibraryEngine(system)
            self._engine.commands(evaluation_commands(system, configuration.box.tolist()))
            self._engine.commands([f"compute f{axis} all property/atom f{axis}" for axis in "xyz"])
            self._engine.commands(
                ["thermo_style custom step pe press vol pxx pyy pzz", "thermo_modify norm yes lost error"]
            )
            self._engine.create(configuration)
            self._n_atoms = configuration.n_atoms
        self._engine.place(configuration)
        return self._engine
