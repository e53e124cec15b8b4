"""Who holds a lock is decided by the kernel's lock; where there is none, by a process and when it began."""

import errno
import fcntl
import json
import os
import socket
import subprocess
from pathlib import Path

import pytest

from glasscli.errors import FileError
from glasscli.store.lock import holder_of, locked, stale
from glasscli.workflow.status import status
from tests.conftest import run_glasscli

QUENCH = ["quench", "--atoms", "200", "--steps", "400", "--equilibration", "100", "--checkpoint-every", "200"]


def name(folder: Path, process: int, **more: str) -> Path:
    (folder / "lock").write_text(json.dumps({"host": socket.gethostname(), "process": process} | more))
    return folder / "lock"


@pytest.fixture
def nobody() -> int:
    """The number of a process that is gone."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    return gone.pid


def test_a_lock_that_names_a_living_stranger_is_stale(tmp_path):
    """A killed run's number was given to another program: the run is stopped, says so, and goes on."""
    assert run_glasscli(*QUENCH, "--walltime", "0", cwd=tmp_path).code == 75
    working = tmp_path / "quench.h5.partial"
    history = (working / "history").read_text()
    (working / "history").write_text(history.splitlines()[1] + "\n")  # killed: it never said how it ended
    for process in (1, os.getpid()):
        name(working, process)
        row = status(tmp_path).rows[0]
        assert row.state == "stopped", row
        assert (
            row.reason
            == f"killed, its lock is stale: process {process} is another program, or at another run"
        )
    assert run_glasscli("resume", cwd=tmp_path).code == 0


def test_a_run_that_is_held_is_running_whoever_is_named(tmp_path, nobody):
    assert run_glasscli(*QUENCH, "--walltime", "0", cwd=tmp_path).code == 75
    path = name(tmp_path / "quench.h5.partial", nobody)
    with path.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert status(tmp_path).rows[0].state == "running"
        found = run_glasscli("resume", "quench.h5", cwd=tmp_path)
        assert (
            found.code == 1 and "another process is writing it" in found.err and str(nobody) not in found.err
        )
    assert status(tmp_path).rows[0].state == "stopped"


def test_without_locks_a_process_is_known_by_its_birth(tmp_path, nobody, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "no locks")

    with locked(tmp_path):
        said = json.loads((tmp_path / "lock").read_text())
    assert not (tmp_path / "lock").read_text()
    monkeypatch.setattr(fcntl, "flock", refuse)
    birth = said["since"]
    for process, since, holds in (
        (os.getpid(), birth, True), (os.getpid(), "", True), (os.getpid(), f"{birth}1", False), (nobody, "", False),
        (1, birth, False),
    ):  # fmt: skip
        name(tmp_path, process, since=since)
        assert bool(holder_of(tmp_path)) == holds, (process, since)
        assert bool(stale(tmp_path)) == (not holds and process != nobody)
        if holds:
            with (
                pytest.raises(FileError, match=f"process {os.getpid()} on .* knows no locks"),
                locked(tmp_path),
            ):
                pass
        else:
            with locked(tmp_path):
                assert f"process {os.getpid()} on" in str(holder_of(tmp_path))
