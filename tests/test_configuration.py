"""The box: what it says of periodic space, against all copies written out."""

from itertools import product

import numpy as np
import pytest

from glasscli.configuration import Box, Configuration, mean_spacing
from glasscli.errors import InputError

EDGES = np.array([4.0, 5.0, 7.5])
BOX = Box(EDGES)
NEAR = np.array(list(product((-1, 0, 1), repeat=3)))


def points(n, seed=0, low=-3.0, high=4.0):
    """[n, 3] places in the box and far outside it."""
    return np.random.default_rng(seed).uniform(low, high, (n, 3)) * EDGES


def distances(a, b):
    """[len(a), len(b)] to the nearest of 27 copies, of places in the box."""
    copies = b[:, None] + NEAR * EDGES
    return np.linalg.norm(a[:, None, None] - copies[None], axis=-1).min(axis=-1)


def test_its_measures():
    assert BOX.volume == 150.0 and (BOX.width, BOX.length) == (4.0, 7.5)
    assert BOX.diagonal == pytest.approx(np.linalg.norm(BOX.corners, axis=1).max())
    assert BOX.vectors.tolist() == [[4, 0, 0], [0, 5, 0], [0, 0, 7.5]]
    assert BOX.corners[0].tolist() == [0, 0, 0] and BOX.corners[-1].tolist() == EDGES.tolist()
    assert len(np.unique(BOX.corners, axis=0)) == 8
    assert Box.cube(2).edges.tolist() == [2.0, 2.0, 2.0]


def test_other_boxes_made_of_it():
    assert BOX.matches(Box([4, 5, 7.5])) and not BOX.matches(BOX.scaled(1 + 1e-15))
    assert BOX.repeated((1, 2, 3)).matches(Box([4.0, 10.0, 22.5]))
    assert BOX.scaled([1.0, 2.0, 3.0]).matches(BOX.repeated((1, 2, 3)))
    assert BOX.halfway(BOX.scaled(2)).matches(BOX.scaled(1.5))
    assert BOX.repeats_for(8.1).tolist() == [3, 2, 2] and BOX.repeats_for(0.0).tolist() == [1, 1, 1]
    assert BOX.repeated(BOX.repeats_for(8.1)).width >= 8.1


def test_wrapped_places_lie_inside_a_whole_number_of_edges_away():
    places = points(500)
    inside = BOX.wrap(places)
    assert ((inside >= 0) & (inside < EDGES)).all() and BOX.contains(inside).all()
    turns = BOX.fractional(places - inside)
    assert np.abs(turns - np.round(turns)).max() < 1e-12
    assert (BOX.wrap(inside) == inside).all()
    assert BOX.contains(places).tolist() == ((places >= 0) & (places <= EDGES)).all(axis=1).tolist()


def test_folded_places_come_with_their_images():
    places = points(500)
    inside, images = BOX.folded(places)
    assert images.dtype == np.int32 and ((inside >= 0) & (inside < EDGES)).all()
    assert inside + BOX.cartesian(images) == pytest.approx(places, abs=1e-13)
    assert inside == pytest.approx(BOX.wrap(places), abs=1e-13)


def test_a_rounding_below_a_face_is_the_next_box():
    """-1e-18 modulo an edge is the edge itself, where the next box begins."""
    below = np.array([-1e-18, -1e-17, EDGES[2]])
    assert BOX.wrap(below).tolist() == [0, 0, 0]
    inside, images = BOX.folded(below)
    assert inside.tolist() == [0, 0, 0] and images.tolist() == [0, 0, 1]
    # A third edge less a rounding, over the edge, is 3.
    edges = np.random.default_rng(3).uniform(1, 10, (1000, 3))
    for box in map(Box, edges):
        inside, _ = box.folded(np.nextafter(3 * box.edges, 0))
        assert ((inside >= 0) & (inside < box.edges)).all()
    assert np.isnan(BOX.wrap(np.array([np.nan, 1.0, 1.0]))).tolist() == [True, False, False]


def test_minimum_images_are_the_shortest_of_all_copies():
    vectors = points(300, low=-1.4, high=1.4)
    found = BOX.minimum_image(vectors)
    copies = vectors[:, None] + np.array(list(product(range(-2, 3), repeat=3))) * EDGES
    assert np.linalg.norm(found, axis=1) == pytest.approx(
        np.linalg.norm(copies, axis=-1).min(axis=1), abs=1e-12
    )
    assert (np.abs(found) <= EDGES / 2 + 1e-12).all()
    assert BOX.minimum_image(vectors.reshape(3, 100, 3)).reshape(-1, 3).tolist() == found.tolist()


def test_fractions_and_waves():
    places = points(100)
    assert BOX.cartesian(BOX.fractional(places)) == pytest.approx(places, rel=1e-15)
    assert BOX.cartesian(np.eye(3)).tolist() == BOX.vectors.tolist()
    # A wave that fits has the same phase at all copies of a place.
    waves = 2 * np.pi * BOX.reciprocal(NEAR)
    shifts = BOX.cartesian(np.array([[1, 0, 0], [0, 2, 0], [-1, 1, 3]]))
    turns = waves @ shifts.T / (2 * np.pi)
    assert np.abs(turns - np.round(turns)).max() < 1e-12


@pytest.mark.parametrize("reach", [1.0, 5.0])
def test_copies_within_reach_are_those_of_brute_force(reach):
    """The atoms first; then what lies within reach of the box, also where the reach is longer than an edge."""
    places = BOX.wrap(points(40))
    copies, owners = BOX.copies(places, reach)
    assert (copies[:40] == places).all() and owners[:40].tolist() == list(range(40))
    shifts = np.array(list(product(range(-3, 4), repeat=3)))
    everywhere = (places + (shifts * EDGES)[:, None]).reshape(-1, 3)
    near = ((everywhere > -reach) & (everywhere < EDGES + reach)).all(axis=1)
    assert len(copies) == near.sum()
    assert sorted(copies.round(9).tolist()) == sorted(everywhere[near].round(9).tolist())
    turns = BOX.fractional(copies - places[owners])
    assert np.abs(turns - np.round(turns)).max() < 1e-12


def test_a_search_finds_what_brute_force_finds():
    places, others = points(60), points(25, seed=1)
    tree = BOX.tree(places)
    r = distances(BOX.wrap(places), BOX.wrap(places))
    pairs = tree.pairs(1.5)
    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert set(map(tuple, pairs.tolist())) == set(zip(*np.nonzero(np.triu(r < 1.5, 1)), strict=True))
    apart = distances(BOX.wrap(others), BOX.wrap(places))
    nearest, numbers = tree.nearest(others)
    assert (numbers == apart.argmin(axis=1)).all() and nearest == pytest.approx(apart.min(axis=1), abs=1e-12)
    two, which = tree.nearest(others, 2)
    assert two == pytest.approx(np.sort(apart, axis=1)[:, :2], abs=1e-12)
    assert (which == np.argsort(apart, axis=1)[:, :2]).all()
    found = tree.within(others, 1.5)
    assert [n.tolist() for n in found] == [np.flatnonzero(row < 1.5).tolist() for row in apart]


def test_a_search_takes_places_on_the_upper_face():
    tree = BOX.tree(np.array([[-1e-18, 0.0, 0.0], [4.0, 5.0, 7.0]]))
    assert tree.pairs(0.6).tolist() == [[0, 1]]


def test_edges_are_taken_for_a_box():
    species = np.ones(2, np.int32)
    c = Configuration(np.zeros((2, 3)), species, [4, 5, 7.5])
    assert isinstance(c.box, Box) and c.box.matches(BOX) and c.box.edges.dtype == np.float64
    assert Configuration(np.zeros((2, 3)), species, BOX).box is BOX
    assert c.volume == 150.0 and c.spacing == 75 ** (1 / 3) == mean_spacing(150.0, 2)
    for bad in ([1.0, 2.0], 3.0, np.eye(2)):
        with pytest.raises(InputError, match="three edges"):
            Configuration(np.zeros((2, 3)), species, bad)


def test_images_unwrap():
    places = points(20)
    inside, images = BOX.folded(places)
    c = Configuration(inside, np.ones(20, np.int32), BOX, images)
    assert c.unwrapped == pytest.approx(places, abs=1e-13)
