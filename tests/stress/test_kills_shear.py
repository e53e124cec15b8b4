"""A run of strain that is killed at any instant goes on as if nothing had happened, rearrangements and all."""

import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from glasscli.analysis.strained import minima
from glasscli.store.reader import open_run
from glasscli.store.recorder import partial_folder
from glasscli.store.schema import EVENT, SIDES, STRAIN
from tests.conftest import run_glasscli
from tests.stress.same import assert_same_run

pytestmark = pytest.mark.stress

GLASS = ["quench", "--atoms", "200", "--steps", "4000", "--equilibration", "500"]
SHEAR = ["shear", "quench.h5", "--strain-max", "0.1", "--strain-step", "2e-3", "--checkpoint-every", "2"]


def assert_same_strain(path: Path, reference: Path) -> None:
    """Also what only runs of strain have."""
    assert_same_run(path, reference)
    one, other = open_run(path), open_run(reference)
    for series in (STRAIN, EVENT, SIDES):
        ours, theirs = one.table(series), other.table(series)
        assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)
    assert minima(one).digests() == minima(other).digests()


@pytest.mark.parametrize("more", [[], ["--mode", "uniaxial", "--sides", "pressure"]], ids=["shear", "pull"])
def test_sigkill_at_random_instants_of_a_shear(more, tmp_path, pytestconfig, capsys):
    """Instants are drawn from as long as an undisturbed run takes, of whatever is left."""
    words = [*SHEAR, *more]
    wanted = 40 if pytestconfig.getoption("--full-stress") else 4
    rng, output = random.Random("shear"), tmp_path / "shear.h5"
    assert run_glasscli(*GLASS, cwd=tmp_path).code == 0
    began = time.monotonic()
    assert run_glasscli(*words, cwd=tmp_path).code == 0
    longest = time.monotonic() - began
    reference = output.rename(tmp_path / "reference.h5")
    assert len(open_run(reference).table(EVENT)["step"])
    kills = within = finished = 0
    while kills < wanted:
        with (tmp_path / "said").open("w") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "glasscli", *words], cwd=tmp_path, stdout=said, stderr=said
            )
        try:
            process.wait(timeout=rng.uniform(0.1, 1) * longest)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
            within += partial_folder(output).exists() and not output.exists()
            continue
        assert process.returncode == 0, (tmp_path / "said").read_text()
        assert_same_strain(output, reference)
        finished += 1
        output.unlink()
    assert run_glasscli(*words, cwd=tmp_path).code == 0
    assert_same_strain(output, reference)
    assert not partial_folder(output).exists()
    with capsys.disabled():
        print(
            f"\nshear: {kills} kills, {within} of them within the run, {finished + 1} finished runs, same bits"
        )
