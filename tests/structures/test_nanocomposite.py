"""Nanocomposites and random liquids: exact numbers, even grains, no overlaps, C15 inside."""

import numpy as np
import pytest

from glasscli.configuration import Box, Configuration
from glasscli.engine.minimiser import Minimiser
from glasscli.errors import GlassError, InputError
from glasscli.observables.laves import laves_test
from glasscli.observables.voronoi import tessellate
from glasscli.structures.build import contact_distances
from glasscli.structures.grains import even_grains
from glasscli.structures.nanocomposite import build_nanocomposite
from glasscli.structures.packing import SUFFICIENT, closest_pairs, fill, random_liquid
from glasscli.structures.phases import phase_named
from glasscli.structures.settle import Settling, settle

SIGMA = {(1, 1): 1.0, (1, 2): 11 / 12, (2, 2): 5 / 6}


@pytest.fixture(scope="module")
def contact(wahnstrom):
    return contact_distances(wahnstrom)


@pytest.fixture(scope="module")
def c15(wahnstrom):
    return phase_named("c15", wahnstrom)


@pytest.fixture(scope="module")
def composite(wahnstrom, c15, contact):
    """Four grains of radius 4: 2081 atoms, as packed."""
    return build_nanocomposite(wahnstrom, c15, contact, 4.0, grains=4)


@pytest.fixture(scope="module")
def relaxed(wahnstrom, composite):
    return settle(wahnstrom, composite.configuration, Settling())


def test_contact_distances_are_close_to_sigma(contact):
    assert contact == pytest.approx(np.array([[1.0, 11 / 12], [11 / 12, 5 / 6]]), rel=0.03)


@pytest.mark.parametrize(("radius", "atoms"), [(4.0, 400), (6.0, 1200)])
def test_volume_composition_and_grain_size_come_out_as_asked(
    radius, atoms, wahnstrom, c15, contact, composite
):
    """V/N to rounding, 50:50 to one atom, mean grain within 20 % of the paper's 400 and 1200 atoms, even sizes."""
    n = composite if radius == 4.0 else build_nanocomposite(wahnstrom, c15, contact, radius, grains=4)
    c = n.configuration
    assert c.volume / c.n_atoms == pytest.approx(0.767, abs=1e-6)
    assert abs(c.counts[1] - c.counts[2]) <= 1
    assert np.mean(n.atoms) == pytest.approx(atoms, rel=0.2)
    assert np.mean(n.radii) == pytest.approx(radius, rel=0.02)
    assert np.std(n.atoms) < 0.15 * np.mean(n.atoms)
    # A quarter of the atoms are boundary, all of them large; the thickness is 0.28 r for spheres, less for polyhedra.
    boundary = n.grain == 0
    assert boundary.mean() == pytest.approx(0.25, abs=0.01)
    assert (c.species[boundary] == 1).all()
    assert n.thickness / radius == pytest.approx(0.28, abs=0.04)
    assert np.bincount(n.grain)[1:].tolist() == n.atoms


def test_grains_are_c15_at_its_volume_in_random_orientations(composite, wahnstrom):
    """Inside each grain the lattice is perfect before relaxation, and no two grains are parallel."""
    c = composite.configuration
    cells = tessellate(c, bonds=True)
    inside = interior(cells, composite.grain)
    assert inside.sum() > 0.2 * len(inside)
    # A few of them have a second neighbour in the boundary that takes a face away.
    assert laves_test(cells, c.species).laves[inside].mean() > 0.95
    volumes = {s: cells.volumes[inside & (c.species == s)].mean() for s in (1, 2)}
    assert (volumes[1] + 2 * volumes[2]) / 3 == pytest.approx(0.687, rel=0.01)
    # The angle of the closest large-large vectors against the box tells orientations apart.
    stiff = []
    for g in range(1, 5):
        mine = np.isin(cells.bonds, np.flatnonzero(inside & (composite.grain == g) & (c.species == 1))).all(
            axis=1
        )
        pairs = cells.bonds[mine]
        d = c.positions[pairs[:, 1]] - c.positions[pairs[:, 0]]
        d = c.box.minimum_image(d)
        unit = d / np.linalg.norm(d, axis=1)[:, None]
        # Cubic invariant of rank four of the bond directions: equal only for equal orientations.
        stiff.append((unit**4).sum(axis=1).mean())
    assert np.ptp(stiff) > 0.01


def interior(cells, grain):
    """Grain atoms all of whose Voronoi neighbours belong to the same grain."""
    inside = grain > 0
    first, second = cells.bonds.T
    differ = grain[first] != grain[second]
    inside[np.unique(cells.bonds[differ])] = False
    return inside


def test_relaxation_leaves_no_overlap_and_keeps_the_grains(relaxed, composite):
    """Closest pairs above 0.8 sigma_ab; the interiors stay C15 after a minimisation."""
    c = relaxed.configuration
    assert relaxed.max_force < 1e-4
    for pair, distance in closest_pairs(c).items():
        assert distance > 0.8 * SIGMA[pair]
    inside = interior(tessellate(composite.configuration, bonds=True), composite.grain)
    assert laves_test(tessellate(c, bonds=True), c.species).laves[inside].mean() > 0.8


def test_dynamics_with_exchange_keep_what_must_be_kept(wahnstrom, contact):
    """A short hybrid run lowers the energy of a liquid and changes neither counts nor box; seeds repeat it."""
    liquid = random_liquid((70, 70), 0.8, contact, seed=1)
    with Minimiser(wahnstrom) as minimiser:
        start = minimiser.minimise(liquid)
    seen = []
    one = settle(wahnstrom, liquid, Settling(1000, 0.5, 10, 5), lambda done, note="": seen.append(done))
    two = settle(wahnstrom, liquid, Settling(1000, 0.5, 10, 5))
    assert one.energy < start.energy
    assert one.configuration.counts == {1: 70, 2: 70}
    assert one.configuration.box.matches(liquid.box)
    assert (one.configuration.positions == two.configuration.positions).all()
    # Exchange, often accepted in a hot liquid, changes which atom is of which species; without it nobody changes.
    hot = settle(wahnstrom, liquid, Settling(300, 2.0, 1, 5)).configuration
    assert (hot.species != liquid.species).any() and hot.counts == {1: 70, 2: 70}
    plain = settle(wahnstrom, liquid, Settling(100, 0.6, 0, 5))
    assert (plain.configuration.species == liquid.species).all()
    assert seen[-1] == 1000
    with pytest.raises(InputError, match="temperature"):
        settle(wahnstrom, liquid, Settling(10))


def test_the_thickness_given_sets_the_volume_of_c15(wahnstrom, c15, contact):
    n = build_nanocomposite(wahnstrom, c15, contact, 4.0, grains=4, thickness=1.2)
    assert n.thickness == pytest.approx(1.2, abs=0.005)
    assert n.crystal_volume < 0.687
    c = n.configuration
    assert c.volume / c.n_atoms == pytest.approx(0.767) and abs(c.counts[1] - c.counts[2]) <= 1


def test_other_compositions_and_sizes(wahnstrom, c15, contact):
    n = build_nanocomposite(wahnstrom, c15, contact, 4.0, atoms=3000, composition=0.4, volume=0.78)
    c = n.configuration
    assert c.n_atoms == 3000 and c.counts[2] == 1200
    assert c.volume / 3000 == pytest.approx(0.78)
    assert (n.grain == 0).mean() == pytest.approx(0.4, abs=0.02)


@pytest.mark.parametrize(("wish", "message"), [
    ({"radius": 20.0, "atoms": 500}, "do not fit into the box of 500 atoms"),
    ({"radius": 4.0, "composition": 0.67}, "composition 0.67 cannot be"),
    ({"radius": 4.0, "composition": 0.0}, "composition 0 cannot be"),
    ({"radius": 0.5}, "smaller than an atom"),
    ({"radius": float("nan")}, "smaller than an atom"),
    ({"radius": 4.0, "grains": 0}, "0 grains"),
    ({"radius": 4.0, "grains": 4, "atoms": 2000}, "not both"),
    ({"radius": 4.0, "thickness": 1.0, "crystal_volume": 0.68}, "not both"),
    ({"radius": 4.0, "thickness": -1.0}, "not positive"),
    ({"radius": 4.0, "crystal_volume": 1.2}, "leaves no room"),
    ({"radius": 1.5, "grains": 2}, "smaller than two cutoffs"),
])  # fmt: skip
def test_what_cannot_be_is_refused_in_a_line(wish, message, wahnstrom, c15, contact):
    with pytest.raises(InputError, match=message):
        build_nanocomposite(wahnstrom, c15, contact, **wish)


def test_relaxed_seeds_make_even_grains():
    """Poisson cells scatter by 40 %; these by less than 15 %."""
    rng = np.random.default_rng(0)
    box = Box.cube(10.0)
    grain, _ = even_grains(12, box, rng).locate(box.cartesian(rng.random((60000, 3))))
    volumes = np.bincount(grain, minlength=12)
    assert volumes.std() / volumes.mean() < 0.15


def test_depth_is_the_distance_to_the_nearest_bisector():
    """One grain in a cube: its boundary are the planes half-way to its own images."""
    rng = np.random.default_rng(0)
    grains = even_grains(1, Box(np.array([4.0, 6.0, 8.0])), rng)
    points = grains.seeds[0] + np.array([[0, 0, 0], [1.5, 0, 0], [0, 2.5, 3.0], [2.5, 0, 0]])
    assert grains.depth_in(0, points) == pytest.approx([2.0, 0.5, 0.5, -0.5])


def test_random_liquids_have_no_overlaps_and_other_seeds_are_other_liquids(contact):
    one, two = (random_liquid((300, 200), 0.767, contact, seed) for seed in (1, 2))
    assert one.counts == {1: 300, 2: 200} and one.volume / 500 == pytest.approx(0.767)
    for (a, b), distance in closest_pairs(one).items():
        assert distance >= SUFFICIENT * contact[a - 1, b - 1] - 1e-12
    assert np.abs(one.positions - two.positions).max() > 1
    with pytest.raises(GlassError, match="beyond close packing"):
        random_liquid((300, 200), 0.3, contact, 1)


def test_filling_moves_only_what_is_added(contact):
    fixed = random_liquid((100, 0), 5.12, contact, 1)
    assert np.allclose(fixed.box.edges, 8.0)
    whole = fill(
        Configuration(fixed.positions, fixed.species, fixed.box), np.full(100, 1, dtype=np.int32),
        lambda n, rng: 8 * rng.random((n, 3)), contact, np.random.default_rng(0),
    )  # fmt: skip
    assert whole.positions[:100] == pytest.approx(fixed.positions, abs=1e-12)
    assert closest_pairs(whole)[1, 1] >= SUFFICIENT * contact[0, 0] - 1e-12
