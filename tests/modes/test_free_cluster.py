"""Atoms that touch no others turn as freely as they shift: no mode of that kind is soft, or unstable."""

import json

from glasscli.cli.modes import command as modes_command
from tests.conftest import in_process

XYZ = '3\nLattice="20 0 0 0 20 0 0 0 20" Properties=species:S:1:pos:R:3 pbc="T T T"\n'


def test_a_free_molecule_has_six_zero_modes(tmp_path, monkeypatch):
    call = in_process("modes", modes_command, tmp_path, monkeypatch)
    (tmp_path / "a.xyz").write_text(XYZ + "Cu 5 5 5\nZr 7.5 5 5\nZr 5 7.8 5\n")
    code, out, err = call("a.xyz", "--system", "cuzr", "--json", "--no-figure")
    assert code == 0 and "Warning" not in err, err
    data = json.loads(out)
    # Three shifts and three turns; three vibrations of three atoms that are not in a line.
    assert (data["zero_modes"], data["unstable"], data["modes"]) == (6, 0, 9)
    assert "saddle" not in err and data["frequency_min"] > 1


ARGON = """name = "argon"
units = "real"
timestep = 2.0
cutoff = 8.5
skin = 0.5
commands = ["pair_style lj/cut 8.5", "pair_modify shift yes", "pair_coeff 1 1 0.238 3.405"]

[[species]]
name = "Ar"
mass = 39.948
fraction = 1.0

[defaults]
atoms = 300
volume_per_atom = 45.0
T_start = 150.0
T_end = 10.0
"""


def test_turns_of_a_cluster_at_its_minimum_are_zero_modes(tmp_path, monkeypatch):
    """An icosahedron shifts and turns in six ways; forces that a minimiser leaves make turns slow, not still."""
    golden = (1 + 5**0.5) / 2
    shell = [(0, a, b * golden) for a in (-1, 1) for b in (-1, 1)]
    shell = [(0, 0, 0), *shell, *((z, x, y) for x, y, z in shell), *((y, z, x) for x, y, z in shell)]
    rows = "".join(f"Ar {1.95 * x} {1.95 * y} {1.95 * z}\n" for x, y, z in shell)
    (tmp_path / "lj13.xyz").write_text(f"13\n\n{rows}")
    (tmp_path / "argon.toml").write_text(ARGON)
    call = in_process("modes", modes_command, tmp_path, monkeypatch)
    code, out, err = call("lj13.xyz", "--system", "argon.toml", "--json", "--no-figure")
    assert code == 0, err
    data = json.loads(out)
    assert (data["zero_modes"], data["unstable"], data["modes"]) == (6, 0, 39)
    # Vibrations of an icosahedron lie within a factor of four; turns a million below.
    assert data["frequency_min"] > data["frequency_max"] / 20
