"""What is called an inherent energy is one: of frames without forces, or of inherent structures made here."""

import csv
import shutil
import sqlite3

import numpy as np
import pytest

from glasscli.analysis.choices import Choices
from glasscli.analysis.driver import analyze_all
from glasscli.errors import InputError
from tests.conftest import THIRD_PARTY_GLASS
from tests.lattice_sum import wahnstrom_energy

EDGE, CELLS = 1.6, 2
FACES = np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
CRYSTAL = np.array([(np.array(c) + site) * EDGE for c in np.ndindex((CELLS,) * 3) for site in FACES])
SPECIES = np.ones(len(CRYSTAL), dtype=int)
BOX = np.full(3, CELLS * EDGE)
AT_REST = wahnstrom_energy(CRYSTAL, SPECIES, BOX)


def write(path, amplitudes):
    """Frames of an fcc crystal, shaken about its centre of mass, which minimisation holds."""
    shaken = np.random.default_rng(3).normal(size=(len(amplitudes), *CRYSTAL.shape))
    shaken -= shaken.mean(axis=1, keepdims=True)
    frames = [CRYSTAL + a * shake for a, shake in zip(amplitudes, shaken, strict=True)]
    with path.open("w") as file:
        for k, frame in enumerate(frames):
            file.write(
                f"ITEM: TIMESTEP\n{10 * k}\nITEM: NUMBER OF ATOMS\n{len(CRYSTAL)}\nITEM: BOX BOUNDS pp pp pp\n"
            )
            file.write(f"0 {BOX[0]}\n" * 3 + "ITEM: ATOMS id type x y z\n")
            file.writelines(f"{i + 1} 1 {x} {y} {z}\n" for i, (x, y, z) in enumerate(frame))
    return frames


def test_thermal_frames_have_potential_energy_only(glasscli, tmp_path):
    frames = write(tmp_path / "hot.dump", [0.02, 0.04])
    words = ["analyze", "hot.dump", "--system", "wahnstrom", "--measure", "relaxation"]
    answer = glasscli(*words, "--json")
    assert answer.code == 0, answer.err
    data = answer.data
    by_hand = [wahnstrom_energy(frame, SPECIES, BOX) for frame in frames]
    assert data["inherent_energy"] is None and data["minimised"] is False and data["species"] == ["L"]
    assert data["potential_energy"]["last"] == pytest.approx(by_hand[-1], abs=1e-10)
    assert data["potential_energy"]["mean"] == pytest.approx(np.mean(by_hand), abs=1e-10)
    assert any("holds no inherent structures" in note for note in data["notes"])
    header = next(csv.reader((tmp_path / "hot-frames.csv").read_text().splitlines()))
    assert "potential_energy (ε)" in header and not any("inherent_energy" in name for name in header)
    text = glasscli(*words)
    assert "E_IS" not in text.out and "potential energy" in text.out


def test_frames_without_forces_have_both(glasscli, tmp_path):
    write(tmp_path / "cold.dump", [0.0])
    data = glasscli("analyze", "cold.dump", "--system", "wahnstrom", "--measure", "relaxation", "--json").data
    assert data["inherent_energy"] == data["potential_energy"]
    assert data["inherent_energy"]["last"] == pytest.approx(AT_REST, abs=1e-12)


def test_minimise_makes_inherent_structures_once_with_any_number_of_jobs(glasscli, tmp_path):
    write(tmp_path / "hot.dump", [0.02, 0.04, 0.03])
    words = [
        "analyze",
        "hot.dump",
        "--system",
        "wahnstrom",
        "--minimise",
        "--measure",
        "relaxation,displacements",
    ]
    first = glasscli(*words, "--jobs", "2", "--json")
    assert first.code == 0, first.err
    data = first.data
    assert data["minimised"] is True and data["max_force"] < 1e-6
    assert data["inherent_energy"] == data["potential_energy"]
    # All shaken crystals of one box have one minimum.
    assert data["inherent_energy"]["mean"] == pytest.approx(AT_REST, abs=1e-10)
    assert data["displacements"]["largest"] < 1e-4
    rows = list(csv.DictReader((tmp_path / "hot-frames.csv").read_text().splitlines()))
    assert [float(row["inherent_energy (ε)"]) for row in rows] == pytest.approx([AT_REST] * 3, abs=1e-10)
    with sqlite3.connect(tmp_path / "hot-inherent.db") as base:
        # What was interrupted goes on: the row that is gone is made again, those that are there are believed.
        base.execute("DELETE FROM rows WHERE frame = (SELECT min(frame) FROM rows)")
    base.close()
    again = glasscli(*words, "--jobs", "1", "--json")
    assert again.data["inherent_energy"] == data["inherent_energy"]
    assert "E_IS" in glasscli(*words).out
    plain = glasscli("analyze", "hot.dump", "--system", "wahnstrom", "--measure", "relaxation", "--json")
    assert plain.data["inherent_energy"] is None


def test_minimise_needs_a_potential_and_says_no_to_moving(tmp_path, wahnstrom):
    write(tmp_path / "hot.dump", [0.02])
    with pytest.raises(InputError, match="--minimise needs the potential: give --system"):
        analyze_all([tmp_path / "hot.dump"], None, Choices(minimise=True), ["pdf"])
    with pytest.raises(InputError, match="choose one"):
        analyze_all([tmp_path / "hot.dump"], wahnstrom, Choices(minimise=True, moving=True), ["pdf"])


def test_moving_frames_of_a_run_are_hot(glasscli, runs, tmp_path):
    shutil.copy(runs / "anneal.h5", tmp_path)
    words = ["analyze", "anneal.h5", "--measure", "relaxation", "--json"]
    moving, inherent = glasscli(*words, "--moving").data, glasscli(*words).data
    assert moving["inherent_energy"] is None and moving["potential_energy"]["last"] > -6.9
    assert inherent["inherent_energy"] == inherent["potential_energy"]
    made = glasscli(*words, "--minimise").data
    assert made["minimised"] and made["frames"] == moving["frames"]
    # The last moving frame and the last inherent structure are of one step.
    assert made["inherent_energy"]["last"] == pytest.approx(inherent["inherent_energy"]["last"], abs=1e-4)


def test_a_published_glass_is_an_inherent_structure_as_it_is_written(wahnstrom, tmp_path):
    shutil.copy(THIRD_PARTY_GLASS, tmp_path / "glass.lammps.gz")
    (found,) = analyze_all([tmp_path / "glass.lammps.gz"], wahnstrom, Choices(jobs=1), ["relaxation"])
    assert found.data["inherent_energy"] == found.data["potential_energy"]
    assert any("the largest force is 0.000107, not below 1e-06" in note for note in found.notes)
