"""Which columns the atoms of a LAMMPS data file have: as their atom style says, or found where nothing says it.

Sources: LAMMPS manual, `read_data` (columns of each style, image flags, hybrid styles) and `atom_style`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glasscli.errors import FileError
from glasscli.formats.copies import Rewriting
from glasscli.formats.packing import unpacked

# What stands between an atom's id and its position, and how many values behind it.
BEFORE = {
    "atomic": ("type",),
    "charge": ("type", "charge"),
    "molecular": ("molecule", "type"),
    "sphere": ("type", "size", "density"),
    "full": ("molecule", "type", "charge"),
    "dipole": ("type", "charge"),
    "spin": ("type",),
    "electron": ("type", "any", "any", "any"),
    "bpm/sphere": ("molecule", "type", "size", "density"),
    "template": ("molecule", "index", "index", "type"),
    "dielectric": ("molecule", "type", "any"),
    "smd": ("type", *["any"] * 8),
}
AFTER = {"dipole": 3, "spin": 4, "dielectric": 8}
# Styles whose columns are those of another, or stand where those of another do.
LIKE = {
    "oxdna": "atomic", "bond": "molecular", "angle": "molecular", "amoeba": "full", "dpd": "charge", "mdpd": "charge",
    "body": "sphere", "ellipsoid": "sphere", "peri": "sphere", "edpd": "sphere", "rheo": "sphere",
    "rheo/thermal": "electron", "sph": "electron", "line": "bpm/sphere", "tri": "bpm/sphere",
}  # fmt: skip
# Those with as many values behind the position as the user asked for.
OPEN = ("hybrid", "tdpd")
# What OVITO reads as it stands; of others it gets the columns that it needs.
DIRECT = ("atomic", "charge", "bond", "angle", "molecular", "full")
# Where nothing says a style and the box does not tell: what is likely.
PLAIN = ("atomic", "charge", "molecular", "sphere", "full")
ACCELERATED = re.compile(r"/(kk|gpu|intel|omp|opt)$")
POSITION, FLAGS = 3, 3
# Atoms that are looked at; a sample fills its box, so that this share of each edge lies between the outermost.
LOOK, FILLED = 2000, 0.25
SECTION = re.compile(r"[A-Z][A-Za-z]*(?: [A-Z]?[A-Za-z]+)*\s*(?:#.*)?$")
KEPT = ("Masses", "Atom Type Labels", "Atoms", "Velocities")
HEADER = re.compile(r"\d+ atoms$|\d+ atom types$|.*[xyz]lo [xyz]hi$|.* xy xz yz$|.*[abc]vec$|.* abc origin$")


@dataclass(frozen=True)
class Columns:
    """Where an atom's type and position stand, ids being first, and whether its last three words are image flags."""

    style: str
    type: int
    position: int
    flagged: bool

    @property
    def places(self) -> tuple[int, int]:
        """What tells two readings of a file apart."""
        return self.type, self.position


@dataclass(frozen=True)
class DataFile:
    """What a data file says of its types and of its atoms' columns.

    hint    what stands behind `Atoms #`, "" for nothing
    types   how many there are; labels: their names under `Atom Type Labels`
    named   types with a label, or a word behind their mass
    bounds  lower and upper end of the box along each axis, where the header says them
    rows    words of the first atoms
    """

    hint: str
    types: int
    labels: frozenset[str]
    named: frozenset[int]
    bounds: Sequence[tuple[float, float]]
    rows: Sequence[Sequence[str]]

    def columns(self, name: str) -> Columns:
        """Of the style that file `name` says, else of the one that its atoms fit.

        Raises FileError where none does, or several do that differ.
        """
        said = ACCELERATED.sub("", (self.hint.lower().split() or [""])[0])
        style, width = LIKE.get(said, said), len(self.rows[0])
        if said in OPEN:
            behind = width - 2 - POSITION
            return Columns(said, 1, 2, behind >= FLAGS and self._whole_ends())
        if style in BEFORE:
            more = width - 1 - len(BEFORE[style]) - POSITION - AFTER.get(style, 0)
            if more not in (0, FLAGS):
                usual = f"{width - more} or {width - more + FLAGS}"
                raise FileError(f"{name}: its atoms have {width} columns, those of style {said} {usual}")
            return _columns(said, BEFORE[style], more == FLAGS)
        found = self._found()
        if len(found) == 1:
            return found[0]
        which = f"fit {' and '.join(c.style for c in found)}" if found else "fit no atom style that is known"
        raise FileError(
            f"{name}: the {width} columns of its atoms {which}: write the style behind the section's name, "
            "as LAMMPS does (Atoms # charge)"
        )

    def _found(self) -> list[Columns]:
        """Readings that the atoms fit, of those whose positions are the same one: flags are not taken for a moment.

        Positions that fill the box speak for a reading, else it is a plain style's.
        """
        width = len(self.rows[0])
        fitting = [
            _columns(style, BEFORE[style], flagged)
            for flagged in (True, False) for style in BEFORE if self._fits(style, FLAGS * flagged)
        ]  # fmt: skip
        if width > 2 + POSITION and self._holds("type", [row[1] for row in self.rows]):
            fitting.append(Columns("hybrid", 1, 2, width >= 2 + POSITION + FLAGS and self._whole_ends()))
        filled = [one for one in fitting if self._fill(one)]
        plain = [one for one in fitting if one.style in PLAIN and one.flagged == fitting[0].flagged]
        found: dict[tuple[int, int], Columns] = {}
        for one in filled or plain or fitting:
            found.setdefault(one.places, one)
        return list(found.values())

    def _fill(self, columns: Columns) -> bool:
        """Whether positions lie in the box, and from one end of it to the other; whole numbers may be flags."""
        words = [row[columns.position : columns.position + POSITION] for row in self.rows]
        if len(self.bounds) != POSITION or all(_whole(word) for row in words for word in row):
            return False
        try:
            places = np.array(words, dtype=np.float64)
        except ValueError:
            return False
        low, high = np.array(self.bounds).T
        edges = high - low
        inside = (places >= low - 1e-3 * edges) & (places <= high + 1e-3 * edges)
        return bool(inside.all() and (np.ptp(places, axis=0) >= FILLED * edges).all())

    def _fits(self, style: str, flags: int) -> bool:
        before, after = BEFORE[style], AFTER.get(style, 0)
        if any(len(row) != 1 + len(before) + POSITION + after + flags for row in self.rows):
            return False
        if flags and not self._whole_ends():
            return False
        return all(self._holds(what, [row[k] for row in self.rows]) for k, what in enumerate(before, start=1))

    def _whole_ends(self) -> bool:
        return all(_whole(word) for row in self.rows for word in row[-FLAGS:])

    def _holds(self, what: str, words: Sequence[str]) -> bool:
        """Whether a column can be what it should."""
        if what == "type":
            return all(
                word in self.labels or (_whole(word) and 1 <= int(word) <= self.types) for word in words
            )
        if what in ("molecule", "index"):
            return all(_whole(word) and int(word) >= (what == "index") for word in words)
        try:
            values = [float(word) for word in words]
        except ValueError:
            return False
        if what == "any":
            return True
        if what in ("size", "density"):
            return all(value > 0 or (what == "size" and value == 0) for value in values)
        # Numbers of types or molecules are whole and positive; charges of a whole sample are not.
        return not all(_whole(word) and value > 0 for word, value in zip(words, values, strict=True))


def _columns(style: str, before: Sequence[str], flagged: bool) -> Columns:
    return Columns(style, 1 + before.index("type"), 1 + len(before), flagged)


def as_atomic(columns: Columns) -> Rewriting:
    """What makes a data file one of atoms with id, type, position, flags and velocity alone."""
    picked = [0, columns.type, *range(columns.position, columns.position + POSITION)]
    flags = slice(-FLAGS, None) if columns.flagged else slice(0)

    def rewritten(lines: Iterable[bytes]) -> Iterator[bytes]:
        section = ""
        for number, line in enumerate(lines):
            text = line.decode("utf-8", "replace").rstrip()
            if number and SECTION.match(text):
                section = text.split("#")[0].strip()
                if section in KEPT:
                    yield b"Atoms # atomic\n" if section == "Atoms" else line
            elif number and section in ("Atoms", "Velocities") and text.strip():
                words = line.split(b"#")[0].split()
                atom = [words[k] for k in picked if k < len(words)] + words[flags]
                yield b" ".join(atom if section == "Atoms" else words[:4]) + b"\n"
            elif section in KEPT or not number or not text.strip() or HEADER.match(_plain(text)):
                yield line

    return rewritten


def _plain(text: str) -> str:
    """A line of the header without its remark, one blank between words."""
    return " ".join(text.split("#")[0].split())


def data_file(path: Path, head: Sequence[str]) -> DataFile | None:
    """What a LAMMPS data file says, None for any other file; head: its first lines."""
    if not any(re.match(r"\s*\d+\s+atoms\b", line) for line in head[:40]):
        return None
    section, hint, types, rows = "", "", 0, []
    labels: dict[int, str] = {}
    named: set[int] = set()
    bounds: list[tuple[float, float]] = []
    with unpacked(path) as file:
        for line in file:
            text = line.decode("utf-8", "replace").rstrip()
            body, _, remark = text.partition("#")
            words = body.split()
            if SECTION.match(text):
                section = body.strip()
                hint = remark.strip() if section == "Atoms" else hint
            elif section == "Atoms" and words:
                rows.append(words)
                if len(rows) == LOOK:
                    break
            elif section == "Atom Type Labels" and len(words) == 2:
                labels[int(words[0])] = words[1]
            elif section == "Masses" and words and remark.strip() and words[0].isdigit():
                named.add(int(words[0]))
            elif rows_begin := re.match(r"\s*(\d+)\s+atom types", text):
                types = int(rows_begin[1])
            elif ends := re.match(r"\s*(\S+)\s+(\S+)\s+[xyz]lo\s+[xyz]hi", text):
                bounds += _numbers(ends[1], ends[2])
    if not rows:
        return None
    return DataFile(
        hint, types, frozenset(labels.values()), frozenset({*labels, *named}), bounds, tuple(rows)
    )


def _numbers(low: str, high: str) -> list[tuple[float, float]]:
    try:
        return [(float(low), float(high))]
    except ValueError:
        return []


def _whole(word: str) -> bool:
    return re.fullmatch(r"[+-]?\d+", word) is not None
