"""What goes wrong in one task is named by `run` and by `status`, and costs the others nothing."""

import os
import subprocess

import pytest

STUDY = """
folder = "out"
[stages.quench]
atoms = 200
steps = 400
equilibration = 0
inherent-every = 0
timestep = [0.002778, 1.0]
[stages.anneal]
start = "torn.h5"
T = 0.5
steps = 200
[stages.full]
command = "quench"
atoms = 200
steps = 400
equilibration = 0
inherent-every = 0
"""


@pytest.fixture
def full_disk(tmp_path):
    """The working folder of the stage `full` on a file system of 16 kB; a call frees it."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system takes root")
    folder = tmp_path / "out" / "full.h5.partial"
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", folder], check=True)
    mounted = [folder]
    yield lambda: subprocess.run(["umount", mounted.pop()], check=True)
    for one in mounted:
        subprocess.run(["umount", one], check=True)


def test_a_lost_atom_a_torn_parent_and_a_full_disk(full_disk, glasscli, tmp_path):
    (tmp_path / "study.toml").write_text(STUDY)
    (tmp_path / "torn.h5").write_bytes(b"torn")
    answer = glasscli("run", "study.toml", "--jobs", 2, "--json")
    assert (answer.code, answer.data["done"], answer.data["failed"]) == (1, 1, 3)
    rows = {row["name"]: row for row in glasscli("status", "out", "--json").data["runs"]}
    says = {
        "quench-timestep1.0": "Lost atoms",
        "anneal": "torn.h5: not an HDF5 file",
        "full": "no space left",
    }
    for name, words in says.items():
        assert rows[name]["state"] == "failed" and words in rows[name]["reason"], rows[name]
    assert rows["quench-timestep0.002778"]["state"] == "done"
    full_disk()
    assert glasscli("run", "study.toml", "--json").data["done"] == 2
    assert (tmp_path / "out" / "full.h5").exists()
