"""`glasscli hybrid --exchange-replicas`: trades obey Boltzmann, an interrupted ladder ends in the same bits."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from glasscli.simulation.tempering import _round_trips
from glasscli.store.reader import open_run
from tests.conftest import run_glasscli
from tests.stress.same import assert_same_run

LADDER = ["hybrid", "--exchange-replicas", "0.9:1.05:3", "--steps", "3000", "--checkpoint-every", "250",
          "--inherent-every", "0", "--every", "500", "--attempts", "2000"]  # fmt: skip
NAMES = [f"hybrid-{k:02d}.h5" for k in (1, 2, 3)]


@pytest.fixture(scope="module")
def quench(tmp_path_factory):
    where = tmp_path_factory.mktemp("ladder")
    words = ["quench", "--atoms", "200", "--steps", "4000", "--equilibration", "500", "--inherent-every", "0"]
    assert run_glasscli(*words, cwd=where).code == 0
    return where / "quench.h5"


def test_an_interrupted_ladder_is_the_whole_one(quench, tmp_path):
    for name in ("whole", "cut"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "quench.h5").write_bytes(quench.read_bytes())
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    answer = run_glasscli(*LADDER, "--json", cwd=whole)
    assert answer.code == 0, answer.err
    data = answer.data
    assert [round(t, 4) for t in data["temperatures"]] == [0.9, round((0.9 * 1.05) ** 0.5, 4), 1.05]
    assert len(data["acceptance"]) == 2 and any(data["acceptance"])
    process = subprocess.Popen(
        [sys.executable, "-m", "glasscli", *LADDER],
        cwd=cut,
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    while (
        process.poll() is None
        and not (cut / "hybrid-02.h5.partial" / "checkpoint-1-000000000001000").exists()
    ):
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (cut / "hybrid-01.h5").exists()
    assert run_glasscli(*LADDER, cwd=cut).code == 0
    walkers = []
    for name in NAMES:
        assert_same_run(cut / name, whole / name)
        run, other = open_run(cut / name), open_run(whole / name)
        for key, values in other.tempering_table.items():
            assert (run.tempering_table[key] == values).all(), key
        walkers.append(run.tempering_table["tempering_walker"])
    # Every walker is somewhere, once, at every meeting.
    assert (np.sort(np.array(walkers), axis=0) == np.arange(3)[:, None]).all()
    temperatures = [open_run(cut / name).thermo["temperature"].mean() for name in NAMES]
    assert temperatures == sorted(temperatures)


def test_a_signal_to_the_command_stops_all_replicas_at_a_checkpoint(quench, tmp_path):
    (tmp_path / "quench.h5").write_bytes(quench.read_bytes())
    words = [sys.executable, "-m", "glasscli", *LADDER]
    process = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    begun = tmp_path / "hybrid-03.h5.partial" / "checkpoint-1-000000000000500"
    while process.poll() is None and not begun.exists():
        time.sleep(0.01)
    process.terminate()
    said = process.communicate()[1]
    assert process.returncode == 75 and "Traceback" not in said, said
    for name in NAMES:
        run = open_run(tmp_path / name)
        assert not run.finished and run.manifest.history[-1].reason != "killed"


def test_round_trips_are_counted_from_cold_to_hot_to_cold():
    places = [0, 1, 2, 1, 0, 1, 0, 1, 2, 2, 0]  # of walker 7 among three rungs
    walkers = np.full((3, len(places)), -1)
    walkers[places, np.arange(len(places))] = 7
    assert _round_trips(walkers, 7) == [4, 6]


@pytest.mark.parametrize(
    "words, said",
    [
        (["--exchange-replicas", "0.9:0.8:3"], "ascending"),
        (["--exchange-replicas", "0.9Tf:1:3"], "same unit"),
        (["--exchange-replicas", "0.9:1.0"], "not LOW:HIGH:COUNT"),
        (["--exchange-replicas", "0.9:1.0:3", "--T", "0.5"], "leave out --T"),
        ([], "needs a temperature"),
    ],
)
def test_refusals(words, said, quench):
    answer = run_glasscli("hybrid", *words, cwd=quench.parent)
    assert answer.code in (1, 2) and said in answer.err and "Traceback" not in answer.err, answer.err
