"""Participation, the sparse solver, anharmonic coefficients, elasticity and densities of states."""

import numpy as np
import pytest
from scipy.sparse import bsr_array

from glasscli.configuration import Configuration
from glasscli.engine.forces import Forces
from glasscli.errors import InputError
from glasscli.model.system import load_system
from glasscli.modes.anharmonic import Anharmonicity, soft_potential
from glasscli.modes.density import density, heat_capacity, tail
from glasscli.modes.elastic import debye
from glasscli.modes.hessian import Curvature
from glasscli.modes.localisation import labels, plane_wave_share, soft_spots
from glasscli.modes.lowest import lowest
from glasscli.modes.minimum import settle
from glasscli.modes.samples import analyse
from glasscli.modes.spectrum import Modes, estimate, held, masses, modes
from glasscli.structures.build import replicate
from glasscli.structures.phases import phase_named
from glasscli.theory.participation import participation_number


def test_participation_counts_atoms():
    """Equal amplitudes give N, one atom 1, a plane wave 2N/3."""
    n = 300
    equal = np.zeros((n, 3))
    equal[:, 1] = -1
    single = np.zeros((n, 3))
    single[7] = [1, 2, 3]
    wave = np.zeros((n, 3))
    wave[:, 0] = np.cos(2 * np.pi * 4 * np.arange(n) / n)
    assert participation_number(np.array([equal, single, wave])) == pytest.approx([n, 1, 2 * n / 3])


@pytest.fixture(scope="module")
def glass(random_glass):
    """A 300-atom glass shaken and brought to rest, with its modes."""
    system, rest = random_glass("wahnstrom-smooth", 300)
    shaken = rest.positions + 0.01 * np.random.default_rng(5).standard_normal((300, 3))
    start = Configuration(rest.box.wrap(shaken), rest.species, rest.box)
    with Forces(system) as forces:
        curvature = Curvature(forces)
        sample = analyse(start, forces, curvature)
        sparse = modes(sample.settled.hessian.matrix, sample.settled.configuration, system, count=20)
        yield system, sample, sparse, forces


def test_the_lowest_modes_are_those_of_the_whole_spectrum(glass):
    _, sample, sparse, _ = glass
    assert (sample.modes.method, sparse.method) == ("dense", "filtered")
    assert sparse.squares == pytest.approx(sample.modes.squares[:20], abs=1e-10 * sample.modes.largest)
    for k in range(3, 19):  # the last may have a partner beyond
        assert np.sum(sparse.vectors[k] * sample.modes.vectors[k]) ** 2 == pytest.approx(1, abs=1e-5)
    assert sparse.zero.sum() == 3
    assert sample.settled.max_force < 1e-8 and sample.settled.minimised


def test_what_a_glass_has(glass):
    """Nearly all modes extended, the top localised, soft ones with wells that open upwards."""
    _, sample, _, _ = glass
    ratio = sample.participation / 300
    middle = np.median(ratio[100:700])
    assert 0.4 < middle < 0.67 and ratio[-5:].mean() < 0.3 * middle
    assert not sample.modes.unstable.any() and sample.notes == []
    first = sample.potentials[3]
    assert first.eta == pytest.approx((sample.modes.frequencies[3] / sample.w_c) ** 2)
    # The length where anharmonicity sets in is of the order of the distance between atoms.
    assert all(0.2 < p.length < 3 for p in sample.potentials.values())
    assert sample.spots.mean() == pytest.approx(20 / 300)
    assert soft_spots(sample.modes, 1) == pytest.approx((sample.modes.vectors[3] ** 2).sum(axis=1))


def test_the_potential_along_a_mode_is_the_real_one(glass):
    """Energy by LAMMPS at a finite amplitude against w^2 q^2/2 + c3 q^3 + c4 q^4."""
    _, sample, _, forces = glass
    atoms = sample.settled.configuration
    motion = sample.modes.vectors[3] / np.sqrt(sample.masses)[:, None]
    found = sample.soft[3]
    rest = forces.evaluate(atoms).energy
    for q in (0.05, -0.05):
        moved = Configuration(atoms.box.wrap(atoms.positions + q * motion), atoms.species, atoms.box)
        rise = 300 * (forces.evaluate(moved).energy - rest)
        assert rise == pytest.approx(
            found.square * q**2 / 2 + found.cubic * q**3 + found.quartic * q**4, rel=0.02
        )


def test_soft_potential_parameters_are_buchenaus():
    """V = eps (eta x^2 + xi x^3 + x^4) at x = q/(N M a^2)^(1/2) is the expansion in q (Eqs. 4-6)."""
    found = Anharmonicity(square=0.4, cubic=0.3, quartic=0.2)
    p = soft_potential(found, participation=30.0, mass=1.5, w_c=2.0)
    q = 0.7
    x = q / np.sqrt(30 * 1.5 * p.length**2)
    assert p.energy * (p.eta * x**2 + p.xi * x**3 + x**4) == pytest.approx(
        0.4 * q**2 / 2 + 0.3 * q**3 + 0.2 * q**4
    )
    assert p.energy == pytest.approx(30 * 1.5 * p.length**2 * 2.0**2 / 2)
    assert found.third_order_softness == pytest.approx(54 * 0.09 / 0.064)
    assert soft_potential(Anharmonicity(0.4, 0.3, -0.2), 30.0, 1.5, 2.0) is None


def test_phonons_of_a_crystal_are_plane_waves_and_give_its_sound():
    """fcc: the lowest modes are plane waves, and the transverse one along [100] has w = (C44/rho)^(1/2) k, k small."""
    system = load_system("wahnstrom")
    crystal = replicate(phase_named("fcc", system).cell(0.93), (5, 5, 5))
    with Forces(system) as forces:
        settled = settle(crystal, forces, Curvature(forces))
        found = modes(settled.hessian.matrix, settled.configuration, system, count=30)
        # Up to 24 modes of one frequency: the sparse solver must find each of them once.
        every = modes(settled.hessian.matrix, settled.configuration, system)
        assert found.method == "filtered"
        assert found.squares == pytest.approx(every.squares[:30], abs=1e-12 * every.largest)
        weights = masses(crystal, system)
        shares = plane_wave_share(found, crystal, weights)
        assert (shares[3:15] > 0.999).all()
        kinds = labels(participation_number(found.vectors), shares, found.zero, 500)
        assert kinds[:15] == ["zero"] * 3 + ["phonon"] * 12
        sound = debye(settled.configuration, settled.hessian.matrix, weights, forces)
    assert not settled.minimised
    # Cubic: (C11 - C12)/2 is what the strains give; slower than C44's sound in fcc.
    assert 0.4 < sound.first_phonon(crystal.box) / found.frequencies[3] < 1.1
    assert sound.longitudinal > sound.transverse


def test_debye_density_and_heat_capacity_of_a_debye_solid():
    """Frequencies spread as w^2 up to w_D: D/w^2 is flat at 3/w_D^3, C is 1 per mode when hot, ~ T^3 when cold."""
    n = 20000
    w = 5.0 * ((np.arange(3 * n) + 0.5) / (3 * n)) ** (1 / 3)
    spectrum = density(Modes(w**2, np.zeros((3 * n, n, 0)), 25.0, "dense", 0.0))
    assert spectrum.over_square == pytest.approx(3 / 5.0**3, rel=0.05)
    assert (spectrum.value * np.diff(spectrum.edges)).sum() == pytest.approx(1, abs=1e-3)
    hot, cold, colder = heat_capacity(w, np.array([50.0, 0.2, 0.1]), 1.0)
    assert hot == pytest.approx(1, abs=1e-3)
    assert cold / colder == pytest.approx(8, rel=0.02)


def test_the_tail_has_the_exponent_it_was_drawn_with():
    rng = np.random.default_rng(4)
    samples = [(cut * rng.random(40) ** (1 / 5), cut) for cut in (1.0, 1.2, 0.9, 1.1) * 10]
    found = tail(samples)
    assert found.modes == 1600 and found.samples == 40
    assert found.exponent == pytest.approx(4, abs=3 * found.error) and found.error == pytest.approx(
        0.125, rel=0.1
    )
    assert tail([(np.ones(3), 2.0)]) is None


def test_memory_is_refused_before_it_is_taken(random_glass):
    system, atoms = random_glass("wahnstrom-smooth", 60)
    with Forces(system) as forces, pytest.raises(InputError, match=r"60 atoms need .* GiB .* --count"):
        analyse(atoms, forces, Curvature(forces), memory=1e5)
    assert estimate(32000, 25_000_000, 100) < 8 * 2**30 < estimate(32000, 25_000_000, None)


def test_the_lowest_modes_of_what_is_far_from_rest_are_found_too():
    """So many are unstable that all that are wanted, and the cut above them, lie below zero."""
    n = 60
    rng = np.random.default_rng(1)
    turned = np.linalg.qr(rng.standard_normal((3 * n, 3 * n)))[0]
    expected = np.linspace(-3.0, 7.0, 3 * n)
    matrix = bsr_array((turned * expected) @ turned.T, blocksize=(3, 3))
    found = lowest(matrix, 10)
    assert found.values == pytest.approx(expected[:10], abs=1e-7)


def test_atoms_of_a_plane_have_no_modes_out_of_it():
    """What is across a plane of pairs that push each other is soft, and no motion of theirs."""
    matrix = bsr_array(np.diag(np.tile([2.0, 3.0, -1.0], 20)), blocksize=(3, 3))
    assert lowest(held(matrix, 2), 2).values == pytest.approx([2, 2])
    assert held(matrix, 3) is matrix
