"""What is recorded of a study stays true: by whatever name, from however many calls, after whatever death."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from glasscli.store.lock import holder_of, locked
from glasscli.workflow.task import Ended, Task, read_ended, read_tasks, records, write_ended, write_tasks

QUENCH = """
atoms = 200
steps = {steps}
equilibration = 0
inherent-every = 0
checkpoint-every = 500
"""


def start(folder: Path, *words: object) -> subprocess.Popen:
    with (folder / "said").open("w") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "glasscli", *map(str, words)], cwd=folder, stdout=said, stderr=said
        )


def wait_for(found, process: subprocess.Popen, folder: Path) -> None:
    end = time.monotonic() + 240
    while not found():
        assert process.poll() is None and time.monotonic() < end, (folder / "said").read_text()
        time.sleep(0.05)


@pytest.mark.parametrize("name", ["plan", "jobs", "Plan"])
def test_a_task_called_like_a_record_of_the_folder(tmp_path, name):
    task = Task(name, name, ("quench", "-o", f"{name}.h5"), f"{name}.h5")
    write_tasks(tmp_path, [task])
    (records(tmp_path) / "jobs.json").write_text("[]")
    write_ended(tmp_path, task, Ended(list(task.words), 0))
    assert read_tasks(tmp_path) == [task] and read_ended(tmp_path, task).state == "done"
    assert (records(tmp_path) / "jobs.json").read_text() == "[]"


def test_a_study_whose_stages_are_plan_and_jobs(tmp_path, glasscli):
    (tmp_path / "s.toml").write_text(
        'folder = "out"\n[stages.plan]\ncommand = "quench"' + QUENCH.format(steps=200)
        + '[stages.jobs]\ncommand = "anneal"\nafter = "plan"\nT = 0.5\nsteps = 100\ninherent-every = 0\n'
    )  # fmt: skip
    for _ in range(2):
        answer = glasscli("run", "s.toml", "--json")
        assert answer.code == 0 and answer.data["done"] == 2, answer.err
    assert glasscli("status", "out", "--json").data["done"] == 2


def test_two_runs_of_one_study_at_once(tmp_path, glasscli):
    (tmp_path / "s.toml").write_text('folder = "out"\n[stages.quench]' + QUENCH.format(steps=10**7))
    first = start(tmp_path, "run", "s.toml")
    try:
        wait_for(lambda: list((tmp_path / "out/quench.h5.partial").glob("checkpoint-*")), first, tmp_path)
        second = glasscli("run", "s.toml")
        assert second.code == 1 and second.err.count("\n") == 1
        assert f"process {first.pid} on " in second.err and "out/glasscli-tasks" in second.err
        assert glasscli("status", "out", "--json").data["runs"][0]["state"] == "running"
    finally:
        first.send_signal(signal.SIGTERM)
        assert first.wait(timeout=240) == 75


def test_a_run_whose_pool_was_killed_is_waited_for(tmp_path, glasscli):
    """Not recorded as failed because another process still writes it, nor the anneal after it: it ends at its next
    checkpoint, as runs whose pool died do, and is gone on with.
    """
    steps = 60000
    (tmp_path / "s.toml").write_text(
        'folder = "out"\n[stages.quench]' + QUENCH.format(steps=steps)
        + '[stages.anneal]\nafter = "quench"\nT = 0.5\nsteps = 100\ninherent-every = 0\n'
    )  # fmt: skip
    working = tmp_path / "out/quench.h5.partial"
    pool = start(tmp_path, "run", "s.toml", "--jobs", 2)
    wait_for(lambda: list(working.glob("checkpoint-*")), pool, tmp_path)
    pool.kill()
    pool.wait()
    orphan = int(json.loads((working / "lock").read_text())["process"])
    assert orphan != pool.pid and holder_of(working) is not None
    answer = glasscli("run", "s.toml", "--jobs", 2, "--json")
    assert answer.code == 0, (answer.out, answer.err)
    assert [row["state"] for row in answer.data["runs"]] == ["done", "done"]
    shown = glasscli("show", "out/quench.h5", "--json").data
    first, *others = shown["history"]
    assert first["process"] == orphan and len(others) <= 1, (
        "it stopped at a checkpoint, or was done before that"
    )
    with pytest.raises(ProcessLookupError):
        os.kill(orphan, 0)


def test_a_lock_is_looked_at_without_being_taken(tmp_path):
    assert holder_of(tmp_path) is None
    with locked(tmp_path):
        assert f"process {os.getpid()}" in holder_of(tmp_path)
    assert holder_of(tmp_path) is None
    (tmp_path / "lock").write_text('{"host": "here", "process": 1}')  # left by a killed process
    assert holder_of(tmp_path) is None
    (tmp_path / "lock").write_bytes(b"\xff\x00 odd")
    assert holder_of(tmp_path) is None


def test_a_study_replaces_what_it_made_and_nothing_else(tmp_path, glasscli):
    study = 'folder = "out"\n[stages.c]\ncommand = "build fcc"\natoms = 32\nvolume-per-atom = {v}\n'
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "c.lammps").write_text("# mine\n\n1 atoms\n")
    for _ in range(2):
        (tmp_path / "s.toml").write_text(study.format(v=0.8))
        refused = glasscli("run", "s.toml", "--json")
        assert refused.code == 1 and "c.lammps exists" in refused.data["runs"][0]["error"]
        assert (tmp_path / "out" / "c.lammps").read_text().startswith("# mine")
    (tmp_path / "out" / "c.lammps").unlink()
    made = []
    for v in (0.8, 0.9):
        (tmp_path / "s.toml").write_text(study.format(v=v))
        assert glasscli("run", "s.toml").code == 0
        made.append((tmp_path / "out" / "c.lammps").read_text())
    assert made[0] != made[1]
