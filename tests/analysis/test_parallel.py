import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from glasscli.analysis.parallel import iterate_frames
from glasscli.errors import GlassError, InputError
from tests.formats.test_foreign import write_dump

FRAMES = 23


def map_frames(*args, **options):
    return [result for _, result in iterate_frames(*args, **options)]


@pytest.fixture(scope="module")
def trajectory(tmp_path_factory):
    return write_dump(tmp_path_factory.mktemp("parallel") / "a.dump", frames=FRAMES)


# What spawned processes run must be importable, so it stands at the top.
def centre(configuration):
    return configuration.step, configuration.positions.mean(axis=0)


def process(configuration):
    return os.getpid()


def refuse_step_1500(configuration):
    if configuration.step == 1500:
        raise GlassError("step 1500 is not welcome")
    return configuration.step


class Awkward(Exception):
    def __init__(self, one, two):
        super().__init__(one)


def elsewhere():
    """Whether another process started this one; that one waits for it meanwhile."""
    time.sleep(0.1)
    return multiprocessing.parent_process() is not None


def raise_awkward_elsewhere(configuration):
    if elsewhere():
        raise Awkward("cannot be pickled back", 2)


def die_elsewhere(configuration):
    if elsewhere():
        os.kill(os.getpid(), signal.SIGKILL)


def test_many_processes_give_what_one_gives_in_order(trajectory):
    seen = []
    one = map_frames(centre, trajectory, jobs=1)
    two = map_frames(centre, trajectory, jobs=2, progress=seen.append)
    assert [step for step, _ in two] == [100 * k for k in range(FRAMES)]
    np.testing.assert_array_equal([c for _, c in one], [c for _, c in two])
    assert seen == list(range(1, FRAMES + 1))


def test_one_job_stays_here_and_of_two_one_goes_elsewhere(trajectory):
    assert set(map_frames(process, trajectory, jobs=1)) == {os.getpid()}
    seen = map_frames(process, trajectory, jobs=2)
    assert os.getpid() in seen and len(set(seen)) == 2


def test_chosen_frames(trajectory):
    assert [(k, r[0]) for k, r in iterate_frames(centre, trajectory, [5, -1, 0], jobs=1)] == [
        (5, 500),
        (FRAMES - 1, 100 * (FRAMES - 1)),
        (0, 0),
    ]
    assert map_frames(centre, trajectory, [], jobs=2) == []
    with pytest.raises(InputError, match=f"frames 0 to {FRAMES - 1}, not {FRAMES}"):
        map_frames(centre, trajectory, [FRAMES])
    with pytest.raises(InputError, match="jobs must be at least 1"):
        map_frames(centre, trajectory, jobs=0)


@pytest.mark.parametrize("jobs", [1, 2])
def test_failing_frame_gives_its_own_error(trajectory, jobs):
    with pytest.raises(GlassError) as caught:
        map_frames(refuse_step_1500, trajectory, jobs=jobs)
    assert str(caught.value) == "step 1500 is not welcome"


def test_error_that_cannot_travel_comes_as_text(trajectory):
    with pytest.raises(GlassError, match="Awkward: cannot be pickled back"):
        map_frames(raise_awkward_elsewhere, trajectory, jobs=2)


def test_killed_worker_is_noticed(trajectory):
    with pytest.raises(GlassError, match=r"ended from outside \(exit code -9\)"):
        map_frames(die_elsewhere, trajectory, jobs=2)


def test_closing_early_ends_the_workers(trajectory):
    results = iterate_frames(process, trajectory, jobs=3)
    next(results)
    workers = multiprocessing.active_children()
    assert len(workers) == 2
    results.close()
    assert not any(worker.is_alive() for worker in workers)


def test_ctrl_c_ends_all_processes_without_noise(trajectory, tmp_path):
    script = tmp_path / "slow.py"
    script.write_text(
        textwrap.dedent("""
        import sys, time
        from glasscli.analysis.parallel import iterate_frames

        def slow(configuration):
            print("working", flush=True)
            time.sleep(60)

        if __name__ == "__main__":
            try:
                list(iterate_frames(slow, sys.argv[1], jobs=2))
            except KeyboardInterrupt:
                sys.exit(130)
        """)
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    run = subprocess.Popen(
        [sys.executable, script, trajectory],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=environment,
    )
    try:
        assert run.stdout.readline() == "working\n"
        started = time.monotonic()
        os.killpg(run.pid, signal.SIGINT)
        _, noise = run.communicate(timeout=30)
    finally:
        run.kill()
    assert run.returncode == 130
    assert time.monotonic() - started < 10
    assert noise == ""


FORKING = """
import os, sys, time
from glasscli.analysis import workers
from glasscli.analysis.parallel import iterate_frames
from tests.analysis.test_parallel import process

def told():
    open(sys.argv[2], "a").write(f"{os.getpid()}\\n")

def slow(path):
    time.sleep(0.3)
    open(path, "w").write("whole")

with workers.forked(2):
    workers.idle()[0].call(slow, sys.argv[2] + "-slow")
assert open(sys.argv[2] + "-slow").read() == "whole", "what is written is waited for"

with workers.forked(2):
    (worker,) = workers.idle()
    for _ in range(2):
        seen = {result for _, result in iterate_frames(process, sys.argv[1], jobs=2, then=told)}
        assert len(seen) == 2 and os.getpid() in seen and workers.idle() == [worker], seen
    first = iterate_frames(process, sys.argv[1], jobs=2)
    next(first)
    first.close()
    assert not workers.idle(), "what may be at work still is not asked again"
    assert "ovito" in sys.modules
    with workers.forked(3):
        assert not workers.idle(), "OVITO does not survive a fork"
"""


def test_a_fork_works_for_one_file_after_the_other(trajectory, tmp_path):
    said = tmp_path / "said"
    script = tmp_path / "forking.py"
    script.write_text(FORKING)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, script, trajectory, said],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    pids = said.read_text().split()
    assert len(pids) == 2 and len(set(pids)) == 1
