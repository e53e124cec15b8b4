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
from glasscli.workflow.jobs import read_jobs
from glasscli.workflow.rows import read_rows, write_rows
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


ROWS = {
    "plan.json": [
        {"name": n, "stage": "s", "words": ["quench"], "output": f"{n}.h5", "inputs": []} for n in "abc"
    ],
    "jobs.json": [
        {"name": n, "scheduler": "slurm", "job": j, "parts": [[n]], "when": "now"}
        for n, j in zip("abc", "789", strict=True)
    ],
}
DAMAGES = {  # what is done to the text of three rows, and which of them are left
    "cut": (lambda text: text[: text.rindex(b"{") + 9], "ab"),
    "cut at once": (lambda text: text[:1], ""),
    "empty": (lambda text: b"", ""),
    "no letters": (lambda text: text.replace(b'"b"', b'"\xff"').replace(b"b.h5", b"\xfe"), "ac"),
    "wrong types": (lambda text: text.replace(b'"b"', b"7"), "ac"),
    "a row of another kind": (lambda text: text.replace(b"[\n {", b"[\n 5,\n {", 1), "abc"),
    "overwritten": (lambda text: text[:-60] + bytes(60), "ab"),
    "no list": (lambda text: b"{}", ""),
    "deep": (lambda text: b"[" * 100_000, ""),
    "binary": (lambda text: bytes(range(256)) * 40, ""),
}


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.parametrize("name", ROWS)
def test_what_is_whole_of_a_damaged_record_is_seen(name, how, tmp_path, glasscli):
    """`status` shows all runs that can be seen and says once what is damaged; what plans anew keeps a copy."""
    (tmp_path / "glasscli-tasks").mkdir()
    for record, rows in ROWS.items():
        write_rows(tmp_path / "glasscli-tasks" / record, rows)
    path = tmp_path / "glasscli-tasks" / name
    change, left = DAMAGES[how]
    path.write_bytes(damaged := change(path.read_bytes()))
    found = read_tasks(tmp_path) if name == "plan.json" else read_jobs(tmp_path).whole
    assert [row.name for row in found] == list(left)
    answer = glasscli("status", "--json")
    seen = left if name == "plan.json" else "abc"
    assert answer.code == 0 and [row["name"] for row in answer.data["runs"]] == list(seen), answer
    assert answer.err.count("\n") == 1 and f"{name}: damaged" in answer.err
    write_tasks(tmp_path, [Task("d", "s", ("quench",), "d.h5")])
    if name == "plan.json":
        assert [task.name for task in read_tasks(tmp_path)] == [*left, "d"]
        assert path.with_name("plan.json.damaged").read_bytes() == damaged


def test_many_rows_that_are_none_end(tmp_path):
    """A megabyte of beginnings is given up, not tried for ever."""
    (tmp_path / "x").write_text('[\n {"a":' * 100_000)
    assert not read_rows(tmp_path / "x", dict).whole


@pytest.mark.parametrize(
    "text",
    ['{"words": [], "exit_code": [1]}', '{"words": 5, "exit_code": 1}', '{"words": [], "exit_code": 1, "error": 5}',
     '{"words": [], "exit_code": 1, "seconds": "long"}', '{"words": [], "exit_code": 1, "inputs": [1]}'],
)  # fmt: skip
def test_an_end_of_wrong_types_is_none(text, tmp_path, glasscli):
    write_tasks(tmp_path, [task := Task("d", "s", ("quench",), "d.h5")])
    (records(tmp_path) / "d.json").write_text(text)
    assert read_ended(tmp_path, task) is None
    assert glasscli("status", "--json").data["waiting"] == 1


SLOW_SBATCH = """#!/bin/sh
echo "$@" >>"{told}"
while ! test -e "{told}.go"; do sleep 0.1; done
echo 7
"""


@pytest.fixture
def scheduler(tmp_path, monkeypatch):
    """A batch system that answers once `told.go` is there, and shows what it has; the list of what it was told."""
    told, programs = tmp_path / "told", tmp_path / "bin"
    programs.mkdir()
    told.touch()
    (programs / "sbatch").write_text(SLOW_SBATCH.format(told=told))
    (programs / "squeue").write_text(f'#!/bin/sh\ntest -s "{told}" && echo "7 1 PD"\nexit 0\n')
    for program in programs.iterdir():
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return lambda: told.read_text().splitlines()


def test_two_submissions_at_once_submit_once(tmp_path, scheduler, glasscli):
    (tmp_path / "s.toml").write_text('folder = "out"\n[stages.quench]' + QUENCH.format(steps=100))
    environment = {"PATH": os.environ["PATH"]}
    first = start(tmp_path, "submit", "s.toml")
    wait_for(scheduler, first, tmp_path)
    try:
        for words in (["submit", "s.toml"], ["resubmit", "out"], ["run", "s.toml"]):
            second = glasscli(*words, **environment)
            assert second.code == 1 and f"process {first.pid} on " in second.err, second
            assert second.err.count("\n") == 1
    finally:
        (tmp_path / "told.go").touch()
        assert first.wait(timeout=240) == 0 and len(scheduler()) == 1
    # Nor one after the other, while it is queued.
    third = glasscli("submit", "s.toml", "--json", **environment)
    assert third.code == 0 and third.data["submitted"] == [] and "queued or running" in third.err, third
    assert (
        glasscli("resubmit", "out", **environment).out == "nothing to submit again\n"
        and len(scheduler()) == 1
    )
