"""Chords and correlations of regions whose size is known: slabs, a sphere, grains of a crystal, scattered atoms."""

from dataclasses import replace

import numpy as np
import pytest

from glasscli.configuration import Box, Configuration
from glasscli.errors import InputError
from glasscli.model.system import load_system
from glasscli.observables import domains
from glasscli.observables.domains import Lines, correlation
from glasscli.observables.laves import laves_test
from glasscli.observables.voronoi import tessellate
from glasscli.structures.build import build_crystal
from glasscli.structures.phases import phase_named


@pytest.fixture(scope="module")
def lattice():
    """4096 atoms on a simple cubic lattice of spacing 1."""
    places = np.stack(np.meshgrid(*[np.arange(16.0)] * 3, indexing="ij"), -1).reshape(-1, 3) + 0.5
    return Configuration(places, np.ones(len(places), dtype=np.int32), Box.cube(16.0))


@pytest.fixture(scope="module")
def c15():
    wahnstrom = load_system("wahnstrom")
    return build_crystal(wahnstrom, phase_named("c15", wahnstrom), 192, 0.7).configuration


@pytest.mark.parametrize("thickness", [2, 4, 8])
def test_slabs_have_chords_of_twice_their_thickness(lattice, thickness):
    """4 V/S: a slab has two faces. The rest is as thick as it takes to fill the period of 16."""
    slab = lattice.positions[:, 2] < thickness
    found = Lines(lattice).chords(slab)
    assert found.share == pytest.approx(thickness / 16, rel=0.1)
    assert found.inside == pytest.approx(2 * thickness, rel=0.06)
    assert found.outside == pytest.approx(2 * (16 - thickness), rel=0.06)


def test_a_sphere_has_chords_of_four_thirds_of_its_radius():
    rng, radius = np.random.default_rng(3), 4.0
    points = rng.random((20000, 3)) * 12
    c = Configuration(points, np.ones(len(points), dtype=np.int32), Box.cube(12.0))
    ball = np.linalg.norm(points - 6, axis=1) < radius
    found = Lines(c).chords(ball)
    # A boundary between atoms in disorder is rougher than the sphere, so chords are up to a tenth shorter.
    assert 0.85 * 4 / 3 * radius < found.inside < 4 / 3 * radius
    assert found.share == pytest.approx(4 / 3 * np.pi * radius**3 / 12**3, rel=0.06)


def test_a_tilted_copy_of_the_box_has_the_same_chords(lattice):
    slab = lattice.positions[:, 2] < 4
    vectors = np.diag([16.0] * 3)
    vectors[1, 0] = 16.0  # the same lattice of periodic copies
    tilted = replace(lattice, box=Box(vectors))
    assert Lines(tilted).chords(slab).inside == pytest.approx(8, rel=0.06)


def test_a_region_without_a_surface_has_no_chord(lattice):
    everywhere = np.ones(lattice.n_atoms, dtype=bool)
    assert Lines(lattice).chords(everywhere).share == 1 and np.isnan(Lines(lattice).chords(everywhere).inside)
    assert np.isnan(Lines(lattice).chords(~everywhere).outside)
    assert not len(correlation(lattice, everywhere).r)
    with pytest.raises(InputError, match="periodic"):
        Lines(replace(lattice, box=Box(np.diag([16.0] * 3), periodic=(True, True, False))))


def test_a_crystal_is_one_region_of_its_icosahedra_and_scattered_atoms_are_none(c15):
    cells, lines = tessellate(c15, bonds=True), Lines(c15)
    assert cells.icosahedra.mean() == pytest.approx(2 / 3)
    assert lines.chords(cells.icosahedra).share > 0.97
    assert lines.chords(laves_test(cells, c15.species).laves).share == 1
    alone = np.zeros(c15.n_atoms, dtype=bool)
    alone[[3, 100]] = True
    assert lines.chords(alone).share < 0.01


def test_who_belongs_is_correlated_as_far_as_regions_are_thick(lattice):
    found = {d: correlation(lattice, lattice.positions[:, 2] % (2 * d) < d) for d in (2, 4)}
    # Of slabs as thick as the gaps, C falls linearly with the distance across them.
    assert found[2].length < found[4].length
    for thickness, one in found.items():
        assert 0.5 * thickness < one.length < 1.3 * thickness
    random = np.random.default_rng(5).random(lattice.n_atoms) < 0.4
    one = correlation(lattice, random)
    assert np.abs(one.value[one.r > 0.9]).max() < 0.05


@pytest.mark.parametrize("vectors", [np.full(3, 17.1), [[17.0, 0, 0], [6, 16.0, 0], [-3, 2, 18.0]]])
def test_many_atoms_are_correlated_as_few_are(vectors, monkeypatch):
    """By cells of a grid, whose distances are those of the atoms to a cell."""
    box, rng = Box(np.array(vectors)), np.random.default_rng(1)
    positions = box.cartesian(rng.random((3500, 3)))
    middle = box.cartesian(np.full(3, 0.5))
    region = np.linalg.norm(box.minimum_image(positions - middle), axis=1) < 6
    c = Configuration(positions, np.ones(len(positions), np.int32), box)
    pairs = correlation(c, region)
    monkeypatch.setattr(domains, "ALL_PAIRS", 100)
    cells = correlation(c, region)
    assert np.array_equal(cells.r, pairs.r)
    assert np.abs(cells.value - pairs.value)[4:].max() < 0.05
    assert cells.length == pytest.approx(pairs.length, rel=0.1)
