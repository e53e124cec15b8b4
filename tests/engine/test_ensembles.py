"""What a restart gives back in each ensemble (docs/exactness.md states it)."""

import numpy as np
import pytest

from glasscli.store.reader import open_run
from glasscli.store.verify import check
from tests.conftest import run_glasscli
from tests.engine.test_bits import assert_same, lmp, state_of

QUENCH = ["quench", "--atoms", "200", "--steps", "2000", "--equilibration", "300", "--checkpoint-every", "500",
          "--every", "500", "--inherent-every", "0"]  # fmt: skip


@pytest.fixture
def interrupted(tmp_path):
    """Make a run in one go and a run stopped at every checkpoint; return both."""

    def make(ensemble: str):
        words = [*QUENCH, "--ensemble", ensemble]
        assert run_glasscli(*words, "-o", "whole.h5", cwd=tmp_path).code == 0
        codes = [75]
        while codes[-1] == 75:
            codes.append(run_glasscli(*words, "-o", "pieces.h5", "--walltime", "0", cwd=tmp_path).code)
        assert codes[-1] == 0 and len(codes) > 4
        return open_run(tmp_path / "whole.h5"), open_run(tmp_path / "pieces.h5")

    return make


@pytest.mark.parametrize("ensemble", ["nvt", "langevin", "npt"])
def test_interrupted_runs_are_bit_exact(ensemble, interrupted):
    whole, pieces = interrupted(ensemble)
    assert_same(whole.state(-1).configuration, pieces.state(-1).configuration)
    assert np.array_equal(whole.thermo["temperature"], pieces.thermo["temperature"])
    assert (len({c.volume for c in whole.frames}) > 1) == (ensemble == "npt")
    assert check(pieces) == []


def test_langevin_equals_lmp_alone(tmp_path):
    words = [*QUENCH, "--ensemble", "langevin"]
    assert run_glasscli(*words, cwd=tmp_path).code == 0
    assert run_glasscli(*words, "--dry-run", "-o", "deck", cwd=tmp_path).code == 0
    lmp(tmp_path / "deck", "quench.in")
    run = open_run(tmp_path / "quench.h5")
    assert_same(
        run.state(-1).configuration,
        state_of(run.manifest.system, (tmp_path / "deck/quench.end.restart").read_bytes()),
    )
    assert run.thermo["temperature"][0] == pytest.approx(2.0, abs=0.4)
