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
