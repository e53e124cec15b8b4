"""Atoms in a box that LAMMPS shears by twice its edge and flips on the way: what they move is not what the box does."""

import json
import subprocess

import numpy as np
import pytest

from glasscli.cli import analyze
from glasscli.formats.foreign import open_source
from glasscli.observables.displacement import Followed, displacements, steady
from tests.conftest import in_process
from tests.engine.test_launch import LMP

# Free flight along x, which a shear of x leaves as it is: atom k by V (k - 32) a unit of time.
INPUT = """
units lj
lattice sc 1.0
region box prism 0 4 0 4 0 4 0 0 0
create_box 1 box
create_atoms 1 box
mass 1 1.0
pair_style zero 0.5
pair_coeff * *
neigh_modify every 1 check no
variable speed atom 0.1*(id-32)
velocity all set v_speed 0 0
fix fly all nve
fix shear all deform 1 xy erate 2.0 remap x
timestep 0.01
dump flags all custom 10 flags.dump id type x y z ix iy iz
dump flown all custom 10 flown.dump id type xu yu zu
dump bare all custom 10 bare.dump id type x y z
run 100
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sheared")
    (folder / "in.shear").write_text(INPUT)
    subprocess.run(
        [LMP, "-in", "in.shear", "-log", "none", "-screen", "none"], cwd=folder, check=True, timeout=60
    )
    return folder


@pytest.mark.parametrize("name", ["flags", "flown", "bare"])
def test_a_flip_moves_no_atom(folder, name):
    frames = open_source(folder / f"{name}.dump")
    tilts = np.array([frame.box.vectors[1, 0] for frame in frames])
    assert (np.diff(tilts) < 0).sum() == 2 and np.abs(tilts).max() < 2.5
    followed = steady(frames)
    followed = Followed(followed) if name == "bare" else followed
    assert [frame.box.vectors[1, 0] for frame in followed] == pytest.approx(np.arange(11) * 0.8, abs=1e-9)
    speeds = 0.1 * (np.arange(1, 65) - 32)
    for i, j in ((0, 10), (3, 8), (10, 2)):
        found = displacements(followed[i], followed[j])
        assert found[:, 0] == pytest.approx(speeds * 0.1 * (j - i), abs=1e-4)  # six digits in the file
        assert found[:, 1:] == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("name", ["flags", "bare"])
def test_motion_is_that_of_the_atoms(folder, name, monkeypatch):
    code, out, err = in_process("analyze", analyze.command, folder, monkeypatch)(
        f"{name}.dump", "--measure", "displacements", "--json"
    )
    assert code == 0, err
    motion = json.loads(out)["displacements"]["motion"]
    assert motion["lag"][-1] == 100
    assert motion["msd"][-1] == pytest.approx(np.var(0.1 * np.arange(64)), rel=1e-4)
