"""A band is found where it is, with its width; a sample that deforms alike everywhere has none, nor has noise."""

from dataclasses import replace

import numpy as np
import pytest

from glasscli.box import Box
from glasscli.configuration import Configuration
from glasscli.model.strain import Strain
from glasscli.observables.plasticity import d2min, local_deformation
from glasscli.observables.shear_band import layers

GAMMA = 0.08
SIMPLE = Strain(mode="simple", plane="xy")


def glass(n=1500, seed=2, dimension=3):
    edge = n ** (1 / dimension)
    rng = np.random.default_rng(seed)
    places = np.zeros((n, 3))
    places[:, :dimension] = rng.uniform(0, edge, (n, dimension))
    box = Box(np.diag([edge, edge, edge if dimension == 3 else 1.0]), (True, True, dimension == 3), dimension)
    return Configuration(places, np.ones(n, np.int32), box, np.zeros((n, 3), np.int32))


def sheared(atoms, shift):
    """Atoms in a box sheared by GAMMA, beyond which each goes by `shift` [n, 3]."""
    box = SIMPLE.deformed(atoms.box, GAMMA)
    positions, images = box.folded(box.cartesian(atoms.box.fractional(atoms.positions)) + shift)
    return replace(atoms, positions=positions, images=images, box=box)


def test_a_sample_that_deforms_alike_has_its_strain_everywhere_and_no_band():
    atoms = glass()
    after = sheared(atoms, np.zeros((1500, 3)))
    found = local_deformation(atoms, after)
    assert found.strain(SIMPLE.generator)[found.known] == pytest.approx(GAMMA, abs=1e-10)
    assert d2min(atoms, after) == pytest.approx(0, abs=1e-20)
    one = layers(atoms, found.strain(SIMPLE.generator))
    assert one.participation == pytest.approx(1) and not one.localised


@pytest.mark.parametrize(("along", "across"), [(0, 1), (1, 0)])  # a band along the flow, and one across it
def test_a_band_is_found_where_it_is(along, across):
    atoms = glass()
    edge, where, width = atoms.box.lengths[0], 0.7, 3.0
    s = atoms.positions[:, across]
    away = (s - where * edge + edge / 2) % edge - edge / 2
    # All of the strain within `width`, none outside; periodic beyond what the box does.
    shift = np.zeros((1500, 3))
    shift[:, along] = GAMMA * edge * (np.clip(away / width, -0.5, 0.5) - away / edge)
    noise = np.random.default_rng(3).normal(0, 0.01, shift.shape)
    after = sheared(atoms, shift + noise)
    found = local_deformation(atoms, after).strain(SIMPLE.generator)
    one = layers(atoms, found)
    assert abs(one.normal[across]) == pytest.approx(1, abs=1e-9)
    assert one.localised and one.participation < 0.5 < one.null - 3 * one.null_error
    middle, thick, carried = one.band
    assert middle == pytest.approx(where * edge, abs=one.height / len(one.middle))
    assert 2 < thick < 6 and carried > 0.7
    assert np.mean(one.strain) == pytest.approx(GAMMA, rel=0.1)


def test_strains_in_no_order_are_no_band():
    atoms = glass()
    rng = np.random.default_rng(4)
    chances = [layers(atoms, GAMMA * (1 + 2 * rng.normal(size=1500)), seed).chance for seed in range(3)]
    assert min(chances) > 0.01


def test_layers_of_a_plane():
    atoms = glass(400, dimension=2)
    strain = np.where(np.abs(atoms.positions[:, 1] - 10) < 2, 0.3, 0.01)
    one = layers(atoms, strain)
    assert one.localised and one.normal == pytest.approx([0, 1, 0])
    assert one.band[0] == pytest.approx(10, abs=1.0) and one.band[1] == pytest.approx(4, abs=1.6)
