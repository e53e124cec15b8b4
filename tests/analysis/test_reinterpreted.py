"""A run that is read in another system than its own: refused unless it is meant, and then with none of its energies."""

import shutil

import numpy as np
import pytest

from glasscli.engine.minimiser import Minimiser
from glasscli.model.system import load_system
from glasscli.store.reader import open_run

OTHER = """name = "weaker"
units = "lj"
timestep = 0.005
cutoff = 2.5
skin = 0.3
commands = ["pair_style lj/cut 2.5", "pair_coeff 1 1 0.5 1", "pair_coeff 1 2 0.5 0.9167", "pair_coeff 2 2 0.5 0.8333"]
[[species]]
name = "L"
mass = 1.0
fraction = 0.5
radius = 0.55
[[species]]
name = "S"
mass = 0.5
fraction = 0.5
radius = 0.45
[defaults]
atoms = 500
volume_per_atom = 0.767
T_start = 3.0
T_end = 0.05
equilibration_steps = 100
quench_steps = 100
[fictive]
glass_below = 0.3
liquid_above = 0.7
"""


@pytest.fixture
def folder(runs, tmp_path):
    shutil.copy(runs / "quench.h5", tmp_path / "q.h5")
    (tmp_path / "weaker.toml").write_text(OTHER)
    return tmp_path


COMMANDS = [
    "analyze q.h5", "report q.h5", "render q.h5", "modes q.h5", "modes q.h5 --instantaneous", "landscape events q.h5",
    "landscape barriers q.h5", "landscape two-level q.h5", "theory excitations q.h5", "eos --with q.h5",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_another_system_is_refused(command, folder, glasscli):
    answer = glasscli(*command.split(), "--system", "weaker.toml")
    assert answer.code == 2 and answer.err.count("\n") == 1, answer.err
    assert "q.h5 was made with wahnstrom, not weaker" in answer.err and "--reinterpret" in answer.err
    assert "reinterpret" not in glasscli("show", "q.h5").err


def test_all_energies_are_then_of_the_other_system(folder, glasscli):
    before = (folder / "q.h5").read_bytes()
    words = (
        "analyze",
        "q.h5",
        "--system",
        "weaker.toml",
        "--reinterpret",
        "--measure",
        "icosahedra",
        "--json",
    )
    answer = glasscli(*words)
    assert answer.code == 0, answer.err
    data, run = answer.data, open_run(folder / "q.h5")
    with Minimiser(load_system(str(folder / "weaker.toml"))) as minimiser:
        energies = [minimiser.evaluate(frame).energy for frame in run.inherent]
    assert data["inherent_energy"] is None
    assert data["potential_energy"]["last"] == pytest.approx(energies[-1], rel=1e-9)
    assert data["potential_energy"]["mean"] == pytest.approx(np.mean(energies), rel=1e-9)
    assert any("made with wahnstrom: its atoms are read as weaker" in note for note in data["notes"])
    assert (
        folder / "q.h5"
    ).read_bytes() == before  # what is of another system does not go into the run's own file


def test_a_systems_own_smooth_variant_is_no_other_model(folder, glasscli):
    answer = glasscli("render", "q.h5", "--system", "wahnstrom-smooth")
    assert answer.code == 0 and "its atoms are read as wahnstrom-smooth" in answer.err
