import csv

import numpy as np
import pytest

from glasscli.errors import FileError, InputError
from glasscli.observables.pair_distribution import average, pair_distribution
from glasscli.observables.voronoi import census, index_counts, tessellate
from glasscli.report import tables
from glasscli.units import UNIT_SYSTEMS
from tests.lattices import c15, gas


def read(path):
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def test_numbers_come_back_exactly(tmp_path):
    energy = np.random.default_rng(0).normal(-7, 0.1, 5)
    path = tables.write_frames(
        tmp_path / "frames.csv",
        np.arange(5),
        {"E_IS (epsilon)": energy, "f_ico": [0.1, None, np.nan, 0.2, 0.3]},
    )
    rows = read(path)
    assert [float(row["E_IS (epsilon)"]) for row in rows] == energy.tolist()
    assert [row["f_ico"] for row in rows] == ["0.1", "", "", "0.2", "0.3"]
    assert [row["step"] for row in rows] == ["0", "1", "2", "3", "4"]
    assert list(tmp_path.iterdir()) == [path]


def test_pair_distribution_with_errors(tmp_path):
    mean = average([pair_distribution(gas([30, 30], [5.0] * 3, seed=s)) for s in range(2)])
    rows = read(
        tables.write_pair_distribution(tmp_path / "g.csv", mean, {1: "Si", 2: "O"}, UNIT_SYSTEMS["metal"])
    )
    assert list(rows[0])[:4] == ["r (Å)", "g_total", "g_total_error", "g_Si-Si"]
    assert [float(row["g_Si-O"]) for row in rows] == mean.partials[1, 2].tolist()


def test_census(tmp_path):
    laves = c15()
    shares = census([index_counts(tessellate(laves), laves.species)])
    path = tables.write_census(tmp_path / "c.csv", shares, {1: "Mg", 2: "Cu"})
    rows = read(path)
    assert rows[0]["index <n3,n4,n5,n6,...>"] == "<0,0,12,0>"
    assert [float(rows[0][k]) for k in ("fraction", "fraction_of_Mg", "fraction_of_Cu")] == [
        pytest.approx(2 / 3),
        0,
        1,
    ]


def test_displacements(tmp_path):
    vectors = np.array([[3.0, 0, 4], [0, 0, 0]])
    where = np.ones((2, 3))
    rows = read(
        tables.write_displacements(tmp_path / "d.csv", ["Si", "2"], where, vectors, UNIT_SYSTEMS["lj"])
    )
    assert (rows[0]["id"], rows[0]["magnitude (σ)"], rows[1]["species"]) == ("1", "5.0", "2")


FILES = {
    # system -> its atomic volume, and the headers of r, q, mean squared displacements and displacements
    "wahnstrom": (0.8, "r (σ)", "q (σ⁻¹)", "msd (σ²)", "magnitude (σ)"),
    "cuzr": (16.5, "r (Å)", "q (Å⁻¹)", "msd (Å²)", "magnitude (Å)"),
    None: (16.5, "r (length)", "q (length⁻¹)", "msd (length²)", "magnitude (length)"),
}


@pytest.mark.parametrize("system", FILES)
def test_headers_name_the_unit_of_the_files_system(glasscli, tmp_path, system):
    volume, *headers = FILES[system]
    edge = (60 * volume) ** (1 / 3)
    x = np.random.default_rng(0).random((60, 3))
    with (tmp_path / "glass.xyz").open("w") as file:
        for k in range(3):
            file.write(f'60\nLattice="{edge} 0 0 0 {edge} 0 0 0 {edge}" Properties=species:I:1:pos:R:3\n')
            for i, row in enumerate(np.mod(x + 0.01 * k, 1) * edge):
                file.write(f"{1 + i % 2} {row[0]} {row[1]} {row[2]}\n")
    words = ["analyze", "glass.xyz", "--measure", "pdf,displacements,structure-factor"]
    answer = glasscli(*words, *(["--system", system] if system else []))
    assert answer.code == 0, answer.err
    names = ("pdf", "structure-factor", "motion", "displacements")
    found = [list(read(tmp_path / f"glass-{name}.csv")[0]) for name in names]
    assert [next(h for h in row if h in headers) for row in found] == headers


def test_failures_leave_nothing_behind(tmp_path):
    old = tables.write_table(tmp_path / "t.csv", {"a": [1, 2]})
    with pytest.raises(InputError, match="differ in length"):
        tables.write_table(old, {"a": [1], "b": [1, 2]})
    assert old.read_text() == "a\n1\n2\n"
    with pytest.raises(FileError, match="cannot be written"):
        tables.write_table(tmp_path / "no" / "t.csv", {"a": [1]})
    assert list(tmp_path.iterdir()) == [old]
