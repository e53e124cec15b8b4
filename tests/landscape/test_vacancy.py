"""A vacancy hop in an fcc crystal against an independent band: ASE's, with ASE's own optimiser."""

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.mep import NEB
from ase.optimize import FIRE

from glasscli.engine.forces import Forces
from glasscli.landscape.descent import descend
from glasscli.landscape.transition import between, connect
from glasscli.model.system import load_system
from glasscli.modes.minimum import at
from tests.landscape.hops import trajectory


class Lammps(Calculator):
    """LAMMPS's energies and forces for ASE."""

    implemented_properties = ("energy", "forces")

    def __init__(self, forces, configuration):
        super().__init__()
        self._forces, self._configuration = forces, configuration

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        found = self._forces.evaluate(at(self._configuration, self.atoms.positions))
        self.results = {"energy": found.energy * len(self.atoms), "forces": found.forces}


def test_barrier_of_a_vacancy_hop(on_surface):
    before, after = trajectory(1)[:2]
    system = load_system("wahnstrom-smooth")
    with on_surface(system, before.positions, before.box) as surface, Forces(system) as forces:
        found = connect(surface, before.positions, after.positions)
        a = descend(surface.fresh(), before.positions)
        end = a.positions + between(
            a.positions, descend(surface.fresh(), after.positions).positions, before.box
        )
        images = [
            Atoms("Ar107", a.positions + t * (end - a.positions), cell=before.box.vectors, pbc=True)
            for t in np.linspace(0, 1, 5)
        ]
        for image in images:
            image.calc = Lammps(forces, before)
        band = NEB(images, climb=True, k=5.0, method="improvedtangent")
        FIRE(band, logfile=None).run(fmax=0.01, steps=300)
        energies = [image.get_potential_energy() for image in images]
    (step,) = found.steps
    assert found.complete and step.negative == 1 and step.max_force < 1e-6
    left, top, right = step.energies
    assert top - left == pytest.approx(max(energies) - energies[0], abs=1e-4)
    assert left == pytest.approx(right, abs=1e-8)
    assert step.frequencies[0] == pytest.approx(step.frequencies[1], rel=1e-6)
