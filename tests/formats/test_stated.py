"""What a file states of its units, its atoms and its box is believed, and what it does not state is said."""

import numpy as np
import pytest

from glasscli.errors import FileError, InputError
from glasscli.formats.export import export
from glasscli.formats.foreign import ForeignTrajectory
from glasscli.formats.snapshots import Snapshots
from glasscli.formats.source import frames_in, open_in, remarks
from glasscli.formats.species import Stated, overruled, translation
from glasscli.model.system import load_system

from .test_other_programs import data, dump, xyz

CUZR, WAHNSTROM = load_system("cuzr"), load_system("wahnstrom")
COLUMNS = "id type x y z"
TITLE = "LAMMPS data file via write_data, version 22 Jul 2025, timestep = 700, units = "


def written(folder, text, name="a.dump"):
    path = folder / name
    path.write_text(text)
    return path


def said(answer):
    return answer.out + answer.err


def timed(units, columns=COLUMNS, each=True):
    """Three frames, 100 steps and 50 of the file's units of time apart, of which the first or each states its units."""
    frames = (f"ITEM: TIME\n{50 * k}\n" + dump(columns, step=100 * k) for k in range(3))
    return "".join(f"ITEM: UNITS\n{units}\n{f}" if each or not k else f for k, f in enumerate(frames))


@pytest.mark.parametrize("units", ["real", "lj", "nano"])
def test_a_dump_in_other_units_than_the_system_is_refused(units, tmp_path):
    path = written(tmp_path, timed(units))
    with pytest.raises(InputError, match=f"a.dump states {units} units, cuzr is in metal units"):
        open_in(path, CUZR)
    with pytest.raises(InputError, match=f"states {units} units"):
        open_in(path, CUZR, ("Cu", "Zr"))
    assert len(open_in(written(tmp_path, timed("metal")), CUZR)) == 3


@pytest.mark.parametrize(("units", "system"), [("lj", CUZR), ("real", WAHNSTROM), ("metal", WAHNSTROM)])
def test_a_data_file_in_other_units_is_refused(units, system, tmp_path):
    path = written(tmp_path, data("id type x y z", " # atomic", first=TITLE + units), "a.data")
    assert ForeignTrajectory(path).stated.units == units and ForeignTrajectory(path)[0].step == 700
    with pytest.raises(
        InputError, match=f"a.data states {units} units, {system.name} is in {system.units} units"
    ):
        open_in(path, system)


@pytest.mark.parametrize("each", [True, False])
def test_units_label_tables_without_a_system(each, tmp_path, glasscli):
    path = written(tmp_path, timed("real", each=each))
    assert len(ForeignTrajectory(path)) == 3 and ForeignTrajectory(path).time_per_step == 0.5
    result = glasscli("analyze", path, "--measure", "displacements")
    assert result.code == 0, said(result)
    heads = " ".join(file.read_text() for file in tmp_path.glob("*.csv"))
    assert "time (fs)" in heads and "(Å" in heads and "length" not in heads


def test_frames_and_snapshots_of_different_units_are_one_line(tmp_path):
    both = written(tmp_path, timed("real", each=False) + timed("metal", each=False), "both.dump")
    with pytest.raises(FileError, match="in different units: metal, real"):
        ForeignTrajectory(both)
    files = [written(tmp_path, timed(units), f"{units}.1.dump") for units in ("metal", "real")]
    with pytest.raises(FileError, match=r"real units stated, metal in .*; they are no trajectory"):
        Snapshots(files)


def test_an_atom_is_of_its_element_whatever_its_type(tmp_path):
    # Types 1 1 2 1 2 2 by element; the last atom is said to be of type 1, its element is Zr.
    text = dump("id type element x y z")
    head, last = text.rstrip("\n").rsplit("\n", 1)
    frames = ForeignTrajectory(written(tmp_path, f"{head}\n{last.replace('6 2 Zr', '6 1 Zr')}\n"))
    assert frames.species_names == {1: "Cu", 2: "Zr"}
    np.testing.assert_array_equal(frames[0].species, [1, 1, 2, 1, 2, 2])


def test_atomic_numbers_are_elements(tmp_path):
    text = xyz("Z:I:1:pos:R:3", "element x y z").replace("\nCu", "\n29").replace("\nZr", "\n40")
    frames = ForeignTrajectory(written(tmp_path, text, "a.xyz"))
    assert frames.species_names == {1: "Cu", 2: "Zr"}
    np.testing.assert_array_equal(frames[0].species, [1, 1, 2, 1, 2, 2])


def test_species_by_number_only_are_said(tmp_path):
    found = ForeignTrajectory(written(tmp_path, dump(COLUMNS)))
    (note,) = [n for n in remarks(found, CUZR) if "neither names nor masses" in n]
    assert "type 1 is taken as Zr, type 2 is taken as Cu" in note
    named = ForeignTrajectory(written(tmp_path, dump("id type element x y z"), "named.dump"))
    assert not any("neither" in n for n in remarks(named, CUZR) + remarks(found, CUZR, ("Cu", "Zr")))


def test_what_species_overrules_is_said():
    def note(names, masses, species, system=CUZR):
        stated = Stated("a", tuple(range(1, len(species) + 1)), names, masses)
        return overruled(stated, system, translation(stated, system, species))

    assert "type 1 (mass 63.546) is taken as Zr (mass 91.224)" in note({}, {1: 63.546}, ["Zr"])
    assert "Cu is taken as Zr" in note({1: "Cu"}, {}, ["Zr"])
    assert note({}, {1: 63.546}, ["Cu"]) is None
    assert note({}, {1: 1.0, 2: 1.0}, ["Zr", "Cu"]) is None
    assert note({1: "A"}, {}, ["Zr"]) is None


def test_species_of_a_run_are_its_own(runs, tmp_path, glasscli):
    run = next(iter(sorted(runs.glob("*.h5"))))
    commands = ["anneal", run, "--T", "0.5"], ["export", run, "-o", tmp_path / "a.lammps"], ["analyze", run]
    for command in commands:
        result = glasscli(*command, "--species", "X,Y")
        assert result.code == 2 and "states its species itself" in said(result), said(result)


def test_a_box_that_does_not_begin_at_zero_is_said(tmp_path, glasscli):
    moved = dump("id type element xo yo zo").replace("0 20.0\n", "-10 10.0\n")
    moved = moved.replace("xo yo zo", "x y z")
    path = written(tmp_path, moved)
    corner = "positions are from the box's corner (-10, -10, -10)"
    assert corner in " ".join(export(path, tmp_path / "a.lammps").notes)
    assert corner in said(glasscli("show", path))
    assert ForeignTrajectory(written(tmp_path, dump(COLUMNS), "zero.dump")).asides == []


def test_a_tessellation_that_fails_for_the_density_names_the_density(tmp_path, glasscli):
    rng = np.random.default_rng(1)
    rows = "".join(
        f"{i + 1} {i % 2 + 1} {x} {y} {z}\n" for i, (x, y, z) in enumerate(rng.random((60, 3)) * 0.1)
    )
    box = "ITEM: BOX BOUNDS pp pp pp\n" + "0 0.1\n" * 3
    head = f"ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n60\n{box}ITEM: ATOMS id type x y z\n"
    result = glasscli(
        "analyze", written(tmp_path, head + rows), "--system", "cuzr", "--measure", "icosahedra"
    )
    assert result.code != 0 and "Å³ an atom, cuzr about" in said(result), said(result)


def test_only_commands_that_may_lack_an_input_have_a_default_system(glasscli):
    assert "without an input" not in said(glasscli("analyze", "--help"))
    assert "without an input" in " ".join(said(glasscli("quench", "--help")).split())


def test_units_of_the_system_pass(tmp_path):
    found = ForeignTrajectory(written(tmp_path, data(COLUMNS, " # atomic", first=TITLE + "metal"), "a.data"))
    assert frames_in(found, CUZR)[0].n_atoms == 6
