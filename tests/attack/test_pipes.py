"""Folders whose small files are pipes, devices, links or without end: they are looked at, and hide no other."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from glasscli.errors import FileError
from glasscli.store.content import digest_of_file
from glasscli.store.files import read_end, read_own
from glasscli.store.lock import holder_of, locked
from tests.attack.test_programs import one_line

GIGABYTES = 20 * 2**30


def sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, GIGABYTES)


def zero(path: Path) -> None:
    path.symlink_to("/dev/zero")


ODD = {"pipe": os.mkfifo, "zero": zero, "sparse": sparse}


@pytest.fixture
def study(tmp_path):
    """A folder with a plan of one failed task, and beside it a finished task of no run."""
    (tmp_path / "glasscli-tasks").mkdir()
    rows = [
        {"name": n, "stage": "s", "words": [w, "-o", f], "output": f, "inputs": []}
        for n, w, f in (("quench", "quench", "quench.h5"), ("c15", "build", "c15.lammps"))
    ]
    (tmp_path / "glasscli-tasks/plan.json").write_text(json.dumps(rows))
    (tmp_path / "glasscli-tasks/quench.json").write_text(json.dumps({"words": [], "exit_code": 1}))
    (tmp_path / "c15.lammps").write_text("5 atoms\n")
    return tmp_path


def looked_at(folder: Path):
    """What `status` says, in a process that may wait for a pipe for a minute and take 3 GB at most."""
    code = "import resource; resource.setrlimit(resource.RLIMIT_DATA, (3 << 30, 3 << 30))\n"
    code += "import sys; from glasscli.cli import main; sys.argv = ['glasscli', 'status', '--json']; main()"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("how", ODD)
def test_status_ends_and_shows_the_others(how, study):
    """All odd files in folders of their own at once."""
    for k, names in enumerate((("run.json",), ("lock",), ("history",), ("run.json", "lock", "history"))):
        working = study / f"r{k}.h5.partial"
        working.mkdir()
        for name in names:
            ODD[how](working / name)
    ODD[how](study / "x.h5")
    ODD[how](study / "glasscli-tasks/quench.log")
    done = looked_at(study)
    assert done.returncode == 0 and not done.stderr, done.stderr
    rows = {row["file"]: row for row in json.loads(done.stdout)["runs"]}
    assert set(rows) == {"quench.h5", "c15.lammps", "x.h5", *(f"r{k}.h5" for k in range(4))}
    assert rows["c15.lammps"]["state"] == "done" and rows["x.h5"]["state"] == "failed"


@pytest.mark.parametrize("how", ODD)
@pytest.mark.parametrize("name", ["plan.json", "jobs.json", "quench.json"])
def test_odd_records(name, how, study):
    (study / "glasscli-tasks" / name).unlink(missing_ok=True)
    ODD[how](study / "glasscli-tasks" / name)
    done = looked_at(study)
    if name == "quench.json":
        assert done.returncode == 0 and '"waiting"' in done.stdout
    else:
        assert done.returncode == 0 and done.stderr.count("\n") == 1 and name in done.stderr, done
        rows = {row["file"]: row["state"] for row in json.loads(done.stdout)["runs"]}
        assert rows == ({} if name == "plan.json" else {"quench.h5": "failed", "c15.lammps": "done"})


def test_a_log_and_a_history_are_read_from_their_ends(tmp_path):
    sparse(tmp_path / "log")
    with (tmp_path / "log").open("a") as file:
        file.write("\nLost atoms\n")
    assert read_end(tmp_path / "log", 2**16).splitlines()[-1] == "Lost atoms"


def test_what_is_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "text").write_text("17")
    (tmp_path / "link").symlink_to("text")
    assert read_own(tmp_path / "text") == b"17" and digest_of_file(tmp_path / "link")
    for name in ("pipe", "link", "/dev/zero", "."):
        with pytest.raises(FileError, match=r"^[^\n]*(no file|not followed)[^\n]*$"):
            read_own(tmp_path / name)
    for name in ("pipe", "/dev/zero", "."):
        with pytest.raises(FileError, match="no file"):
            digest_of_file(tmp_path / name)


def test_a_lock_of_gigabytes(tmp_path):
    sparse(tmp_path / "lock")
    assert holder_of(tmp_path) is None
    with locked(tmp_path):
        assert "process" in str(holder_of(tmp_path))


def test_analyze_of_a_pipe(tmp_path, glasscli):
    os.mkfifo(tmp_path / "a.h5")
    one_line(glasscli("show", "a.h5"), "a.h5")
