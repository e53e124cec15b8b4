"""Boxes that are tilted or free, against all copies written out."""

from itertools import product

import numpy as np
import pytest

from glasscli.box import Box, upright
from glasscli.configuration import Configuration
from glasscli.errors import FileError, InputError
from glasscli.gate import admit
from glasscli.lattice import reduced

MILD = np.array([[5.0, 0, 0], [1.2, 4.0, 0], [-0.7, 0.9, 6.0]])
HEXAGONAL = np.array([[3.0, 0, 0], [-1.5, 1.5 * 3**0.5, 0], [0, 0, 4.9]])
FCC = np.array([[1, 0, 0], [0.5, 0.75**0.5, 0], [0.5, 12**-0.5, (2 / 3) ** 0.5]]) * 3.3
SHEARED = np.array([[4.0, 0, 0], [6.1, 5.0, 0], [-3.0, 8.3, 6.0]])
SHAPES = {"mild": MILD, "hexagonal": HEXAGONAL, "fcc": FCC, "sheared": SHEARED}
BOUNDARIES = [
    (True, True, True),
    (True, True, False),
    (False, True, True),
    (False, True, False),
    (False,) * 3,
]
WIDE = np.array(list(product(range(-18, 19), range(-8, 9), range(-4, 5))))


def boxes():
    for name, vectors in SHAPES.items():
        for periodic in BOUNDARIES:
            yield pytest.param(Box(vectors, periodic), id=f"{name}-{''.join('sp'[p] for p in periodic)}")
    for periodic in BOUNDARIES[1:]:
        yield pytest.param(
            Box(np.diag([4.0, 5.0, 7.5]), periodic), id=f"right-{''.join('sp'[p] for p in periodic)}"
        )


def places(box, n, seed=0):
    """[n, 3] in the box and outside it where it repeats."""
    fractions = np.random.default_rng(seed).uniform(-1.4, 2.3, (n, 3))
    return box.cartesian(np.where(box.periodic, fractions, fractions % 1))


def shifts(box):
    """All translations that could be near: more vectors along a and b, which make up for shear."""
    return np.unique(WIDE * np.array(box.periodic), axis=0) @ box.vectors


def shortest(box, vectors):
    copies = vectors[:, None] + shifts(box)
    return np.linalg.norm(copies, axis=-1).min(axis=1)


@pytest.mark.parametrize("box", boxes())
def test_minimum_images_are_the_shortest_of_all_copies(box):
    vectors = box.cartesian(np.random.default_rng(1).uniform(-0.9, 0.9, (150, 3)))
    found = box.minimum_image(vectors)
    assert np.linalg.norm(found, axis=1) == pytest.approx(shortest(box, vectors), abs=1e-9)
    turns = box.fractional(found - vectors)
    assert np.abs(turns - np.round(turns)).max() < 1e-9
    assert np.abs(turns[:, ~np.array(box.periodic)]).max(initial=0) < 1e-12
    assert box.minimum_image(vectors.reshape(3, 50, 3)).reshape(-1, 3).tolist() == found.tolist()


@pytest.mark.parametrize("box", boxes())
def test_wrapped_places_lie_inside_a_whole_number_of_vectors_away(box):
    there = places(box, 300)
    inside, images = box.folded(there)
    assert box.wrap(there).tolist() == inside.tolist() and images.dtype == np.int32
    assert box.contains(inside).all()
    parts = box.fractional(inside)[:, np.array(box.periodic)]
    assert ((parts > -1e-12) & (parts < 1 + 1e-12)).all()
    assert inside + box.cartesian(images) == pytest.approx(there, abs=1e-12)
    assert not images[:, ~np.array(box.periodic)].any()


@pytest.mark.parametrize("box", boxes())
def test_a_search_finds_what_brute_force_finds(box):
    here, others = places(box, 30), places(box, 20, seed=3)
    tree, reach = box.tree(here), min(0.499 * box.width, 2.0)
    i, j = np.triu_indices(30, 1)
    near = shortest(box, here[i] - here[j]) < reach
    assert set(map(tuple, tree.pairs(reach).tolist())) == set(zip(i[near], j[near], strict=True))
    r = shortest(box, (others[:, None] - here).reshape(-1, 3)).reshape(20, 30)
    found, numbers = tree.nearest(others)
    assert found == pytest.approx(r.min(axis=1), abs=1e-9) and numbers.tolist() == r.argmin(axis=1).tolist()
    found, numbers = tree.nearest(others, 5)
    assert found == pytest.approx(np.sort(r, axis=1)[:, :5], abs=1e-9)
    assert all(len(set(row)) == 5 for row in numbers.tolist())
    for row, near in zip(r, tree.within(others, reach), strict=True):
        assert near.tolist() == np.flatnonzero(row < reach).tolist()


@pytest.mark.parametrize("box", boxes())
def test_copies_are_all_within_reach_of_any_atom(box):
    """Whatever is nearer to an atom of the box than the reach is among the copies, each once."""
    here = box.wrap(places(box, 12))
    reach = 2.7
    points, owners = box.copies(here, reach)
    assert points[:12].tolist() == here.tolist() and owners[:12].tolist() == list(range(12))
    for atom in here:
        everywhere = (here[:, None] + shifts(box) - atom).reshape(-1, 3)
        r = np.linalg.norm(everywhere, axis=1)
        seen = np.linalg.norm(points - atom, axis=1)
        assert np.sort(seen[seen < reach]) == pytest.approx(np.sort(r[r < reach]), abs=1e-9)


@pytest.mark.parametrize("name", SHAPES)
def test_its_measures(name):
    box = Box(SHAPES[name])
    assert box.volume == pytest.approx(abs(np.linalg.det(box.vectors)))
    translations = np.linalg.norm(WIDE[(WIDE != 0).any(axis=1)] @ box.vectors, axis=1)
    assert box.width == pytest.approx(translations.min())
    a, b, c = box.vectors
    areas = [np.linalg.norm(np.cross(*pair)) for pair in ((b, c), (c, a), (a, b))]
    assert box.heights == pytest.approx(box.volume / np.array(areas))
    corners = box.corners
    apart = np.linalg.norm(corners[:, None] - corners, axis=-1)
    assert box.diagonal == pytest.approx(apart.max())
    assert corners[0].tolist() == [0, 0, 0] and corners[-1] == pytest.approx(a + b + c)
    waves = box.reciprocal(WIDE[(WIDE != 0).any(axis=1)])
    assert box.wavelength == pytest.approx(1 / np.linalg.norm(waves, axis=1).min())
    # A wave that fits has the same phase at all copies.
    turns = waves[:50] @ box.vectors.T
    assert np.abs(turns - np.round(turns)).max() < 1e-9
    assert box.cartesian(box.fractional(corners)) == pytest.approx(corners, abs=1e-12)
    assert box.repeated((1, 2, 3)).vectors.tolist() == (box.vectors * [[1], [2], [3]]).tolist()
    assert (box.repeated(box.repeats_for(8.1)).heights >= 8.1 - 1e-12).all()
    assert (
        box.scaled([1.0, 2.0, 3.0]).cartesian(np.eye(3)).tolist() == (box.vectors * [1.0, 2.0, 3.0]).tolist()
    )
    assert box.tilted and not box.plain and not box.free and box.boundary == "p p p"
    with pytest.raises(InputError, match="rectangular, periodic box; this one is tilted"):
        _ = box.edges


def test_a_sheared_box_is_the_lattice_it_repeats():
    """A shift of a vector by others changes nothing: distances, width and waves are those of the right box."""
    right = Box([4.0, 5.0, 6.0])
    sheared = Box(np.array([[4.0, 0, 0], [12.0, 5.0, 0], [-8.0, 15.0, 6.0]]))
    vectors = places(right, 100)
    assert sheared.minimum_image(vectors) == pytest.approx(right.minimum_image(vectors), abs=1e-12)
    assert (sheared.width, sheared.volume) == (right.width, right.volume) == (4.0, 120.0)
    assert sheared.wavelength == pytest.approx(right.wavelength)
    lengths = np.sort(np.linalg.norm(reduced(sheared.vectors), axis=1))
    assert lengths == pytest.approx([4, 5, 6])


def test_free_space_has_no_volume():
    film = Box([4.0, 5.0, 6.0], (True, True, False))
    assert film.free and film.boundary == "p p s" and film.width == 4.0 and film.extent == 120.0
    assert Box([4.0, 5.0, 6.0], (False,) * 3).width == np.inf
    assert film.minimum_image(np.array([[3.0, 4.0, 5.0]])).tolist() == [[-1.0, -1.0, 5.0]]
    assert film.wrap(np.array([[-1.0, 6.0, -7.0]])).tolist() == [[3.0, 1.0, -7.0]]
    with pytest.raises(InputError, match="free along z has no volume"):
        _ = film.volume
    with pytest.raises(InputError, match="rectangular, periodic"):
        _ = film.edges


def test_spacing_of_a_cluster_is_that_of_its_close_packing():
    """Fcc with a nearest distance of 1 has V/N = 1/sqrt(2)."""
    cells = np.array(list(product(range(4), repeat=3)))
    base = np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    atoms = 2**0.5 * (cells[:, None] + base).reshape(-1, 3)
    species = np.ones(len(atoms), np.int32)
    cluster = Configuration(atoms, species, Box([50.0, 50.0, 50.0], (False,) * 3))
    crystal = Configuration(atoms, species, Box.cube(4 * 2**0.5))
    assert cluster.spacing == pytest.approx(crystal.spacing) == pytest.approx(0.5 ** (1 / 6))


def test_a_plane_repeats_nowhere_above_itself():
    sheet = Box(np.array([[5.0, 0, 0], [2.5, 4.0, 0], [0, 0, 0.1]]), dimension=2)
    assert sheet.volume == 20.0 and sheet.width == pytest.approx((2.5**2 + 16) ** 0.5) and sheet.length > 4.7
    points, _ = sheet.copies(np.zeros((1, 3)), 6.0)
    assert not points[:, 2].any() and len(np.unique(points, axis=0)) == len(points) > 5
    assert sheet.minimum_image(np.array([[4.0, 0, 0]])).tolist() == [[-1.0, 0, 0]]
    atoms = Configuration(np.zeros((5, 3)), np.ones(5, np.int32), sheet)
    assert atoms.spacing == 2.0 and sheet.data["dimension"] == 2


@pytest.mark.parametrize("seed", range(6))
def test_any_cell_is_turned_upright(seed):
    """Distances, volume and handedness of the atoms stay; left-handed cells too."""
    rng = np.random.default_rng(seed)
    cell = rng.normal(size=(3, 3)) * 5
    atoms = rng.uniform(size=(20, 3)) @ cell
    box, rotation, shift = upright(cell)
    assert box.volume == pytest.approx(abs(np.linalg.det(cell))) and np.linalg.det(rotation) == pytest.approx(
        1
    )
    turned = (atoms - shift) @ rotation
    # The same copies: every lattice vector of one cell is one of the other.
    whole = np.linalg.inv(box.vectors).T @ (cell @ rotation).T
    assert np.abs(whole - np.round(whole)).max() < 1e-9
    assert box.contains(turned + 1e-9 * (box.vectors.sum(axis=0) / 2 - turned)).all()
    before = (atoms[:, None] - atoms)[:, :, None] + WIDE[np.abs(WIDE).max(axis=1) <= 6] @ cell
    assert np.linalg.norm(box.minimum_image(turned[:, None] - turned), axis=-1) == pytest.approx(
        np.linalg.norm(before, axis=-1).min(axis=-1), abs=1e-9
    )


def test_an_upright_cell_is_left_as_it_is():
    box, rotation, shift = upright(SHEARED)
    assert box.vectors.tolist() == SHEARED.tolist()
    assert rotation.tolist() == np.eye(3).tolist() and not shift.any()
    assert upright(np.diag([4.0, 5.0, 7.5]) + 1e-12)[0].edges.tolist() == pytest.approx([4, 5, 7.5])
    for flat in (np.ones((3, 3)), np.diag([1.0, 1.0, 0.0]), np.full((3, 3), np.nan)):
        with pytest.raises(InputError, match="no volume"):
            upright(flat)
    with pytest.raises(InputError, match="a along x"):
        Box(np.array([[1.0, 0.5, 0], [0, 1, 0], [0, 0, 1]]))


def test_the_gate_takes_no_box_that_is_flat():
    """Of a box that leans far, the distance of its faces counts, not its edges."""
    species = np.ones(20, np.int32)
    places = np.random.default_rng(0).uniform(0, 1, (20, 3))
    for vectors in (SHEARED, MILD, HEXAGONAL):
        admit(Configuration(places, species, Box(vectors)), "a file")
    leaning = np.array([[4.0, 0, 0], [4e5, 5.0, 0], [0, 0, 6.0]])
    for bad in (leaning, np.diag([4.0, -5.0, 6.0]) + leaning * [[0, 0, 0], [1e-5, 0, 0], [0, 0, 0]]):
        with pytest.raises(FileError, match=r"a file: a box of .* for 20 atoms: damaged"):
            admit(Configuration(places, species, Box(bad)), "a file")
    with pytest.raises(FileError, match="far outside"):
        admit(Configuration(places + 1e9, species, Box(MILD)), "a file")


@pytest.mark.parametrize(
    "box", [Box([4.0, 5.0, 6.0]), Box(MILD), Box(MILD, (True, False, True)), Box(HEXAGONAL, dimension=2)]
)
def test_one_array_holds_all_of_a_box(box):
    """Of a rectangular, periodic one its edges: what was written before reads and digests as it did."""
    again = Box.unpacked(np.array(box.packed))
    assert again.matches(box) and again.vectors.tolist() == box.vectors.tolist()
    assert box.packed.shape == ((3,) if box.plain else (5, 3))
    for bad in (np.zeros((4, 3)), np.zeros((5, 3)), np.full((5, 3), np.nan)):
        with pytest.raises(InputError):
            Box.unpacked(bad)


@pytest.mark.parametrize("name", SHAPES)
def test_least_tilts_are_the_same_atoms(name):
    box = Box(SHAPES[name] if name == "sheared" else SHAPES[name] + np.tril(np.ones((3, 3)), -1) * 7.7)
    there = places(box, 30)
    inside, images = box.folded(there)
    before = Configuration(inside, np.ones(30, np.int32), box, images)
    after = before.leaning_as()
    lengths = np.diag(after.box.vectors)
    tilts = np.abs(after.box.vectors[[1, 2, 2], [0, 0, 1]])
    assert (tilts <= lengths[[0, 0, 1]] / 2 * (1 + 1e-9)).all() and after.volume == pytest.approx(
        before.volume
    )
    assert after.unwrapped == pytest.approx(there, abs=1e-11) and after.box.contains(after.positions).all()
    turns = after.box.vectors @ np.linalg.inv(box.vectors)
    assert turns == pytest.approx(np.round(turns), abs=1e-9)
