"""Free energies against what is known exactly: a harmonic crystal, switches of known work, two ways to one liquid."""

import numpy as np
import pytest
from scipy.signal import lfilter

from glasscli.engine.own.sample import Sample
from glasscli.free_energy.crystal import Effort, frenkel_ladd, translations
from glasscli.free_energy.estimate import difference
from glasscli.free_energy.liquid import Liquid, along, by_fluid, ideal
from glasscli.free_energy.means import of_walk
from glasscli.free_energy.uhlenbeck_ford import Fluid
from glasscli.model.system import load_system
from glasscli.structures.build import build_crystal, contact_distances
from glasscli.structures.packing import random_liquid
from glasscli.structures.phases import phase_named


def harmonic(system, crystal, kT):
    """F of a periodic crystal whose energy is quadratic: all modes, and the whole of it anywhere in the box."""
    sample, edges, h = Sample(system, crystal.species), crystal.box.edges, 1e-4
    flat = crystal.positions.ravel()
    hessian = np.empty((flat.size, flat.size))
    for k in range(flat.size):
        forces = []
        for sign in (1, -1):
            moved = flat.copy()
            moved[k] += sign * h
            forces.append(sample.evaluate(moved.reshape(-1, 3), edges)[1].ravel())
        hessian[k] = (forces[1] - forces[0]) / (2 * h)
    masses = np.array([s.mass for s in system.species])[crystal.species - 1]
    root = np.repeat(np.sqrt(masses), 3)
    squares = np.linalg.eigvalsh((hessian + hessian.T) / 2 / root / root[:, None])
    assert abs(squares[2]) < 1e-4 * squares[3]
    rest = sample.evaluate(crystal.positions, edges)[0]
    length = np.sqrt(2 * np.pi / (masses.sum() * kT))
    whole = crystal.box.volume / translations(crystal) / length**3
    return rest + kT * (0.5 * np.log(squares[3:] / kT**2).sum() - np.log(whole))


def test_a_cold_crystal_is_a_harmonic_one():
    """Every term of the Einstein crystal's free energy is in it: springs, masses, centre of mass, translations."""
    system, kT = load_system("wahnstrom-smooth"), 1e-3
    crystal = build_crystal(system, phase_named("c15", system), volume=0.66, cells=(2, 1, 1)).configuration
    assert translations(crystal) == 8 and len(crystal.species) == 48
    found = frenkel_ladd(system, crystal, kT, np.random.default_rng(2), Effort(4, 60, 200))
    assert found.error < 0.02 * 48 * kT
    assert abs(found.value - harmonic(system, crystal, kT)) < 4 * found.error + 2e-3 * 48 * kT


def test_work_of_known_distributions_gives_their_difference():
    """Gaussian work with Crooks's relation between both ways; where they do not overlap, the mean of both."""
    rng, kT, true = np.random.default_rng(3), 0.7, -4.2
    for wasted, method in ((1.0, "bar"), (12.0, "mean")):
        spread = np.sqrt(2 * kT * wasted * kT)
        there = true + wasted * kT + spread * rng.standard_normal(400)
        back = -true + wasted * kT + spread * rng.standard_normal(300)
        found = difference(there, back, kT)
        assert found.method == method
        assert found.dissipation == pytest.approx(wasted * kT, rel=0.2)
        assert abs(found.value - true) < 4 * found.error < kT


def test_both_ways_to_a_liquid_agree_and_give_the_published_number(tmp_path):
    """Lennard-Jones at rho = 0.6, T = 2: Thol et al., J. Phys. Chem. Ref. Data 45, 023101 (2016) have F_ex / NkT =
    -0.3086 of the full potential; the uniform tail beyond 3 sigma is -0.0930 kT of it."""
    file = tmp_path / "lj.toml"
    file.write_text(LJ)
    system, n, T = load_system(str(file)), 108, 2.0
    start = random_liquid((n,), 1 / 0.6, contact_distances(system), 1)
    liquid = Liquid(system, start, np.random.default_rng(1), None)
    (gas,) = along(liquid, [T], 120)
    fluid = by_fluid(liquid, T, Fluid(50, 0.3), Effort(3, 60, 100))
    excess = [(one.value - ideal(system, (n,), liquid.volume, T)) / (n * T) for one in (gas, fluid)]
    assert gas.error < 0.02 * n * T and fluid.error < 0.03 * n * T
    assert excess[0] == pytest.approx(-0.3086 + 0.0930, abs=0.05)
    assert excess[1] == pytest.approx(excess[0], abs=4 * np.hypot(gas.error, fluid.error) / (n * T))


LJ = """
name = "lj3"
description = "Lennard-Jones, cut at 3"
units = "lj"
timestep = 0.004
cutoff = 3.0
skin = 0.3
commands = ["pair_style lj/cut 3.0", "pair_coeff * * 1.0 1.0"]
[[species]]
name = "A"
mass = 1.0
fraction = 1.0
radius = 0.5
[defaults]
volume_per_atom = 1.0
T_start = 2.0
T_end = 0.01
"""


def test_the_error_of_a_walk_counts_what_it_remembers():
    """Series with a memory of 50 steps, a twentieth of them: their means scatter by the error that each claims."""
    rng, n, keep = np.random.default_rng(5), 1000, np.exp(-1 / 25)
    means, errors = [], []
    for _ in range(40):
        noise = rng.standard_normal(n) * np.sqrt(1 - keep**2)
        values = lfilter([1.0], [1.0, -keep], noise)
        mean, error = of_walk(values)
        means.append(mean)
        errors.append(error)
    assert np.mean(errors) == pytest.approx(np.std(means), rel=0.35)
    assert np.mean(errors) > 5 / np.sqrt(n)
