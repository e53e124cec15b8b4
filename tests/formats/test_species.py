"""Species of a foreign file are those that it states: by name, by mass, by hand, or the file is refused."""

import shutil

import numpy as np
import pytest

from glasscli.configuration import Configuration
from glasscli.errors import InputError
from glasscli.formats.foreign import ForeignTrajectory, open_any
from glasscli.formats.source import configuration_in, frames_in, open_in, wanted_system
from glasscli.formats.species import Stated, by_hand, translation
from glasscli.formats.writers import lammps_data
from glasscli.model.system import load_system
from tests.conftest import ROOT

ODD = ROOT / "tests" / "data" / "odd-files"
CUZR, WAHNSTROM, KOB = (load_system(name) for name in ("cuzr", "wahnstrom", "kob-andersen"))
# Of lmp with `pair_coeff * * CuZr_mm.eam.fs Cu Zr` on 01-masses.data.
ENERGY = -1.99314


def table(system, names=None, masses=None, numbers=(1, 2), species=None, elements=None):
    stated = Stated("file", numbers, names or {}, masses or {}, elements or {})
    return dict(translation(stated, system, species).table)


def test_names_decide_whatever_the_order():
    assert table(CUZR, {1: "Cu", 2: "Zr"}) == {1: 2, 2: 1}
    assert table(CUZR, {1: "ZR", 2: "cu"}) == {1: 1, 2: 2}
    assert table(CUZR, {1: "Cu"}, numbers=(1,)) == {1: 2}


def test_masses_decide_where_no_name_does():
    assert table(CUZR, masses={1: 63.55, 2: 91.22}) == {1: 2, 2: 1}
    assert table(CUZR, masses={1: 63.55, 2: 91.22}, numbers=(2,))[2] == 1
    assert table(WAHNSTROM, masses={1: 0.5, 2: 1.0}) == {1: 2, 2: 1}
    assert table(CUZR, {1: "copper", 2: "zircon"}, {1: 63.5, 2: 91.2}) == {1: 2, 2: 1}


def test_reduced_masses_have_any_unit():
    assert table(WAHNSTROM, masses={1: 2.0, 2: 1.0}) == {1: 1, 2: 2}
    assert table(WAHNSTROM, masses={1: 2.0, 2: 1.0}, numbers=(2,))[2] == 2
    assert table(KOB, masses={1: 39.9, 2: 39.9}) == {1: 1, 2: 2}


def test_numbers_alone_are_taken_in_order():
    assert table(CUZR) == {1: 1, 2: 2}
    with pytest.raises(InputError, match="3 species, cuzr only 2"):
        table(CUZR, numbers=(1, 2, 3))


@pytest.mark.parametrize(
    ("system", "names", "masses", "says"),
    [
        (CUZR, {1: "Ag", 2: "Zr"}, {}, "Ag, Zr; cuzr has Zr"),
        (CUZR, {1: "Zr", 2: "Cu"}, {1: 63.5, 2: 91.2}, "Zr \\(mass 63.5\\)"),
        (CUZR, {}, {1: 1.0, 2: 0.5}, "type 1 \\(mass 1\\)"),
        (WAHNSTROM, {}, {1: 1.0, 2: 1.0}, "type 2 \\(mass 1\\); wahnstrom has L"),
        (WAHNSTROM, {1: "A", 2: "B"}, {}, "A, B; wahnstrom has L"),
    ],
)
def test_what_matches_nothing_is_refused(system, names, masses, says):
    with pytest.raises(InputError, match=says) as caught:
        table(system, names, masses)
    assert "--species" in str(caught.value) and "\n" not in str(caught.value)


def test_species_by_hand():
    assert table(CUZR, {1: "X", 2: "Y"}, species=by_hand("Cu,Zr")) == {1: 2, 2: 1}
    with pytest.raises(InputError, match="cuzr has no Ag"):
        table(CUZR, species=("Zr", "Ag"))
    with pytest.raises(InputError, match="names 1 types, file has a type 2"):
        table(CUZR, species=("Zr",))
    with pytest.raises(InputError, match="not a list of names"):
        by_hand("Zr,,Cu")


@pytest.mark.parametrize("name", ["01-cu-first.xyz", "01-zr-first.xyz", "01-masses.data"])
def test_the_same_three_atoms_have_the_same_energy(name, tmp_path, glasscli):
    shutil.copy(ODD / name, tmp_path)
    answer = glasscli("analyze", name, "--system", "cuzr", "--measure", "icosahedra", "--json")
    energy = answer.data["inherent_energy"] or answer.data["potential_energy"]
    assert energy["last"] == pytest.approx(ENERGY, abs=1e-5)
    assert configuration_in(ODD / name, 0, CUZR, runs=False).counts == {1: 1, 2: 2}


def test_labels_and_crystallographic_files():
    assert ForeignTrajectory(ODD / "08-typelabel.dump").species_names == {1: "O", 2: "Si"}
    copper = ForeignTrajectory(ODD / "09-copper.cif")
    assert copper.species_names == {1: "Cu"} and copper.stated.masses == {}
    assert open_in(ODD / "09-copper.cif", CUZR)[0].counts == {2: 2}


def test_show_and_export_keep_what_a_file_states(tmp_path, glasscli):
    shutil.copy(ODD / "01-masses.data", tmp_path)
    shutil.copy(ODD / "01-cu-first.xyz", tmp_path)
    shown = glasscli("show", "01-masses.data", "--json").data
    assert shown["species"] == ["Cu", "Zr"] and shown["counts"] == {"Cu": 2, "Zr": 1}
    assert shown["masses"] == {"Cu": 63.546, "Zr": 91.224}
    assert glasscli("export", "01-masses.data", "-o", "a.data").code == 0
    assert "1 63.546 # Cu\n2 91.224 # Zr\n" in (tmp_path / "a.data").read_text()
    assert glasscli("export", "01-cu-first.xyz", "-o", "b.data").code == 0
    assert "Atom Type Labels\n\n1 Cu\n2 Zr\n" in (tmp_path / "b.data").read_text()
    assert "Masses" not in (tmp_path / "b.data").read_text()
    assert glasscli("export", "01-cu-first.xyz", "-o", "c.data", "--system", "cuzr").code == 0
    assert "1 91.224 # Zr\n2 63.546 # Cu\n" in (tmp_path / "c.data").read_text()
    for name in ("a.data", "b.data", "c.data"):
        found = open_any(tmp_path / name)
        assert {found.species_names[s]: n for s, n in found[0].counts.items()} == {"Cu": 2, "Zr": 1}


def grid(edge):
    return np.stack(np.meshgrid(*[np.arange(8)] * 3), axis=-1).reshape(-1, 3) * edge / 8


def lj_file(path, edge=7.5, masses=(1, 1)):
    """Atoms of another program's Lennard-Jones mixture, with its own Pair Coeffs."""
    rows = "\n".join(f"{i} {1 + (i % 5 == 0)} {x} {y} {z}" for i, (x, y, z) in enumerate(grid(edge), start=1))
    sides = "".join(f"0 {edge} {a}lo {a}hi\n" for a in "xyz")
    weights = "\n".join(f"{i} {m}" for i, m in enumerate(masses, start=1))
    path.write_text(
        f"mixture\n\n512 atoms\n2 atom types\n\n{sides}\nMasses\n\n{weights}\n\n"
        f"Pair Coeffs # lj/cut\n\n1 1 1\n2 0.5 0.88\n\nAtoms # atomic\n\n{rows}\n"
    )


@pytest.mark.parametrize(
    "command",
    ["quench", "anneal --T 0.5", "hybrid --T 0.5", "modes", "modes --instantaneous", "landscape events", "eos --with",
     "theory excitations"],
)  # fmt: skip
def test_no_file_gets_a_potential_that_it_did_not_name(command, tmp_path, glasscli):
    lj_file(tmp_path / "ka.data")
    words = command.split()
    words = [*words, "ka.data"] if command == "eos --with" else [words[0], *words[1:], "ka.data"]
    asked = glasscli(*words)
    assert asked.code == 2 and asked.err.count("\n") == 1, asked.err
    assert "ka.data does not name its system: give --system " in asked.err
    assert all(name in asked.err for name in ("cuzr", "kob-andersen", "wahnstrom"))
    wrong = glasscli(*words, "--system", "wahnstrom")
    assert wrong.code == 2 and "wahnstrom has L (mass 1), S (mass 0.5)" in wrong.err


def test_a_density_of_another_unit_is_refused_unless_it_is_meant(tmp_path, glasscli):
    lj_file(tmp_path / "thin.data", edge=20.0)
    words = ["anneal", "thin.data", "--system", "kob-andersen", "--T", "0.5", "--steps", "100", "--dry-run"]
    refused = glasscli(*words)
    assert refused.code == 2 and "15.62 σ³ an atom, kob-andersen about 0.8333" in refused.err
    assert "--species A,B" in refused.err
    assert glasscli(*words, "--species", "A,B").code == 0


def test_a_file_of_ours_names_its_system(tmp_path):
    atoms = Configuration(grid(8.0), np.ones(512, np.int32), np.full(3, 8.0))
    path = tmp_path / "a.lammps"
    path.write_text(lammps_data(atoms, KOB))
    assert wanted_system(path, None).name == "kob-andersen"
    assert wanted_system(path, "wahnstrom").name == "wahnstrom"
    path.write_text(path.read_text().replace("kob-andersen", "unheard-of"))
    with pytest.raises(InputError, match="does not name its system"):
        wanted_system(path, None)


@pytest.mark.parametrize(
    "words",
    ["analyze {}", "modes {}", "anneal {} --T 0.5", "landscape events {}", "theory excitations {}"],
)
def test_one_layer_is_no_crystal_of_copies(words, tmp_path, glasscli):
    shutil.copy(ODD / "03-two-dimensional.dump", tmp_path / "flat.dump")
    answer = glasscli(*words.format("flat.dump").split(), "--system", "kob-andersen")
    assert answer.code == 2 and answer.err.count("\n") == 1
    assert "flat.dump is two-dimensional: all 36 atoms have the same z" in answer.err


def test_one_layer_without_a_system_is_a_plane(tmp_path, glasscli):
    shutil.copy(ODD / "03-two-dimensional.dump", tmp_path / "flat.dump")
    answer = glasscli("analyze", "flat.dump", "--json")
    assert answer.data["box"]["dimension"] == 2 and "one layer of atoms" in answer.err


def test_kept_rows_belong_to_the_species_they_were_measured_with(tmp_path, glasscli):
    """The same file, first by its own numbers, then as an alloy whose order is the other one."""
    rng = np.random.default_rng(3)
    places = grid(20.8) + rng.normal(scale=0.1, size=(512, 3))
    rows = "\n".join(f"{'Cu' if k % 4 else 'Zr'} {x} {y} {z}" for k, (x, y, z) in enumerate(places[::-1]))
    lattice = 'Lattice="20.8 0 0 0 20.8 0 0 0 20.8" Properties=species:S:1:pos:R:3 pbc="T T T"'
    (tmp_path / "a.xyz").write_text(f"512\n{lattice}\n" + rows + "\n")
    (tmp_path / "b.xyz").write_text((tmp_path / "a.xyz").read_text())
    rows = (tmp_path / "a.xyz").read_text().splitlines()
    (tmp_path / "b.xyz").write_text("\n".join([*rows[:2], *rows[:1:-1]]) + "\n")
    words = ("--measure", "pdf", "--json")
    glasscli("analyze", "b.xyz", *words)
    one = glasscli("analyze", "a.xyz", "--system", "cuzr", *words).data
    other = glasscli("analyze", "b.xyz", "--system", "cuzr", *words).data
    for name in ("energy", "inherent_energy", "potential_energy"):
        if one.get(name):
            assert one[name]["last"] == pytest.approx(other[name]["last"], rel=1e-9)
    tables = [(tmp_path / f"{name}-pdf.csv").read_text() for name in "ab"]
    values = [
        np.array([line.split(",") for line in text.splitlines() if line[0].isdigit()], float)
        for text in tables
    ]
    np.testing.assert_allclose(*values, rtol=1e-6, atol=1e-6)


def test_types_without_a_system_are_called_as_somebody_says(tmp_path):
    """A dump of numbered types: F_s of A needs no potential, only to know which type A is."""
    atoms = "".join(f"{k + 1} {1 + k % 2} {k} {(3 * k) % 7} {(5 * k) % 8}\n" for k in range(8))
    head = "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n8\nITEM: BOX BOUNDS pp pp pp\n0 9\n0 9\n0 9\n"
    (tmp_path / "a.dump").write_text(f"{head}ITEM: ATOMS id type x y z\n{atoms}")
    found = open_any(tmp_path / "a.dump")
    frames = frames_in(found, None, ("A", "B"))
    assert frames.species_names == {1: "A", 2: "B"} and frames[0].counts == found[0].counts
    for names, said in ((("A",), "does not name each of the types 1, 2"), (("A", "A"), "does not name each")):
        with pytest.raises(InputError, match=said):
            frames_in(found, None, names)
