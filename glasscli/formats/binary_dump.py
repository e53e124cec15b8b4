"""LAMMPS's binary dumps: the sizes that their frames declare against the bytes that are there, and what heads them.

Source: LAMMPS, `dump_custom.cpp` (header_binary, format revision 2) and `tools/binary2txt.cpp`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from glasscli.errors import FileError
from glasscli.limits import ATOMS

MAGIC = (b"DUMPATOM", b"DUMPCUSTOM")
TEXT = 2**16  # bytes of units or names of columns


@dataclass(frozen=True)
class BinaryDump:
    """How many frames are whole, whether one follows that is not, the units and columns that the first one states."""

    frames: int
    cut: bool
    units: str | None
    columns: tuple[str, ...]


def binary_dump(path: Path) -> BinaryDump | None:
    """What a binary dump of LAMMPS of 2020 or later holds; None for any other file. Raises FileError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if not file.read(18)[8:].startswith(MAGIC):
            return None
        file.seek(0)
        frames = 0
        units: str | None = None
        columns: tuple[str, ...] = ()
        while file.tell() < size:
            try:
                said = _frame(file, size, f"{path.name}: frame {frames}")
            except struct.error:
                if not frames:
                    raise FileError(f"{path.name}: its only frame is cut off") from None
                return BinaryDump(frames, True, units, columns)
            units, columns = said if not frames else (units, columns)
            frames += 1
    return BinaryDump(frames, False, units, columns)


def _frame(file: IO[bytes], size: int, where: str) -> tuple[str | None, tuple[str, ...]]:
    """Go past one frame. Raises struct.error at the end of the file, FileError for counts that cannot be."""
    length = -_numbers(file, "q")[0]
    if not 0 < length <= 16 or file.read(length) not in MAGIC:
        raise FileError(f"{where} does not begin where the one before ends: damaged")
    endian, revision, _, atoms, tilted = _numbers(file, "iiqqi")
    if endian != 1:
        raise FileError(f"{where} is from a machine with another order of bytes")
    ATOMS.check(float(atoms) if atoms >= 0 else float("nan"), where)
    _numbers(file, "6i6d3d" if tilted else "6i6d")
    width = _numbers(file, "i")[0]
    units = None
    columns: tuple[str, ...] = ()
    if revision > 1:
        units = _text(file, where) or None
        if _numbers(file, "?")[0]:
            _numbers(file, "d")
        columns = tuple(_text(file, where).split())
    values = 0
    for _ in range(_count(file, where)):
        here = _count(file, where)
        values += here
        if file.tell() + 8 * here > size:
            raise struct.error
        file.seek(8 * here, 1)
    if values != atoms * width:
        raise FileError(f"{where} has {values} values for {atoms} atoms of {width} columns: damaged")
    return units, columns


def _numbers(file: IO[bytes], form: str) -> tuple[int, ...]:
    form = "<" + form
    return struct.unpack(form, file.read(struct.calcsize(form)))


def _count(file: IO[bytes], where: str) -> int:
    found = _numbers(file, "i")[0]
    if found < 0:
        raise FileError(f"{where} declares a count of {found}: damaged")
    return found


def _text(file: IO[bytes], where: str) -> str:
    length = _numbers(file, "i")[0]
    if not 0 <= length <= TEXT:
        raise FileError(f"{where} declares a text of {length} bytes: damaged")
    return file.read(length).decode("utf-8", "replace").strip("\0 ")
