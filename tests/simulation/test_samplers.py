"""What moves atoms between exchanges is chosen, said, and held against T; deep hybrids and certificates."""

import numpy as np
import pytest

from glasscli.store.reader import open_run
from tests.conftest import run_glasscli

SHORT = ["--steps", "600", "--every", "200", "--inherent-every", "20", "--checkpoint-every", "200"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a small, fast quench, and a hybrid that came down from the liquid."""
    where = tmp_path_factory.mktemp("samplers")
    words = ["quench", "--atoms", "200", "--steps", "3000", "--equilibration", "300", "--inherent-every", "0"]
    assert run_glasscli(*words, cwd=where).code == 0
    return where


def hybrid(folder, *words, code=0):
    answer = run_glasscli("hybrid", "--json", *words, cwd=folder)
    assert answer.code == code, answer.err
    return answer


def test_a_sampler_is_chosen_and_said(folder):
    said = hybrid(
        folder, "--T", "0.9", *SHORT, "--sampler", "nvt", "--timestep", "0.006", "-o", "nvt.h5"
    ).data
    assert said["sampler"] == {"name": "nvt", "step": 0.006, "acceptance": None}
    said = hybrid(folder, "--T", "0.9", *SHORT, "--partners", "any", "--attempts", "500", "-o", "any.h5").data
    assert said["sampler"]["name"] == "hmc" and 0 < said["acceptance"]["L-S"] < 0.1
    refused = hybrid(folder, "--T", "0.9", "--sampler", "hmc", "--forces", "lammps", code=2)
    assert "--sampler hmc moves atoms by glasscli's own forces" in refused.err
    refused = hybrid(folder, "--T", "0.9", "--partners", "ready", "--engine-mc", "lammps", code=2)
    assert "--partners ready is of exchanges by our own kernel" in refused.err
    refused = hybrid(folder, "--T", "0.9", "--sampler", "npt", code=2)
    assert "--ensemble npt" in refused.err


def test_a_step_that_is_too_long_is_warned_about(folder):
    words = [
        "--T",
        "0.9",
        "--steps",
        "6000",
        "--inherent-every",
        "0",
        "--thermo-every",
        "20",
        "--md-per-mc",
        "20",
    ]
    answer = hybrid(folder, *words, "--sampler", "nvt", "--timestep", "0.011", "-o", "hot.h5")
    notes = " ".join(answer.data["notes"])
    assert answer.data["T_conf"] > 0.92 and "off T" in notes and "smaller --timestep" in notes


def test_the_step_of_trials_is_shorter_for_more_atoms_and_in_melts(folder):
    one, eight = (
        hybrid(folder, start, "--T", T, "--steps", "20", "--inherent-every", "0", "-o", f"{start}.h5").data
        for start, T in ((crystal(folder, "2,2,2"), "0.4"), (crystal(folder, "4,4,4"), "0.9"))
    )
    assert one["sampler"]["step"] == pytest.approx(0.0108) and one["sampler"]["acceptance"] in (0, 0.5, 1)
    assert eight["sampler"]["step"] == pytest.approx(0.0108 * (500 / 1536) ** 0.25 * (0.5 / 0.9) ** (1 / 3))


def crystal(folder, cells):
    name = f"c15-{cells[0]}.lammps"
    words = ["build", "c15", "--composition", "0.5", "--cells", cells, "--volume-per-atom", "0.8", "-o", name]
    assert run_glasscli(*words, cwd=folder).code == 0
    return name


def test_a_deep_hybrid_comes_to_its_temperature_and_is_judged_there(folder):
    said = hybrid(folder, "--deep", "--T", "0.6", *SHORT, "-o", "deep.h5").data
    run = open_run(folder / "deep.h5")
    at = run.manifest.protocol.temperature_at
    assert (at(0), at(225), at(450), at(600)) == pytest.approx((0.66, 0.63, 0.6, 0.6))
    assert said["temperature"] == 0.6 and said["verdict"]["samples"] == 4
    assert said["audit"]["checked"] >= 6
    refused = hybrid(folder, "--deep", "--T", "0.6", "--sampler", "nvt", code=2)
    assert "--deep changes the temperature" in refused.err


def test_a_certificate_needs_both_sides_and_one_temperature(folder):
    """A liquid from its quench and the same from a crystal meet; two runs from above certify nothing."""
    long = ["--T", "1.2", "--steps", "6000", "--every", "2000", "--inherent-every", "100"]
    hybrid(folder, *long, "--seed", "2", "-o", "above.h5")
    words = ["hybrid", "above.h5", "--T", "0.7", "--from", "final", "--steps", "4000", "--every", "2000"]
    assert run_glasscli(*words, "--inherent-every", "100", "-o", "cold.h5", cwd=folder).code == 0
    below = hybrid(
        folder, "cold.h5", "--from", "final", *long, "--certificate", "above.h5", "-o", "below.h5"
    ).data
    found = below["certificate"]
    assert found["verdict"] in ("certified", "not certified") and found["temperature"] == 1.2
    assert np.isfinite(found["difference"]) and found["difference_error"] > 0
    assert abs(found["difference"]) < 5 * found["difference_error"]
    same = hybrid(folder, *long, "--seed", "3", "--certificate", "above.h5", "-o", "again.h5").data[
        "certificate"
    ]
    assert same["verdict"] == "not certified" and "neither began" in same["reason"]
    refused = hybrid(folder, "--T", "0.9", *SHORT, "-o", "any.h5", "--partners", "any", "--attempts", "500",
                     "--certificate", "above.h5", code=2)  # fmt: skip
    assert "one temperature" in refused.err
