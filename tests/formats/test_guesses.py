"""What OVITO would guess of a file, or miss: elements, symmetry, scales, columns, streams of gzip."""

import gzip
import warnings

import ase
import ase.io
import gsd.hoomd
import MDAnalysis
import numpy as np
import pytest

from glasscli.errors import FileError
from glasscli.formats.foreign import ForeignTrajectory, open_any
from glasscli.formats.source import frames_in, open_in
from glasscli.model.system import load_system

SYMBOLS = ["Si", "O", "O", "Zr", "Al", "Cu", "Si", "Na"]
EDGES = np.array([10.0, 11.0, 12.0])
PLACES = np.random.default_rng(3).random((8, 3)) * EDGES


def by_ase(path, form):
    ase.io.write(path, ase.Atoms(SYMBOLS, positions=PLACES, cell=EDGES, pbc=True), format=form)


def by_mdanalysis(path):
    universe = MDAnalysis.Universe.empty(8, trajectory=True, n_residues=1, atom_resindex=[0] * 8)
    for name in ("names", "elements", "types"):
        universe.add_TopologyAttr(name, SYMBOLS)
    universe.add_TopologyAttr("resnames", ["GLS"])
    universe.atoms.positions, universe.dimensions = PLACES, [*EDGES, 90, 90, 90]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        universe.atoms.write(path)


@pytest.mark.parametrize(
    ("name", "write"),
    [("a.gro", lambda p: by_ase(p, "gromacs")), ("b.gro", by_mdanalysis), ("b.pdb", by_mdanalysis),
     ("a.pdb", lambda p: by_ase(p, "proteindatabank")), ("a.cfg", lambda p: by_ase(p, "cfg"))],
)  # fmt: skip
def test_atoms_are_what_their_file_calls_them(tmp_path, name, write):
    """OVITO makes S of the Si of a .gro, X of Zr and Al, and moves its box."""
    write(tmp_path / name)
    found = ForeignTrajectory(tmp_path / name)
    assert [found.species_names[s] for s in found[0].species] == SYMBOLS
    np.testing.assert_allclose(found[0].positions, PLACES, atol=0.006)  # .gro has 0.01 Å
    assert not [note for note in found.asides if "corner" in note]


@pytest.mark.parametrize(
    ("name", "says"), [("a.pqr", "not in the columns of PDB"), ("a.pdbqt", "types of AutoDock")]
)
def test_what_only_looks_like_pdb_is_refused(tmp_path, name, says):
    by_mdanalysis(tmp_path / name)
    with pytest.raises(FileError, match=says):
        ForeignTrajectory(tmp_path / name)


CIF = "data_x\n" + "".join(f"_cell_length_{a} 4\n" for a in "abc")
CIF += "".join(f"_cell_angle_{a} 90\n" for a in ("alpha", "beta", "gamma")) + "{}loop_\n"
CIF += "_atom_site_label\n" + "".join(f"_atom_site_fract_{a}\n" for a in "xyz")
OPERATIONS = "loop_\n_symmetry_equiv_pos_as_xyz\n'x, y, z'\n'x+1/2, y+1/2, z'\n"


@pytest.mark.parametrize(
    ("symmetry", "rest", "atoms"),
    [(OPERATIONS, "", 2), ("_space_group_name_H-M_alt 'P 1'\n", "", 1), ("_symmetry_Int_Tables_number 225\n", "", None),
     ("_space_group_name_H-M_alt 'F m -3 m'\n", "", None), (OPERATIONS + "_space_group_IT_number 225\n", "", 2),
     ("", "_atom_site_occupancy\n", None)],
)  # fmt: skip
def test_a_crystal_is_whole_or_refused(tmp_path, symmetry, rest, atoms):
    share = " 0.5" if rest else ""
    (tmp_path / "a.cif").write_text(CIF.format(symmetry) + rest + f"Cu1 0 0 0{share}\n")
    if atoms is None:
        with pytest.raises(FileError, match=r"no symmetry operations|sites are not full"):
            ForeignTrajectory(tmp_path / "a.cif")
    else:
        assert ForeignTrajectory(tmp_path / "a.cif")[0].n_atoms == atoms


@pytest.mark.parametrize(
    "head",
    ["x\n-1320\n1 0 0\n0 1.1 0\n0 0 1.2\nO Si\n1 1", "\n2\n5 0 0\n0 5.5 0\n0 0 6\nO Si\n1 1",
     "x\n1\n10 0 0\n0 11 0\n0 0 12\nO Si ! types\n1 1 # of them",
     "x\n-1320 # volume\n10 0 0\n0 11 0\n0 0 12\nO Si\n1 1"],
)  # fmt: skip
def test_poscar_as_vasp_takes_it(tmp_path, head):
    """A negative scale is the volume; there may be no title, and comments behind the numbers."""
    (tmp_path / "POSCAR").write_text(f"{head}\nDirect\n0.1 0.2 0.3\n0.5 0.5 0.5\n")
    found = ForeignTrajectory(tmp_path / "POSCAR")
    np.testing.assert_allclose(found[0].box.edges, EDGES, rtol=1e-12)
    np.testing.assert_allclose(found[0].positions, [[1, 2.2, 3.6], [5, 5.5, 6]], rtol=1e-9)
    assert [found.species_names[s] for s in found[0].species] == ["O", "Si"]


def dump(columns, *rows, step=0):
    bounds = "".join(f"0 {edge}\n" for edge in EDGES)
    head = f"ITEM: TIMESTEP\n{step}\nITEM: NUMBER OF ATOMS\n{len(rows)}\nITEM: BOX BOUNDS pp pp pp\n{bounds}"
    return f"{head}ITEM: ATOMS {columns}\n" + "".join(f"{row}\n" for row in rows)


def test_streams_of_gzip_one_after_the_other_are_one_file(tmp_path):
    """As `cat a.gz b.gz`, bgzip and pigz make them; OVITO reads the first alone."""
    parts = [dump("id type x y z", "1 1 1 2 3", step=step).encode() for step in (0, 10)]
    (tmp_path / "a.dump.gz").write_bytes(b"".join(map(gzip.compress, parts)))
    assert [frame.step for frame in ForeignTrajectory(tmp_path / "a.dump.gz")] == [0, 10]
    poscar = b"x\n1\n10 0 0\n0 11 0\n0 0 12\nO\n2\nDirect\n0.1 0.2 0.3\n0.5 0.5 0.5\n"
    (tmp_path / "a.vasp.gz").write_bytes(gzip.compress(poscar[:40]) + gzip.compress(poscar[40:]))
    assert ForeignTrajectory(tmp_path / "a.vasp.gz")[0].n_atoms == 2


@pytest.mark.parametrize(
    ("columns", "says"), [("id type xs y zu", "others as shares of the edges"), ("id type x y", "have no z:")]
)
def test_a_dump_whose_columns_are_no_positions_is_refused(tmp_path, columns, says):
    """Of xs, y and zu OVITO takes the share for a length."""
    (tmp_path / "a.dump").write_text(dump(columns, "1 1 0.1 1.1 1.2"))
    with pytest.raises(FileError, match=says):
        ForeignTrajectory(tmp_path / "a.dump")


def test_a_plane_of_hoomd_is_one_layer(tmp_path):
    """Whose box has no height."""
    with gsd.hoomd.open(tmp_path / "a.gsd", "w") as file:
        frame = gsd.hoomd.Frame()
        frame.configuration.box, frame.configuration.dimensions = [10, 11, 0, 0, 0, 0], 2
        frame.particles.N, frame.particles.types = 8, ["A", "B"]
        frame.particles.typeid = [0, 1] * 4
        frame.particles.position = PLACES * [1, 1, 0] - [5, 5.5, 0]
        file.append(frame)
    found = open_in(tmp_path / "a.gsd", load_system("kob-andersen-2d"))[0]
    assert found.box.dimension == 2 and found.box.extent == pytest.approx(110)
    np.testing.assert_allclose(found.positions[:, :2], PLACES[:, :2], atol=1e-5)
    assert frames_in(open_any(tmp_path / "a.gsd"), None)[0].box.dimension == 2
