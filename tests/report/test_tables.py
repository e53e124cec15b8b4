import csv

import numpy as np
import pytest

from glasscli.errors import FileError, InputError
from glasscli.observables.pair_distribution import average, pair_distribution
from glasscli.observables.voronoi import census, index_counts, tessellate
from glasscli.report import tables
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
    rows = read(tables.write_pair_distribution(tmp_path / "g.csv", mean, "angstrom"))
    assert list(rows[0])[:4] == ["r (angstrom)", "g_total", "g_total_error", "g_11"]
    assert [float(row["g_12"]) for row in rows] == mean.partials["12"].tolist()


def test_census(tmp_path):
    laves = c15()
    path = tables.write_census(tmp_path / "c.csv", census([index_counts(tessellate(laves), laves.species)]))
    rows = read(path)
    assert rows[0]["index <n3,n4,n5,n6,...>"] == "<0,0,12,0>"
    assert [float(rows[0][k]) for k in ("fraction", "fraction_of_species_1", "fraction_of_species_2")] == [
        pytest.approx(2 / 3),
        0,
        1,
    ]


def test_displacements(tmp_path):
    vectors = np.array([[3.0, 0, 4], [0, 0, 0]])
    rows = read(tables.write_displacements(tmp_path / "d.csv", [1, 2], np.ones((2, 3)), vectors))
    assert (rows[0]["id"], rows[0]["magnitude (sigma)"], rows[1]["species"]) == ("1", "5.0", "2")


def test_failures_leave_nothing_behind(tmp_path):
    old = tables.write_table(tmp_path / "t.csv", {"a": [1, 2]})
    with pytest.raises(InputError, match="differ in length"):
        tables.write_table(old, {"a": [1], "b": [1, 2]})
    assert old.read_text() == "a\n1\n2\n"
    with pytest.raises(FileError, match="cannot be written"):
        tables.write_table(tmp_path / "no" / "t.csv", {"a": [1]})
    assert list(tmp_path.iterdir()) == [old]
