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


def test_an_isotherm_keeps_its_time(ramp, glasscli):
    folder, _ = ramp
    words = ["--T", "0.5", "--steps", "1000", "--every", "100", "--inherent-every", "200"]
    assert glasscli("anneal", folder / "q.h5", *words, "-o", "a.h5").code == 0
    answer = glasscli("analyze", "a.h5", "--measure", "relaxation,displacements", "--json")
    motion = answer.data["displacements"]["motion"]
    assert motion["of"] == "trajectory" and len(motion["msd"]) and "temperature changes" not in answer.err
