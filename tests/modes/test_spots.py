"""The surroundings of soft modes: bonds that are stretched along a direction are found, and Eqs. 13-14 hold."""

import numpy as np
import pytest

from glasscli.configuration import Configuration
from glasscli.engine.forces import Forces
from glasscli.model.system import load_system
from glasscli.modes.hessian import Curvature
from glasscli.modes.samples import analyse
from glasscli.modes.spots import spots
from glasscli.structures.build import build_crystal
from glasscli.structures.phases import phase_named


def cubic(stretch=1.0):
    """fcc atoms, the box stretched along x and compressed across it."""
    system = load_system("soft-sphere")
    atoms = build_crystal(system, phase_named("fcc", system), 256, volume=1.0).configuration
    scale = np.array([stretch, stretch**-0.5, stretch**-0.5])
    edges = np.diag(atoms.box.vectors) * scale
    return Configuration(atoms.positions * scale, atoms.species, edges)


def along(direction, atoms):
    """One mode that moves atom 7 in a direction."""
    vectors = np.zeros((1, atoms.n_atoms, 3))
    vectors[0, 7] = direction
    return vectors


def test_a_stretched_crystal_softens_along_its_stretch():
    atoms = cubic(1.02)
    found = spots(atoms, along([1.0, 0.0, 0.0], atoms))
    assert found.centres[0] == 7
    # A bond at angle t from x is longer by (3 cos^2 t - 1)/2 of the stretch, to first order.
    assert found.softening[0] == pytest.approx(0.02, abs=0.001)
    assert spots(atoms, along([0.0, 1.0, 0.0], atoms)).softening[0] < -0.005
    assert spots(cubic(), along([1.0, 0.0, 0.0], atoms)).softening[0] == pytest.approx(0, abs=1e-9)


def test_the_local_mode_is_the_sum_over_all_modes():
    """Eqs. 13 and 14 against the Hessian itself, in a small glass of an instantaneous quench."""
    system = load_system("soft-sphere")
    edge = 128 ** (1 / 3)
    start = Configuration(
        np.random.default_rng(3).random((128, 3)) * edge, np.ones(128, np.int32), np.full(3, edge)
    )
    with Forces(system) as forces:
        found = analyse(start, forces, Curvature(forces), soft=1)
    assert found.local is not None
    assert found.local.weight == pytest.approx(1, abs=1e-9)
    assert found.local.eta == pytest.approx(found.local.direct, rel=1e-6)
    # Rigid surroundings can only stiffen what moves: above the softest mode, whose core it is.
    first = int(np.flatnonzero(~found.modes.zero)[0])
    assert found.local.eta > found.modes.squares[first] / found.w_c**2
