"""A real SLURM: 2 temperatures x 3 replicas, stopped and queued again, equal to the study without a cluster."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from glasscli.store.finished import FileRun
from glasscli.store.reader import open_run

START = Path(__file__).with_name("start_slurm.sh")
FOLDER = "a b; touch x"
STUDY = f"""
folder = "{FOLDER}"
[stages.quench]
replicas = 3
steps = 1000
equilibration = 100
inherent-every = 0
[stages.anneal]
after = "quench"
T = [0.4, 0.5]
from = "final"
steps = {{steps}}
every = {{every}}
checkpoint-every = {{every}}
inherent-every = 0
"""
ANNEALS = [f"anneal-T{T}-{k:04d}" for k in (1, 2, 3) for T in (0.4, 0.5)]


@pytest.fixture(scope="module")
def slurm() -> None:
    started = subprocess.run(["sh", str(START)], capture_output=True, text=True)
    if "not root" in started.stdout:
        pytest.skip(started.stdout.strip())
    assert started.returncode == 0, started.stdout + started.stderr


def wait_for(ask, until, seconds):
    """Ask until it is so; return all answers on the way."""
    answers = [ask()]
    deadline = time.monotonic() + seconds
    while not until(answers[-1]):
        assert time.monotonic() < deadline, answers[-1]
        time.sleep(1)  # each look takes from the runs
        answers.append(ask())
    return answers


def speed(glasscli, place: Path) -> float:
    """Steps a second of a run, its start not counted: the best of two measurements."""
    walls = []
    for steps in (2000, 12000, 2000, 12000):
        words = ["--steps", steps, "--equilibration", 0, "--inherent-every", 0, "--force", "-o", "speed.h5"]
        assert glasscli("quench", *words, cwd=place).code == 0
        walls.append(FileRun(place / "speed.h5").manifest.wall_seconds)
    (place / "speed.h5").unlink()
    return 10000 / min(walls[1] - walls[0], walls[3] - walls[2])


def relay(glasscli, place: Path, walltime: str, patience: int) -> str | None:
    """Submit the study, cancel a run, submit it again, wait for the end; return the cancelled one's name.

    None where the runs were too short to be taken from their node.
    """
    folder = place / FOLDER

    def look():
        return glasscli("status", folder, "--json").data

    # The shell that submits is gone at once.
    shell = subprocess.run(
        ["sh", "-c", f'{sys.executable} -m glasscli submit study.toml --walltime {walltime} >out 2>&1; kill -9 $$'],
        cwd=place, check=False,
    )  # fmt: skip
    assert shell.returncode == -9
    assert "anneal" in (place / "out").read_text()
    first = look()
    assert first["done"] + first["running"] + first["queued"] == 9, json.dumps(first)

    def running(answer) -> list[str]:
        """The annealings under way that hold a checkpoint (one whose walltime held but one is at rest between jobs)."""
        return [
            r["name"]
            for r in answer["runs"]
            if r["name"] in ANNEALS and r["state"] == "running" and r["step"]
        ]

    def state(answer, name) -> str:
        return next(r for r in answer["runs"] if r["name"] == name)["state"]

    answer = wait_for(look, lambda s: running(s) or s["done"] == 9, 600 * patience)[-1]
    assert answer["failed"] == 0
    if not running(answer):
        return None
    # One is taken from its node: it is stopped, and goes on when submitted again.
    jobs = json.loads((folder / "glasscli-tasks" / "jobs.json").read_text())
    victim = running(answer)[0]
    part = next(k for k, names in enumerate(jobs[1]["parts"], start=1) if victim in names)
    subprocess.run(["scancel", f"{jobs[1]['job']}_{part}"], check=True)
    answer = wait_for(look, lambda s: state(s, victim) in ("stopped", "done"), 300 * patience)[-1]
    if state(answer, victim) == "done":  # it was at its end before it could be cancelled
        victim = None
    if answer["done"] < 9:
        assert glasscli("resubmit", folder, "--walltime", walltime).code == 0

    end = wait_for(look, lambda s: s["done"] == 9, 900 * patience)[-1]
    assert end["failed"] == end["stopped"] == end["queued"] == 0
    return victim


@pytest.mark.cluster
@pytest.mark.usefixtures("slurm")
def test_a_study_on_slurm(glasscli, tmp_path, pytestconfig):
    """Stopped by a walltime of ten seconds; at full count by SLURM's own limit, whose least is a minute."""
    # A walltime, checkpoints of a run, seconds of a core between them: it holds one, however slow the core.
    full = pytestconfig.getoption("--full-stress")
    walltime, checkpoints, between, patience = ("0:01:00", 3, 35.0, 4) if full else ("0:00:10", 3, 5.0, 1)
    ended_by = ("walltime", "SIGTERM") if full else ("walltime",)  # SLURM's own end is a signal
    every = between * speed(glasscli, tmp_path)
    for trial in range(1, 7):
        place = tmp_path / f"trial {trial}"
        place.mkdir()
        every = round(every, -2)
        (place / "study.toml").write_text(STUDY.format(steps=int(checkpoints * every), every=int(every)))
        victim = relay(glasscli, place, walltime, patience)
        folder = place / FOLDER
        history = {name: open_run(folder / f"{name}.h5").manifest.history for name in ANNEALS}
        stops = {
            name: sum(any(word in i.reason for word in ended_by) for i in history[name]) + (name == victim)
            for name in ANNEALS
        }
        if min(stops.values()) >= 2:
            break
        every *= 2  # a core that others share is twice as fast at one time as at another
    assert min(stops.values()) >= 2, (stops, history)
    made = {p.name for p in place.iterdir()}
    assert made == {FOLDER, "out", "study.toml"}, "a folder's name was run as a command"

    # The same without a cluster: the same bits.
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "study.toml").write_text((place / "study.toml").read_text())
    assert glasscli("run", "study.toml", "--jobs", 2, cwd=alone, timeout=900 * patience).code == 0
    for name in ANNEALS:
        assert glasscli("verify", folder / f"{name}.h5").code == 0
        ours, theirs = (FileRun(f / f"{name}.h5") for f in (folder, alone / folder.name))
        a, b = ours.state(-1).configuration, theirs.state(-1).configuration
        assert (a.positions == b.positions).all() and (a.velocities == b.velocities).all(), name
        assert (ours.frames.steps == theirs.frames.steps).all()
