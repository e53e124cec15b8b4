"""What is said of motion: bounds where no time is known, a drift taken off, time where a step has one."""

import csv

import numpy as np
import pytest

from glasscli.observables.dynamics import falls_to
from glasscli.observables.first_passage import Passage, crystallisation, first_passage, passage_times

EDGE, N = 6.0, 60
DRIFT = np.array([0.3, 0.1, -0.2])
HOP = np.array([0.05, 0.0, 0.0])
TIMESTEP = 0.005


def places(k):
    """[N, 3] unwrapped: heavy atoms stand, light ones of mass 1 go back and forth in two halves; all of it drifts."""
    start = np.random.default_rng(1).random((N, 3)) * EDGE
    sign = np.where(np.arange(N) < N // 2, 0, np.where(np.arange(N) % 2, 1, -1))
    return start + k * (DRIFT + HOP * sign[:, None])


def write_dump(path, frames=10, time=True):
    """As LAMMPS writes with `dump_modify time yes`."""
    with path.open("w") as file:
        for k in range(frames):
            stamp = f"ITEM: TIME\n{100 * k * TIMESTEP}\n" if time else ""
            file.write(f"ITEM: TIMESTEP\n{100 * k}\n{stamp}ITEM: NUMBER OF ATOMS\n{N}\n")
            file.write(
                "ITEM: BOX BOUNDS pp pp pp\n" + f"0 {EDGE}\n" * 3 + "ITEM: ATOMS id type mass xu yu zu\n"
            )
            for i, at in enumerate(places(k)):
                file.write(
                    f"{i + 1} {1 if i < N // 2 else 2} {3 if i < N // 2 else 1} {at[0]} {at[1]} {at[2]}\n"
                )


def rows(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def test_a_level_passed_outside_the_lags_is_a_bound():
    lags = np.array([10, 20, 40])
    before, after = (
        falls_to(lags, np.array([0.3, 0.2, 0.1]), 0.5),
        falls_to(lags, np.array([0.9, 0.8, 0.7]), 0.5),
    )
    assert before.time is None and before.bound == {"below": 10} and str(before) == "< 10"
    assert after.time is None and after.bound == {"above": 40} and str(after) == "> 40"
    between = falls_to(lags, np.array([0.6, 0.4, 0.1]), 0.5)
    assert between.time == pytest.approx(10 * 2**0.5) and between.bound is None


def test_what_happened_before_the_second_frame_has_no_time():
    t = np.array([0.0, 100, 200, 300])
    found = first_passage(t, np.array([0, -5, -5, -5]), -1)
    assert found.time is None and found.bound == {"below": 100} and not found.censored
    found = crystallisation(t, np.array([0.5, 0.6, 0.6, 0.6]), 0.2)
    assert found.time is None and str(found) == "from the start"
    mean = passage_times(0.5, [Passage(10.0, 20), Passage(None, 50, early=True), Passage(None, 500)])
    assert (mean.mean, mean.reached, mean.early, mean.most, mean.least) == (pytest.approx(10), 1, 1, 50, 500)


def test_a_drift_is_taken_off_by_mass_and_said(glasscli, tmp_path):
    write_dump(tmp_path / "a.dump")
    answer = glasscli("analyze", "a.dump", "--measure", "displacements", "--json")
    assert answer.code == 0, answer.err
    found = answer.data["displacements"]
    # By hand: half of the atoms go one hop a frame about a centre of mass that drifts alone.
    lag = np.array(found["motion"]["lag"]) / 100
    np.testing.assert_allclose(found["motion"]["msd"], lag**2 * (HOP @ HOP) / 2, rtol=1e-6)
    assert found["mean"] == pytest.approx(HOP[0] / 2, rel=1e-6)
    np.testing.assert_allclose(found["drift"], DRIFT, atol=1e-9)
    size = np.linalg.norm(9 * DRIFT)
    (note,) = [n for n in answer.data["notes"] if "drifts" in n]
    assert "centre of mass" in note and f"{size:.4g} length" in note
    table = rows(tmp_path / "a-displacements.csv")
    assert sum(float(row["dy (length)"]) for row in table) == pytest.approx(0, abs=1e-9)


def test_masses_decide_what_the_centre_is(glasscli, tmp_path):
    # Light atoms all go one way: the centre of mass goes a quarter of it, the mean of all atoms a half.
    with (tmp_path / "a.dump").open("w") as file:
        for k in range(2):
            file.write(f"ITEM: TIMESTEP\n{k}\nITEM: NUMBER OF ATOMS\n{N}\nITEM: BOX BOUNDS pp pp pp\n")
            file.write(f"0 {EDGE}\n" * 3 + "ITEM: ATOMS id type mass xu yu zu\n")
            for i, at in enumerate(places(0)):
                light = i >= N // 2
                file.write(
                    f"{i + 1} {1 + light} {1 if light else 3} {at[0] + 0.4 * k * light} {at[1]} {at[2]}\n"
                )
    answer = glasscli("analyze", "a.dump", "--measure", "displacements", "--json")
    assert answer.data["displacements"]["drift"] == pytest.approx([0.1, 0, 0])
    assert answer.data["displacements"]["motion"]["msd"] == pytest.approx([(0.1**2 + 0.3**2) / 2])


def test_a_file_that_states_times_has_them(glasscli, tmp_path):
    write_dump(tmp_path / "a.dump")
    words = ["--measure", "displacements,relaxation", "--format", "svg", "--json"]
    answer = glasscli("analyze", "a.dump", "--system", "wahnstrom", "--species", "L,S", *words)
    assert answer.code == 0, answer.err
    motion = answer.data["displacements"]["motion"]
    np.testing.assert_allclose(motion["time"], np.array(motion["lag"]) * TIMESTEP)
    assert motion["time_unit"] == "τ"
    assert float(rows(tmp_path / "a-motion.csv")[1]["time (τ)"]) == pytest.approx(200 * TIMESTEP)
    assert float(rows(tmp_path / "a-frames.csv")[3]["time (τ)"]) == pytest.approx(300 * TIMESTEP)
    assert "time (τ)" in (tmp_path / "a-motion.svg").read_text(encoding="utf-8")
    write_dump(tmp_path / "b.dump", time=False)
    answer = glasscli("analyze", "b.dump", "--system", "wahnstrom", "--species", "L,S", *words)
    assert answer.data["displacements"]["motion"]["time"] is None
    assert "lag (steps)" in (tmp_path / "b-motion.svg").read_text(encoding="utf-8")
    assert "time (τ)" not in rows(tmp_path / "b-motion.csv")[0]


@pytest.fixture(scope="module")
def isotherm(tmp_path_factory):
    from tests.conftest import run_glasscli

    folder = tmp_path_factory.mktemp("isotherm")
    words = ["quench", "--atoms", "200", "--steps", "1000", "--equilibration", "100", "-o", "q.h5"]
    assert run_glasscli(*words, cwd=folder).code == 0
    words = ["anneal", "q.h5", "--T", "0.3", "--steps", "1000", "--every", "50", "--inherent-every", "100"]
    assert run_glasscli(*words, "-o", "a.h5", cwd=folder).code == 0
    return folder


def test_time_in_tau_and_as_the_paper_counts(isotherm):
    from tests.conftest import run_glasscli

    words = ["--measure", "displacements,relaxation,ttt,icosahedra", "--format", "svg"]
    answer = run_glasscli("analyze", "a.h5", *words, cwd=isotherm)
    assert answer.code == 0, answer.err
    # One million steps of 0.002778 tau are a nanosecond of the paper.
    for name in ("motion", "relaxation", "line"):
        text = (isotherm / f"a-{name}.svg").read_text(encoding="utf-8")
        assert "time (τ; 2778 τ: 1 ns of its paper)" in text and "MD steps" not in text
    for name, step in (("motion", "lag (steps)"), ("frames", "step"), ("icosahedra", "step")):
        row = rows(isotherm / f"a-{name}.csv")[-1]
        assert float(row["time (τ)"]) == pytest.approx(0.002778 * float(row[step]))
        assert float(row["time (ns of its paper)"]) == pytest.approx(1e-6 * float(row[step]))
    assert "tau_alpha > 1000 steps (2.778 τ, 0.001 ns of its paper)" in answer.err + answer.out
