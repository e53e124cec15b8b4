"""`glasscli hybrid --exchange-replicas`: trades obey Boltzmann, an interrupted ladder ends in the same bits."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from glasscli.errors import GlassError
from glasscli.protocols.kinds.hybrid import HybridWish
from glasscli.simulation.job import Job
from glasscli.simulation.plan import plan
from glasscli.simulation.run import begin
from glasscli.simulation.stopping import Stop
from glasscli.simulation.tempering import DONE, END, At, _Conductor, _round_trips
from glasscli.store.extend import reopen
from glasscli.store.reader import open_run
from glasscli.store.recorder import partial_folder
from tests.conftest import run_glasscli
from tests.stress.same import assert_same_run

LADDER = ["hybrid", "--exchange-replicas", "0.9:1.05:3", "--steps", "3000", "--checkpoint-every", "250",
          "--inherent-every", "0", "--every", "500", "--attempts", "20"]  # fmt: skip
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
    # A rung alone would trade with nobody; what stands beside the ladder goes on.
    answer = run_glasscli("resume", cwd=cut)
    assert answer.code == 75 and "goes on as a whole: glasscli hybrid --exchange-replicas" in answer.err
    assert run_glasscli("resume", "hybrid-01.h5", cwd=cut).code == 2
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


class Pipe:
    """A replica that is done with its words already."""

    def __init__(self, *words):
        self.words, self.heard = list(words), []

    def recv(self):
        return self.words.pop(0)

    def send(self, word):
        self.heard.append(word)


@pytest.fixture
def conduct(quench, monkeypatch):
    """Conduct replicas of which all words are known."""
    run = open_run(quench)
    wish = HybridWish(1.0, from_final=True)
    job = plan(run.manifest.system, wish, quench.parent / "hybrid.h5", "test", run)
    monkeypatch.setattr("glasscli.simulation.tempering.wait", lambda pipes: pipes)
    monkeypatch.setattr("glasscli.simulation.tempering.Connection", Pipe)
    return lambda *pipes: _Conductor([job] * len(pipes), pipes, Stop()).conduct()


def test_one_that_is_done_and_one_that_begins_do_not_belong_together(conduct, quench):
    there = At(500, -1.0, 0, open_run(quench).frames[0])
    for words in ((DONE, there), (END, there)):
        with pytest.raises(GlassError, match="do not belong together"):
            conduct(*map(Pipe, words))
    with pytest.raises(GlassError, match=r"at steps \[500, 750\]"):
        conduct(Pipe(there), Pipe(replace(there, step=750)))


def test_those_that_wait_for_the_end_hear_when_all_are_there(conduct):
    """One had its file made in an earlier attempt."""
    waiting = Pipe(END, DONE)
    conduct(Pipe(DONE), waiting)
    assert waiting.heard == [None]


def test_a_ladder_killed_while_its_files_are_made_goes_on(quench, tmp_path):
    """The first has its file, the second its last checkpoint."""
    (tmp_path / "quench.h5").write_bytes(quench.read_bytes())
    words = [*LADDER, "--steps", "500"]
    assert run_glasscli(*words, cwd=tmp_path).code == 0
    path, whole = tmp_path / NAMES[1], tmp_path / "whole.h5"
    run, folder = open_run(path), partial_folder(path)
    job = Job.of(run)
    folder.mkdir()
    reopen(run, folder, len(job.deck.legs) - 1)
    begin(job, folder)
    path.rename(whole)
    answer = run_glasscli(*words, cwd=tmp_path)
    assert answer.code == 0, answer.err
    assert_same_run(path, whole)


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
