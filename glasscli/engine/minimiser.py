"""Energies and inherent structures of configurations: by LAMMPS, or by our own forces where they can be summed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from glasscli.configuration import Configuration, Floats
from glasscli.engine.evaluator import Evaluator
from glasscli.engine.external import ExternalEngine
from glasscli.engine.library import LibraryEngine
from glasscli.engine.own.choice import wanted
from glasscli.engine.own.sample import Sample, TooClose, shape_of
from glasscli.errors import EngineError
from glasscli.model.protocol import Minimisation
from glasscli.model.system import System

# Of the largest force and the energy, when our own forces are first used.
AGREE = 1e-9


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
    """Evaluates and minimises configurations of one system.

    forces: "own", "lammps", or None for our own wherever they can be. Raises InputError for own ones that cannot be.
    In planes and free boxes LAMMPS's are taken: ours are for those that are periodic everywhere.
    """

    def __init__(
        self, system: System, minimisation: Minimisation | None = None, forces: str | None = None
    ) -> None:
        super().__init__(system)
        self.settings = minimisation or Minimisation()
        self.own = wanted(system, forces)
        self._sample: Sample | None = None

    def close(self) -> None:
        """End the LAMMPS instance, and give back what our own forces hold."""
        super().close()
        if self._sample:
            self._sample.close()
            self._sample = None

    def evaluate(self, configuration: Configuration) -> InherentStructure:
        """Energy, pressure and largest force of a configuration as it is."""
        return read(self._evaluated(configuration), configuration, 0)

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
        if self.own and configuration.box.closed:
            with suppress(TooClose):
                return self._descend(configuration)
        engine, s = self._placed(configuration), self.settings
        engine.commands(
            [
                "reset_timestep 0",
                f"minimize 0 {s.force_tolerance:g} {s.max_iterations} {10 * s.max_iterations}",
            ]
        )
        return read(engine, configuration, engine.step)

    def _descend(self, configuration: Configuration) -> InherentStructure:
        """The same by our own forces, which are compared with LAMMPS's when a sample is first met."""
        c, s = configuration, self.settings
        edges = shape_of(c.box)
        if self._sample is None or self._sample.atoms != c.n_atoms:
            self.close()
            self._sample = self.compared(c)
        # And no list of neighbours is kept: the result depends on nothing before.
        self._sample.atoms_of(c)
        found = self._sample.minimise(
            c.positions, edges, s.force_tolerance, s.max_iterations, 10 * s.max_iterations
        )
        energy, forces, virial = self._sample.evaluate(found.positions, edges)
        if not np.isfinite(energy):
            raise EngineError("the energy is not finite: atoms lie on top of each other")
        positions, crossed = c.box.folded(found.positions)
        images = crossed if c.images is None else c.images + crossed
        unit = self.system.unit_system.pressure_per_energy_density
        return InherentStructure(
            replace(c, positions=positions, images=images, velocities=None), energy / c.n_atoms,
            float(virial[:3].mean() / c.box.volume * unit), float(np.abs(forces).max()), found.iterations,
        )  # fmt: skip

    def compared(self, configuration: Configuration) -> Sample:
        """Our own forces for a configuration's atoms. Raises EngineError where they are not LAMMPS's."""
        c = configuration
        theirs = self._evaluated(c).thermo(("pe", "fmax"))
        sample = Sample.of(self.system, c)
        energy, forces, _ = sample.evaluate(c.positions, shape_of(c.box))
        ours = {"pe": energy / c.n_atoms, "fmax": float(np.abs(forces).max())}
        off = max(abs(theirs[name] - value) for name, value in ours.items())
        if off > AGREE * max(map(abs, ours.values())):
            sample.close()
            raise EngineError(
                f"{self.system.name}: our own forces are not LAMMPS's (off by {off:.2g}): use --forces lammps"
            )
        return sample


def read(engine: LibraryEngine | ExternalEngine, before: Configuration, iterations: int) -> InherentStructure:
    """What an engine made of a configuration. Raises EngineError when the energy is not finite."""
    thermo = engine.thermo(("pe", "press", "fmax"))
    if not np.isfinite(thermo["pe"]):
        raise EngineError("the energy is not finite: atoms lie on top of each other")
    after = engine.configuration()
    return InherentStructure(
        replace(before, positions=after.positions, images=after.images, velocities=None),
        thermo["pe"], thermo["press"], thermo["fmax"], iterations,
    )  # fmt: skip
