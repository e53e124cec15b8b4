"""Elastic constants from fluctuations: of an ideal gas exactly, of a glass as its Hessian has them."""

import numpy as np
import pytest

from glasscli.configuration import Box, Configuration
from glasscli.engine.forces import Forces
from glasscli.engine.minimiser import Minimiser
from glasscli.errors import InputError
from glasscli.model.system import load_system
from glasscli.modes.elastic_fluctuations import from_fluctuations, mean_born
from glasscli.modes.elastic_tensor import VOIGT, from_hessian
from glasscli.modes.hessian import Curvature
from glasscli.modes.minimum import settle

SYSTEM = load_system("soft-sphere")
ATOMS = 64


def moving(samples: int, kT: float, volume: float, random: np.random.Generator) -> np.ndarray:
    """[samples, 6] the kinetic stress of ATOMS atoms of mass 1."""
    v = random.normal(0, np.sqrt(kT), (samples, ATOMS, 3))
    return -np.stack([(v[:, :, a] * v[:, :, b]).sum(axis=1) for a, b in VOIGT], axis=1) / volume


def test_an_ideal_gas_has_its_pressure_for_a_modulus_and_no_shear():
    kT, volume = 0.7, 50.0
    stress = moving(20000, kT, volume, np.random.default_rng(1))
    found = from_fluctuations(stress, np.zeros((6, 6)), kT, ATOMS, volume)
    pressure = ATOMS * kT / volume
    assert abs(found.bulk - pressure) < 4 * found.bulk_error < 0.1 * pressure
    assert abs(found.shear) < 4 * found.shear_error < 0.1 * pressure
    expected = np.zeros((6, 6))
    expected[:3, :3] = pressure
    assert (np.abs(found.elastic.C - expected) < 5 * found.errors).all()
    with pytest.raises(InputError, match="too few for its fluctuations"):
        from_fluctuations(stress[:100], np.zeros((6, 6)), kT, ATOMS, volume)


def test_a_glass_has_those_of_its_hessian():
    """Displacements drawn as a harmonic glass has them, stresses by LAMMPS: the same constants within errors."""
    edge = (ATOMS * SYSTEM.defaults.volume_per_atom) ** (1 / 3)
    random = np.random.default_rng(1)
    places = random.uniform(0, edge, (ATOMS, 3))
    start = Configuration(places, np.ones(ATOMS, dtype=np.int32), Box.cube(edge))
    with Minimiser(SYSTEM) as minimiser:
        start = minimiser.minimise(start).configuration
    kT = 1e-6
    with Forces(SYSTEM) as forces:
        curvature = Curvature(forces)
        rest = settle(start, forces, curvature)
        glass = rest.configuration
        exact = from_hessian(glass, rest.hessian, curvature, forces)
        values, vectors = np.linalg.eigh(rest.hessian.matrix.toarray())
        wide = np.sqrt(kT / values[3:])
        stress, frames = [], []
        for _ in range(1000):
            shift = vectors[:, 3:] @ (wide * random.normal(size=len(wide)))
            frame = Configuration(glass.positions + shift.reshape(-1, 3), glass.species, glass.box)
            stress.append([-forces.evaluate(frame).tensor[k] for k in VOIGT])
            frames.append(frame)
        born = mean_born(frames[::100], curvature, forces)
    series = np.array(stress) + moving(len(stress), kT, glass.volume, random)
    found = from_fluctuations(series, born, kT, ATOMS, glass.volume)
    top = np.abs(exact.C).max()
    assert found.elastic.born == pytest.approx(exact.born, abs=1e-3 * top)
    assert (np.abs(found.elastic.C - exact.C) < 5 * found.errors + 1e-3 * top).all()
    assert abs(found.shear - exact.voigt[1]) < 4 * found.shear_error < 0.3 * found.shear
    # What is beyond harmonic is of the order of kT: more than the error of a modulus that hardly fluctuates.
    assert abs(found.bulk - exact.voigt[0]) < 4 * found.bulk_error + 10 * kT * found.bulk
