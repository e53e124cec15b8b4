"""What a file says in its first lines and OVITO does not pass on, or takes otherwise than it is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from glasscli.errors import FileError
from glasscli.formats.atom_styles import DIRECT, DataFile, as_atomic, data_file
from glasscli.formats.copies import Copy, Rewriting, head
from glasscli.formats.netcdf import netcdf_header
from glasscli.formats.poscar import poscar
from glasscli.formats.scan import Scan
from glasscli.units import UNIT_SYSTEMS

ATOMS = "ITEM: ATOMS"
UNITS = b"ITEM: UNITS"
AXES = "xyz"
# Of an extended XYZ file, what may say what an atom is.
PROPERTIES = ("species:S:1", "type:I:1", "Z:I:1")
# Of a LAMMPS data file, written by LAMMPS and by glasscli.
BOUNDARY = r"# .*, step \d+, written by glasscli(?:, units = \w+)?, boundary ([ps] [ps] [ps])$"
STEPS = (r"LAMMPS data file.*timestep = (\d+)", r"# .*, step (\d+), written by glasscli")


@dataclass(frozen=True)
class Header:
    """What a file declares.

    step       of a LAMMPS data file
    unwrapped  whether the positions are unwrapped along all three axes
    flags      whether image flags, where there are any, are those of all three axes
    numbered   whether types have numbers of the file's own, not only names
    named      types that have names of the file's own, not those of elements of their masses; None: all
    style      atom style of a LAMMPS data file that does not name its own
    units      LAMMPS's name of the units that the file is in; None where it does not say it
    atomic     whether types are atomic numbers
    moving     whether velocities, where there are any, are in the file's units of length and time
    time_step  time of a step, where what the frames call their time is their step
    boundary   what is periodic, in LAMMPS's words; None where OVITO passes it on
    """

    step: int | None = None
    unwrapped: bool = False
    flags: bool = True
    numbered: bool = True
    named: frozenset[int] | None = None
    style: str | None = None
    units: str | None = None
    atomic: bool = False
    moving: bool = True
    time_step: float | None = None
    boundary: str | None = None


def read_header(path: Path, scanned: Scan) -> tuple[Header, Copy | None]:
    """Return what a file declares, and a copy that OVITO reads where it would misread the file itself.

    scanned: what was seen when all of it was read. Raises FileError for a LAMMPS data file whose atoms' columns cannot
    be told apart.
    """
    if scanned.binary:
        units = scanned.units[0] if scanned.units else None
        unwrapped, flags = _images(scanned.columns)
        if found := netcdf_header(path):
            return Header(units=found.units, time_step=found.scale), None
        return Header(units=units, unwrapped=unwrapped, flags=flags), None
    lines = head(path) if path.is_file() else []
    if (atoms := next((line for line in lines if line.startswith(ATOMS)), None)) is not None:
        return _dump(path, atoms.split()[2:], scanned)
    if data := data_file(path, lines):
        return _data(path, lines[0], data)
    if len(lines) > 1 and lines[0].strip().isdigit():
        header, copy = _xyz(path, lines[1]) if "=" in lines[1] else (Header(numbered=False), None)
        # OVITO takes a blank line for the number of atoms of another frame.
        return header, copy or (Copy(path, _close) if scanned.blank else None)
    # The unit of a POSCAR's velocities is not that of its lengths over one that a system counts in.
    cif = any(line.lstrip().startswith("_atom_site") for line in lines)
    return Header(numbered=not cif, moving=False), poscar(path, lines)


def _images(columns: Sequence[str]) -> tuple[bool, bool]:
    """Whether columns of a dump are unwrapped along all axes, and have image flags of all."""
    unwrapped = bool(columns) and all({f"{a}u", f"{a}su"} & {*columns} for a in AXES)
    return unwrapped, not columns or all(f"i{a}" in columns for a in AXES)


def _dump(path: Path, columns: list[str], scanned: Scan) -> tuple[Header, Copy | None]:
    """A LAMMPS dump. OVITO reads labels from `element`, not `typelabel`, and of x and xu the first.

    An atom is of its element, also where others of its type are of another; of several dumps in one file that state
    their units OVITO reads the first only.
    """
    unwrapped, flags = _images(columns)
    _check_places(path, {*columns})
    names = (
        {f"{a}{scaled}": f"wrapped_{a}{scaled}" for a in AXES for scaled in ("", "s")} if unwrapped else {}
    )
    if "element" not in columns:
        names["typelabel"] = "element"
    if {f"{a}{kind}" for a in AXES for kind in ("u", "su")} <= {*columns}:
        names |= {f"{a}su": f"scaled_{a}" for a in AXES}
    if scanned.mixed:
        names["type"] = "number"
    numbered = "type" in columns and not scanned.mixed
    units = scanned.units[0] if scanned.units else None
    header = Header(unwrapped=unwrapped, flags=flags, numbered=numbered, units=units)
    if not {*columns} & {*names} and len(scanned.units) < 2:
        return header, None
    renamed = " ".join(names.get(name, name) for name in columns)

    def rewriting(lines: Iterable[bytes]) -> Iterator[bytes]:
        start = ATOMS.encode()
        for line in (rest := iter(lines)):
            if line.startswith(UNITS):
                next(rest, None)
            else:
                yield f"{ATOMS} {renamed}\n".encode() if line.startswith(start) else line

    return header, Copy(path, rewriting)


def _check_places(path: Path, columns: set[str]) -> None:
    """Raise FileError for a dump without positions along one axis, or with some as shares of an edge and others not."""
    for kinds in (("", "u"), ("s", "su")):
        if all({f"{a}{kind}" for kind in kinds} & columns for a in AXES):
            return
    missing = [a for a in AXES if not {f"{a}{kind}" for kind in ("", "u", "s", "su")} & columns]
    what = (
        f"no {' and '.join(missing)}"
        if missing
        else "some positions as lengths, others as shares of the edges"
    )
    raise FileError(f"{path.name}: its atoms have {what}: write x y z, xs ys zs, xu yu zu or xsu ysu zsu")


def _xyz(path: Path, comment: str) -> tuple[Header, Copy | None]:
    """Extended XYZ: atoms by name have no numbers but those of their order. Of a name and a number OVITO takes one."""
    found = re.search(r'Properties="?([^\s"]+)', comment)
    properties = found[1] if found else "species:S:1"
    has = {name for name in PROPERTIES if re.search(rf"(^|:){name}(:|$)", properties)}
    atomic = has == {"Z:I:1"}
    stated = re.search(r'\bunits="?(\w+)', comment)
    units = stated[1] if stated and stated[1] in UNIT_SYSTEMS else None
    header = Header(numbered=":S:1" not in properties and not atomic, atomic=atomic, units=units)
    if atomic:
        old, new = b"Z:I:1", b"type:I:1"
    elif {"species:S:1", "type:I:1"} <= has:
        old, new = b"type:I:1", b"number:I:1"
    else:
        return header, None
    rewriting: Rewriting = lambda lines: (  # noqa: E731
        line.replace(old, new) if b"Properties=" in line else line for line in lines
    )
    return header, Copy(path, rewriting)


def _close(lines: Iterable[bytes]) -> Iterator[bytes]:
    """An XYZ file without blank lines between its frames."""
    rest = iter(lines)
    for line in rest:
        if line.strip():
            yield line
            yield from islice(rest, 1 + int(line))


def _data(path: Path, first: str, data: DataFile) -> tuple[Header, Copy | None]:
    step = next((int(found[1]) for words in STEPS if (found := re.search(words, first))), None)
    stated = re.search(r"(?:LAMMPS data file|written by glasscli).*\bunits = (\w+)", first)
    columns = data.columns(path.name)
    # Of spheres, diameters are read too; without the style's name others look the same.
    direct = columns.style in DIRECT or columns.style == data.hint == "sphere"
    ours = re.search(BOUNDARY, first)
    header = Header(
        step=step, named=data.named, style=columns.style if direct else None, units=stated[1] if stated else None,
        boundary=ours[1] if ours else None,
    )  # fmt: skip
    return header, None if direct else Copy(path, as_atomic(columns))
