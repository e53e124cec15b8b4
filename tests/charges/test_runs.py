"""Runs of charged and sized atoms end to end: restarts, other engines, files, modes."""

import h5py
import numpy as np
import pytest

from glasscli.store.reader import open_run
from tests.charges import salts
from tests.stress.same import assert_same_run

QUENCH = ["quench", "--system", "salt.toml", "--steps", "150", "--checkpoint-every", "50", "--every", "50",
          "--inherent-every", "150"]  # fmt: skip


@pytest.mark.parametrize("diameter", [None, 1.0], ids=["charge", "sphere"])
@pytest.mark.parametrize("commands", [salts.DSF, salts.EWALD], ids=["dsf", "ewald"])
def test_a_stopped_run_goes_on_to_the_same_bits(glasscli, tmp_path, commands, diameter, pytestconfig):
    if diameter and commands is salts.EWALD and not pytestconfig.getoption("--full-stress"):
        pytest.skip("spheres with long-range charges with --full-stress")
    (tmp_path / "salt.toml").write_text(salts.salt(commands, diameter=diameter))
    whole = glasscli(*QUENCH, "-o", "whole.h5")
    assert whole.code == 0, whole.err
    stopped = glasscli(*QUENCH, "-o", "parts.h5", "--walltime", "0")
    assert stopped.code == 75, stopped.err
    again = glasscli("resume", "parts.h5")
    assert again.code == 0, again.err
    assert_same_run(tmp_path / "whole.h5", tmp_path / "parts.h5")
    with h5py.File(tmp_path / "whole.h5") as file:
        charges = file["particles/all/charge"][:]
    species = open_run(tmp_path / "whole.h5").species
    assert np.array_equal(charges, np.where(species == 1, 1.0, -1.0))


def test_lammps_outside_and_data_files_give_the_same_energies(glasscli, tmp_path):
    (tmp_path / "salt.toml").write_text(salts.salt(salts.EWALD))
    made = glasscli(*QUENCH, "--steps", "100")
    assert made.code == 0, made.err
    exported = glasscli("export", "quench.h5", "-o", "glass.data")
    assert exported.code == 0, exported.err
    lines = (tmp_path / "glass.data").read_text().splitlines()
    start = lines.index("Atoms # charge") + 2
    assert {tuple(line.split()[1:3]) for line in lines[start : start + 200]} == {("1", "1"), ("2", "-1")}
    hold = [
        "anneal",
        "glass.data",
        "--system",
        "salt.toml",
        "--T",
        "0.3",
        "--steps",
        "100",
        "--thermo-every",
        "50",
    ]
    for output, more in (("in.h5", []), ("out.h5", ["--ranks", "2"])):
        held = glasscli(*hold, "--inherent-every", "100", "-o", output, *more)
        assert held.code == 0, held.err
    inside, outside = (open_run(tmp_path / name).thermo["potential_energy"] for name in ("in.h5", "out.h5"))
    assert inside == pytest.approx(outside, rel=1e-6)


def test_modes_of_charges_are_made_by_ewalds_sum_and_say_so(glasscli, tmp_path):
    (tmp_path / "salt.toml").write_text(salts.salt(salts.EWALD))
    small = ["--atoms", "126", "--steps", "200", "--checkpoint-every", "100", "--inherent-every", "200"]
    assert glasscli("quench", "--system", "salt.toml", *small).code == 0
    found = glasscli("modes", "quench.h5", "--no-figure", "--json")
    assert found.code == 0, found.err
    data = found.data
    assert data["method"]["hessian"] == "ewald"
    assert any("Ewald's sum" in note for note in data["notes"])


def test_what_atoms_do_not_carry_is_said(glasscli, tmp_path):
    bare = salts.salt(salts.DSF).replace("charge = 1.0", "").replace("charge = -1.0", "")
    (tmp_path / "salt.toml").write_text(bare)
    refused = glasscli("quench", "--system", "salt.toml", "--steps", "200")
    assert refused.code and "give each [[species]]" in refused.err and len(refused.err.splitlines()) == 1


def test_charges_that_do_not_add_up_are_refused_before_anything_runs(glasscli, tmp_path):
    refused = glasscli("quench", "--system", "silica", "--atoms", "1000")
    assert (
        refused.code and "1000 atoms of silica (333 Si, 667 O) have the charge -1.2: 999 atoms" in refused.err
    )
    shifted = glasscli("quench", "--system", "silica", "--atoms", "648", "--composition", "Si=0.5,O=0.5")
    assert shifted.code and "have the charge +388.8" in shifted.err
    for answer in (refused, shifted):
        assert len(answer.err.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())
