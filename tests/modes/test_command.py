"""`glasscli modes` as a user types it, with good and bad files."""

import csv
import json

import numpy as np
import pytest

from glasscli.cli import modes
from glasscli.configuration import Configuration
from glasscli.formats.columns import columns
from glasscli.formats.writers import lammps_data
from glasscli.model.system import load_system
from glasscli.structures.build import replicate
from glasscli.structures.phases import phase_named
from tests.conftest import in_process

CONTRACT = {
    "file", "atoms", "modes", "zero_modes", "unstable", "frequency_min", "frequency_max", "participation", "debye",
    "boson_peak", "method", "hessian_seconds", "solve_seconds", "force_evaluations", "largest_asymmetry", "softest",
}  # fmt: skip


@pytest.fixture
def call(tmp_path, monkeypatch):
    return in_process("modes", modes.command, tmp_path, monkeypatch)


@pytest.fixture
def file(tmp_path):
    def write(positions, box, name, system="wahnstrom-smooth", species=None):
        positions = np.asarray(positions, float)
        kinds = np.ones(len(positions), np.int32) if species is None else species
        text = lammps_data(Configuration(positions, kinds, box), load_system(system))
        (tmp_path / name).write_text(text)
        return name

    return write


def test_a_glass_with_everything(call, file, random_glass, tmp_path):
    """The contract, the tables, the figures; eta and xi go on to the theory."""
    _, atoms = random_glass("wahnstrom-smooth", 150)
    name = file(atoms.positions, atoms.box, "glass.lammps", species=atoms.species)
    code, out, err = call(name, "--system", "wahnstrom-smooth", "--json")
    assert code == 0, err
    data = json.loads(out)
    assert set(data) >= CONTRACT
    assert (data["atoms"], data["modes"], data["zero_modes"], data["unstable"]) == (150, 450, 3, 0)
    assert data["frequency_unit"] == "1/τ" and data["largest_asymmetry"] < 1e-12
    assert len(data["participation"]["N"]) == 10 and 1 < data["participation"]["N"][0] < 150
    assert data["debye"]["frequency"] > 0 and data["w_c"] > data["frequency_min"] > 0
    assert set(data["softest"]) >= {"eta", "xi", "quartic", "N"}
    for path in data["written"]:
        assert (tmp_path / path).stat().st_size > 10
    names = {path.removeprefix("glass-") for path in data["written"]}
    assert names >= {"modes.csv", "spots.csv", "heat.csv", "modes.png", "softest.png"}
    heat = columns(tmp_path / "glass-heat.csv", (2,))[1]
    assert heat[1][-1] == pytest.approx(3 * 447 / 450, rel=0.03)
    if "soft.csv" in names:
        assert len(columns(tmp_path / "glass-soft.csv", (2,))[1][0]) == data["ensemble"]["soft_modes"]


def test_files_make_one_ensemble(call, file, random_glass):
    names = []
    for seed in (1, 2):
        _, atoms = random_glass("wahnstrom-smooth", 60, seed)
        names.append(file(atoms.positions, atoms.box, f"glass-{seed}.lammps", species=atoms.species))
    code, out, err = call(*names, "--system", "wahnstrom-smooth", "--no-figure", "-o", "both", "--json")
    assert code == 0, err
    data = json.loads(out)
    assert [row["file"] for row in data["files"]] == names
    assert data["files"][0]["frequency_min"] != data["files"][1]["frequency_min"]
    assert data["ensemble"]["w_c"] == pytest.approx(np.mean([row["w_c"] for row in data["files"]]))


def test_averages_are_those_by_hand_from_the_single_files(call, file, random_glass, tmp_path):
    """D(ω) of each glass is a histogram of its frequencies in the bins that all share; C that of its own table."""
    names = []
    for seed in (1, 2, 3):
        _, atoms = random_glass("wahnstrom-smooth", 60, seed)
        names.append(file(atoms.positions, atoms.box, f"glass-{seed}.lammps", species=atoms.species))
    words = ("--system", "wahnstrom-smooth", "--json")
    code, out, err = call(*names, *words, "--average")
    assert code == 0, err
    data = json.loads(out)
    (group,) = data["averages"]
    found = group["functions"]["modes"]
    assert group["n"] == 3 and set(found) == {"D", "D_over_w2", "participation_ratio", "heat_capacity"}
    written = data["average_tables"] + data["average_figures"]
    assert len(written) == 3 and all((tmp_path / name).exists() for name in written)
    with (tmp_path / "glass-1-modes.csv").open(newline="") as table:
        w = np.array([float(row["frequency (1/τ)"]) for row in csv.DictReader(table)])
    w = w.reshape(3, 180)[:, 3:]  # without the shifts
    middle, each = np.array(found["D"]["x"]), []
    edges = [0.0]  # of bins whose middles are given
    for x in middle:
        edges.append(2 * x - edges[-1])
    for one in w:
        counts, _ = np.histogram(one, np.array(edges) * (1 + 1e-9))
        each.append(counts / (180 * np.diff(edges)))
    assert found["D"]["mean"] == pytest.approx(np.mean(each, axis=0), rel=1e-6)
    spread = np.std(each, axis=0, ddof=1) / np.sqrt(3)
    assert found["D"]["error"] == pytest.approx(1.321 * spread, rel=1e-3)  # Student's t of three
    # All modes and no others; and at the highest temperature Dulong and Petit's 3 k_B, less the three shifts.
    assert np.sum(np.array(found["D"]["mean"]) * np.diff(edges)) == pytest.approx(177 / 180)
    assert found["heat_capacity"]["mean"][-1] == pytest.approx(3 * 177 / 180, rel=0.03)
    code, _, err = call(names[0], *words, "--average", "--instantaneous")
    assert code == 2 and err.count("\n") == 1


def test_a_force_that_jumps_is_said_and_the_smooth_variant_offered(call, file, random_glass):
    _, atoms = random_glass("wahnstrom-smooth", 60)
    name = file(atoms.positions, atoms.box, "glass.lammps", species=atoms.species)
    code, _, err = call(name, "--system", "wahnstrom", "--no-figure", "--json")
    assert code == 0
    assert "jumps by 0.039 at its cutoff" in err and "--system wahnstrom-smooth" in err


def test_a_saddle_is_called_one(call, file):
    """A bcc crystal at rest by symmetry: no force, but modes that fall."""
    system = load_system("wahnstrom")
    crystal = replicate(phase_named("bcc", system).cell(0.96), (4, 4, 4))
    name = file(crystal.positions, crystal.box, "bcc.lammps")
    code, out, err = call(name, "--no-figure", "--json")
    data = json.loads(out)
    assert code == 0 and data["unstable"] > 0 and data["frequency_min"] < 0 and data["debye"] is None
    assert not data["minimised"]
    assert "saddle point, not a minimum" in err


def test_a_crystal_says_that_its_modes_are_degenerate(call, file):
    system = load_system("wahnstrom")
    crystal = replicate(phase_named("fcc", system).cell(0.93), (3, 3, 3))
    code, out, err = call(file(crystal.positions, crystal.box, "fcc.lammps"), "--no-figure", "--json")
    assert code == 0 and json.loads(out)["unstable"] == 0
    assert "frequencies equal their neighbour's" in err


def one_line(answer, *words):
    code, _, err = answer
    assert code in (1, 2) and err.count("\n") == 1 and "Traceback" not in err
    for word in words:
        assert word in err
    return True


def test_what_cannot_be_is_one_line(call, file, tmp_path):
    single = file([[1.0, 1, 1]], [6, 6, 6], "one.lammps")
    assert one_line(call(single), "one atom has no vibrations")
    pair = file([[1.0, 1, 1], [1.0, 1, 1]], [6, 6, 6], "overlap.lammps")
    assert one_line(call(pair), "overlap.lammps")
    crystal = replicate(phase_named("fcc", load_system("wahnstrom")).cell(0.93), (2, 2, 2))
    good = file(crystal.positions, crystal.box, "good.lammps")
    assert one_line(call(good, "--count", 1000), "--count must lie in 4 ... 96")
    assert one_line(call(good, "--frame", 3), "has 1 frames")
    assert one_line(call(good, "--memory", 1e-6), "GiB", "--count")
    assert one_line(call("nothing.lammps"), "no such file")
    assert one_line(call(good, "-o", "nowhere/x"), "does not exist")
    (tmp_path / "open.xyz").write_text(
        '2\nLattice="9 0 0 0 9 0 0 0 9" Properties=species:S:1:pos:R:3 pbc="F F F"\nA 1 1 1\nA 2.1 1 1\n'
    )
    assert one_line(call("open.xyz"), "does not name its system")


def test_moving_atoms_have_unstable_modes_that_cold_ones_lack(runs, call):
    """Along a quench the share of unstable instantaneous modes falls with the temperature."""
    code, out, err = call(runs / "quench.h5", "--instantaneous", "--frames", 3, "-o", "q", "--json")
    assert code == 0, err
    frames = json.loads(out)["frames"]
    hot, cold = frames[0], frames[-1]
    assert hot["temperature"] > cold["temperature"]
    assert hot["unstable"] > 0.03 > cold["unstable"]
    assert all(0 <= f["unstable_localised"] <= f["unstable"] for f in frames)
