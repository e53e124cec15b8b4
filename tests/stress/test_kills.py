"""A run killed at any instant goes on as if nothing had happened."""

import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from glasscli.store.reader import open_run
from glasscli.store.recorder import MANIFEST, partial_folder
from glasscli.store.so_far import VARIABLE
from glasscli.store.verify import check
from tests.conftest import run_glasscli
from tests.stress.same import assert_same_run

pytestmark = pytest.mark.stress

QUENCH = ["quench", "--atoms", "200", "--steps", "4000", "--equilibration", "500", "--checkpoint-every", "250",
          "--every", "100", "--inherent-every", "500", "--thermo-every", "50"]  # fmt: skip
ANNEAL = ["anneal", "quench.h5", "--T", "0.6", "--steps", "3000", "--checkpoint-every", "250",
          "--every", "100", "--inherent-every", "500", "--velocities"]  # fmt: skip
KINDS = {"quench": QUENCH, "anneal": ANNEAL}
# The last in segments, as runs are that write a thousand times as much.
CASES = [("quench", ""), ("anneal", ""), ("quench", "50000")]


@pytest.fixture(scope="module")
def reference(tmp_path_factory) -> Path:
    """The same runs, never interrupted."""
    folder = tmp_path_factory.mktemp("reference")
    for words in (QUENCH, ANNEAL):
        answer = run_glasscli(*words, cwd=folder)
        assert answer.code == 0, answer.err
    return folder


@pytest.fixture
def folder(tmp_path: Path, reference: Path) -> Path:
    """A folder with the parent that an anneal needs."""
    (tmp_path / "anneal").mkdir()
    (tmp_path / "quench").mkdir()
    (tmp_path / "anneal" / "quench.h5").write_bytes((reference / "quench.h5").read_bytes())
    return tmp_path


def start(words, cwd: Path) -> subprocess.Popen:
    with (cwd / "said").open("w") as said:
        return subprocess.Popen([sys.executable, "-m", "glasscli", *words], cwd=cwd, stdout=said, stderr=said)


def assert_clean(output: Path) -> None:
    """`verify` finds nothing wrong with whatever a kill left."""
    if output.exists() or (partial_folder(output) / MANIFEST).exists():
        assert check(open_run(output)) == []


@pytest.mark.parametrize(("kind", "segment"), CASES)
def test_sigkill_at_random_instants(kind, segment, folder, reference, pytestconfig, capsys, monkeypatch):
    monkeypatch.setenv(VARIABLE, segment)
    kills_wanted = 250 if pytestconfig.getoption("--full-stress") else 8
    rng = random.Random(kind)
    output, kills, finished = folder / kind / f"{kind}.h5", 0, 0
    longest = 4.0
    while kills < kills_wanted:
        process = start(KINDS[kind], output.parent)
        try:
            process.wait(timeout=rng.uniform(0.3, longest))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
            assert_clean(output)
            continue
        assert process.returncode == 0, (output.parent / "said").read_text()
        assert_same_run(output, reference / f"{kind}.h5")
        assert not partial_folder(output).exists()
        finished += 1
        output.unlink()
    assert run_glasscli(*KINDS[kind], cwd=output.parent).code == 0
    assert_same_run(output, reference / f"{kind}.h5")
    with capsys.disabled():
        print(f"\n{kind}: {kills} kills, {finished + 1} finished runs, all bit-identical")


@pytest.mark.parametrize(("kind", "segment"), CASES)
def test_sigkill_at_every_write_boundary(kind, segment, folder, reference, pytestconfig, capsys, monkeypatch):
    """The fault is injected at each boundary in turn: half-written records, before syncs, renames, the final merge."""
    monkeypatch.setenv(VARIABLE, segment)
    counter = folder / "count"
    output = folder / kind / f"{kind}.h5"

    def run(fatal: int) -> int:
        return run_glasscli(*KINDS[kind], cwd=output.parent, fault=(counter, fatal)).code

    def clear() -> None:
        for path in output.parent.glob(f"{kind}*"):
            if path.name != "quench.h5" or kind == "quench":
                path.unlink()

    for _ in range(2):  # the first run of a figure also fills caches, which later ones find
        assert run(0) == 0
        total = int(counter.read_text())
        clear()
    # The first are the change of legs, the last fifty the final merge; some of both are always tried.
    tried = range(1, total + 1)
    if not pytestconfig.getoption("--full-stress"):
        tried = sorted(
            {
                *np.linspace(1, total, 4).astype(int).tolist(),
                *range(6, 20, 7),
                *range(total - 50, total + 1, 17),
            }
        )
    for fatal in tried:
        code = run(fatal)
        # Files that Python closes when it likes make a boundary more or less.
        reached = code == -signal.SIGKILL or total - 2 <= int(counter.read_text()) < fatal
        assert reached, f"boundary {fatal} of {total} was not reached"
        assert_clean(output)
        assert run(0) == 0
        assert_same_run(output, reference / f"{kind}.h5")
        assert not partial_folder(output).exists()
        output.unlink()
    with capsys.disabled():
        print(
            f"\n{kind}: killed at {len(tried)} of {total} write boundaries, all bit-identical after resuming"
        )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1, signal.SIGINT])
def test_signals_stop_at_the_next_checkpoint(number, folder, reference):
    output = folder / "quench" / "quench.h5"
    process = start(QUENCH, output.parent)
    while not list(partial_folder(output).glob("checkpoint-*")):
        time.sleep(0.02)
        assert process.poll() is None, (output.parent / "said").read_text()
    process.send_signal(number)
    process.wait(timeout=60)
    said = (output.parent / "said").read_text()
    assert process.returncode == 75 and number.name in said
    # Ctrl-C is answered at once, others by the last line alone.
    pressed = number == signal.SIGINT
    assert said.count("\n") == 1 + pressed
    assert bool(re.match(r"stopping at step \d+.*; again: now\n", said)) == pressed
    assert_clean(output)
    shown = run_glasscli("show", "quench.h5", "--json", cwd=output.parent)
    assert shown.code == 0 and shown.data["finished"] is False
    assert run_glasscli("resume", cwd=output.parent).code == 0
    assert_same_run(output, reference / "quench.h5")


def test_a_second_ctrl_c_stops_at_once(folder, reference):
    output = folder / "quench" / "quench.h5"
    slow = [*QUENCH, "--checkpoint-every", "4000"]
    process = start(slow, output.parent)
    while not list(partial_folder(output).glob("checkpoint-1-*")):
        time.sleep(0.02)
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(0.05)
    process.wait(timeout=60)
    said = (output.parent / "said").read_text()
    assert process.returncode == 75, said
    assert check(open_run(output)) == []
    assert run_glasscli(*slow, cwd=output.parent).code == 0


def test_walltime_stops_in_time_and_the_ramp_goes_on_at_the_right_rate(folder, reference):
    """Ten or more stops; the measured temperature equals the uninterrupted ramp's at every step."""
    output, stops = folder / "quench" / "quench.h5", 0
    while True:
        answer = run_glasscli(*QUENCH, "--walltime", "0:00:00", cwd=output.parent)
        if answer.code != 75:
            break
        assert "walltime" in answer.err and answer.err.count("\n") == 1
        stops += 1
    assert answer.code == 0, answer.err
    assert stops >= 10
    assert_same_run(output, reference / "quench.h5")
    assert len(open_run(output).manifest.history) == stops + 1


@pytest.mark.parametrize("says", ["SLURM_JOB_END_TIME", "PBS_WALLTIME", "OAR_JOB_WALLTIME_SECONDS"])
def test_the_batch_systems_end_is_the_walltime(says, folder):
    end = str(int(time.time())) if says == "SLURM_JOB_END_TIME" else "1"
    answer = run_glasscli(*QUENCH, cwd=folder / "quench", **{says: end})
    assert answer.code == 75 and "walltime" in answer.err


def test_a_finished_run_is_left_alone(reference):
    before = (reference / "quench.h5").stat().st_mtime_ns
    assert run_glasscli(*QUENCH, cwd=reference).code == 0
    answer = run_glasscli("resume", "quench.h5", cwd=reference)
    assert answer.code == 0 and "nothing to do" in answer.out
    assert (reference / "quench.h5").stat().st_mtime_ns == before


def test_what_a_kill_left_of_a_finished_run_is_removed(folder, reference):
    """Killed in the middle of removing its working folder, whose manifest was the first to go."""
    output = folder / "quench" / "quench.h5"
    output.write_bytes((reference / "quench.h5").read_bytes())
    partial_folder(output).mkdir()
    (partial_folder(output) / "journal").write_bytes(b"left")
    assert run_glasscli(*QUENCH, cwd=output.parent).code == 0
    assert not partial_folder(output).exists()
    assert_same_run(output, reference / "quench.h5")


def test_extending_equals_one_long_run(folder, reference):
    output = folder / "anneal" / "anneal.h5"
    short = [word if word != "3000" else "2000" for word in ANNEAL]
    assert run_glasscli(*short, cwd=output.parent).code == 0
    assert run_glasscli("resume", "anneal.h5", "--steps", "1000", "more", cwd=output.parent).code == 0
    assert_same_run(output, reference / "anneal.h5")
    refused = run_glasscli("resume", "quench.h5", "--steps", "1000", "more", cwd=output.parent)
    assert refused.code == 2 and "ramp has ended" in refused.err


def test_two_processes_cannot_write_one_file(folder):
    output = folder / "quench" / "quench.h5"
    first = start([*QUENCH, "--steps", "100000"], output.parent)
    while not list(partial_folder(output).glob("checkpoint-*")):
        time.sleep(0.02)
    second = run_glasscli(*QUENCH, "--steps", "100000", cwd=output.parent)
    assert second.code == 1 and f"process {first.pid} on " in second.err and second.err.count("\n") == 1
    forced = run_glasscli(*QUENCH, "--force", cwd=output.parent)
    assert forced.code == 1 and "is writing it" in forced.err
    first.kill()
    first.wait()
    stopped = run_glasscli(*QUENCH, "--steps", "100000", "--walltime", "0", cwd=output.parent)
    assert stopped.code == 75, "a killed holder's lock is void"


def test_another_lammps_goes_on_from_the_full_state(folder, reference):
    """A restart of another LAMMPS version cannot be read: positions and velocities go on, and the history says so."""
    from dataclasses import replace

    from glasscli.store import checkpoint as checkpoints

    output = folder / "quench" / "quench.h5"
    assert run_glasscli(*QUENCH, "--walltime", "0", cwd=output.parent).code == 75
    run_glasscli(*QUENCH, "--walltime", "0", cwd=output.parent)
    partial = partial_folder(output)
    found = checkpoints.latest(partial, 2**60)
    checkpoints.write(partial, replace(found, lammps_version=found.lammps_version - 1, step=found.step))
    assert run_glasscli("resume", cwd=output.parent).code == 0
    run = open_run(output)
    assert [i.exact for i in run.manifest.history][-1] is False
    assert check(run) == []
    assert run.thermo["temperature"][-1] < 0.3


def test_lost_atoms_propose_a_smaller_timestep_and_go_on_with_it(folder):
    output = folder / "quench" / "quench.h5"
    answer = run_glasscli(*QUENCH, "--timestep", "0.03", cwd=output.parent)
    assert answer.code == 1 and "--timestep" in answer.err and answer.err.count("\n") == 1
    assert run_glasscli("resume", "quench.h5", "--timestep", "0.002778", cwd=output.parent).code == 0
    assert check(open_run(output)) == []
