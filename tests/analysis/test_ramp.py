"""A run with a ramp is no isotherm: drawn against temperature, without what only one temperature has."""

import csv

import numpy as np
import pytest


@pytest.fixture(scope="module")
def ramp(tmp_path_factory):
    from tests.conftest import run_glasscli

    folder = tmp_path_factory.mktemp("ramp")
    words = ["quench", "--atoms", "200", "--steps", "2000", "--equilibration", "100", "--every", "200"]
    answer = run_glasscli(*words, "--inherent-every", "200", "-o", "q.h5", cwd=folder)
    assert answer.code == 0, answer.err
    answer = run_glasscli(
        "analyze", "q.h5", "--measure", "relaxation,displacements", "--format", "svg", "--json", cwd=folder
    )
    assert answer.code == 0, answer.err
    return folder, answer


def test_no_dynamics_of_a_ramp(ramp):
    folder, answer = ramp
    found = answer.data
    assert found["displacements"]["motion"] is None
    assert "tau_alpha" in answer.err and "the temperature changes" in answer.err
    assert not list(folder.glob("q-motion.*"))
    assert found["displacements"]["mean"] > 0  # vectors between two frames are what they are
    assert found["relaxation"]["stretched_exponential"] is found["relaxation"]["logarithm"] is None
    assert found["relaxation"]["equilibrium"]["label"] is None
    assert "along_ramp" not in found["relaxation"] and "first times" not in answer.err


def test_a_ramp_is_drawn_against_temperature(ramp):
    folder, _ = ramp
    for name in ("relaxation", "line"):
        text = (folder / f"q-{name}.svg").read_text(encoding="utf-8")
        assert "temperature (ε/k)" in text and "MD steps" not in text
    with (folder / "q-frames.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    # Linear from 2 to 0.01 in 2000 steps, by hand.
    expected = [2 - 1.99 * float(row["step"]) / 2000 for row in rows]
    np.testing.assert_allclose([float(row["temperature (ε/k)"]) for row in rows], expected, atol=1e-9)


def test_means_over_frames_are_of_one_temperature(ramp, glasscli):
    """g(r) and S(q) of a ramp are those of its last frame: the same as with one frame asked for."""
    folder, _ = ramp
    words = ["analyze", folder / "q.h5", "--measure", "pdf,structure-factor,ttt", "--json"]
    ten, one = glasscli(*words), glasscli(*words, "--pdf-frames", "1")
    assert ten.code == one.code == 0, ten.err
    assert ten.data["pdf"]["frames"] == ten.data["structure-factor"]["frames"] == 1
    assert ten.data["pdf"]["total"] == one.data["pdf"]["total"]
    said = [note for note in ten.data["notes"] if "the temperature changes" in note]
    assert len(said) == 1 and "of the last frame, at T = 0.01 ε/k" in said[0]
    assert not any("the temperature changes" in note for note in one.data["notes"])
    assert any("is no isotherm" in note for note in ten.data["notes"])  # of a run it is known


def test_a_file_names_its_system_and_one_frame_has_no_times(ramp, glasscli, tmp_path):
    """What glasscli exports names its system: energies are there without --system. What nobody can see is not said."""
    folder, _ = ramp
    assert glasscli("export", folder / "q.h5", "-o", "g.lammps").code == 0
    words = ["analyze", "g.lammps", "--measure", "all", "--json"]
    named, stated = glasscli(*words), glasscli(*words, "--system", "wahnstrom")
    assert named.code == stated.code == 0, named.err
    assert named.data["potential_energy"]["last"] == stated.data["potential_energy"]["last"] < -6
    drop = named.data["relaxation"]["energy_drop"]
    assert drop["time"] is drop["bound"] is drop["censored"] is None
    assert not any("no energies" in note or "isotherm" in note for note in named.data["notes"])
    assert named.data["energy_against_icosahedra"]["slope"] is None
    report = glasscli("report", "g.lammps", "--json")
    page = (tmp_path / report.data["report"]).read_text(encoding="utf-8")
    assert "crystallised" not in page and "stretched" not in page and "<td>none: one frame</td>" in page


def test_an_isotherm_keeps_its_time(ramp, glasscli):
    folder, _ = ramp
    words = ["--T", "0.5", "--steps", "1000", "--every", "100", "--inherent-every", "200"]
    assert glasscli("anneal", folder / "q.h5", *words, "-o", "a.h5").code == 0
    answer = glasscli("analyze", "a.h5", "--measure", "relaxation,displacements", "--json")
    motion = answer.data["displacements"]["motion"]
    assert motion["of"] == "trajectory" and len(motion["msd"]) and "temperature changes" not in answer.err
