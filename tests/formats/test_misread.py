"""A number that OVITO would read as another is refused: "0,5" is no 0, and Fortran's 1D-1 no 1."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from glasscli.errors import FileError
from glasscli.formats.foreign import ForeignTrajectory
from glasscli.formats.misread import misread

PLACES = [f"{i % 3} {i // 3 % 3} {i // 9}" for i in range(27)]
DUMP = "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n27\nITEM: BOX BOUNDS pp pp pp\n0 3\n0 3\n0 3\nITEM: ATOMS id type "


def rows(prefix: str, number: str, end: str = "") -> str:
    """27 atoms, the fourth at x = `number`."""
    places = [*PLACES[:3], f"{number} 1 0", *PLACES[4:]]
    return "".join(f"{prefix.format(k)} {place}{end}\n" for k, place in enumerate(places, start=1))


def xyz(number: str) -> str:
    return '27\nLattice="3 0 0 0 3 0 0 0 3" Properties=species:S:1:pos:R:3 said="0,5"\n' + rows("Pd", number)


def dump(number: str) -> str:
    return DUMP + "x y z\n" + rows("{} 1", number)


def dump_of_elements(number: str) -> str:
    return DUMP + "x y z element\n" + rows("{} 1", number, " Cd")


def data(number: str) -> str:
    box = "".join(f"0 3 {w}lo {w}hi\n" for w in "xyz")
    return f"a remark of 0,5\n\n27 atoms\n1 atom types\n{box}\nAtoms # atomic\n\n" + rows(
        "{} 1", number, " # 0,5"
    )


@pytest.mark.parametrize("make", [xyz, dump, dump_of_elements, data])
@pytest.mark.parametrize("number", ["0,5", "-1,25", "5d-1", ".5D0", "5.D-01"])
def test_what_ovito_reads_by_half_is_refused(make, number, tmp_path):
    path = tmp_path / f"f.{make.__name__}"
    path.write_text(make(number))
    line = next(k for k, said in enumerate(make(number).splitlines(), 1) if f"{number} 1 0" in said)
    with pytest.raises(FileError, match=rf"line {line}: '{number}' is no number here"):
        ForeignTrajectory(path)


@pytest.mark.parametrize("make", [xyz, dump, dump_of_elements, data])
def test_what_it_reads_stays(make, tmp_path):
    """Elements with a d, and remarks with commas, are no numbers."""
    path = tmp_path / "f"
    for number in ("0.5", "5e-1", "+.5", "5E-01"):
        path.write_text(make(number))
        assert ForeignTrajectory(path)[0].positions[3, 0] == 0.5


BOXES = {
    "dump": lambda: dump("0.5").replace("0 3\n", "0 3,5\n", 1),
    "data": lambda: data("0.5").replace("0 3 xlo", "0 3,5 xlo"),
    "xyz": lambda: xyz("0.5").replace('"3 ', '"3,5 '),
}


@pytest.mark.parametrize("kind", BOXES)
def test_a_box_by_half_is_refused(kind, tmp_path):
    (tmp_path / "f").write_text(BOXES[kind]())
    with pytest.raises(FileError, match="'3,5' is no number here"):
        ForeignTrajectory(tmp_path / "f")


def test_words_are_no_numbers():
    assert misread(b"x,y 3d_orbital 1s2,2s2 a1,2 1 2\n") is None
    assert misread(b"1 2\n3 4,5\n") == (b"4,5", 1) and misread(b"1 # 4,5\n") is None


def test_a_time_that_is_a_word_is_none(tmp_path):
    (tmp_path / "f.xyz").write_text(xyz("0.5").replace("said=", "time=noon said="))
    assert ForeignTrajectory(tmp_path / "f.xyz").time_of(0) == (0, None)


def test_particles_without_a_frame_are_one_line(tmp_path: Path):
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file.create_group("h5md").attrs["version"] = [1, 1]
        file["particles/all/position/value"] = np.zeros((0, 9, 3))
        file["particles/all/box/edges"] = np.ones(3)
    with pytest.raises(FileError, match="it has no frames"):
        ForeignTrajectory(tmp_path / "f.h5")
