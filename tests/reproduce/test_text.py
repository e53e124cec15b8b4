"""The measures behind what Derlet and Maaß's text says: regions and moves, volumes at rest, mixtures of compounds."""

from dataclasses import replace

import numpy as np
import pytest

from glasscli.engine.minimiser import Minimiser
from glasscli.model.system import load_system
from glasscli.observables.voronoi import tessellate
from glasscli.reproduce.derlet_text import above_elements, copper
from glasscli.reproduce.interfaces import REGIONS, moves, regions, whereabouts
from glasscli.reproduce.rest import volume_at_rest
from glasscli.structures.build import build_crystal, contact_distances
from glasscli.structures.nanocomposite import build_nanocomposite
from glasscli.structures.phases import phase_named

CRYSTAL, INTERFACE, BOUNDARY = range(3)


@pytest.fixture(scope="module")
def wahnstrom():
    return load_system("wahnstrom")


@pytest.fixture(scope="module")
def c15(wahnstrom):
    """Eight cells, 192 atoms."""
    return build_crystal(wahnstrom, phase_named("c15", wahnstrom), 192, 0.7, two_cutoffs=False).configuration


def moved(c, atoms, to):
    positions = c.positions.copy()
    positions[atoms] = to
    return replace(c, positions=positions)


def test_a_wrong_atom_is_an_interface_with_the_crystal_around_it(c15):
    assert (regions(tessellate(c15, bonds=True), c15.species) == CRYSTAL).all()
    species = c15.species.copy()
    wrong = int(np.flatnonzero(species == 2)[0])
    species[wrong] = 1
    where = regions(tessellate(c15, bonds=True), species)
    # Its neighbours are no Laves atoms any more, but theirs are: only the atom itself is foreign.
    assert where[wrong] == INTERFACE and np.bincount(where, minlength=3).tolist() == [179, 13, 0]


def test_a_nanocomposite_gives_back_its_grains(wahnstrom):
    c15 = phase_named("c15", wahnstrom)
    composite = build_nanocomposite(wahnstrom, c15, contact_distances(wahnstrom), 4.0, grains=2)
    where = regions(tessellate(composite.configuration, bonds=True), composite.configuration.species)
    # Between grains this small the boundary is so thin that each of its atoms meets one.
    assert (composite.grain[where == CRYSTAL] > 0).all()
    assert (where[composite.grain == 0] == INTERFACE).all()
    assert (where == CRYSTAL).sum() > 0.4 * (composite.grain > 0).sum()


def test_atoms_that_take_each_others_places_are_a_string_and_one_that_goes_astray_is_none(c15):
    ring = np.argsort(np.linalg.norm(c15.positions - c15.positions[100], axis=1))[:3]
    left, strings = moves(c15, moved(c15, ring, c15.positions[np.roll(ring, 1)]))
    assert set(np.flatnonzero(left)) == set(np.flatnonzero(strings)) == set(ring.tolist())
    astray = moved(c15, [7], c15.positions[7] + [0.25, 0.25, 0.25])
    left, strings = moves(c15, astray)
    assert np.flatnonzero(left).tolist() == [7] and not strings.any()
    counted = whereabouts([c15, c15, astray])
    assert counted.left.tolist() == [1, 0, 0] and counted.atoms.tolist() == [192, 0, 0]
    assert counted.rate(2)[CRYSTAL] == pytest.approx(1 / 384) and np.isnan(counted.rate(2)[BOUNDARY])
    assert len(REGIONS) == 3


def test_a_crystal_comes_to_rest_where_its_pressure_says(wahnstrom, c15):
    with Minimiser(wahnstrom) as minimiser:
        pressure = minimiser.evaluate(c15).pressure
        wide = replace(c15, positions=c15.positions * 1.01, box=c15.box.scaled(1.01))
        assert volume_at_rest(minimiser, wide, pressure) == pytest.approx(0.7, rel=1e-4)


def test_compounds_are_weighed_against_mixtures_with_an_element():
    phases = {
        "hcp-large": {"composition": 0.0, "energy": -6.0},
        "fcc-small": {"composition": 1.0, "energy": -3.0},
        "b2": {"composition": 0.5, "energy": -4.6},
        "c15": {"composition": 2 / 3, "energy": -4.1},
    }
    above = above_elements(phases)
    assert above["b2"][1] == pytest.approx(-0.1) and above["c15"][1] == pytest.approx(-0.1)
    found = copper(above)
    # B2 + Cu has -0.1 * 2/3 at 67:33; C15 + Zr has -0.1 * 3/4 at 50:50: both compounds win at their own composition.
    assert found["Cu2Zr"].value == pytest.approx(-0.1 / 3)
    assert found["CuZr"].value == pytest.approx(-0.025)
