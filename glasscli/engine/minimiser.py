"""Energies and inherent structures of configurations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Configuration, Floats
from glasscli.engine.evaluator import Evaluator
from glasscli.engine.library import LibraryEngine
from glasscli.errors import EngineError
from glasscli.model.protocol import Minimisation
from glasscli.model.system import System


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


class Minimiser(Evaluator):
    """Evaluates and minimises configurations of one system and one set of species."""

    def __init__(self, system: System, minimisation: Minimisation | None = None) -> None:
        super().__init__(system)
        self._settings = minimisation or Minimisation()

    def evaluate(self, configuration: Configuration) -> InherentStructure:
        """Energy, pressure and largest force of a configuration as it is."""
        return _read(self._evaluated(configuration), configuration, 0)

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


def _read(engine: LibraryEngine, before: Configuration, iterations: int) -> InherentStructure:
    thermo = engine.thermo(("pe", "press", "fmax"))
    if not np.isfinite(thermo["pe"]):
        raise EngineError("the energy is not finite: atoms lie on top of each other")
    after = engine.configuration()
    return InherentStructure(
        Configuration(after.positions, after.species, before.box, after.images, None, before.step, before.ids),
        thermo["pe"], thermo["press"], thermo["fmax"], iterations,
    )  # fmt: skip
