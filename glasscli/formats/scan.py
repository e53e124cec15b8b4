"""Reads a text file of another program once, before OVITO does: counts that are declared against lines that are there.

OVITO believes a file: it takes memory for the atoms that a header declares, drops those that are listed beyond, and may
wait for ever at a NUL. What it would misread is refused here, in a line with the number of the frame. Other formats
than LAMMPS dumps, LAMMPS data and XYZ are left to it.
"""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from glasscli.errors import FileError
from glasscli.formats.binary_dump import binary_dump
from glasscli.formats.misread import misread
from glasscli.formats.packing import DAMAGE, packing, unpacked
from glasscli.limits import ATOMS, EXPANSION

BLOCK = 2**22
BLANKS = 10**5  # of an XYZ file, between its frames
LONGEST = 2**16  # bytes of a header's line
COLUMNS = LONGEST // 2  # that may be in one
ENOUGH = 2**26  # bytes, after which what is unpacked of each packed one says something
DUMPS = (b"ITEM: TIMESTEP", b"ITEM: UNITS", b"ITEM: TIME")  # first lines by which OVITO knows a dump
SECTIONS = ("Atoms", "Velocities", "Masses")


@dataclass(frozen=True)
class Scan:
    """How many frames of a file are whole; None where the format is not looked into.

    cut    whether one follows that is not whole
    size   its bytes, unpacked, as far as they were looked at
    units  what frames of a dump state of their units (LAMMPS: the first only), in their order
    mixed  whether atoms of one type are of several elements, by the columns of a dump
    binary whether it is no text; columns: of a binary dump
    blank  whether blank lines stand between or after the frames of an XYZ file
    format what OVITO calls the format, where it needs no telling apart from others; else None
    """

    frames: int | None
    cut: bool = False
    size: int = 0
    units: tuple[str, ...] = ()
    mixed: bool = False
    binary: bool = False
    columns: tuple[str, ...] = ()
    blank: bool = False
    format: str | None = None


class _Lines:
    """The lines of a file, a block in memory: one after the other, or many skipped at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._packed = packing(path) is not None
        self._size = self.size = path.stat().st_size
        self._file = unpacked(path)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._block, self._ends, self._next, self._start, self._read = (
            b"",
            np.zeros(0, dtype=np.int64),
            0,
            0,
            0,
        )
        self.number, self.ended, self.binary = 0, True, False

    def look(self) -> None:
        """Take the first block, and see whether it is text."""
        self._more(LONGEST)
        head = self._block[:64]
        # GSD, netCDF, LAMMPS's binary dumps: bytes that are no text from the beginning.
        self.binary = b"\0" in head and not head[:1].isdigit() and not head.startswith(b"ITEM:")
        while self.binary and self._packed and self._more(2 * BLOCK):
            self._block = b""
        if not self.binary and b"\0" in self._block:
            raise self._nul()
        if not self.binary and not self._is_text(self._block):
            raise self._no_text()

    def _is_text(self, block: bytes) -> bool:
        """Whether it is UTF-8; what a block ends in the middle of is judged with the next."""
        if block.isascii() and not self._decoder.getstate()[0]:
            return True
        try:
            self._decoder.decode(block, final=not block)
        except UnicodeDecodeError:
            return False
        return True

    def _no_text(self) -> FileError:
        return FileError(f"{self._path.name}: damaged, it is not text (UTF-8) near line {self.number + 1}")

    def _nul(self) -> FileError:
        return FileError(f"{self._path.name}: damaged, it holds NUL bytes near line {self.number + 1}")

    def close(self) -> None:
        self._file.close()

    def _more(self, limit: int) -> bool:
        """Take the next block behind what is left of this one; False at the end of the file."""
        rest = self._block[self._start :]
        if len(rest) > limit:
            raise FileError(f"{self._path.name}: line {self.number + 1} is longer than {limit} bytes")
        try:
            block = self._file.read(BLOCK)
        except DAMAGE as error:
            raise FileError(f"{self._path.name}: damaged, it cannot be unpacked ({error})") from error
        if self._read and not self.binary and b"\0" in block:
            raise self._nul()
        if not self.binary and self._read and not self._is_text(block):
            raise self._no_text()
        self._read += len(block)
        self.size = max(self.size, self._read)
        if self._packed and self._read > ENOUGH:
            EXPANSION.check(self._read / self._size, self._path.name)
        self._block, self._start, self._next = rest + block, 0, 0
        self._ends = np.flatnonzero(np.frombuffer(self._block, dtype=np.uint8) == 10)
        return bool(block)

    def line(self) -> bytes | None:
        """The next line; None at the end of the file."""
        while self._next >= len(self._ends):
            if not self._more(LONGEST):
                if self._start >= len(self._block):
                    return None
                found, self._start = self._block[self._start :], len(self._block)
                self.number, self.ended = self.number + 1, False
                return found
        end = int(self._ends[self._next])
        found = self._block[self._start : end]
        self._start, self._next, self.number = end + 1, self._next + 1, self.number + 1
        return found

    def skip(self, count: int, looked_at: bool = True) -> int:
        """Skip lines of numbers; return how many there were, the last one only if it has an end.

        looked_at: whether they are refused where one would be read as another number
        """
        done = 0
        while done < count:
            here = min(count - done, len(self._ends) - self._next)
            if here:
                self._next += here
                start, self._start = self._start, int(self._ends[self._next - 1]) + 1
                if looked_at:
                    self.check(self._block[start : self._start])
                done += here
                self.number += here
            elif not self._more(LONGEST):
                break
        return done

    def check(self, text: bytes, behind: int = 0) -> None:
        """Refuse a number that would be read as another, in lines of which `behind` are counted already."""
        if found := misread(text):
            line = self.number - behind + found[1] + 1
            said = found[0][:40].decode(errors="replace")
            raise FileError(
                f"{self._path.name}: line {line}: {said!r} is no number here (a decimal comma, or Fortran's D?): "
                "write 0.5 and 1e-1"
            )

    def __iter__(self) -> Iterator[bytes]:
        while (line := self.line()) is not None:
            yield line


def scan(path: Path) -> Scan:
    """Look at a whole file. Raises FileError for what cannot be used, in words that name the frame and the counts.

    A last frame that ends early, as programs leave it that are killed or still at work, is told, not raised, where
    whole ones stand before it.
    """
    at = path.stat()
    return _scan(path, at.st_size, at.st_mtime_ns)


@lru_cache(maxsize=4096)
def _scan(path: Path, size: int, changed: int) -> Scan:
    """That of a file as it is now: several that are one trajectory are opened again and again."""
    lines = _Lines(path)
    try:
        lines.look()
        found = _binary(path) if lines.binary else _text(lines, path)
        return replace(found, size=lines.size)
    finally:
        lines.close()


def _binary(path: Path) -> Scan:
    """Of a binary dump what its frames declare; of other formats nothing."""
    if packing(path) or not (found := binary_dump(path)):
        return Scan(None, binary=True)
    if not found.frames:
        raise FileError(f"{path.name}: its only frame is cut off")
    units = (found.units,) if found.units else ()
    return Scan(found.frames, found.cut, units=units, binary=True, columns=found.columns)


def _text(lines: _Lines, path: Path) -> Scan:
    first = lines.line() or b""
    if first.startswith(b"ITEM:"):
        return _dump(lines, path, first)
    return _xyz(lines, path, first) if first.strip().isdigit() else _others(lines, path)


def _dump(lines: _Lines, path: Path, first: bytes | None) -> Scan:
    units: list[str] = []
    kinds: set[tuple[bytes, bytes]] = set()
    found = _dump_frames(lines, path, first, units, kinds)
    if len(strange := sorted({*units})) > 1:
        raise FileError(f"{path.name}: its frames are in different units: {', '.join(strange)}")
    mixed = len({kind for kind, _ in kinds}) < len(kinds)
    known = first is not None and first.startswith(DUMPS)
    return replace(found, units=tuple(units), mixed=mixed, format="lammps/dump" if known else None)


def _dump_frames(
    lines: _Lines, path: Path, first: bytes | None, units: list[str], kinds: set[tuple[bytes, bytes]]
) -> Scan:
    """units, kinds: get what the frames state of units, and which elements atoms of a type are."""
    frames, count, line = 0, None, first
    while line is not None:
        if line.startswith(b"ITEM: NUMBER OF ATOMS"):
            count = _count(lines.line(), path, frames)
            if count is None:
                return _early(path, frames)
        elif line.startswith(b"ITEM: ATOMS"):
            if count is None:
                raise FileError(f"{path.name}: frame {frames} does not say how many atoms it has")
            pair = _kind_columns(line.split()[2:])
            there = lines.skip(count) if pair is None else _kinds(lines, count, pair, kinds)
            if there < count:
                return _early(path, frames, there, count)
            frames, count = frames + 1, None
        elif line.startswith(b"ITEM: BOX BOUNDS"):
            if lines.skip(3) < 3:
                return _early(path, frames)
        elif line.startswith(b"ITEM: UNITS"):
            stated = lines.line()
            if stated is None or not lines.ended:
                return _early(path, frames)
            units.append(stated.strip()[:40].decode("utf-8", "replace"))
        elif line.startswith(b"ITEM:"):
            if lines.skip(1) < 1:
                return _early(path, frames)
        elif line.strip():
            raise _unlike(path, lines.number, max(frames - 1, 0))
        line = lines.line()
    return Scan(frames) if count is None and lines.ended and frames else _early(path, frames)


def _kind_columns(names: list[bytes]) -> tuple[int, int] | None:
    """Where a dump has the type and the element (else its label) of an atom; None where not both."""
    name = next((name for name in (b"element", b"typelabel") if name in names), None)
    return (names.index(b"type"), names.index(name)) if name and b"type" in names else None


def _kinds(lines: _Lines, count: int, pair: tuple[int, int], kinds: set[tuple[bytes, bytes]]) -> int:
    """Add which elements atoms of a type are; return how many whole lines of atoms there were."""
    for done in range(count):
        if (line := lines.line()) is None or not lines.ended:
            return done
        lines.check(line, 1)
        words = line.split()
        if len(words) > max(pair):
            kinds.add((words[pair[0]], words[pair[1]]))
    return count


def _xyz(lines: _Lines, path: Path, first: bytes | None) -> Scan:
    frames, line, blank = 0, first, 0
    while line is not None:
        if not line.strip():
            blank += 1
            if blank > BLANKS:
                raise FileError(
                    f"{path.name}: more than {BLANKS} blank lines, by line {lines.number}: no XYZ file"
                )
        else:
            count = _count(line, path, frames, lines.number)
            if count is None or not lines.ended or (said := lines.line()) is None:
                return _early(path, frames)
            _check_columns(said, path, frames)
            if cell := re.search(rb"Lattice=\"([^\"]*)\"", said, re.IGNORECASE):
                lines.check(cell[1], 1)
            there = lines.skip(count)
            if there < count:
                return _early(path, frames, there, count)
            frames += 1
        line = lines.line()
    return Scan(frames, blank=blank > 0)


def _check_columns(line: bytes, path: Path, frame: int) -> None:
    """Refuse the columns of an extended XYZ that no line holds: OVITO makes all of them before it reads one."""
    found = re.search(rb"Properties=\"?([^\s\"]+)", line, re.IGNORECASE)
    if not found:
        return
    words = found[1].split(b":")
    counts = words[2::3]
    if len(words) % 3 or not all(word.isdigit() and len(word) < 10 and int(word) for word in counts):
        raise FileError(
            f"{path.name}: frame {frame}: its Properties are not NAME:TYPE:COLUMNS, one after the other"
        )
    if (columns := sum(map(int, counts))) > COLUMNS:
        raise FileError(
            f"{path.name}: frame {frame}: {columns} columns are declared, more than {COLUMNS} in a line"
        )
    if not {b"pos", b"position"} & {word.lower() for word in words[::3]}:
        raise FileError(f"{path.name}: frame {frame}: its Properties name no positions (pos:R:3)")


def _others(lines: _Lines, path: Path) -> Scan:
    """A LAMMPS data file: the counts of its header, then sections of as many lines; of all else, whether it ends.

    A line that is cut off within a number is another number.
    """
    counts: dict[str, int] = {}
    section, line = "", b""
    for line in lines:
        if lines.number > 200 and "Atoms" not in counts:
            lines.skip(sys.maxsize, looked_at=False)
            line = lines.line() or b""
            break
        words = line.split(b"#")[0].split()
        if section:
            if words or not line.strip():
                section = _section(lines, path, section, counts, bool(words))
            continue
        if words[-1:] and words[-1] in (b"xhi", b"yhi", b"zhi", b"yz"):
            lines.check(line, 1)
        if len(words) == 2 and words[1] == b"atoms" and words[0].isdigit():
            counts["Atoms"] = counts["Velocities"] = _count(words[0], path, 0) or 0
        elif len(words) == 3 and words[1:] == [b"atom", b"types"] and words[0].isdigit():
            counts["Masses"] = _count(words[0], path, 0) or 0
        elif len(words) == 1 and words[0].decode("ascii", "replace") in SECTIONS and counts:
            section = words[0].decode()
    if section:
        return _early(path, 0)
    if not lines.ended and (counts.get("Atoms") or any(map(str.isdigit, line.decode("utf-8", "replace")))):
        raise FileError(f"{path.name}: its last line has no end: cut off? If it is whole, add a newline")
    return Scan(None)


def _section(lines: _Lines, path: Path, name: str, counts: dict[str, int], at_once: bool) -> str:
    """Skip the lines of a section, whose first was read already where no blank line stood before; '' behind it."""
    count = counts.get(name, 0)
    there = lines.skip(count - at_once) + at_once
    if there < count:
        raise FileError(f"{path.name}: {count} {name} declared, {there} listed: cut off?")
    line = lines.line()
    if line is not None and line.strip():
        raise FileError(f"{path.name}: {count} {name} declared, more listed (line {lines.number})")
    return ""


def _count(line: bytes | None, path: Path, frame: int, number: int = 0) -> int | None:
    if line is None:
        return None
    text = line.strip()
    if not text.isdigit():
        if number:
            raise _unlike(path, number, max(frame - 1, 0))
        raise FileError(f"{path.name}: frame {frame} has {text[:40].decode(errors='replace')!r} atoms")
    ATOMS.check(float(text), f"{path.name}: frame {frame}")
    return int(text)


def _unlike(path: Path, number: int, frame: int) -> FileError:
    return FileError(
        f"{path.name}: frame {frame} does not end where its number of atoms says, at line {number}: "
        "fewer or more atoms are listed than declared"
    )


def _early(path: Path, frames: int, there: int = 0, count: int = 0) -> Scan:
    if frames:
        return Scan(frames, cut=True)
    said = f"{there} of {count} atoms are listed in whole lines" if count else "it ends early"
    raise FileError(f"{path.name}: its only frame is cut off: {said} (if it is whole, end its last line)")
