"""Hybrid Monte Carlo is exact at any step, plain dynamics at the same step are not; the thermometer that says so."""

from dataclasses import replace

import numpy as np
import pytest

from glasscli.configuration import Box, Configuration
from glasscli.engine.own.legs import ALONE, Legs
from glasscli.engine.own.sample import Sample, leg
from glasscli.engine.pair_tables import tabulate
from glasscli.errors import InputError
from glasscli.model.system import System, load_system
from glasscli.protocols.kinds.hybrid import HybridWish
from glasscli.reproduce.law_numbers import melt
from glasscli.reproduce.thermometer import configurational
from glasscli.simulation.gauge import Gauge, gauge_of
from glasscli.simulation.kernel import Sites

HOT = 1.2


@pytest.fixture(scope="module")
def liquid():
    """256 atoms of wahnstrom-smooth at T = 0.8, with velocities."""
    return melt(load_system("wahnstrom-smooth"))


def test_the_thermometer_reads_the_temperature_of_trials_and_sees_a_step_that_is_too_long(liquid):
    """What hybrids did once, Nose-Hoover chains at 0.008, is two to three percent hot; validate would say so."""
    system = load_system("wahnstrom")
    exact = configurational(system, HybridWish(HOT, steps=10**6), liquid, 1500)
    assert abs(exact.value / HOT - 1) < min(0.02, 4 * exact.error / HOT)
    once = HybridWish(HOT, steps=10**6, sampler="nvt", timestep=0.008)
    off = configurational(system, once, liquid, 1500)
    assert off.value / HOT - 1 > 0.012 and off.value / HOT - 1 > 3 * off.error / HOT


@pytest.mark.parametrize("steps", [20, 21, 22, 23])
def test_a_leg_can_be_gone_backwards_and_keeps_its_energy(liquid, steps):
    system = load_system("wahnstrom-smooth")
    sample, x, v = Sample(system, liquid.species), liquid.positions.copy(), liquid.velocities.copy()
    per_mass = 1 / np.array([s.mass for s in system.species])[liquid.species - 1]

    def go(steps):
        return leg([sample], ALONE, x, v, per_mass, liquid.box.edges, steps, 0.002)[:, 0]

    def energy(potential):
        return potential + 0.5 * (v**2 / per_mass[:, None]).sum()

    began = energy(go(0)[0])
    _, after = go(steps)
    assert np.abs(x - liquid.positions).max() > 0.05
    assert energy(after) == pytest.approx(began, abs=0.1)  # of 500 that flow to and fro
    v *= -1
    go(steps)
    assert np.abs(x - liquid.positions).max() < 1e-10


def test_who_sits_on_a_site_changes_without_a_new_list(liquid):
    """Energies and forces after that, and those of all species on all sites, are those of a fresh start."""
    system, rng = load_system("wahnstrom"), np.random.default_rng(1)
    legs = Legs(system, liquid.species)
    legs.place(liquid)
    legs.leg(rng, 10, 0.004, 0.8)
    mixed = rng.permutation(liquid.species)
    lists = legs._sample.lists
    legs.sit(mixed, legs.velocities)
    energy, _ = legs.energy()
    assert legs._sample.lists == lists
    assert energy == pytest.approx(Sample(system, mixed).evaluate(legs.positions, legs.edges)[0], rel=1e-13)
    sites = Sites(liquid.box.wrap(legs.positions), mixed - 1, liquid.box, tabulate(system))
    assert np.abs(legs.sites() / sites.energies - 1).max() < 1e-7
    given = Sites(liquid.box.wrap(legs.positions), mixed - 1, liquid.box, tabulate(system), legs.sites())
    assert given.total() == pytest.approx(energy, rel=1e-12)


@pytest.mark.parametrize("name", ["wahnstrom-smooth", "polydisperse"])
def test_forces_and_laplacian_are_differences_of_the_energy(liquid, name):
    system, h = load_system(name), 1e-4
    if system.sizes:
        alike = np.ones_like(liquid.species)
        liquid = replace(liquid, species=alike, diameters=system.sizes.of(liquid.n_atoms))
    found, sample = (
        gauge_of(system).measure(liquid),
        Sample(system, liquid.species, diameters=liquid.diameters),
    )
    _, forces, _ = sample.evaluate(liquid.positions, liquid.box.edges)
    assert found.force_squared == pytest.approx((forces**2).sum() / liquid.n_atoms, rel=1e-8)
    laplacian = 0.0
    for i, d in np.ndindex(liquid.positions.shape):
        x = liquid.positions.copy()
        x[i, d] += h
        right = sample.evaluate(x, liquid.box.edges)[1][i, d]
        x[i, d] -= 2 * h
        laplacian -= (right - sample.evaluate(x, liquid.box.edges)[1][i, d]) / (2 * h)
    assert found.laplacian == pytest.approx(laplacian / liquid.n_atoms, rel=1e-6)


def test_a_force_that_jumps_at_the_cutoff_counts_in_the_laplacian():
    """An ideal gas of pairs about the cutoff: the jump times the surface of the sphere, beside what lies within."""
    smooth, jumping = (Gauge(load_system(name)) for name in ("wahnstrom-smooth", "wahnstrom"))
    assert np.abs(smooth._jumps).max() < 1e-9
    # du/dr of 4 (s^12/r^12 - s^6/r^6) at 2.5.
    exact = [4 * (6 * s**6 / 2.5**7 - 12 * s**12 / 2.5**13) for s in (1, 11 / 12, 5 / 6)]
    assert jumping._jumps == pytest.approx(exact, rel=1e-6)
    rng, n, box = np.random.default_rng(2), 400, Box.cube(10.0)
    points = rng.uniform(0, 10, (n, 3))
    shell = Configuration(points, np.ones(n, np.int32), box)
    without = replace_jumps(jumping, 0 * jumping._jumps)
    counted = jumping.measure(shell).laplacian - without.measure(shell).laplacian
    expected = -exact[0] * 4 * np.pi * 2.5**2 * (n - 1) / 1000
    assert counted == pytest.approx(expected, rel=0.1)


def replace_jumps(gauge, jumps):
    other = Gauge.__new__(Gauge)
    vars(other).update(vars(gauge) | {"_jumps": jumps})
    return other


def test_what_has_no_thermometer_is_said():
    with pytest.raises(InputError, match="many-body"):
        Gauge(load_system("cuzr"))
    unshifted = load_system("wahnstrom").model_dump()
    unshifted["commands"] = tuple(line for line in unshifted["commands"] if "shift" not in line)
    with pytest.raises(InputError, match="jumps at its cutoff"):
        Gauge(System(**unshifted | {"name": "unshifted"}))
