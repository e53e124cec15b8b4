"""`watch` shows a run while it goes on, in a terminal, and touches nothing."""

import os
import pty
import select
import signal
import subprocess
import sys
import time

import pytest

from glasscli.store.recorder import partial_folder
from glasscli.workflow.watch import sparkline
from tests.conftest import run_glasscli

SLOW = [
    "quench", "--atoms", "180", "--steps", "5000000", "--equilibration", "0", "--inherent-every", "1000",
    "--checkpoint-every", "1000", "--every", "1000", "--thermo-every", "100",
]  # fmt: skip


@pytest.fixture
def going(tmp_path):
    """A quench that would take hours, with its first checkpoint."""
    process = subprocess.Popen(
        [sys.executable, "-m", "glasscli", *SLOW],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not list(partial_folder(tmp_path / "quench.h5").glob("checkpoint-*-?000*")):
        time.sleep(0.05)
        assert process.poll() is None
    yield process
    process.kill()
    process.wait()


def others(folder):
    """What lies in the working folder beside checkpoints, which come and go."""
    names = {path.name for path in partial_folder(folder / "quench.h5").iterdir()}
    return {name for name in names if "checkpoint" not in name}


def until(terminal, words):
    """What a terminal shows until all these words were there."""
    text = ""
    while not all(word in text for word in words):
        assert select.select([terminal], [], [], 120)[0], text
        text += os.read(terminal, 4096).decode(errors="replace")
    return text


def test_a_run_is_watched_until_it_stops(going, tmp_path):
    run = {"step": 0, "inherent_energy": []}
    while run["step"] < 1000 or len(run["inherent_energy"]) < 2:  # it goes on, however slowly
        once = run_glasscli("watch", "quench.h5", "--json", cwd=tmp_path)
        assert once.code == 0, once.err
        (run,) = once.data["runs"]
    assert run["state"] == "running" and run["step"] >= 1000 and run["steps"] == 5000000
    assert run["steps_per_second"] > 0 and run["seconds_left"] > 0 and run["temperature"] > 1
    assert len(run["inherent_energy"]) >= 2 and all(-8 < e < -5 for e in run["inherent_energy"])
    assert len(run["icosahedral_fraction"]) == len(run["inherent_energy"])
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "glasscli", "watch", "--every", "0.3", "--no-icosahedra"]
    wide = os.environ | {"COLUMNS": "120"}
    watch = subprocess.Popen(words, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs, env=wide)
    os.close(theirs)
    until(ours, ["E_IS", "running"])
    before = {
        path.name
        for path in partial_folder(tmp_path / "quench.h5").iterdir()
        if "checkpoint" not in path.name
    }
    going.send_signal(signal.SIGINT)
    until(ours, ["stopped"])
    assert watch.wait(60) == 0
    assert before == others(tmp_path)
    assert going.wait(60) == 75


def test_a_folder_without_runs_is_one_line(tmp_path):
    answer = run_glasscli("watch", cwd=tmp_path)
    assert answer.code == 2 and answer.err == "glasscli: .: no runs here\n"


def test_numbers_as_blocks():
    assert sparkline([0, 1, 2, 7]) == "▁▂▃█" and sparkline([3.0, 3.0]) == "▄▄"
