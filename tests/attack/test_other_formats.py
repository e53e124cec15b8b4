"""Formats that OVITO reads and we do not look into: what they claim, where they are torn, what they leave unsaid."""

import struct

import pytest

from glasscli.errors import FileError
from glasscli.formats.foreign import ForeignTrajectory
from glasscli.formats.scan import scan
from tests.conftest import run_glasscli, zygote

PLACES = [(i % 2 * 1.5, i // 2 % 2 * 1.5, i // 4 * 1.5) for i in range(8)]
MANY = 10**9


def rows(before: str = "", edge: float = 1.0) -> str:
    """A line of three coordinates for each atom."""
    return "".join(f"{before}{x / edge:g} {y / edge:g} {z / edge:g}\n" for x, y, z in PLACES)


POSCAR = "by hand\n1.0\n4 0 0\n0 4 0\n0 0 4\nCu Zr\n4 {n}\nCartesian\n" + rows()
CFG = "Number of particles = {n}\nA = 1.0 Angstrom\n" + "".join(
    f"H0({i},{j}) = {4 * (i == j)} A\n" for i in (1, 2, 3) for j in (1, 2, 3)
) + ".NO_VELOCITY.\nentry_count = 3\n63.5\nCu\n" + rows(edge=4)  # fmt: skip
XSF = "CRYSTAL\nPRIMVEC\n4 0 0\n0 4 0\n0 0 4\nPRIMCOORD\n{n} 1\n" + rows("Cu ")
CUBE = "c\nc\n{n} 0 0 0\n2 2.0 0 0\n2 0 2.0 0\n2 0 0 2.0\n" + rows("29 0 ")
CLAIMS = {"POSCAR": POSCAR, "a.cfg": CFG, "a.xsf": XSF, "a.cube": CUBE + "0.0 " * 8 + "\n"}
IMD = "#F A 0 1 1 3 0 0\n#C type mass x y z\n#X 4 0 0\n#Y 0 4 0\n#Z 0 0 4\n#E\n" + rows("0 63 ")


def binary_dump(atoms: int) -> bytes:
    """Of eight atoms, as LAMMPS writes it since 2020, that says how many it holds."""
    names = b"id type x y z"
    head = struct.pack("<q8siiqqi6i6d", -8, b"DUMPATOM", 1, 2, 0, atoms, 0, *[0] * 6, *[0, 4] * 3)
    head += struct.pack("<iibi", 5, 0, 0, len(names)) + names + struct.pack("<ii", 1, 40)
    return head + b"".join(struct.pack("<5d", i + 1, 1, *p) for i, p in enumerate(PLACES))


@pytest.mark.parametrize("name", [*CLAIMS, "a.bin"])
def test_a_count_beyond_what_the_file_holds_takes_no_memory(name, tmp_path):
    """A billion atoms would take 30 GB; the address space that is left to the command here is not the limit."""
    for atoms in (4 if name == "POSCAR" else 8, MANY):
        content = binary_dump(atoms) if name == "a.bin" else CLAIMS[name].format(n=atoms).encode()
        (tmp_path / name).write_bytes(content)
        code, out, err = zygote().run(["show", name], tmp_path, 300, memory=10**12, cpu=60)
        if atoms == MANY:
            assert (
                code == 1 and "more memory than a file of its size takes" in err and err.count("\n") == 1
            ), err
        else:
            assert code == 0 and "atoms           8" in out, err


@pytest.mark.parametrize("name", ["POSCAR", "a.xsf", "a.imd"])
def test_a_number_that_is_cut_off_is_no_number(name, tmp_path):
    """The last coordinate, 1.5, would be 1."""
    content = IMD if name == "a.imd" else CLAIMS[name].format(n=4 if name == "POSCAR" else 8)
    assert content.endswith("1.5\n")
    (tmp_path / name).write_text(content)
    assert len(ForeignTrajectory(tmp_path / name)[0].positions) == 8
    (tmp_path / name).write_text(content[:-3])
    with pytest.raises(FileError, match="its last line has no end: cut off"):
        ForeignTrajectory(tmp_path / name)


def test_a_last_word_needs_no_end(tmp_path):
    (tmp_path / "a.pdb").write_text("CRYST1\n" + "REMARK\n" * 300 + "END")
    assert scan(tmp_path / "a.pdb").frames is None


def test_formats_that_count_no_atoms_say_what_is_listed(tmp_path):
    """Six of eight, cut off where a line ends."""
    (tmp_path / "a.imd").write_text("\n".join(IMD.splitlines()[:-2]) + "\n")
    done = run_glasscli("show", "a.imd", cwd=tmp_path)
    assert done.code == 0
    assert "a.imd: IMD files do not say how many atoms they hold: 6 are listed" in done.err
