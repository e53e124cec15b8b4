"""A tension that is killed goes on as if nothing had happened, in its rest and after, however its box has changed."""

import random
import subprocess
import sys
import time

import pytest

from glasscli.store.recorder import partial_folder
from tests.conftest import run_glasscli
from tests.simulation.test_uniaxial import assert_same_tension

pytestmark = pytest.mark.stress

GLASS = ["quench", "--system", "soft-sphere", "--atoms", "250", "--steps", "1500", "--equilibration", "100"]
TENSION = ["flow", "quench.h5", "--T", "0.2", "--mode", "uniaxial", "--rate", "-0.02", "--strain-max", "0.2"]
TENSION += ["--pressure", "7", "--rest", "1000", "--checkpoint-every", "100", "--every", "250"]


def test_sigkill_at_random_instants_of_a_tension(tmp_path, pytestconfig):
    """From a glass whose own ramp is at constant volume; instants from when the run has its folder on."""
    rng, output = random.Random("tension"), tmp_path / "flow.h5"
    assert run_glasscli(*GLASS, "--inherent-every", "0", cwd=tmp_path).code == 0
    began = time.monotonic()
    assert (answer := run_glasscli(*TENSION, cwd=tmp_path)).code == 0, answer.err
    longest = time.monotonic() - began
    reference = output.rename(tmp_path / "reference.h5")
    for _ in range(40 if pytestconfig.getoption("--full-stress") else 1):
        process = subprocess.Popen(
            [sys.executable, "-m", "glasscli", *TENSION], cwd=tmp_path,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while process.poll() is None and not partial_folder(output).exists():
            time.sleep(0.02)
        time.sleep(rng.uniform(0, 0.5) * longest)
        process.kill()
        process.wait()
        if output.exists():
            assert_same_tension(output, reference)
            output.unlink()
    assert run_glasscli(*TENSION, cwd=tmp_path).code == 0
    assert_same_tension(output, reference)
