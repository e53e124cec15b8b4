"""Several files as one trajectory."""

import csv
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

from glasscli.errors import FileError, InputError, MissingFileError
from glasscli.formats.snapshots import Snapshots, expanded, irregular, name_of

ODD = Path(__file__).resolve().parents[1] / "data" / "odd-files"
N, EDGE = 40, 5.0
PLACES = np.random.default_rng(5).random((N, 3)) * EDGE


def write(path, *steps, kinds=2):
    """Atoms that all go by 0.001 a step along x, every second one the other way, at several steps."""
    with path.open("w") as file:
        for step in steps:
            file.write(f"ITEM: TIMESTEP\n{step}\nITEM: NUMBER OF ATOMS\n{N}\nITEM: BOX BOUNDS pp pp pp\n")
            file.write(f"0 {EDGE}\n" * 3 + "ITEM: ATOMS id type x y z\n")
            for i, (x, y, z) in enumerate(PLACES):
                file.write(f"{i + 1} {1 + i % kinds} {(x + 0.001 * step * (-1) ** i) % EDGE} {y} {z}\n")
    return path


def test_snapshots_are_sorted_by_step(tmp_path):
    files = [write(tmp_path / f"d.{step}.dump", step) for step in (1000, 0, 500, 1500)]
    found = Snapshots(files)
    assert (
        found.steps.tolist() == [frame.step for frame in found] == [0, 500, 1000, 1500] and found.notes == []
    )
    assert name_of(found.files) == tmp_path / "d.*.dump"
    assert [frame.step for frame in pickle.loads(pickle.dumps(found))] == [0, 500, 1000, 1500]
    with pytest.raises(IndexError, match="4 frames, not a frame 4"):
        found[4]


def test_repeated_backward_and_missing_steps_are_said(tmp_path):
    files = [write(tmp_path / "a.dump", 300, 400, 500, 1000), write(tmp_path / "b.dump", 0, 100, 200, 300)]
    found = Snapshots(files)
    assert found.steps.tolist() == [0, 100, 200, 300, 400, 500, 1000]
    assert found.notes == [
        "1 frame repeats a step: each step is taken once",
        "steps go backward once among the frames: they are sorted by step",
        "4 frames are missing: steps lie 100 apart, but not after step 500",
    ]
    assert irregular([0, 1, 2, 4, 8, 16, 32]) == [] and irregular([7]) == [] and irregular([0, 10, 20]) == []
    assert irregular([0, 10, 0, 10], joined=False)[0] == "2 frames repeat steps: all are measured"


def test_files_that_state_no_step_are_ordered_by_their_names(tmp_path):
    for number in (10, 9, 100):
        with (tmp_path / f"s{number}.xyz").open("w") as file:
            file.write(
                f'1\nLattice="5 0 0 0 5 0 0 0 5" Properties=species:S:1:pos:R:3\nCu {number / 100} 1 1\n'
            )
    found = Snapshots(expanded([tmp_path / "s*.xyz"]))
    assert found.steps.tolist() == [9, 10, 100] and found[-1].positions[0, 0] == 1.0
    assert "state no steps" in found.notes[0]


def test_patterns_are_expanded_as_people_count(tmp_path, monkeypatch):
    for step in (0, 500, 1000):
        write(tmp_path / f"d.{step}.dump", step)
    monkeypatch.chdir(tmp_path)
    names = [Path(f"d.{step}.dump") for step in (0, 500, 1000)]
    assert expanded([Path("d.*.dump")]) == names and expanded([Path("x.h5")]) == [Path("x.h5")]
    assert expanded([tmp_path / "d.*.dump"]) == [tmp_path / name for name in names]
    with pytest.raises(MissingFileError, match="no file matches"):
        expanded([Path("e.*.dump")])


def test_what_does_not_belong_together_is_refused(tmp_path, runs):
    with pytest.raises(InputError, match="is a run of its own"):
        Snapshots([runs / "anneal.h5"])
    for name, kind in (("a.xyz", "Cu"), ("b.xyz", "Zr")):
        (tmp_path / name).write_text(
            f'1\nLattice="5 0 0 0 5 0 0 0 5" Properties=species:S:1:pos:R:3\n{kind} 1 1 1\n'
        )
    with pytest.raises(FileError, match="other types of atoms"):
        Snapshots([tmp_path / "a.xyz", tmp_path / "b.xyz"])


@pytest.mark.parametrize("quoted", [True, False])
def test_one_analysis_of_many_snapshots(glasscli, tmp_path, quoted):
    steps = [0, 500, 1000, 1500, 2500]
    files = [write(tmp_path / f"d.{step}.dump", step).name for step in steps]
    words = ["d.*.dump"] if quoted else files[::-1]
    answer = glasscli(
        "analyze", *words, "--trajectory", "--measure", "displacements", "--json", "--jobs", "2"
    )
    assert answer.code == 0, answer.err
    data = answer.data
    assert data["frames"] == 5 and data["file"] == "d.*.dump"
    motion = data["displacements"]["motion"]
    np.testing.assert_allclose(motion["msd"], (0.001 * np.array(motion["lag"])) ** 2, rtol=1e-6)
    assert any(
        "a frame is missing: steps lie 500 apart, but not after step 1500" in note for note in data["notes"]
    )
    assert "d-trajectory-displacements.csv" in data["tables"]


def test_two_snapshots_as_they_are_written_by_others(glasscli, tmp_path):
    for file in ODD.glob("04-dump.*"):
        shutil.copy(file, tmp_path)
    answer = glasscli("analyze", "04-dump.*", "--trajectory", "--measure", "pdf,relaxation", "--json")
    assert answer.code == 0, answer.err
    assert answer.data["frames"] == 2
    rows = list(csv.DictReader((tmp_path / "04-dump-trajectory-frames.csv").read_text().splitlines()))
    assert [row["step"] for row in rows] == ["0", "100"]


def test_other_numbers_of_atoms_are_no_trajectory_and_other_boxes_are_said(tmp_path):
    for name, edge, n in (("a.0.xyz", 5, 2), ("a.1.xyz", 6, 2), ("b.1.xyz", 5, 3)):
        rows = "".join(f"Cu {k} 1 {1.5 * k}\n" for k in range(n))
        lattice = f'Lattice="{edge} 0 0 0 5 0 0 0 5" Properties=species:S:1:pos:R:3'
        (tmp_path / name).write_text(f"{n}\n{lattice}\n{rows}")
    joined = Snapshots([tmp_path / "a.0.xyz", tmp_path / "a.1.xyz"])
    assert "the box changes: volumes from 125 to 150" in joined.notes
    with pytest.raises(
        FileError, match=r"b.1.xyz: 3 atoms at step 0, 2 in .*a.0.xyz; they are no trajectory"
    ):
        Snapshots([tmp_path / "a.0.xyz", tmp_path / "b.1.xyz"])
