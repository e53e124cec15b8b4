"""Structure and motion of atoms in a plane, against what a triangular lattice and an ideal gas must give."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import j0

from glasscli.box import Box
from glasscli.configuration import Configuration
from glasscli.errors import GlassError, InputError
from glasscli.observables.dynamics import motion
from glasscli.observables.pair_distribution import coordination_numbers, pair_distribution
from glasscli.observables.polygons import polygons
from glasscli.observables.structure_factor import density_waves, structure_factor
from glasscli.observables.voronoi import tessellate
from tests.planes import leaning, triangular

A = 1.1


def gas(n=400, edge=20.0, seed=1):
    rng = np.random.default_rng(seed)
    places = np.column_stack([rng.random((n, 2)) * edge, np.zeros(n)])
    return Configuration(places, np.ones(n, np.int32), Box(np.array([edge, edge, 1.0]), dimension=2))


@pytest.mark.parametrize("crystal", [triangular((6, 4)), leaning(5), triangular((1, 1)), leaning(1)])
def test_a_triangular_lattice_is_all_hexagons(crystal):
    found = polygons(crystal)
    assert (found.sides == 6).all()
    assert found.areas == pytest.approx(np.full(crystal.n_atoms, np.sqrt(3) / 2 * A**2))
    # In both boxes a row lies along x: psi_6 is 1, not only its size.
    assert found.psi_6 == pytest.approx(np.ones(crystal.n_atoms))


def test_a_square_lattice_has_squares_though_four_corners_meet():
    x, y = np.meshgrid(np.arange(5.0), np.arange(5.0))
    places = np.column_stack([x.ravel(), y.ravel(), np.zeros(25)])
    found = polygons(Configuration(places, np.ones(25, np.int32), Box(np.array([5.0, 5, 1]), dimension=2)))
    assert (found.sides == 4).all()
    assert np.abs(found.psi_6) == pytest.approx(np.zeros(25), abs=1e-12)  # 1 - 1 + 1 - 1


def test_polygons_are_those_of_freud():
    """Areas, neighbours and |psi_6| that freud 3.4.0 (in single precision) has of the same forty points."""
    found = polygons(gas(40, edge=6.0, seed=7))
    assert found.areas[:6] == pytest.approx(
        [0.93826119, 0.5239892, 0.84484184, 0.34345234, 1.01942122, 1.01100992], abs=1e-6
    )
    assert found.sides[:12].tolist() == [5, 6, 5, 3, 7, 5, 6, 6, 6, 7, 7, 5]
    order = found.psi_6
    assert np.abs(order[:6]) == pytest.approx(
        [0.335093, 0.3846407, 0.4571328, 0.9719638, 0.0618581, 0.8098128], abs=1e-5
    )
    assert abs(order.mean()) == pytest.approx(0.05639536, abs=1e-5)
    assert np.abs(order).mean() == pytest.approx(0.39177006, abs=1e-5)


def test_polygons_fill_the_box_and_have_six_sides_in_the_mean():
    found = polygons(gas())
    assert found.areas.sum() == pytest.approx(400.0)
    assert found.sides.mean() == 6  # Euler's theorem on a torus


def test_atoms_on_one_place_have_no_polygons():
    c = gas(20)
    c.positions[1] = c.positions[0]
    with pytest.raises(GlassError, match="do not fill its box"):
        polygons(c)


def test_polyhedra_and_polygons_keep_to_their_spaces():
    with pytest.raises(InputError, match="three dimensions"):
        tessellate(gas())
    with pytest.raises(InputError, match="periodic plane"):
        polygons(replace(gas(), box=Box(np.array([20.0, 20, 20]))))


@pytest.mark.parametrize("crystal", [triangular((10, 6)), leaning(10)])
def test_shells_of_a_triangular_lattice(crystal):
    found = pair_distribution(crystal, 0.01, 2.5 * A)
    pairs = found.total * crystal.n_atoms / crystal.volume * np.pi * np.diff(found.edges**2)
    for distance, number in ((1, 6), (np.sqrt(3), 6), (2, 6)):
        near = np.abs(found.r - distance * A) < 0.02
        assert pairs[near].sum() == pytest.approx(number)
    assert pairs.sum() == pytest.approx(18)
    shell = coordination_numbers(found)[1, 1]
    assert shell.number == pytest.approx(6)


def test_a_gas_in_a_plane_has_g_of_one():
    found = pair_distribution(gas(2000, 40.0), 0.5, 10.0)
    assert found.total == pytest.approx(np.ones(len(found.total)), abs=0.12)
    pairs = (found.total * np.diff(found.edges**2)).sum() / found.edges[-1] ** 2
    assert pairs == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("crystal", [triangular((10, 6)), leaning(10)])
def test_bragg_peaks_of_a_triangular_lattice(crystal):
    found = structure_factor(crystal, 15.0, 0.02)
    peak = 4 * np.pi / (np.sqrt(3) * A)
    shells = peak * np.array([1, np.sqrt(3), 2])
    inside = found.total > 1e-9
    for q in found.q[inside]:
        assert np.abs(q - shells).min() < 0.02
    assert {round(float(q / peak), 1) for q in found.q[inside]} == {1.0, 1.7, 2.0}
    waves = density_waves(crystal, np.array([[0, 2 * 6, 0]])) if not crystal.box.tilted else None
    if waves is not None:  # the reflection (0, 1) of the primitive cell: all atoms in phase
        assert abs(waves[0, 0]) == pytest.approx(crystal.n_atoms)


def test_waves_of_a_plane_do_not_depend_on_its_thickness():
    thin = gas(100)
    thick = replace(thin, box=Box(np.array([20.0, 20.0, 300.0]), dimension=2))
    one, other = (structure_factor(c, 8.0) for c in (thin, thick))
    assert np.array_equal(one.q, other.q) and np.array_equal(one.total, other.total)


def test_motion_in_two_dimensions():
    rng = np.random.default_rng(3)
    start = gas(4000, 60.0)
    step = np.column_stack([rng.normal(scale=0.3, size=(4000, 2)), np.zeros(4000)])
    frames = [
        replace(start, images=np.zeros((4000, 3), np.int32)),
        replace(start, positions=start.positions + step, images=np.zeros((4000, 3), np.int32), step=1),
    ]
    found = motion(frames, [0, 1], 2.0, 0.3)
    assert found.msd[0] == pytest.approx(2 * 0.3**2, rel=0.05)
    # Of a Gaussian: F_s = exp(-q^2 <x^2> / 2), alpha_2 = 0.
    assert found.scattering[0] == pytest.approx(np.exp(-(2.0**2) * 0.3**2 / 2), rel=0.02)
    assert found.alpha2[0] == pytest.approx(0, abs=0.05)
    size = np.linalg.norm(step - step.mean(axis=0), axis=1)
    assert found.scattering[0] == pytest.approx(j0(2.0 * size).mean())


def test_a_long_wave_moves_no_atom_relative_to_its_cage():
    c = triangular((40, 2))
    wave = np.zeros_like(c.positions)
    length = c.box.lengths[0]
    wave[:, 1] = 0.5 * np.sin(2 * np.pi * c.positions[:, 0] / length)
    still = np.zeros((c.n_atoms, 3), np.int32)
    frames = [replace(c, images=still), replace(c, positions=c.positions + wave, images=still)]
    found = motion(frames, [0, 1], 1.0, 0.3)
    assert found.msd[0] == pytest.approx(0.5**2 / 2)
    # Of a plane wave an atom's six neighbours keep (2 cos(k a) + 4 cos(k a / 2)) / 6.
    k = 2 * np.pi / length
    left = 1 - (2 * np.cos(k * A) + 4 * np.cos(k * A / 2)) / 6
    assert found.caged[0] == pytest.approx(left**2 * 0.5**2 / 2, rel=1e-6)
