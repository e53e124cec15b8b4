"""Tables and figures beside a sample: where they go, how they are written, how numbers that may be missing are said."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from glasscli.formats.csv import write_rows
from glasscli.store.kind import TABLE, picture_kind
from glasscli.store.outputs import Claims, writable
from glasscli.units import UnitNames

# Of files that hold configurations; any other ending belongs to the name.
ENDINGS = frozenset(
    {".h5", ".hdf5", ".lammps", ".data", ".lmp", ".dump", ".lammpstrj", ".lammpsdump", ".xyz", ".extxyz", ".gsd",
     ".cif", ".pdb", ".poscar", ".vasp", ".cfg", ".dcd", ".nc", ".xtc", ".gro", ".in", ".txt", ".dat", ".trj", ".traj"}
)  # fmt: skip


@dataclass(frozen=True)
class Outputs:
    """Files STEM-NAME.csv and STEM-NAME.FORMAT; figures: whether any are drawn.

    claims: asked before any is written; own: whether the stem is the name of an input beside it
    """

    stem: Path
    figures: bool = True
    format: str = "png"
    claims: Claims = field(default_factory=Claims)
    own: bool = False

    def claim(self, tables: Iterable[str], figures: Iterable[str] = ()) -> Outputs:
        """Make sure, before hours are spent, that all these may be written; raises FileError."""
        writable(self.stem)
        for name in tables:
            self.claims.check(self._beside(name, "csv"), TABLE, self.own)
        for name in figures if self.figures else ():
            path = self._beside(name, self.format)
            self.claims.check(path, picture_kind(path), self.own)
        return self

    def beside(self, name: str) -> Outputs:
        """The same for STEM-NAME."""
        return replace(self, stem=self.stem.with_name(f"{self.stem.name}-{name}"))

    def table(
        self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], units: UnitNames
    ) -> str:
        """Write STEM-NAME.csv, of a system of these units; return its name."""
        path = self.claims.file(self._beside(name, "csv"), TABLE, self.own)
        return write_table(path, columns, rows, units)

    def figure(self, name: str) -> Path:
        """Where the figure STEM-NAME.FORMAT goes."""
        path = self._beside(name, self.format)
        return self.claims.file(path, picture_kind(path), self.own)

    def _beside(self, name: str, ending: str) -> Path:
        return self.stem.with_name(f"{self.stem.name}-{name}.{ending}")


def stem_of(file: Path) -> Path:
    """NAME of NAME.h5, NAME.h5.partial, NAME.lammps.gz, in the present folder.

    Only an ending that names a kind of file is taken off: `dump.0` and `dump.1000` stay apart. A file of another
    program keeps its ending too where a second one beside it, or a run, has the same NAME (`glass.data` and
    `glass.lammps`), so that what is made of one never replaces what is made of the other.
    """
    name = _name(file)
    if name == file.name or file.name.removesuffix(".partial").endswith(".h5"):
        return Path(name)
    try:
        beside = [other for other in file.absolute().parent.iterdir() if other.name != file.name]
    except OSError:
        beside = []
    shared = any(_name(other) == name != other.name for other in beside)
    return Path(file.name if shared else name)


def _name(file: Path) -> str:
    """The name without the endings that say what kind of file it is."""
    name = file.name.removesuffix(".partial").removesuffix(".gz")
    stem, dot, ending = name.rpartition(".")
    return stem if stem.strip(".") and dot + ending.lower() in ENDINGS else name


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]], units: UnitNames) -> str:
    """Write a table whole or not at all and return its name.

    Numbers keep twelve digits unless they come as text; None is an empty cell.
    """
    return str(write_rows(path, columns, rows, digits=12, units=units))


def finite(value: float | None) -> float | None:
    """A number that JSON knows."""
    return None if value is None or not math.isfinite(value) else float(value)


def number(value: float | None, form: str) -> str:
    """A number for people, or a dash where there is none."""
    return "-" if value is None else format(value, form)


def wrote(paths: Sequence[str]) -> list[str]:
    """Lines that name the files written."""
    return [f"  wrote {path}" for path in paths]
