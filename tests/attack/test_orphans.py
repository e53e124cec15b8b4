"""Children end with their parent: SIGKILL of a command leaves no process behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from glasscli.family import Guardian
from glasscli.store.recorder import read_history
from glasscli.store.verify import check
from tests.conftest import run_glasscli

LONG = ["--atoms", "200", "--steps", "100000000", "--equilibration", "0", "--inherent-every", "0"]
PATIENCE_S = 120


def of_session_and_below(folder: Path) -> set[int]:
    """Processes that work in a folder or below it: children of children and those of other sessions too."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(folder) and "Z" not in state(process):
                found.add(int(process.name))
        except OSError:
            continue
    return found


def state(process: Path) -> str:
    return (process / "stat").read_text().rpartition(")")[2].split()[0]


def until(what) -> None:
    end = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


def killed(words, folder: Path, begun) -> None:
    """Begin a command, wait until it has begun, kill it, wait until nothing is left."""
    process = subprocess.Popen(
        [sys.executable, "-m", "glasscli", *words], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until(lambda: begun() or process.poll() is not None)
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    until(lambda: not of_session_and_below(folder))


def test_runs_of_a_pool(tmp_path):
    """Asked to stop at their next checkpoints; what they paid for stays, and goes on."""

    def begun() -> bool:
        working = list(tmp_path.glob("*.partial"))
        return len(working) == 2 and all(
            read_history(f) and read_history(f)[-1].reason == "running" for f in working
        )

    words = ["quench", *LONG, "--checkpoint-every", "500", "--replicas", "2", "--jobs", "2"]
    killed(words, tmp_path, begun)
    for working in tmp_path.glob("*.partial"):
        assert "SIGTERM" in read_history(working)[-1].reason
        from glasscli.store.reader import open_run

        assert check(open_run(working)) == []


def test_a_run_of_a_pool_whose_checkpoint_is_far(tmp_path):
    def begun() -> bool:
        history = read_history(tmp_path / "quench-0001.h5.partial")
        return bool(history) and history[-1].reason == "running"

    words = ["quench", *LONG, "--checkpoint-every", "90000000", "--replicas", "1"]
    killed(words, tmp_path, begun)


def test_a_program_of_its_own(tmp_path):
    """In a stretch of steps that would take it hours; a wrapper around it ends too."""
    from tests.engine.test_launch import LMP

    wrapper = tmp_path / "wrapper"
    wrapper.write_text(f'#!/bin/sh\n{LMP} "$@"\necho done\n')
    wrapper.chmod(0o755)
    words = ["quench", *LONG, "--every", "90000000", "--checkpoint-every", "90000000", "--thermo-every", "90000000",
             "--lmp", str(wrapper)]  # fmt: skip
    killed(
        words, tmp_path, lambda: bool(list(tmp_path.glob("*.partial/lammps-*"))) and _counts(tmp_path) >= 3
    )


def _counts(folder: Path) -> int:
    return len(of_session_and_below(folder))


@pytest.mark.cluster
def test_ranks(tmp_path):
    words = ["quench", *LONG, "--every", "90000000", "--checkpoint-every", "90000000", "--thermo-every", "90000000",
             "--ranks", "2"]  # fmt: skip
    killed(words, tmp_path, lambda: _counts(tmp_path) >= 4)


def test_workers_of_analyze(runs, tmp_path):
    (tmp_path / "anneal.h5").write_bytes((runs / "anneal.h5").read_bytes())
    words = ["analyze", "anneal.h5", "--measure", "icosahedra", "--jobs", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "glasscli", *words], cwd=tmp_path, stdout=subprocess.DEVNULL
    )
    until(lambda: _counts(tmp_path) >= 2 or process.poll() is not None)
    process.kill()
    process.wait()
    until(lambda: not of_session_and_below(tmp_path))
    assert run_glasscli(*words, cwd=tmp_path).code == 0


def test_a_guardian_leaves_what_may_go_on():
    process = subprocess.Popen(["sleep", "60"], start_new_session=True)
    guardian = Guardian(process.pid)
    guardian.release()
    assert process.poll() is None
    code = "import os, subprocess, sys; from glasscli.family import Guardian; Guardian(int(sys.argv[1])); os._exit(0)"
    subprocess.run([sys.executable, "-c", code, str(process.pid)], check=True, cwd=Path(__file__).parents[2])
    assert process.wait(timeout=60) == -signal.SIGTERM
    assert not Path("/proc", str(process.pid)).exists() or os.getpgid(process.pid)
