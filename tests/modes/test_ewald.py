"""Hessians of charges that see all periodic images, against LAMMPS's forces and against electrostatics."""

from dataclasses import replace

import numpy as np
import pytest

from glasscli.configuration import Box, Configuration
from glasscli.engine.forces import Forces
from glasscli.model.system import load_system
from glasscli.modes.hessian import DIFFERENCES, EWALD, Curvature
from glasscli.modes.hessian_differences import by_differences
from glasscli.modes.hessian_ewald import Ewald
from tests.charges import salts

SHARP = [line.replace("1e-5", "1e-8") for line in salts.EWALD]


@pytest.fixture(scope="module")
def salt(tmp_path_factory):
    path = tmp_path_factory.mktemp("salt") / "salt.toml"
    path.write_text(salts.salt(SHARP))
    return load_system(str(path))


def in_box(box):
    """Sixteen charges, no two of them close, in a box."""
    sites = np.stack(np.meshgrid([0, 1], [0, 1], [0, 1, 2, 3], indexing="ij"), axis=-1).reshape(-1, 3)
    moved = (sites + 0.25 + 0.12 * np.random.default_rng(5).standard_normal(sites.shape)) / [2, 2, 4]
    return Configuration(box.wrap(moved @ box.vectors), (sites.sum(axis=1) % 2 + 1).astype(np.int32), box)


BOXES = {
    "rectangular": Box(np.array([2.3, 2.4, 4.6])),
    "tilted": Box(np.array([[2.4, 0.0, 0.0], [0.5, 2.3, 0.0], [-0.4, 0.3, 4.8]])),
}


@pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)
def test_it_is_what_lammps_differences_give(salt, box):
    atoms = in_box(box)
    matrix, forces = Ewald(salt, atoms).hessian(atoms)
    with Forces(salt) as lammps:
        assert forces == pytest.approx(lammps.evaluate(atoms).forces, abs=1e-6)
        expected, asymmetry, evaluations = by_differences(atoms, lammps, np.inf)
        assert evaluations == 6 * 16 and asymmetry < 1e-6
        assert Curvature(lammps).method(atoms) == EWALD
    dense, largest = matrix.toarray(), abs(matrix).max()
    assert np.abs(dense - expected.toarray()).max() < 3e-6 * largest
    assert np.abs(dense - dense.T).max() < 1e-13 * largest
    assert np.abs(dense.reshape(48, 16, 3).sum(axis=1)).max() < 1e-11 * largest


def test_its_forces_have_it_as_their_slope(salt):
    """Converged far beyond what LAMMPS's differences can show."""
    atoms = in_box(BOXES["tilted"])
    ewald = Ewald(salt, atoms)
    matrix = ewald.hessian(atoms)[0].toarray()
    step, pushed = 1e-5, []
    for sign in (1, -1):
        positions = atoms.positions.copy()
        positions[3, 1] += sign * step
        pushed.append(ewald.hessian(replace(atoms, positions=positions))[1])
    slope = (pushed[1] - pushed[0]).ravel() / (2 * step)
    assert slope == pytest.approx(matrix[:, 10], abs=3e-9 * np.abs(matrix).max())


def test_the_laplacian_of_coulombs_energy_is_that_of_the_background(salt):
    """Where no other charge is, the others' potential has the Laplacian of what makes them neutral: -4 pi q/V."""
    atoms = in_box(BOXES["rectangular"])
    charged, plain = (Ewald(salt, atoms) for _ in range(2))
    plain._charges = 0 * plain._charges
    coulomb = (charged.hessian(atoms)[0] - plain.hessian(atoms)[0]).toarray()
    own = np.array([np.trace(coulomb[3 * k : 3 * k + 3, 3 * k : 3 * k + 3]) for k in range(16)])
    assert own == pytest.approx(np.full(16, -4 * np.pi / atoms.box.volume), abs=1e-7)


def test_where_the_model_is_another_lammps_forces_are_taken(tmp_path):
    """Sums cut too short have not the forces of this one, and so not its Hessian."""
    path = tmp_path / "slab.toml"
    path.write_text(salts.salt([*SHARP, "kspace_modify gewald 0.6 kmax/ewald 1 1 1"]))
    system, atoms = load_system(str(path)), in_box(BOXES["rectangular"])
    with Forces(system) as forces:
        curvature = Curvature(forces)
        assert curvature.method(atoms) == DIFFERENCES
        assert curvature.hessian(atoms).force_evaluations == 6 * 16
