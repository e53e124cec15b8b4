"""Our own Voronoi cells and surroundings have OVITO's numbers, and leave to it what rounding would decide."""

import sys

import numpy as np
import pytest

from glasscli.box import Box
from glasscli.configuration import Configuration
from glasscli.observables import cells, icosahedra, pair_counts, voronoi
from tests.lattices import bcc, c15, fcc, gas

RADII = {1: 0.5, 2: 0.42}
NONE = (0.0, 0.0, 0.0)  # thresholds
pytestmark = pytest.mark.skipif(cells.library() is None, reason="glasscli was installed without a compiler")


def tilted(sample, shear=(0.3, -0.2, 0.4)):
    """The atoms at the same fractions of a box that leans."""
    a, b, c = sample.box.edges
    box = Box(np.array([[a, 0, 0], [shear[0] * a, b, 0], [shear[1] * a, shear[2] * b, c]]))
    return Configuration(box.cartesian(sample.box.fractional(sample.positions)), sample.species, box)


def drop():
    """Dense in the middle of a thin gas: some cells reach far."""
    rng = np.random.default_rng(3)
    positions = np.concatenate([10 + rng.normal(0, 1.2, (200, 3)), 20 * rng.random((60, 3))])
    return Configuration(positions, rng.integers(1, 3, 260).astype(np.int32), Box.cube(20.0))


SAMPLES = {
    "gas": lambda: gas([150, 150], [6.0, 7.0, 6.5]),
    "few": lambda: gas([12, 8], [2.0, 2.6, 3.0]),
    "slab": lambda: gas([90, 60], [2.6, 8.0, 8.0]),
    "leaning": lambda: tilted(gas([120, 80], [6.0, 6.0, 6.0])),
    "drop": drop,
    "warm fcc": lambda: fcc(noise=0.03),
    "warm bcc": lambda: bcc(noise=0.03),
    "warm c15": lambda: c15(repeat=3, noise=1e-4),
}


def faces(found):
    """[n_bonds, 5] each bond once, by its lower atom, sorted."""
    bonds, images = found.bonds.copy(), found.bond_images.copy()
    turned = bonds[:, 0] > bonds[:, 1]
    bonds[turned], images[turned] = bonds[turned, ::-1], -images[turned]
    rows = np.column_stack([bonds, images])
    return rows[np.lexsort(rows.T)]


@pytest.mark.parametrize("radii", [None, RADII], ids=["plain", "radical"])
@pytest.mark.parametrize("name", SAMPLES)
def test_cells_are_those_of_ovito(name, radii):
    sample = SAMPLES[name]().compact
    ours = cells.voronoi(sample, radii, NONE, bonds=True)
    assert ours is not None
    ours, theirs = voronoi.Tessellation(*ours), voronoi._by_ovito(sample, radii, NONE, bonds=True)
    np.testing.assert_array_equal(ours.indices, theirs.indices[:, : ours.indices.shape[1]])
    assert not theirs.indices[:, ours.indices.shape[1] :].any()
    np.testing.assert_array_equal(ours.coordination, theirs.coordination)
    np.testing.assert_array_equal(faces(ours), faces(theirs))
    # OVITO keeps radii in single precision.
    np.testing.assert_allclose(ours.volumes, theirs.volumes, rtol=1e-10 if radii is None else 1e-5)
    assert ours.volumes.sum() == pytest.approx(sample.volume, rel=1e-11)


@pytest.mark.parametrize("share", [0.0, 0.02])
@pytest.mark.parametrize("face", [0.0, 0.1])
@pytest.mark.parametrize("edge", [0.0, 0.2])
def test_what_is_too_small_counts_as_for_ovito(edge, face, share):
    for sample in (SAMPLES["gas"](), SAMPLES["leaning"]().compact):
        ours = voronoi.Tessellation(*cells.voronoi(sample, RADII, (edge, face, share), bonds=True))
        theirs = voronoi._by_ovito(sample, RADII, (edge, face, share), bonds=True)
        width = min(ours.indices.shape[1], theirs.indices.shape[1])
        np.testing.assert_array_equal(ours.indices[:, :width], theirs.indices[:, :width])
        np.testing.assert_array_equal(ours.coordination, theirs.coordination)
        np.testing.assert_array_equal(faces(ours), faces(theirs))


@pytest.mark.parametrize("name", SAMPLES)
def test_surroundings_are_those_of_ovito(name):
    sample = SAMPLES[name]().compact
    np.testing.assert_array_equal(cells.surroundings(sample), icosahedra._by_ovito(sample))


def test_every_kind_of_surroundings_is_known(derlet_glass):
    found = [set(cells.surroundings(sample)) for sample in (fcc(noise=0.03), bcc(noise=0.03), derlet_glass)]
    assert found[0] >= {1} and found[1] >= {3} and found[2] >= {0, 4}


def test_a_glass_of_somebody_else(derlet_glass):
    """All its cells and surroundings, and shifted into other boxes, whose images differ by where atoms now are."""
    ours = voronoi.Tessellation(*cells.voronoi(derlet_glass, None, NONE, bonds=True))
    theirs = voronoi._by_ovito(derlet_glass, None, NONE, bonds=True)
    np.testing.assert_array_equal(ours.indices, theirs.indices[:, : ours.indices.shape[1]])
    np.testing.assert_array_equal(faces(ours), faces(theirs))
    np.testing.assert_array_equal(cells.surroundings(derlet_glass), icosahedra._by_ovito(derlet_glass))


def test_atoms_outside_the_box_have_the_same_neighbours():
    sample = gas([60, 40], [4.0, 5.0, 6.0])
    boxes = np.random.default_rng(1).integers(-3, 4, (sample.n_atoms, 3))
    moved = Configuration(sample.positions + boxes * sample.box.edges, sample.species, sample.box)
    first, second = (
        voronoi.Tessellation(*cells.voronoi(one, None, NONE, bonds=True)) for one in (sample, moved)
    )
    np.testing.assert_array_equal(first.indices, second.indices)
    for one, found in ((sample, first), (moved, second)):
        i, j = found.bonds.T
        apart = one.positions[j] + one.box.cartesian(found.bond_images) - one.positions[i]
        assert np.linalg.norm(apart, axis=1).max() < 6


@pytest.mark.parametrize("noise", [0.0, 1e-12, 1e-9])
def test_a_crystal_whose_planes_meet_by_fours_is_left_to_ovito(noise):
    assert cells.voronoi(fcc(noise=noise), None, NONE, bonds=False) is None
    assert (voronoi.tessellate(fcc()).indices[:, 2:6] == (0, 12, 0, 0)).all()


def test_what_is_left_to_others():
    """Free space; atoms on one place; a box that an atom would fill alone; one so flat that images have no end."""
    sample = gas([30, 20], [4.0, 4.0, 4.0])
    free = Configuration(sample.positions, sample.species, Box(sample.box.edges, (True, True, False)))
    doubled = Configuration(np.repeat(sample.positions, 2, axis=0), np.repeat(sample.species, 2), sample.box)
    alone = Configuration(np.full((1, 3), 0.5), np.ones(1, np.int32), Box.cube(1.0))
    flat = gas([300, 300], [1e-3, 300.0, 300.0])
    lost = Configuration(np.full((2, 3), 1e300), np.ones(2, np.int32), Box.cube(1.0))
    for one in (free, doubled, alone, flat, lost):
        assert cells.voronoi(one, None, NONE, bonds=True) is None
    assert cells.surroundings(free) is None and cells.surroundings(lost) is None


def test_without_a_library_everything_is_ovito(monkeypatch):
    sample = gas([60, 40], [4.0, 5.0, 6.0])
    ours, kinds = voronoi.tessellate(sample, bonds=True), icosahedra.crystal_surroundings(sample)
    monkeypatch.setattr(cells, "library", lambda: None)
    theirs = voronoi.tessellate(sample, bonds=True)
    np.testing.assert_array_equal(ours.indices, theirs.indices[:, : ours.indices.shape[1]])
    np.testing.assert_array_equal(faces(ours), faces(theirs))
    np.testing.assert_array_equal(kinds, icosahedra.crystal_surroundings(sample))


def test_without_ovito_a_glass_is_measured(monkeypatch):
    """As on a node that has no Qt."""
    monkeypatch.setitem(sys.modules, "ovito", None)
    sample = gas([60, 40], [4.0, 5.0, 6.0])
    assert voronoi.tessellate(sample, bonds=True).volumes.sum() == pytest.approx(sample.volume)
    assert set(icosahedra.systematic_variants(sample, voronoi.tessellate(sample))) > {"plain", "faces > 1 %"}
    assert not icosahedra.close_packed(sample).any()


@pytest.mark.parametrize(
    ("sample", "cutoff"),
    [
        (gas([150, 150], [6.0, 7.0, 6.5]), 3.0),
        (gas([150, 150, 40], [6.0, 7.0, 6.5]), 1.1),
        (tilted(gas([120, 80], [6.0, 6.0, 6.0])).compact, 2.3),
        (tilted(gas([300, 80], [9.0, 8.0, 7.5])).compact, 1.2),
        (gas([1], [3.0, 3.0, 3.0]), 1.5),
    ],
    ids=["all pairs", "by cells", "copies", "by leaning cells", "one atom"],
)
def test_pairs_are_counted_as_by_numba(monkeypatch, sample, cutoff):
    kinds = sample.species.astype(np.int64) - 1
    given = sample.positions, sample.box, kinds, int(kinds.max()) + 1, cutoff, 200
    ours = pair_counts.pair_counts(*given)
    monkeypatch.setattr(pair_counts, "library", lambda: None)
    np.testing.assert_array_equal(ours, pair_counts.pair_counts(*given))
    assert ours.sum() > 100 or sample.n_atoms == 1


@pytest.mark.parametrize("share", [0.1, 0.3, 1.0])
def test_clusters_are_those_of_numba(monkeypatch, share):
    sample = gas([400, 200], [7.0, 8.0, 9.0])
    found = voronoi.tessellate(sample, bonds=True)
    members = np.random.default_rng(2).random(sample.n_atoms) < share
    ours = icosahedra.clusters(found, members)
    monkeypatch.setattr(icosahedra, "library", lambda: None)
    theirs = icosahedra.clusters(found, members)
    np.testing.assert_array_equal(ours.sizes, theirs.sizes)
    assert ours.percolates == theirs.percolates and ours.sizes.sum() == members.sum()
