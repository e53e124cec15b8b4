import gzip
import shutil

import gsd.hoomd
import numpy as np
import pytest

from glasscli.errors import FileError, InputError, MissingFileError
from glasscli.formats.foreign import open_source
from glasscli.observables.displacement import displacements

N, EDGE, ORIGIN = 24, 5.0, -1.0
RNG = np.random.default_rng(7)
PLACES = RNG.random((N, 3)) * EDGE  # wrapped, from the box corner
TYPES = np.array([1, 2] * (N // 2))
IMAGES = RNG.integers(-1, 2, (N, 3))
VELOCITIES = RNG.normal(size=(N, 3))
BOUNDS = f"{ORIGIN} {ORIGIN + EDGE}\n" * 3


def write_dump(
    path, columns="id type x y z ix iy iz vx vy vz", bounds="pp pp pp", box=BOUNDS, frames=2, kinds="12"
):
    """A LAMMPS dump whose atoms stand in another order in every frame and move by 0.5 in x a frame."""
    with path.open("w") as file:
        for k in range(frames):
            x = PLACES + np.array([0.5 * k, 0, 0])
            crossed = np.floor(x / EDGE)
            file.write(f"ITEM: TIMESTEP\n{100 * k}\nITEM: NUMBER OF ATOMS\n{N}\n")
            file.write(f"ITEM: BOX BOUNDS {bounds}\n{box}ITEM: ATOMS {columns}\n")
            for i in np.random.default_rng(k).permutation(N):
                wrapped, unwrapped = x[i] - crossed[i] * EDGE, x[i] + IMAGES[i] * EDGE
                cells = dict(zip(("x", "y", "z"), wrapped + ORIGIN, strict=True))
                cells |= dict(zip(("xu", "yu", "zu"), unwrapped + ORIGIN, strict=True))
                cells |= dict(zip(("xs", "ys", "zs"), wrapped / EDGE, strict=True))
                cells |= dict(zip(("ix", "iy", "iz"), (IMAGES + crossed)[i].astype(int), strict=True))
                cells |= dict(zip(("vx", "vy", "vz"), VELOCITIES[i], strict=True))
                cells |= {"id": i + 1, "type": kinds[TYPES[i] - 1], "element": kinds[TYPES[i] - 1]}
                file.write(" ".join(str(cells[name]) for name in columns.split()) + "\n")
    return path


def write_xyz(path, kinds=("Cu", "Zr"), header=True, frames=2):
    with path.open("w") as file:
        for k in range(frames):
            lattice = f'Lattice="{EDGE} 0 0 0 {EDGE} 0 0 0 {EDGE}" Properties=species:S:1:pos:R:3 pbc="T T T"'
            file.write(f"{N}\n{lattice if header else 'no box'}\n")
            for i in range(N):
                x, y, z = PLACES[i]
                file.write(f"{kinds[TYPES[i] - 1]} {x + 0.01 * k} {y} {z}\n")
    return path


def write_data(path, style="Atoms # atomic", extra=""):
    with path.open("w") as file:
        file.write(
            "LAMMPS data file via write_data, version 1 Jan 2025, timestep = 4200\n\n"
            f"{N} atoms\n3 atom types\n\n"
        )
        for axis in "xyz":
            file.write(f"{ORIGIN} {ORIGIN + EDGE} {axis}lo {axis}hi\n")
        file.write(f"{extra}\nMasses\n\n1 1.0\n2 0.5\n3 7.0\n\n{style}\n\n")
        for i in range(N)[::-1]:
            x, y, z = PLACES[i] + ORIGIN
            file.write(f"{i + 1} {TYPES[i]} {x} {y} {z} {' '.join(map(str, IMAGES[i]))}\n")
    return path


def check(frame, images=True, atol=1e-12):
    np.testing.assert_allclose(frame.positions, PLACES, atol=atol)
    np.testing.assert_array_equal(frame.species, TYPES)
    np.testing.assert_allclose(frame.box.edges, EDGE)
    assert frame.species.dtype == np.int32 and frame.positions.dtype == np.float64
    if images:
        np.testing.assert_array_equal(frame.images, IMAGES)
    else:
        assert frame.images is None


def test_lammps_dump_ordered_wrapped_and_followed(tmp_path):
    source = open_source(write_dump(tmp_path / "a.dump"))
    assert len(source) == 2
    check(source[0])
    np.testing.assert_allclose(source[0].velocities, VELOCITIES)
    assert [frame.step for frame in source] == [0, 100]
    np.testing.assert_allclose(
        source[-1].unwrapped - source[0].unwrapped, np.tile([0.5, 0, 0], (N, 1)), atol=1e-12
    )
    with pytest.raises(IndexError, match="has 2 frames, not a frame 2"):
        source[2]


@pytest.mark.parametrize("columns", ["id type xs ys zs ix iy iz", "id type xu yu zu"])
def test_scaled_and_unwrapped_columns(tmp_path, columns):
    source = open_source(write_dump(tmp_path / "a.dump", columns))
    check(source[0])
    np.testing.assert_allclose(
        source[1].unwrapped - source[0].unwrapped, np.tile([0.5, 0, 0], (N, 1)), atol=1e-12
    )


def test_compressed_dump_without_images(tmp_path):
    plain = write_dump(tmp_path / "a.dump", "id type x y z")
    with plain.open("rb") as source, gzip.open(tmp_path / "a.dump.gz", "wb") as target:
        shutil.copyfileobj(source, target)
    check(open_source(tmp_path / "a.dump.gz")[0], images=False)


def test_element_names_become_species_in_the_order_of_type_ids(tmp_path):
    source = open_source(write_dump(tmp_path / "a.dump", "id element x y z", kinds=("Al", "Zr")))
    check(source[1 - 1], images=False)
    assert source.species_names == {1: "Al", 2: "Zr"}


@pytest.mark.parametrize(("style", "name"), [("Atoms # atomic", "a.lammps"), ("Atoms", "b.data")])
def test_lammps_data(tmp_path, style, name):
    source = open_source(write_data(tmp_path / name, style))
    assert len(source) == 1
    check(source[0])
    assert source[0].step == 4200
    assert source.masses == {1: 1.0, 2: 0.5}
    assert source[0].velocities is None


def test_extended_xyz(tmp_path):
    source = open_source(write_xyz(tmp_path / "a.xyz"))
    check(source[0], images=False)
    assert source.species_names == {1: "Cu", 2: "Zr"}
    assert [f.step for f in source] == [0, 1]
    check(open_source(write_xyz(tmp_path / "b.xyz", kinds="12"))[0], images=False)


def test_names_stay_the_same_species_in_every_frame(tmp_path):
    """OVITO numbers names in the order of each frame; the species must follow the names."""
    first = write_xyz(tmp_path / "a.xyz", frames=1).read_text().splitlines()
    turned = first[:2] + first[2:][::-1]
    (tmp_path / "b.xyz").write_text("\n".join(first + turned) + "\n")
    source = open_source(tmp_path / "b.xyz")
    np.testing.assert_array_equal(source[1].species, TYPES[::-1])
    (tmp_path / "c.xyz").write_text("\n".join(first + [line.replace("Cu", "Ag") for line in first]) + "\n")
    with pytest.raises(FileError, match="frame 1 has atoms of type Ag, frame 0 has none"):
        open_source(tmp_path / "c.xyz")[1]


def test_where_atoms_stand_does_not_say_that_they_are_unwrapped(tmp_path):
    """All far outside their box, in columns that say nothing of it: the shortest way is what is known."""
    first = write_xyz(tmp_path / "a.xyz", frames=1).read_text().splitlines()
    far = [
        f"{line.split()[0]} {x + 3.1 * EDGE} {y} {z}"
        for line, (x, y, z) in zip(first[2:], PLACES, strict=True)
    ]
    (tmp_path / "b.xyz").write_text("\n".join(first + first[:2] + far) + "\n")
    source = open_source(tmp_path / "b.xyz")
    assert source[0].images is None and source[1].images is None
    moved = displacements(source[0], source[1])
    np.testing.assert_allclose(moved, np.tile([0.1 * EDGE, 0, 0], (N, 1)), atol=1e-12)


def test_gsd(tmp_path):
    with gsd.hoomd.open(str(tmp_path / "a.gsd"), "w") as file:
        frame = gsd.hoomd.Frame()
        frame.configuration.step = 30
        frame.configuration.box = [EDGE, EDGE, EDGE, 0, 0, 0]
        frame.particles.N = N
        frame.particles.types = ["A", "B"]
        frame.particles.typeid = TYPES - 1
        frame.particles.position = PLACES - EDGE / 2
        frame.particles.image = IMAGES
        frame.particles.mass = np.where(TYPES == 1, 1.0, 0.5)
        file.append(frame)
    source = open_source(tmp_path / "a.gsd")
    check(source[0], atol=1e-6)  # GSD stores single precision
    assert source[0].step == 30
    assert source.masses == {1: 1.0, 2: 0.5} and source.species_names == {1: "A", 2: "B"}


def test_positions_a_rounding_outside_stay_inside(tmp_path):
    lines = write_xyz(tmp_path / "a.xyz", frames=1).read_text().splitlines()
    lines[2] = f"Zr -1e-18 {EDGE} {2 * EDGE}"
    (tmp_path / "b.xyz").write_text("\n".join(lines) + "\n")
    frame = open_source(tmp_path / "b.xyz")[0]
    np.testing.assert_array_equal(frame.positions[0], 0)
    assert (frame.positions < frame.box.edges).all() and (frame.positions >= 0).all()


def test_third_party_glass(third_party_glass):
    source = open_source(third_party_glass)
    assert len(source) == 1 and source.masses == {1: 2.0, 2: 1.0}
    assert source[0].step == 203054
    np.testing.assert_allclose(source[0].box.edges, 29.06131)


def broken(name, tmp_path):
    path = tmp_path / name
    match name:
        case "empty.dump":
            path.touch()
        case "folder":
            path.mkdir()
        case "a*.dump":
            write_dump(path)
        case "words.txt":
            path.write_text("no configuration\nin here\n")
        case "flat.dump":
            write_dump(path, box="0 5\n0 5\n0 0\n")
        case "twins.dump":
            path.write_text(
                write_dump(tmp_path / "a", "type id x y z", frames=1).read_text().replace("\n1 3 ", "\n1 5 ")
            )
        case "nan.xyz":
            lines = write_xyz(tmp_path / "a").read_text().splitlines()
            path.write_text("\n".join([*lines[:2], "Zr nan 0 0", *lines[3:]]) + "\n")
        case "atomless.dump":
            head = f"ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n0\nITEM: BOX BOUNDS pp pp pp\n{BOUNDS}"
            path.write_text(head + "ITEM: ATOMS id type x y z\n")
    return path


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        ("nowhere.dump", MissingFileError, "no such file"),
        ("empty.dump", FileError, "is empty"),
        ("folder", FileError, "a folder, but not a run's"),
        ("a*.dump", InputError, r"\* cannot be opened"),
        ("words.txt", FileError, "Could not detect the file format.*glasscli reads LAMMPS data and dumps"),
        ("flat.dump", FileError, "no volume"),
        ("twins.dump", FileError, "two atoms with the same id"),
        ("nan.xyz", FileError, "nan"),
        ("atomless.dump", FileError, "has no atoms"),
    ],
)
def test_unusable_files_give_one_line(tmp_path, name, error, says):
    with pytest.raises(error, match=says) as caught:
        open_source(broken(name, tmp_path))
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


def test_atoms_keep_the_ids_of_their_file(tmp_path):
    """Ids of a dump of part of a sample: neither 1 ... n nor in order."""
    lines = write_dump(tmp_path / "a.dump", "id type x y z", frames=1).read_text().splitlines()
    renamed = [f"{10 * int(line.split()[0]) + 3} {line.split(maxsplit=1)[1]}" for line in lines[9:]]
    (tmp_path / "b.dump").write_text("\n".join(lines[:9] + renamed) + "\n")
    frame = open_source(tmp_path / "b.dump")[0]
    np.testing.assert_array_equal(frame.identifiers, 10 * np.arange(1, N + 1) + 3)
    check(frame, images=False)
    np.testing.assert_array_equal(open_source(tmp_path / "a.dump")[0].identifiers, np.arange(1, N + 1))
    assert open_source(write_xyz(tmp_path / "c.xyz"))[0].ids is None


@pytest.mark.parametrize("corner", [0.0, -EDGE / 2])
def test_one_atom_outside_the_box_does_not_make_a_file_unwrapped(tmp_path, corner):
    """A box round the origin whose corner nobody states, and an atom a hair, or half an edge, below it."""
    for outside in (0.02, 0.6 * EDGE):
        with (tmp_path / "a.xyz").open("w") as file:
            for _ in range(2):
                file.write(
                    f'{N}\nLattice="{EDGE} 0 0 0 {EDGE} 0 0 0 {EDGE}" Properties=species:S:1:pos:R:3\n'
                )
                places = PLACES + corner
                places[0, 0] = corner - outside
                file.writelines(f"Cu {x} {y} {z}\n" for x, y, z in places)
        assert open_source(tmp_path / "a.xyz")[1].images is None


def test_image_flags_beside_unwrapped_columns_are_not_counted_twice(tmp_path):
    source = open_source(write_dump(tmp_path / "a.dump", "id type xu yu zu ix iy iz"))
    check(source[0])
    check(open_source(write_dump(tmp_path / "b.dump", "id type x y z xu yu zu"))[0])
