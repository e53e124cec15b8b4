"""Motion of the atoms of one species, by name, against numbers by hand; bins and origins as asked for."""

import csv
from pathlib import Path

import numpy as np
import pytest

from glasscli.analysis.choices import bin_width
from glasscli.cli.call import call
from glasscli.errors import InputError

HEAD = "ITEM: TIMESTEP\n{step}\nITEM: NUMBER OF ATOMS\n{n}\nITEM: BOX BOUNDS pp pp pp\n0 9\n0 9\n0 9\n"
N, EDGE, Q = 60, 9.0, 7.25


@pytest.fixture
def walk(tmp_path, monkeypatch):
    """Twenty atoms of type 1 that walk far, forty of type 2 that hardly do; unwrapped positions [6, N, 3]."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(4)
    length = np.where(np.arange(N) < 20, 0.15, 0.03)[:, None]
    steps = rng.normal(0, 1, (6, N, 3)) * length
    steps -= steps.mean(axis=1, keepdims=True)
    x = rng.uniform(0, EDGE, (N, 3)) + steps.cumsum(axis=0)
    with (tmp_path / "walk.dump").open("w") as file:
        for k, frame in enumerate(x):
            file.write(HEAD.format(step=100 * k, n=N) + "ITEM: ATOMS id type xu yu zu\n")
            for i, place in enumerate(frame):
                file.write(f"{i + 1} {1 if i < 20 else 2} {' '.join(f'{c:.10f}' for c in place)}\n")
    return x


def by_hand(x, atoms):
    """F_s, MSD and overlap within 0.3 spacings of some atoms at every lag, all origins."""
    found = []
    for lag in range(1, len(x)):
        r = np.linalg.norm(x[lag:, atoms] - x[:-lag, atoms], axis=2)
        near = (r < 0.3 * EDGE / N ** (1 / 3)).mean(axis=1)
        found.append((np.sinc(Q * r / np.pi).mean(), (r**2).mean(), near.mean(), near.var() * r.shape[1]))
    return np.array(found).T


def test_species_apart_and_one_alone(walk):
    words = {"measure": "displacements", "q": Q, "jobs": 1}
    motion = call("analyze", "walk.dump", **words)["displacements"]["motion"]
    assert motion["atoms"] == "all" and set(motion["by_species"]) == {"1", "2"}
    for name, atoms in (("1", slice(0, 20)), ("2", slice(20, N))):
        scattering, msd, overlap, chi4 = by_hand(walk, atoms)
        found = motion["by_species"][name]
        assert found["scattering"] == pytest.approx(scattering, abs=1e-7)
        assert found["msd"] == pytest.approx(msd, abs=1e-7) and found["overlap"] == pytest.approx(overlap)
        assert found["chi4"][:-1] == pytest.approx(chi4[:-1]) and found["chi4"][-1] is None  # one origin
    with Path("walk-motion.csv").open() as file:
        header = next(csv.reader(line for line in file if not line.startswith("#")))
    assert {"F_s_1", "F_s_2"} <= set(header)
    alone = call("analyze", "walk.dump", of="1", force=True, **words)["displacements"]["motion"]
    assert alone["atoms"] == "1" and alone["scattering"] == pytest.approx(
        by_hand(walk, slice(0, 20))[0], abs=1e-7
    )
    assert alone["by_species"] == {}
    with pytest.raises(InputError, match="has no such species"):
        call("analyze", "walk.dump", of="A", **words)


def test_origins_and_bins_are_as_asked_for(walk):
    call("analyze", "walk.dump", measure="displacements,pdf", q=Q, origins=2, bins=50, jobs=1)
    with Path("walk-motion.csv").open() as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    assert [int(row["origins"]) for row in rows] == [2, 2, 2, 2, 1]
    with Path("walk-pdf.csv").open() as file:
        assert sum(not line.startswith("#") for line in file) == 1 + 50


def test_bins_have_a_width_that_suits_the_unit_of_length():
    assert (bin_width("lj", 0.9), bin_width("metal", 2.5), bin_width("real", 2.5)) == (0.02, 0.05, 0.05)
    assert (
        bin_width(None, 2.6) == 0.05 and bin_width(None, 0.95) == 0.02
    )  # of a file that names none, by its spacing
