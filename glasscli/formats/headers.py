"""What a file says in its first lines and OVITO does not pass on, or takes otherwise than it is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from glasscli.formats.atom_styles import DataFile, data_file
from glasscli.formats.copies import Copy, Rewriting, head
from glasscli.formats.scan import Scan

ATOMS = "ITEM: ATOMS"
UNITS = b"ITEM: UNITS"
AXES = "xyz"
# Of an extended XYZ file, what may say what an atom is.
PROPERTIES = ("species:S:1", "type:I:1", "Z:I:1")
# Of a LAMMPS data file, written by LAMMPS and by glasscli.
BOUNDARY = r"# .*, step \d+, written by glasscli, boundary ([ps] [ps] [ps])$"
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
    boundary: str | None = None


def read_header(path: Path, scanned: Scan) -> tuple[Header, Copy | None]:
    """Return what a file declares, and a copy that OVITO reads where it would misread the file itself.

    scanned: what was seen when all of it was read. Raises FileError for a LAMMPS data file whose atoms' columns cannot
    be told apart.
    """
    lines = head(path) if path.is_file() else []
    if (atoms := next((line for line in lines if line.startswith(ATOMS)), None)) is not None:
        return _dump(path, atoms.split()[2:], scanned)
    if data := data_file(path, lines):
        return _data(path, lines[0], data)
    if len(lines) > 1 and lines[0].strip().isdigit() and "=" in lines[1]:
        return _xyz(path, lines[1])
    return Header(numbered=not any(line.lstrip().startswith("_atom_site") for line in lines)), None


def _dump(path: Path, columns: list[str], scanned: Scan) -> tuple[Header, Copy | None]:
    """A LAMMPS dump. OVITO reads labels from `element`, not `typelabel`, and of x and xu the first.

    An atom is of its element, also where others of its type are of another; of several dumps in one file that state
    their units OVITO reads the first only.
    """
    unwrapped = all({f"{a}u", f"{a}su"} & {*columns} for a in AXES)
    names = (
        {f"{a}{scaled}": f"wrapped_{a}{scaled}" for a in AXES for scaled in ("", "s")} if unwrapped else {}
    )
    if "element" not in columns:
        names["typelabel"] = "element"
    if {f"{a}{kind}" for a in AXES for kind in ("u", "su")} <= {*columns}:
        names |= {f"{a}su": f"scaled_{a}" for a in AXES}
    flags = [f"i{a}" in columns for a in AXES]
    if scanned.mixed:
        names["type"] = "number"
    numbered = "type" in columns and not scanned.mixed
    units = scanned.units[0] if scanned.units else None
    header = Header(unwrapped=unwrapped, flags=all(flags), numbered=numbered, units=units)
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


def _xyz(path: Path, comment: str) -> tuple[Header, Copy | None]:
    """Extended XYZ: atoms by name have no numbers but those of their order. Of a name and a number OVITO takes one."""
    found = re.search(r'Properties="?([^\s"]+)', comment)
    properties = found[1] if found else "species:S:1"
    has = {name for name in PROPERTIES if re.search(rf"(^|:){name}(:|$)", properties)}
    atomic = has == {"Z:I:1"}
    header = Header(numbered=":S:1" not in properties and not atomic, atomic=atomic)
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


def _data(path: Path, first: str, data: DataFile) -> tuple[Header, Copy | None]:
    step = next((int(found[1]) for words in STEPS if (found := re.search(words, first))), None)
    stated = re.search(r"LAMMPS data file.*\bunits = (\w+)", first)
    ours = re.search(BOUNDARY, first)
    rewriting = data.as_atomic()
    header = Header(
        step=step, named=data.named, style=None if rewriting else data.style(path.name),
        units=stated[1] if stated else None, boundary=ours[1] if ours else None,
    )  # fmt: skip
    return header, Copy(path, rewriting) if rewriting else None
