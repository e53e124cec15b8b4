"""Many samples: their seeds, names, files, and what one failure does to the others."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from glasscli.errors import InputError
from glasscli.simulation.stopping import Stop
from glasscli.store.reader import open_run
from glasscli.store.recorder import read_history
from glasscli.workflow.members import members
from glasscli.workflow.pool import Pool
from glasscli.workflow.seeds import LARGEST, derived_seed
from glasscli.workflow.task import Task
from glasscli.workflow.warm import Starter

QUICK = ["--steps", "600", "--equilibration", "100", "--inherent-every", "0"]


def test_derived_seeds_differ_and_stay():
    seeds = [derived_seed(1, k) for k in range(1, 1001)]
    assert len(set(seeds)) == 1000 and min(seeds) >= 1 and max(seeds) <= LARGEST
    assert derived_seed(1, 7) == seeds[6]  # whatever the number of the others
    assert derived_seed(2, 7) != seeds[6]
    assert derived_seed(1, 3, 2) not in seeds


def test_numbers_of_files_follow_their_starts():
    tasks = members("anneal", [], 5, Path("hot.h5"), [Path("quench-0002.h5"), Path("quench-0010.h5")], None)
    assert [t.output for t in tasks] == ["hot-0002.h5", "hot-0010.h5"]
    assert [t.words[-3] for t in tasks] == ["2", "10"]
    twice = members("anneal", [], 5, Path("hot.h5"), [Path("a.h5"), Path("b.h5")], 2)
    assert [t.output for t in twice] == ["hot-a-0001.h5", "hot-a-0002.h5", "hot-b-0001.h5", "hot-b-0002.h5"]
    assert len({t.words[2:6] for t in twice}) == 4
    several = members("shear", [], 5, Path("s.h5"), [Path("a.h5"), Path("b.h5")], None)
    assert all("--new-velocities" not in t.words for t in several)
    with pytest.raises(InputError, match="nothing of a shear is drawn by lot"):
        members("shear", [], 5, Path("s.h5"), [Path("a.h5")], 2)


def test_replicas_are_the_runs_that_their_recorded_seeds_give(glasscli, tmp_path):
    answer = glasscli("quench", *QUICK, "--replicas", 2, "--jobs", 2, "--json")
    assert answer.code == 0 and answer.data["done"] == 2, answer.err
    seeds = [open_run(tmp_path / f"quench-000{k}.h5").manifest.protocol.seed for k in (1, 2)]
    assert seeds == [derived_seed(1, 1), derived_seed(1, 2)]
    single = glasscli("quench", *QUICK, "--seed", seeds[1], "-o", "alone.h5")
    assert single.code == 0
    identity = [open_run(tmp_path / name).manifest.identity for name in ("quench-0002.h5", "alone.h5")]
    assert identity[0] == identity[1]


def test_one_failure_is_named_and_the_others_are_made(glasscli, tmp_path):
    """A corrupt parent, and one whose integration breaks down."""
    glasscli("quench", *QUICK, "--replicas", 3, "--jobs", 2)
    (tmp_path / "quench-0002.h5").write_bytes(b"torn")
    starts = [f"quench-000{k}.h5" for k in (1, 2, 3)]
    answer = glasscli(
        "anneal", *starts, "--T", "0.5", "--from", "final", "--steps", 200, "--inherent-every", 0
    )
    assert answer.code == 1 and answer.err == ""
    assert "3 runs: 2 done, 1 failed" in answer.out
    assert "anneal-0002 failed: quench-0002.h5: not an HDF5 file" in answer.out
    assert sorted(p.name for p in tmp_path.glob("anneal-*.h5")) == ["anneal-0001.h5", "anneal-0003.h5"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["quench", "--replicas", "2", "--replica", "1"], "not both"),
        (["anneal", "a/q.h5", "b/q.h5", "--T", "1"], "same name"),
    ],
)
def test_bad_input(words, says, glasscli):
    answer = glasscli(*words)
    assert answer.code == 2 and says in answer.err and answer.err.count("\n") == 1


def test_replicas_of_an_anneal_part_from_each_other(runs, glasscli, tmp_path):
    """Molecular dynamics forgets the seed unless velocities are drawn anew."""
    command = [
        sys.executable,
        "-m",
        "glasscli",
        "anneal",
        str(runs / "quench.h5"),
        "--T",
        "0.5",
        "--steps",
        "400",
    ]
    command += ["--inherent-every", "0", "--replicas", "2", "--jobs", "2"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode == 0
    first, second = (open_run(tmp_path / f"anneal-000{k}.h5").frames[-1].positions for k in (1, 2))
    assert abs(first - second).max() > 1e-3


def test_runs_are_forks_that_are_heard_of(tmp_path, monkeypatch):
    """A run killed, one asked to stop, and one whose starter is killed."""
    words = [
        "quench",
        "--atoms",
        "200",
        "--steps",
        "1000000",
        "--equilibration",
        "0",
        "--inherent-every",
        "0",
    ]
    words += ["--checkpoint-every", "500"]
    answer, log = tmp_path / "answer", tmp_path / "log"

    def process() -> int:
        """Of the run, once it listens to signals."""
        history = read_history(tmp_path / "quench.h5.partial")
        return history[-1].process if history and history[-1].reason == "running" else 0

    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    starter = Starter()

    def end_of(key: int, number: int) -> int:
        codes: dict[int, int] = {}
        until, before = time.monotonic() + 60, process()
        while process() in (0, before):
            assert time.monotonic() < until
            time.sleep(0.02)
        assert os.getsid(process()) == process() != os.getsid(0)
        starter.send(key, number)
        while key not in codes:
            assert time.monotonic() < until
            codes |= starter.ended()
        return codes[key]

    first = starter.begin([*words, "--json"], tmp_path, answer, log)
    assert end_of(first, signal.SIGKILL) == -signal.SIGKILL
    assert not list(temporary.iterdir()), "a killed run left something behind"
    second = starter.begin([*words, "--json"], tmp_path, answer, log)
    assert end_of(second, signal.SIGTERM) == 75
    assert json.loads(answer.read_text())["error"].endswith("(SIGTERM)")
    itself = Path("/proc", str(starter._process.pid))
    assert len(list((itself / "task").iterdir())) == 1, "a thread does not survive a fork"
    assert "ovito" not in (itself / "maps").read_text().lower(), "OVITO hangs over a fork"
    starter.close()

    def advance(done: int, note: str = "") -> None:
        if process() and pool._starter:
            os.kill(pool._starter._process.pid, signal.SIGKILL)

    (tmp_path / "glasscli-tasks").mkdir()
    pool = Pool(tmp_path, [Task("quench", "quench", tuple(words), "quench.h5")], 1, Stop())
    ended = pool.run(advance)["quench"]
    assert ended.state == "stopped" and "the process that began it was killed" in ended.error
    until = time.monotonic() + 60
    while process():  # it stops at its next checkpoint: nobody would hear how it ends
        assert time.monotonic() < until
        time.sleep(0.02)
    assert "SIGTERM" in read_history(tmp_path / "quench.h5.partial")[-1].reason
