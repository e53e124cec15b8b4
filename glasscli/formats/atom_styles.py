"""Atom styles of LAMMPS data files that do not say which columns their atoms have.

Sources: LAMMPS manual, `read_data` (columns of each style, image flags, hybrid styles) and `atom_style`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from glasscli.errors import FileError
from glasscli.formats.copies import Rewriting, opener

# What stands between an atom's id and its position, and after it.
BEFORE = {
    "atomic": ("type",),
    "charge": ("type", "charge"),
    "molecular": ("molecule", "type"),
    "sphere": ("type", "size", "density"),
    "full": ("molecule", "type", "charge"),
    "dipole": ("type", "charge"),
}
AFTER = {"dipole": 3}
# How many values each style adds to an atom of a hybrid one, beyond id, type and position.
HYBRID = {
    "atomic": 0, "charge": 1, "bond": 1, "angle": 1, "molecular": 1, "full": 2, "sphere": 2, "ellipsoid": 2,
    "electron": 3, "dipole": 4, "peri": 2, "line": 3, "tri": 3, "body": 2,
}  # fmt: skip
OTHERS = (
    "hybrid",
    "template",
    "spin",
    "dpd",
    "edpd",
    "mdpd",
    "tdpd",
    "sph",
    "smd",
    "dielectric",
    "amoeba",
    "mesont",
)
POSITION, FLAGS = 3, 3
# Atoms that are looked at.
LOOK = 2000
SECTION = re.compile(r"[A-Z][A-Za-z]*(?: [A-Z]?[A-Za-z]+)*\s*(?:#.*)?$")


@dataclass(frozen=True)
class DataFile:
    """What a data file says of its types and of its atoms' columns.

    hint    what stands behind `Atoms #`, "" for nothing; comment: the first line
    types   how many there are; labels: their names under `Atom Type Labels`
    named   types with a label, or a word behind their mass
    rows    words of the first atoms
    """

    hint: str
    comment: str
    types: int
    labels: frozenset[str]
    named: frozenset[int]
    rows: Sequence[Sequence[str]]

    def style(self, name: str) -> str | None:
        """The style that the atoms of file `name` fit where nothing says it; None where OVITO finds it said.

        Raises FileError where none does, or several do.
        """
        said = self.hint.lower().split("/")[0].split()[:1]
        if said and said[0] in (*HYBRID, *OTHERS):
            # OVITO knows no style of an accelerator package, such as atomic/kk.
            return said[0] if "/" in self.hint else None
        for flags in (FLAGS, 0):
            fitting = [style for style in BEFORE if self._fits(style, flags)]
            if len(fitting) == 1:
                return fitting[0]
            if fitting:
                break
        which = f"fit {' and '.join(fitting)}" if fitting else "fit no atom style that is known"
        raise FileError(
            f"{name}: the {len(self.rows[0])} columns of its atoms {which}: write the style behind the section's name, "
            "as LAMMPS does (Atoms # charge)"
        )

    def _fits(self, style: str, flags: int) -> bool:
        before, after = BEFORE[style], AFTER.get(style, 0)
        if any(len(row) != 1 + len(before) + POSITION + after + flags for row in self.rows):
            return False
        if flags and not all(_whole(word) for row in self.rows for word in row[-flags:]):
            return False
        return all(self._holds(what, [row[k] for row in self.rows]) for k, what in enumerate(before, start=1))

    def _holds(self, what: str, words: Sequence[str]) -> bool:
        """Whether a column can be what it should."""
        if what == "type":
            return all(
                word in self.labels or (_whole(word) and 1 <= int(word) <= self.types) for word in words
            )
        if what == "molecule":
            return all(_whole(word) and int(word) >= 0 for word in words)
        try:
            values = [float(word) for word in words]
        except ValueError:
            return False
        if what in ("size", "density"):
            return all(value > 0 or (what == "size" and value == 0) for value in values)
        # Numbers of types or molecules are whole and positive; charges of a whole sample are not.
        return not all(_whole(word) and value > 0 for word, value in zip(words, values, strict=True))

    def as_atomic(self) -> Rewriting | None:
        """Atoms of a hybrid style without what its parts add, which ids, types and positions do not need.

        None for any other style. Image flags are kept where there is no doubt which columns they are.
        """
        if self.hint.split()[:1] != ["hybrid"]:
            return None
        words = re.search(r"hybrid((?:\s+[a-z]+)+)", self.hint) or re.search(
            r"hybrid((?:\s+[a-z]+)+)", self.comment
        )
        parts = words[1].split() if words else []
        width = len(self.rows[0])
        added = width - 2 - POSITION
        if parts and all(part in HYBRID for part in parts):
            flagged = added - _added(parts) == FLAGS
        else:
            flagged = added > FLAGS and all(_whole(word) for row in self.rows for word in row[-FLAGS:])

        def shortened(words: list[bytes]) -> list[bytes]:
            return words[:5] + (words[width - FLAGS : width] if flagged else [])

        return lambda lines: _atomic(lines, shortened)


def _added(parts: Sequence[str]) -> int:
    """Values that the parts of a hybrid style add together: a molecule or a charge of several only once."""
    total = sum(HYBRID[part] for part in parts)
    molecules = sum(part in ("bond", "angle", "molecular", "full", "line", "tri") for part in parts)
    charges = sum(part in ("charge", "full", "dipole", "electron") for part in parts)
    return total - max(0, molecules - 1) - max(0, charges - 1)


def _atomic(lines: Iterable[bytes], shortened: Callable[[list[bytes]], list[bytes]]) -> Iterator[bytes]:
    section = ""
    for line in lines:
        text = line.decode("utf-8", "replace").rstrip()
        if SECTION.match(text):
            section = text.split("#")[0].strip()
            line = b"Atoms # atomic\n" if section == "Atoms" else line
        elif section in ("Atoms", "Velocities") and text.strip():
            words = line.split(b"#")[0].split()
            line = b" ".join(shortened(words) if section == "Atoms" else words[:4]) + b"\n"
        yield line


def data_file(path: Path, head: Sequence[str]) -> DataFile | None:
    """What a LAMMPS data file says, None for any other file; head: its first lines."""
    if not any(re.match(r"\s*\d+\s+atoms\b", line) for line in head[:40]):
        return None
    section, hint, types, rows = "", "", 0, []
    labels: dict[int, str] = {}
    named: set[int] = set()
    with opener(path)(path, "rb") as file:
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
    if not rows:
        return None
    return DataFile(
        hint, head[0], types, frozenset(labels.values()), frozenset({*labels, *named}), tuple(rows)
    )


def _whole(word: str) -> bool:
    return re.fullmatch(r"[+-]?\d+", word) is not None
