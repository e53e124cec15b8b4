"""NetCDF trajectories in AMBER's convention, written frame by frame; and what heads those of others.

Sources: the classic format (CDF-1, CDF-2, CDF-5) of the NetCDF User's Guide, appendix B; AMBER NetCDF convention 1.0;
LAMMPS `dump netcdf` (names of variables).
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np

from glasscli.configuration import Configuration
from glasscli.errors import FileError
from glasscli.limits import ATOMS

MAGIC = b"CDF"
DIMENSION, VARIABLE, ATTRIBUTE = 10, 11, 12
CHAR, INT, DOUBLE = 2, 4, 6
SIZES = {1: 1, CHAR: 1, 3: 2, INT: 4, 5: 4, DOUBLE: 8, 7: 1, 8: 2, 9: 4, 10: 8, 11: 8}
STREAMING = 0xFFFFFFFF
IMAGES = "Periodic Image"  # as OVITO calls it
MOST = 1000  # dimensions, variables or attributes of one kind
# What the units of time of a file in Angstrom make of LAMMPS's systems of units, and back.
UNITS = {"picosecond": "metal", "femtosecond": "real"}
WORDS = {
    "metal": ("angstrom", "picosecond", "angstrom/picosecond"),
    "real": ("angstrom", "femtosecond", "angstrom/femtosecond"),
    "lj": ("sigma", "tau", "sigma/tau"),
}


@dataclass(frozen=True)
class NetcdfHeader:
    """What heads a file in the classic format.

    units  LAMMPS's name of those that it states, of an AMBER file
    scale  time of a step, where LAMMPS wrote steps as times; None in others
    """

    units: str | None
    scale: float | None


def netcdf_header(path: Path) -> NetcdfHeader | None:
    """What a NetCDF file in the classic format says; None for any other file. Raises FileError for sizes that cannot
    be: more atoms than the limit, more numbers than the file has bytes.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(4)
        if head[:3] != MAGIC or len(head) < 4 or head[3] not in (1, 2, 5):
            return None
        try:
            return _Reader(file, head[3], size, path.name).header()
        except (struct.error, KeyError, IndexError, OverflowError) as error:
            raise FileError(f"{path.name}: damaged, or cut off in its header") from error


class _Reader:
    """Reads the header from behind its magic bytes."""

    def __init__(self, file: IO[bytes], version: int, size: int, name: str) -> None:
        self._file, self._size, self._name = file, size, name
        self._count, self._offset = (">q" if version == 5 else ">i"), (">i" if version == 1 else ">q")

    def header(self) -> NetcdfHeader:
        frames = self._number(self._count)
        lengths = self._list(DIMENSION, lambda: (self._text(), self._number(self._count)))
        by_name = dict(lengths)
        ATOMS.check(by_name.get("atom", 0), self._name)
        globally = dict(self._list(ATTRIBUTE, self._attribute))
        attributes, each = {}, 0
        ends: list[tuple[int, bool]] = []
        for name, dimensions, stated, kind, begin in self._list(VARIABLE, self._variable):
            attributes[name] = stated
            shape = [lengths[k][1] for k in dimensions]
            bytes_of = SIZES[kind] * math.prod(shape[1:] if shape[:1] == [0] else shape)
            every = bool(shape) and lengths[dimensions[0]][1] == 0
            each += bytes_of + -bytes_of % 4 if every else 0
            ends.append((begin + bytes_of, every))
        # A file that is still being written may not say yet how many frames it has.
        known = frames if 0 <= frames < STREAMING // 2 else 1
        last = (end + (known - 1) * each * every for end, every in ends if known or not every)
        if max(last, default=0) > self._size:
            raise FileError(f"{self._name}: its {frames} frames are more than the file holds: cut off?")
        if "AMBER" not in str(globally.get("Conventions", "")):
            return NetcdfHeader(None, None)
        lengths_in = str(attributes.get("cell_lengths", {}).get("units", "")).lower()
        times_in = str(attributes.get("time", {}).get("units", "")).lower()
        scale = attributes.get("time", {}).get("scale_factor")
        written = str(globally.get("program", "")) == "LAMMPS" and scale is not None
        units = (
            UNITS.get(times_in)
            if lengths_in.startswith("angstrom")
            else "lj"
            if times_in in ("lj", "tau")
            else None
        )
        return NetcdfHeader(units, float(scale) if written and scale else None)

    def _number(self, form: str) -> int:
        value: int = struct.unpack(form, self._file.read(struct.calcsize(form)))[0]
        return value

    def _list(self, tag: int, read: Any) -> list[Any]:
        found, count = self._number(">i"), self._number(self._count)
        if (found, count) == (0, 0):
            return []
        if found != tag or not 0 <= count <= MOST:
            raise KeyError(found)
        return [read() for _ in range(count)]

    def _bytes(self, length: int) -> bytes:
        if not 0 <= length <= 2**20:
            raise KeyError(length)
        return self._file.read(length + -length % 4)[:length]

    def _text(self) -> str:
        return self._bytes(self._number(self._count)).decode("utf-8", "replace")

    def _attribute(self) -> tuple[str, Any]:
        name, kind, count = self._text(), self._number(">i"), self._number(self._count)
        raw = self._bytes(SIZES[kind] * count)
        if kind == CHAR:
            return name, raw.decode("utf-8", "replace").strip("\0")
        form = {5: ">f", DOUBLE: ">d"}.get(kind)
        return name, struct.unpack(form, raw)[0] if form and count == 1 else None

    def _variable(self) -> tuple[str, list[int], dict[str, Any], int, int]:
        name = self._text()
        dimensions = [self._number(self._count) for _ in range(min(self._number(self._count), MOST))]
        stated = dict(self._list(ATTRIBUTE, self._attribute))
        kind = self._number(">i")
        self._number(self._count)
        return name, dimensions, stated, kind, self._number(self._offset)


class NetcdfFile:
    """A trajectory that grows by one configuration at a time; numbers of atoms, and what is known of them, stay.

    units: LAMMPS's name, None where it is not known. The first configuration decides which columns there are.
    """

    def __init__(self, path: Path, units: str | None) -> None:
        self._file = path.open("wb")
        self._units = units
        self._frames, self._atoms = 0, 0
        self._columns: dict[str, tuple[int, str, tuple[str, ...], str | None]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        if kind is None:
            self._file.seek(4)
            self._file.write(struct.pack(">I", self._frames))
        self._file.close()

    def add(self, configuration: Configuration, time: float | None) -> None:
        """Append a frame, periodic everywhere. Raises FileError for one that has not what the first had."""
        c = configuration
        values: dict[str, Any] = {
            "step": c.step, "cell_origin": np.zeros(3), "cell_lengths": c.box.lengths, "cell_angles": c.box.angles,
            "coordinates": c.positions, "id": c.identifiers, "type": c.species,
        }  # fmt: skip
        if time is not None:
            values["time"] = time
        if c.velocities is not None:
            values["velocities"] = c.velocities
        if c.images is not None:
            values[IMAGES] = c.images
        if not self._frames:
            self._begin(c, values)
        if set(values) != set(self._columns) or c.n_atoms != self._atoms:
            raise FileError(
                f"step {c.step} has other atoms or columns than the first frame: NetCDF keeps them the same"
            )
        for name, (kind, form, *_) in self._columns.items():
            raw = np.asarray(values[name]).astype(form).tobytes()
            self._file.write(raw + b"\0" * (-len(raw) % 4))
            assert kind in (INT, DOUBLE)
        self._frames += 1

    def _begin(self, c: Configuration, values: dict[str, Any]) -> None:
        self._atoms = c.n_atoms
        length, clock, speed = WORDS.get(self._units or "", (None, None, None))
        wide = {
            "cell_origin": length, "cell_lengths": length, "cell_angles": "degree", "coordinates": length,
            "velocities": speed, IMAGES: None,
        }  # fmt: skip
        for name in values:
            dimensions: tuple[str, ...] = ("frame",)
            if name.startswith("cell_"):
                dimensions += ("cell_angular" if name == "cell_angles" else "cell_spatial",)
            elif name not in ("step", "time"):
                dimensions += ("atom", "spatial") if name in wide else ("atom",)
            whole = name in ("id", "type", IMAGES)
            kind = INT if whole else DOUBLE
            self._columns[name] = (
                kind,
                ">i4" if whole else ">f8",
                dimensions,
                clock if name == "time" else wide.get(name),
            )
        sizes = {"frame": 0, "atom": c.n_atoms, "spatial": 3, "cell_spatial": 3, "cell_angular": 3}
        head = self._header(sizes, 0)
        self._file.write(self._header(sizes, len(head)))

    def _header(self, sizes: dict[str, int], begin: int) -> bytes:
        """The header, with data that begin where it ends: variables of a frame one after the other."""
        names = list(sizes)
        head = b"CDF\x02" + struct.pack(">I", STREAMING)
        head += struct.pack(">ii", DIMENSION, len(sizes)) + b"".join(
            _word(n) + struct.pack(">i", s) for n, s in sizes.items()
        )
        head += _attributes(
            {"Conventions": "AMBER", "ConventionVersion": "1.0", "program": "glasscli", "programVersion": "1"}
        )
        head += struct.pack(">ii", VARIABLE, len(self._columns))
        for name, (kind, _, dimensions, unit) in self._columns.items():
            size = SIZES[kind] * math.prod(sizes[d] for d in dimensions[1:])
            head += _word(name) + struct.pack(">i", len(dimensions))
            head += b"".join(struct.pack(">i", names.index(d)) for d in dimensions)
            head += _attributes({"units": unit} if unit else {})
            head += struct.pack(">iIq", kind, min(size, STREAMING), begin)
            begin += size
        return head


def _word(text: str) -> bytes:
    raw = text.encode()
    return struct.pack(">i", len(raw)) + raw + b"\0" * (-len(raw) % 4)


def _attributes(stated: dict[str, str]) -> bytes:
    if not stated:
        return struct.pack(">ii", 0, 0)
    texts = (_word(name) + struct.pack(">i", CHAR) + _word(text) for name, text in stated.items())
    return struct.pack(">ii", ATTRIBUTE, len(stated)) + b"".join(texts)
