"""The streams and the shell around a command: closed, full, left by their reader, narrow in memory or descriptors.

One line with the place, the exit code of the work, no traceback, and nothing that a library says.
"""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from glasscli.store.reader import open_run
from glasscli.store.recorder import partial_folder
from tests.conftest import run_glasscli
from tests.stress.same import assert_same_run

GLASSCLI = f"{sys.executable} -m glasscli"
GOOD, MISSING = "show quench.h5", "show missing.h5"
QUENCH = "quench --atoms 200 --steps 400 --equilibration 100 --every 100 --checkpoint-every 100"
FULL = "stdout: no space left on device"

# words and redirections; the exit code; what stands on stderr, None for nothing.
CASES = [
    (f"{GOOD} >&-", 0, None),
    (f"{GOOD} --json 2>&-", 0, None),
    (f"{MISSING} 2>&-", 2, None),
    (f"{MISSING} >&- 2>&-", 2, None),
    (f"{MISSING} 2>/dev/full", 2, None),
    (f"{GOOD} >/dev/full", 1, FULL),
    (f"{GOOD} --json >/dev/full", 1, FULL),
    ("--help >/dev/full", 1, FULL),
    (f"{GOOD} >/dev/full 2>/dev/full", 1, None),
    (f"{MISSING} >/dev/full", 2, "missing.h5"),
    (f"{GOOD} <&- >&- 2>&-", 0, None),
    ("quench --help >&-", 0, None),
]


@pytest.fixture
def folder(tmp_path: Path, runs: Path) -> Path:
    (tmp_path / "quench.h5").symlink_to(runs / "quench.h5")
    return tmp_path


def shell(line: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["bash", "-c", line],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | environment,
    )


@pytest.mark.parametrize(("words", "code", "says"), CASES, ids=[c[0] for c in CASES])
def test_closed_and_full_streams(words, code, says, folder):
    done = shell(f"{GLASSCLI} {words}", folder)
    assert done.returncode == code, done
    assert (done.stderr == "") if says is None else (says in done.stderr and done.stderr.count("\n") == 1), (
        done
    )


@pytest.mark.parametrize(("words", "code"), [(GOOD, 0), ("verify missing.h5 --json", 2), ("--help", 0)])
def test_a_reader_that_leaves_is_no_failure(words, code, folder):
    done = shell(f"{GLASSCLI} {words} 2>said | true; echo ${{PIPESTATUS[0]}}", folder)
    assert done.stdout.strip() == str(code)
    assert (folder / "said").read_text().count("\n") == (1 if code else 0)


def test_no_file_of_ours_becomes_a_closed_stream(tmp_path):
    """Descriptors 1 and 2 that are free would be the journal's: what a library prints would be in it."""
    assert shell(f"{GLASSCLI} {QUENCH} <&- >&- 2>&-", tmp_path).returncode == 0
    assert run_glasscli(*QUENCH.split(), "-o", "same.h5", cwd=tmp_path).code == 0
    assert_same_run(tmp_path / "quench.h5", tmp_path / "same.h5")


@pytest.mark.parametrize("limit", ["-n 16", "-n 8", "-f 10"])
def test_mpi_that_cannot_start_is_one_line(limit, tmp_path):
    """MPICH ends the process with lines of its own, on both streams."""
    done = shell(f"ulimit {limit}; {GLASSCLI} {QUENCH} --json", tmp_path)
    assert done.returncode == 1 and f"ulimit {limit}" in done.stderr, done
    assert done.stdout.count("\n") == done.stderr.count("\n") == 1, done
    assert shell(f"{GLASSCLI} {QUENCH}", tmp_path).returncode == 0


@pytest.mark.parametrize("kilobytes", [100_000, 120_000, 150_000])
def test_a_small_address_space_is_one_line(kilobytes, tmp_path):
    done = shell(f"ulimit -v {kilobytes}; {GLASSCLI} {QUENCH}", tmp_path)
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done
    assert "memory" in done.stderr or "ulimit -v" in done.stderr or "does not start" in done.stderr, done


def test_odd_places_and_terminals(folder):
    """No home, ASCII only, one column, no temporary folder, a working folder that is gone."""
    odd = [
        {"HOME": "/nonexistent"},
        {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
        {"COLUMNS": "1"},
        {"TMPDIR": "/proc"},
        {"PMI_RANK": "x", "PMI_SIZE": "-1"},
    ]
    for environment in odd:
        done = shell(f"{GLASSCLI} {GOOD}", folder, **environment)
        assert (done.returncode, done.stderr) == (0, ""), (environment, done)
    gone = shell(f"mkdir gone; cd gone; rmdir ../gone; {GLASSCLI} {QUENCH} 2>../said; echo $?", folder)
    assert gone.stdout.strip() == "1" and "was removed" in (folder / "said").read_text()


def test_figures_need_nothing_of_matplotlibs_environment(folder):
    """A notebook sets a backend for all that it starts; what matplotlib says of a home that is none is its own."""
    command = f"{GLASSCLI} analyze quench.h5 -o t --measure pdf --force"
    for odd in ({"MPLBACKEND": "module://not_installed"}, {"MPLCONFIGDIR": "/dev/null", "HOME": "/dev/null"}):
        done = shell(command, folder, **odd)
        assert done.returncode == 0, (odd, done)
        assert all(line.startswith("note: ") for line in done.stderr.splitlines()), (odd, done)


def test_limits_of_the_environment_are_looked_at_first(folder):
    done = shell(f"{GLASSCLI} {GOOD}", folder, GLASSCLI_MAX_BYTES="-1")
    assert done.returncode == 2 and done.stderr.startswith(
        "glasscli: GLASSCLI_MAX_BYTES='-1' is not a positive"
    )


def test_a_run_needs_no_temporary_folder(tmp_path):
    """TMPDIR that cannot be written to, and none at all."""
    for number, place in enumerate(("/proc", "/nonexistent")):
        done = shell(f"{GLASSCLI} {QUENCH} -o {number}.h5", tmp_path, TMPDIR=place)
        assert done.returncode == 0 and done.stderr == "", done
    assert_same_run(tmp_path / "0.h5", tmp_path / "1.h5")


def test_a_closed_terminal_loses_nothing(tmp_path):
    """A run in a real terminal that is closed in its midst: checkpoints are kept, and it goes on to the same bits."""
    words = [*QUENCH.replace("--steps 400", "--steps 4000").split()]
    assert run_glasscli(*words, "-o", "whole.h5", cwd=tmp_path).code == 0
    child, terminal = pty.fork()
    if not child:
        os.chdir(tmp_path)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whatever runs the tests may ignore it
        os.execv(sys.executable, [sys.executable, "-m", "glasscli", *words])
    working = partial_folder(tmp_path / "quench.h5")
    for _ in range(6000):
        if list(working.glob("checkpoint-*")) or (tmp_path / "quench.h5").exists():
            break
        time.sleep(0.01)
    os.close(terminal)  # the kernel sends SIGHUP
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, 75, -signal.SIGHUP), code  # done, asked to stop, not yet listening
    assert run_glasscli(*words, cwd=tmp_path).code == 0
    assert_same_run(tmp_path / "quench.h5", tmp_path / "whole.h5")


def test_a_clock_that_goes_back_costs_nothing(tmp_path):
    """The wall clock jumps back an hour at each look: the run, its state and what is left of it are sane."""
    jumping = (
        "import time\nreal, jumps = time.time, [0]\n"
        "def back():\n    jumps[0] += 1\n    return real() - 3600 * jumps[0]\n"
        "time.time = back\nfrom glasscli.cli import main; main()\n"
    )
    (tmp_path / "jumping.py").write_text(jumping)
    done = shell(f"{sys.executable} jumping.py {QUENCH}; {sys.executable} jumping.py status --json", tmp_path)
    assert done.returncode == 0 and done.stderr == "", done
    assert run_glasscli(*QUENCH.split(), "-o", "same.h5", cwd=tmp_path).code == 0
    assert_same_run(tmp_path / "quench.h5", tmp_path / "same.h5")
    assert all(part.wall_seconds >= 0 for part in open_run(tmp_path / "quench.h5").manifest.history)
