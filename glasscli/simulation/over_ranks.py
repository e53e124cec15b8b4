"""Inherent structures by the LAMMPS that a run has: over its ranks, or in the user's program."""

from __future__ import annotations

from pathlib import Path

from glasscli.configuration import Configuration
from glasscli.engine.deck import evaluation_commands
from glasscli.engine.external import ExternalEngine
from glasscli.engine.launch import LAMMPS, OWN, Launch
from glasscli.engine.minimiser import InherentStructure, Minimiser, read
from glasscli.formats.writers import lammps_data
from glasscli.model.protocol import Minimisation
from glasscli.model.system import System

# So many ranks, of which those that have no work wait without rest, minimise about as fast as our own forces on one
# core, which are 3.7 times as fast as LAMMPS there (10^5 atoms; benchmarks/minima_over_ranks.py).
AS_FAST = 8


def minimiser_of(
    system: System, settings: Minimisation, launch: Launch, ranks: int, folder: Path
) -> Minimiser:
    """Whatever finds the inherent structures of a run with so many ranks: the faster one.

    folder: where a program works, seen by all of its ranks.
    """
    if launch.external and not (launch.minima == OWN and ranks <= AS_FAST):
        return RanksMinimiser(system, settings, launch, ranks, folder)
    return Minimiser(system, settings, launch.minima)


class RanksMinimiser(Minimiser):
    """Minimises in a LAMMPS program like the run's, which lives as long as one minimisation: ranks that wait for work
    take a core each. Energies of configurations as they are come from this process.
    """

    def __init__(
        self, system: System, settings: Minimisation, launch: Launch, ranks: int, folder: Path
    ) -> None:
        super().__init__(system, settings, LAMMPS)
        self._launch, self._ranks, self._folder = launch, ranks, folder

    def minimise(self, configuration: Configuration) -> InherentStructure:
        """Follow conjugate gradients to the inherent structure. Raises EngineError when the energy is not finite."""
        self.check(configuration)
        c, most = configuration, self.settings.max_iterations
        engine = ExternalEngine(self.system, self._launch, self._folder, beside=True)
        try:
            engine.provide("atoms.data", lammps_data(c, self.system).encode())
            engine.commands(
                [
                    *evaluation_commands(self.system, c.box, "atoms.data", self._ranks),
                    f"minimize 0 {self.settings.force_tolerance:g} {most} {10 * most}",
                ]
            )
            return read(engine, c, int(engine.thermo(("step",))["step"]))
        finally:
            engine.close()
