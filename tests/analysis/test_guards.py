"""Files with nothing to spread, count or compare: what can be measured is, with notes; nothing falls."""

import json

import numpy as np
import pytest

from glasscli.report.canvas import bins
from tests.conftest import ROOT, run_glasscli

ODD = ROOT / "tests" / "data" / "odd-files"


def cubic(path, names, edge, frames=1):
    """A cube of 8³ atoms, edge apart, the species of atom i j k by names[(i + j + k) % n]; alike frames."""
    rows = [
        f"{names[(i + j + k) % len(names)]} {i * edge} {j * edge} {k * edge}"
        for i, j, k in np.ndindex(8, 8, 8)
    ]
    lattice = f'Lattice="{8 * edge} 0 0 0 {8 * edge} 0 0 0 {8 * edge}" Properties=species:S:1:pos:R:3'
    path.write_text(("\n".join([str(len(rows)), lattice, *rows]) + "\n") * frames)


def analysed(*words, cwd):
    """The JSON object, without one NaN, and its notes."""
    answer = run_glasscli("analyze", *words, "--json", cwd=cwd)
    assert answer.code == 0, answer.err
    assert "Traceback" not in answer.err
    found = json.loads(answer.out, parse_constant=lambda word: pytest.fail(f"{word} in JSON"))
    return found, found["notes"]


def test_edges_of_a_histogram_have_some_width():
    assert np.ptp(bins(np.full(100, -7.25), 40)) == pytest.approx(0.145)
    assert np.ptp(bins(-7.25 + 1e-15 * np.arange(100), 40)) == pytest.approx(0.145)
    assert np.ptp(bins(np.zeros(3), 4)) == 1 and len(bins(np.zeros(0), 4)) == 5
    assert bins(np.array([1.0, np.nan, 3.0]), 2) == [1, 2, 3]


def test_a_perfect_crystal_has_local_energies(tmp_path):
    """All atoms of the cube have one energy and one volume: 1.1³."""
    cubic(tmp_path / "cube.xyz", "L", 1.1)
    found, _ = analysed("cube.xyz", "--system", "wahnstrom", "--measure", "local-energy", cwd=tmp_path)
    mine = found["local-energy"]["by_species"]["L"]
    assert mine["volume"] == pytest.approx(1.331) and mine["energy_deviation"] < 1e-9
    assert mine["correlation"] is None
    assert run_glasscli("build", "c15", "--atoms", "600", "-o", "c15.lammps", cwd=tmp_path).code == 0
    found, _ = analysed("c15.lammps", "--system", "wahnstrom", "--measure", "local-energy", cwd=tmp_path)
    assert found["local-energy"]["by_species"]["S"]["energy_deviation"] < 1e-9


def test_one_atom(tmp_path):
    lattice = 'Lattice="6 0 0 0 6 0 0 0 6" Properties=species:S:1:pos:R:3'
    (tmp_path / "one.xyz").write_text(f"1\n{lattice}\nL 1 1 1\n")
    found, notes = analysed("one.xyz", "--system", "wahnstrom", "--measure", "all", cwd=tmp_path)
    assert found["icosahedral_fraction"]["last"] == 0
    assert any("no displacements" in note for note in notes)
    refused = run_glasscli("modes", "one.xyz", "--system", "wahnstrom-smooth", cwd=tmp_path)
    assert refused.code == 2 and "one atom" in refused.err


def test_three_species_without_radii(tmp_path):
    """What wants radii is left out with a note, all else is measured."""
    (tmp_path / "three.dump").write_bytes((ODD / "10-three-species.dump").read_bytes())
    found, notes = analysed("three.dump", "--measure", "all", cwd=tmp_path)
    assert found["icosahedral_fraction"]["last"] is not None and found["pdf"] and not found["topology"]
    assert any("--radii" in note for note in notes)


def test_frames_that_are_all_alike_and_hold_no_icosahedra(tmp_path):
    cubic(tmp_path / "still.xyz", "AB", 1.1, frames=4)
    found, _ = analysed("still.xyz", "--measure", "all", cwd=tmp_path)
    assert found["icosahedral_fraction"]["mean"] == 0
    assert found["displacements"]["largest"] == 0


def test_the_table_of_motion_has_a_time(tmp_path):
    """Lags of the stored anneal, in steps of 0.002778 τ; exchanges leave no time."""
    stored = ROOT / "tests" / "store" / "data"
    for name in ("anneal", "swaps"):
        (tmp_path / f"{name}.h5").write_bytes((stored / f"{name}.h5").read_bytes())
        analysed(f"{name}.h5", "--measure", "displacements", cwd=tmp_path)
    rows = [line for line in (tmp_path / "anneal-motion.csv").read_text().splitlines() if line[0] != "#"]
    header, first = rows[0].split(","), rows[1].split(",")
    assert header[:2] == ["lag (steps)", "time (τ)"]
    assert float(first[1]) == pytest.approx(0.002778 * int(first[0]))
    swaps = [line for line in (tmp_path / "swaps-motion.csv").read_text().splitlines() if line[0] != "#"]
    assert "time" not in swaps[0]


def test_a_time_without_a_unit_is_one_line(tmp_path):
    (tmp_path / "quench.h5").write_bytes((ROOT / "tests" / "store" / "data" / "quench.h5").read_bytes())
    answer = run_glasscli("anneal", "--T", "0.5", "--time", "5", cwd=tmp_path)
    assert answer.code == 2 and len(answer.err.strip().splitlines()) == 1
    assert "time '5' has no unit: write 5tau" in answer.err


def test_no_file_gets_the_radii_of_a_system_it_did_not_name(glasscli, tmp_path):
    """Two species in a box of any unit: the bond network is left out with a line, the rest is measured."""
    lattice = 'Lattice="20 0 0 0 20 0 0 0 20" Properties=species:S:1:pos:R:3'
    places = np.random.default_rng(1).random((60, 3)) * 20
    rows = "".join(f"{'Cu' if k % 2 else 'Zr'} {x} {y} {z}\n" for k, (x, y, z) in enumerate(places))
    (tmp_path / "a.xyz").write_text(f"60\n{lattice}\n{rows}")
    alone = glasscli("analyze", "a.xyz", "--measure", "topology")
    assert alone.code == 2 and alone.err.count("\n") == 1
    assert "the bond network of 2 species needs --radii R1,R2,... or a --system" in alone.err
    answer = glasscli("analyze", "a.xyz", "--measure", "topology,icosahedra", "--json")
    assert answer.code == 0 and answer.data["topology"] == {}
    assert "radical" not in answer.data["icosahedra"]["definitions"]
    assert glasscli("analyze", "a.xyz", "--measure", "topology", "--radii", "1.6,1.28").code == 0
    assert glasscli("render", "a.xyz").code == 0
