"""Atoms in a plane, as LAMMPS sees them: energy and forces against the sum over pairs and their copies by hand."""

from itertools import product

import numpy as np
import pytest

from glasscli.box import Box
from glasscli.configuration import Configuration
from glasscli.engine.forces import Forces
from glasscli.engine.minimiser import Minimiser
from glasscli.model.system import load_system

EPSILON = np.array([[1.0, 1.5], [1.5, 0.5]])
SIGMA = np.array([[1.0, 0.8], [0.8, 0.88]])


def by_hand(c):
    """Kob and Andersen's energy an atom and forces, each pair cut at 2.5 of its diameter and shifted there."""
    energy, forces = 0.0, np.zeros((c.n_atoms, 3))
    kinds = c.species - 1
    for i, j in product(range(c.n_atoms), repeat=2):
        epsilon, sigma = EPSILON[kinds[i], kinds[j]], SIGMA[kinds[i], kinds[j]]
        for p, q in product(range(-3, 4), repeat=2):
            d = c.positions[j] - c.positions[i] + np.array([p, q, 0]) @ c.box.vectors
            r = np.linalg.norm(d)
            if (i == j and p == q == 0) or r >= 2.5 * sigma:
                continue
            x, cut = (sigma / r) ** 6, 2.5**-6
            energy += 2 * epsilon * (x * x - x - cut * cut + cut)
            forces[i] += 4 * epsilon * (6 * x - 12 * x * x) / r * d / r
    return energy / c.n_atoms, forces


@pytest.mark.parametrize("lean", [0.0, 2.3])
def test_a_plane(lean):
    rng = np.random.default_rng(4)
    box = Box(np.array([[5.0, 0, 0], [lean, 4.6, 0], [0, 0, 1.0]]), dimension=2)
    grid = np.array([(a, b, 0.0) for a, b in product(range(5), repeat=2)]) / 5
    jitter = rng.uniform(-0.02, 0.02, grid.shape) * [1, 1, 0]
    c = Configuration(
        box.wrap(box.cartesian(grid + jitter)), (1 + (np.arange(25) % 3 == 0)).astype(np.int32), box
    )
    system = load_system("kob-andersen")
    energy, forces = by_hand(c)
    with Forces(system) as lammps, Minimiser(system) as minimiser:
        found = lammps.evaluate(c)
        assert found.energy == pytest.approx(energy, rel=1e-12)
        assert found.forces == pytest.approx(forces, abs=1e-9)
        low = minimiser.minimise(c)
    assert low.energy < energy and low.max_force < 1e-3 and not low.configuration.positions[:, 2].any()
    assert by_hand(low.configuration)[0] == pytest.approx(low.energy, rel=1e-10)
