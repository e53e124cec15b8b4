"""Files whose boxes are tilted, turned or free: what comes in is what OVITO sees, and what goes out comes in again."""

import numpy as np
import pytest

from glasscli.box import Box
from glasscli.configuration import Configuration
from glasscli.errors import FileError
from glasscli.formats.foreign import open_source
from glasscli.formats.writers import WRITERS
from glasscli.model.system import load_system

TURNED = np.array([[0.0, 3.0, 1.0], [1.0, 3.0, 0.0], [0.0, 1.0, 4.0]])
LEFT = TURNED[[1, 0, 2]]
HCP = np.array([[3.0, 0, 0], [-1.5, 1.5 * 3**0.5, 0], [0, 0, 4.9]])
PRIMITIVE = np.array([[0, 2.0, 2.0], [2.0, 0, 2.0], [2.0, 2.0, 0]])
MONOCLINIC = np.array([[5.0, 0, 0], [0, 4.0, 0], [-1.3, 0, 6.0]])
SHEARED = np.array([[6.0, 0, 0], [16.3, 5.0, 0], [-9.1, 8.2, 7.0]])
CELLS = {
    "turned": TURNED, "left": LEFT, "hcp": HCP, "primitive": PRIMITIVE, "monoclinic": MONOCLINIC, "sheared": SHEARED,
    "permuted": np.array([[0.0, 4.0, 0], [0, 0, 5.0], [6.0, 0, 0]]),
}  # fmt: skip
N = 9


def atoms(cell, seed=0):
    """[n, 3] in a cell, in its own directions."""
    return np.random.default_rng(seed).uniform(0.02, 0.98, (N, 3)) @ cell


def rows(values, *before):
    return "".join(
        f"{' '.join([*(str(b[k]) for b in before), *(repr(float(x)) for x in row)])}\n"
        for k, row in enumerate(values)
    )


def xyz(path, cell, places, pbc="T T T"):
    speeds = places - 1.0
    lattice = " ".join(map(repr, cell.ravel().tolist()))
    head = f'{N}\nLattice="{lattice}" Properties=species:S:1:pos:R:3:velo:R:3 pbc="{pbc}"\n'
    path.write_text(head + rows(np.hstack([places, speeds]), ["Ar"] * N))
    return path


def general_data(path, cell, places):
    vectors = "".join(
        f"{x!r} {y!r} {z!r} {name}vec\n" for (x, y, z), name in zip(cell.tolist(), "abc", strict=True)
    )
    head = f"# any\n\n{N} atoms\n1 atom types\n\n{vectors}0 0 0 abc origin\n\nAtoms # atomic\n\n"
    path.write_text(head + rows(places, range(1, N + 1), [1] * N))
    return path


def general_dump(path, cell, places):
    vectors = "".join(f"{x!r} {y!r} {z!r} 0.0\n" for x, y, z in cell.tolist())
    head = f"ITEM: TIMESTEP\n7\nITEM: NUMBER OF ATOMS\n{N}\nITEM: BOX BOUNDS abc origin pp pp pp\n{vectors}"
    path.write_text(head + "ITEM: ATOMS id type x y z\n" + rows(places, range(1, N + 1), [1] * N))
    return path


def poscar(path, cell, places):
    vectors = "".join(f"{x!r} {y!r} {z!r}\n" for x, y, z in cell.tolist())
    path.write_text(f"any\n1.0\n{vectors}Ar\n{N}\nCartesian\n" + rows(places))
    return path


def distances(path):
    """[n, n] as OVITO sees them in the file itself, over enough copies for the cells here."""
    from ovito.io import import_file

    data = import_file(str(path)).compute(0)
    x, matrix = np.array(data.particles.positions), np.asarray(data.cell[...])[:, :3]
    shifts = np.stack(np.meshgrid(*[np.arange(-5, 6)] * 3), axis=-1).reshape(-1, 3) * np.array(data.cell.pbc)
    apart = (x[:, None] - x)[:, :, None] + shifts @ matrix.T
    return np.linalg.norm(apart, axis=-1).min(axis=-1), abs(np.linalg.det(matrix))


WRITE = {"a.xyz": xyz, "a.data": general_data, "a.dump": general_dump, "POSCAR": poscar}


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", WRITE)
def test_cells_of_any_shape_are_read(tmp_path, name, cell):
    path = WRITE[name](tmp_path / name, CELLS[cell], atoms(CELLS[cell]))
    found = open_source(path)
    c = found[0]
    theirs, volume = distances(path)
    ours = np.linalg.norm(c.box.minimum_image(c.positions[:, None] - c.positions), axis=-1)
    assert ours == pytest.approx(theirs, abs=1e-9) and c.volume == pytest.approx(volume)
    assert not np.triu(c.box.vectors, 1).any() and (np.diag(c.box.vectors) > 0).all()
    assert any("its box is turned" in note for note in found.asides) == (
        cell not in ("hcp", "monoclinic", "sheared")
    )
    if name == "a.xyz":
        # Velocities turn with the atoms: the same along the vectors between these.
        before = atoms(CELLS[cell])
        pairs = before[1:] - before[0]
        turned = (
            c.positions[1:]
            - c.positions[0]
            + c.box.cartesian(
                np.round(
                    c.box.fractional(c.positions[0] - c.positions[1:])
                    + np.linalg.lstsq(CELLS[cell].T, pairs.T)[0].T * mirror(cell)
                )
            )
        )
        along = np.einsum("ij,ij->i", c.velocities[1:], turned)
        assert along == pytest.approx(np.einsum("ij,ij->i", before[1:] - 1.0, pairs), abs=1e-8)


def mirror(cell):
    """A left-handed cell's c points the other way afterwards."""
    return np.array([1, 1, np.sign(np.linalg.det(CELLS[cell]))])


@pytest.mark.parametrize("suffix", [".lammps", ".xyz", ".dump"])
@pytest.mark.parametrize("periodic", [(True, True, True), (True, True, False), (False, False, False)])
@pytest.mark.parametrize("vectors", [MONOCLINIC, SHEARED, np.diag([5.0, 6.0, 7.0])])
def test_what_is_written_is_read_again(tmp_path, suffix, vectors, periodic):
    box = Box(vectors, periodic)
    places = box.cartesian(np.random.default_rng(4).uniform(0, 1, (N, 3)))
    before = Configuration(places, np.ones(N, np.int32), box)
    path = tmp_path / f"a{suffix}"
    path.write_text(WRITERS[suffix](before, load_system("soft-sphere")))
    after = open_source(path)[0]
    assert after.box.periodic == periodic
    kept = np.array(periodic)
    assert after.box.vectors[kept] == pytest.approx(vectors[kept], abs=1e-12)
    turns = box.fractional(after.positions - places)
    assert np.abs(turns - np.round(turns) * kept).max() < 1e-11


def test_a_cluster_without_a_box(tmp_path):
    places = atoms(np.eye(3) * 3)
    (tmp_path / "a.xyz").write_text(f"{N}\nno box\n" + rows(places, ["Ar"] * N))
    found = open_source(tmp_path / "a.xyz")
    assert found[0].positions == pytest.approx(places) and found[0].box.boundary == "s s s"
    (said,) = found.assumed
    assert said.startswith("a.xyz has no box: its atoms are taken for a cluster in free space")


def test_free_directions_keep_their_places(tmp_path):
    """Shrink-wrapped bounds follow the atoms: a corner that moves is no motion of the atoms."""
    frames = ""
    for step, low in enumerate((-1.5, -2.5)):
        head = f"ITEM: TIMESTEP\n{step}\nITEM: NUMBER OF ATOMS\n{N}\nITEM: BOX BOUNDS pp pp ss\n0 4\n0 5\n{low} 9\n"
        frames += (
            head + "ITEM: ATOMS id type x y z\n" + rows(atoms(np.diag([4, 5, 6])), range(1, N + 1), [1] * N)
        )
    (tmp_path / "a.dump").write_text(frames)
    first, second = open_source(tmp_path / "a.dump")
    assert first.positions.tolist() == second.positions.tolist() and first.box.matches(second.box)
    assert first.positions[:, 2].tolist() == atoms(np.diag([4, 5, 6]))[:, 2].tolist()


def test_a_flat_cell_is_none(tmp_path):
    path = xyz(tmp_path / "a.xyz", np.array([[1.0, 2, 3], [2, 4, 6], [0, 0, 1]]), atoms(np.eye(3)))
    with pytest.raises(FileError, match="no volume"):
        open_source(path)
