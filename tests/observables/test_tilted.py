"""What is measured in a tilted box is what is measured in a rectangular box of the same atoms."""

from itertools import product

import numpy as np
import pytest

from glasscli.box import Box
from glasscli.configuration import Configuration
from glasscli.errors import InputError
from glasscli.observables.displacement import Followed, displacements
from glasscli.observables.icosahedra import clusters, crystal_surroundings
from glasscli.observables.pair_distribution import pair_distribution
from glasscli.observables.structure_factor import density_waves, structure_factor
from glasscli.observables.topology import topology
from glasscli.observables.voronoi import index_counts, tessellate
from glasscli.theory.excitations import concentration_peak

RADII = {1: 0.55, 2: 0.45}


def glass(cells=5, seed=2):
    """Noise about a lattice of two species, in a rectangular box."""
    rng = np.random.default_rng(seed)
    sites = np.array(list(product(range(cells), repeat=3)), dtype=float)
    box = Box(np.array([1.05, 1.0, 1.1]) * cells)
    positions = box.wrap(box.cartesian(sites / cells) + rng.normal(0, 0.12, sites.shape))
    return Configuration(positions, rng.integers(1, 3, len(sites)).astype(np.int32), box)


def leaning(c, ab, ac, bc):
    """The same lattice of copies by other vectors: b + ab a, c + ac a + bc b."""
    turns = np.array([[1, 0, 0], [ab, 1, 0], [ac, bc, 1]])
    box = Box(turns @ c.box.vectors)
    return Configuration(box.wrap(c.positions), c.species, box)


def supercell(c):
    """A cell (2, 0, 0), (1, 1, 0), (0, 0, 1) of the box twice over, tilted, and the rectangular one of four."""
    a, b, z = c.box.vectors
    tilted = Box(np.array([2 * a, a + b, z]))
    two = np.concatenate([c.positions, c.positions + a])
    right = Box(np.array([2, 2, 1]) * np.diag(c.box.vectors))
    four = np.concatenate([two, two + b])
    return (
        Configuration(tilted.wrap(two), np.tile(c.species, 2), tilted),
        Configuration(right.wrap(four), np.tile(c.species, 4), right),
    )


TILTS = [(1, 0, 0), (0, -1, 1), (2, -1, 3), (-4, 5, 2)]


@pytest.mark.parametrize("tilt", TILTS)
@pytest.mark.parametrize("cells", [3, 9])
def test_pair_distributions(tilt, cells):
    """Few cells and many: both ways of counting."""
    right = glass(cells)
    one, other = pair_distribution(right, 0.05), pair_distribution(leaning(right, *tilt), 0.05)
    assert other.edges == pytest.approx(one.edges, rel=1e-12) and other.total.sum() > 10
    # A distance on the edge of a bin may fall to its other side.
    assert np.abs(other.total - one.total).max() < 0.05
    assert (np.abs(other.total - one.total) > 1e-9).sum() <= 2
    assert other.partials.keys() == one.partials.keys()


def test_pair_distribution_of_a_supercell():
    tilted, right = supercell(glass(6))
    one, other = (pair_distribution(c, 0.05, cutoff=2.9) for c in (tilted, right))
    assert other.total == pytest.approx(one.total, abs=1e-9)


@pytest.mark.parametrize("tilt", TILTS)
def test_structure_factors(tilt):
    right = glass()
    one, other = structure_factor(right, 12.0), structure_factor(leaning(right, *tilt), 12.0)
    assert other.q == pytest.approx(one.q, rel=1e-9) and other.vectors.tolist() == one.vectors.tolist()
    few = one.vectors < 300  # of more a fair draw is taken, in another order
    assert few.sum() > 5 and other.total[few] == pytest.approx(one.total[few], abs=1e-8)
    for pair in one.partials:
        assert other.partials[pair][few] == pytest.approx(one.partials[pair][few], abs=1e-7)


def test_waves_of_a_tilted_box_by_hand():
    """Of a supercell only waves of the cell are there."""
    tilted, right = supercell(glass())
    indices = np.array(list(product(range(-3, 4), repeat=3)))[200:]
    q = 2 * np.pi * tilted.box.reciprocal(indices)
    by_hand = np.exp(1j * tilted.positions @ q.T).sum(axis=0)
    assert density_waves(tilted, indices).sum(axis=0) == pytest.approx(by_hand, abs=1e-9)
    fitting = right.box.indices(q / (2 * np.pi))
    assert fitting == pytest.approx(np.round(fitting), abs=1e-9)
    twice = density_waves(right, np.round(fitting).astype(np.int64)).sum(axis=0)
    assert np.abs(twice) == pytest.approx(2 * np.abs(by_hand), abs=1e-8)


@pytest.mark.parametrize("tilt", TILTS)
def test_voronoi_cells_and_bonds(tilt):
    right = glass()
    other = leaning(right, *tilt)
    one, two = (tessellate(c, RADII, bonds=True) for c in (right, other))
    assert two.indices.tolist() == one.indices.tolist()
    assert two.volumes == pytest.approx(one.volumes, rel=1e-6)
    assert index_counts(one, right.species) == index_counts(two, other.species)
    lengths = [
        np.linalg.norm(
            c.positions[t.bonds[:, 1]] + c.box.cartesian(t.bond_images) - c.positions[t.bonds[:, 0]], axis=1
        )
        for c, t in ((right, one), (other, two))
    ]
    assert np.sort(lengths[1]) == pytest.approx(np.sort(lengths[0]), abs=1e-6)
    networks = [topology(c, t) for c, t in ((right, one), (other, two))]
    assert networks[1].modified.bonds.tolist() == networks[0].modified.bonds.tolist()
    assert networks[1].excluded == networks[0].excluded and networks[0].excluded[0] > 0
    everybody = np.ones(right.n_atoms, bool)
    assert clusters(two, everybody).percolates == (True, True, True)


def test_voronoi_census_of_a_supercell():
    tilted, right = supercell(glass())
    one, two = (index_counts(tessellate(c), c.species) for c in (tilted, right))
    assert {key: 2 * n for key, n in one.items()} == dict(two)


@pytest.mark.parametrize("tilt", TILTS)
def test_atoms_are_followed_through_tilted_faces(tilt):
    """Steps of a third of the box, ten times: the way is the sum, whatever the vectors are called."""
    right = leaning(glass(3), *tilt)
    rng = np.random.default_rng(5)
    steps = rng.uniform(-0.8, 0.8, (10, right.n_atoms, 3))
    places = right.positions + np.concatenate([np.zeros((1, right.n_atoms, 3)), np.cumsum(steps, axis=0)])
    frames = [
        Configuration(right.box.wrap(x), right.species, right.box, step=k) for k, x in enumerate(places)
    ]
    followed = Followed(frames)
    assert displacements(followed[0], followed[10]) == pytest.approx(places[10] - places[0], abs=1e-9)


def test_a_hexagonal_crystal():
    """Hcp in its own cell of two atoms, tilted by 120 degrees: cells <0,12,0,0>, shells 1, sqrt 2, sqrt(8/3)."""
    cell = np.array([[1, 0, 0], [-0.5, 0.75**0.5, 0], [0, 0, (8 / 3) ** 0.5]])
    base = np.array([[1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75]])
    shifts = np.array(list(product(range(4), range(4), range(3))))
    box = Box(cell * [[4], [4], [3]])
    atoms = ((shifts[:, None] + base).reshape(-1, 3)) @ cell
    c = Configuration(box.wrap(atoms), np.ones(len(atoms), np.int32), box)
    assert c.volume / c.n_atoms == pytest.approx(0.5**0.5)
    assert crystal_surroundings(c)[1].all()
    assert tessellate(c, edge_threshold=0.1).coordination.tolist() == [12] * len(atoms)
    g = pair_distribution(c, 0.02, cutoff=1.75)
    shells = g.r[g.total > 0]
    shells = [shells[np.abs(shells - r).argmin()] for r in (1, 2**0.5, (8 / 3) ** 0.5, 3**0.5)]
    assert shells == pytest.approx([1, 2**0.5, (8 / 3) ** 0.5, 3**0.5], abs=0.011)
    number = g.total * 4 / 3 * np.pi * np.diff(g.edges**3) * c.n_atoms / c.volume
    counted = [round(number[np.abs(g.r - r) < 0.015].sum()) for r in (1, 2**0.5, (8 / 3) ** 0.5, 3**0.5)]
    assert counted == [12, 6, 2, 18]
    # Bragg: (00.2) is there with all atoms, (00.1) is not.
    waves = np.abs(density_waves(c, np.array([[0, 0, 6], [0, 0, 3], [4, 0, 0]])).sum(axis=0)) ** 2 / c.n_atoms
    assert waves == pytest.approx([c.n_atoms, 0, c.n_atoms / 4], abs=1e-9)


@pytest.mark.parametrize("tilt", TILTS)
def test_concentration_waves(tilt):
    """The wave number of an alloy's order is that of its rectangular box."""
    right = glass()
    other = leaning(right, *tilt)
    one, two = (concentration_peak(c.positions, c.species, c.box, 12.0) for c in (right, other))
    assert two == pytest.approx(one, rel=1e-9)
    film = Box(right.box.edges, (True, True, False))
    with pytest.raises(InputError, match="periodic everywhere; this one is free along z"):
        concentration_peak(right.positions, right.species, film, 12.0)


@pytest.mark.parametrize("measure", [pair_distribution, lambda c: structure_factor(c, 10.0)])
def test_free_space_has_no_density(measure):
    c = glass(3)
    film = Configuration(c.positions, c.species, Box(c.box.edges, (True, True, False)))
    with pytest.raises(InputError, match="needs a box that is periodic everywhere; this one is free along z"):
        measure(film)


def test_cells_at_a_surface_are_open():
    """An icosahedron of thirteen: the one in the middle has twelve pentagons, the others no cell."""
    golden = (1 + 5**0.5) / 2
    shell = [p for a, b in product((1, -1), (golden, -golden)) for p in ((0, a, b), (a, b, 0), (b, 0, a))]
    atoms = np.array([(0, 0, 0), *shell]) / (1 + golden**2) ** 0.5
    cluster = Configuration(atoms - 3.3, np.ones(13, np.int32), Box([2.0, 2.0, 2.0], (False,) * 3))
    cells = tessellate(cluster, bonds=True)
    assert cells.icosahedra.tolist() == [True] + [False] * 12
    assert cells.coordination.tolist() == [12] + [0] * 12 and np.isnan(cells.volumes[1:]).all()
    # A regular dodecahedron of inradius 1/2 (in units of the distance to the shell).
    a = 0.5 / (0.5 * (2.5 + 1.1 * 5**0.5) ** 0.5)
    assert cells.volumes[0] == pytest.approx((15 + 7 * 5**0.5) / 4 * a**3)
    assert clusters(cells, np.ones(13, bool)).percolates == (False, False, False)


def test_a_film_is_a_slab_of_its_crystal_inside():
    crystal = glass(6)
    film = Configuration(crystal.positions, crystal.species, Box(crystal.box.edges, (True, True, False)))
    whole, open_ = tessellate(crystal), tessellate(film)
    inside = np.abs(crystal.positions[:, 2] - crystal.box.edges[2] / 2) < 1.0
    assert inside.sum() > 20 and open_.indices[inside].tolist() == whole.indices[inside].tolist()
    assert not open_.indices[np.argmin(crystal.positions[:, 2])].any()
