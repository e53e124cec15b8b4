"""One part of a file's frames, measured by itself: jobs of a cluster keep rows that the whole analysis takes in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from glasscli.errors import InputError
from glasscli.limits import RUNS


@dataclass(frozen=True)
class Part:
    """The `number`-th of `of` parts, from 1."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Part:
        """ "3/16". Raises InputError for what is none."""
        found = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text)
        if not found or not 1 <= int(found[1]) <= int(found[2]):
            raise InputError(f"{text!r} is no part: 3/16 is the third of sixteen")
        RUNS.check(int(found[2]), "parts", InputError)
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def frames(self, count: int) -> range:
        """Those of `count` frames that are its own: neighbours, so that what is read lies together."""
        return range((self.number - 1) * count // self.of, self.number * count // self.of)

    def rows(self, stem: Path) -> Path:
        """Where the rows of it are kept."""
        return stem.with_name(f"{stem.name}-analysis-part-{self.number}-of-{self.of}.db")


def kept_parts(stem: Path) -> list[Path]:
    """The rows of all parts that lie beside those of the whole."""
    form = re.compile(re.escape(stem.name) + r"-analysis-part-\d+-of-\d+\.db")
    return sorted(path for path in stem.parent.glob("*-analysis-part-*.db") if form.fullmatch(path.name))


@dataclass(frozen=True)
class Measured:
    """What became of one part of one file: how many frames it has, and how many of their rows were made now."""

    file: Path
    part: Part
    frames: int
    measured: int
    rows: Path
    measures: Sequence[str]

    @property
    def data(self) -> dict[str, object]:
        """The object of --json."""
        return {
            "file": str(self.file), "part": self.part.number, "parts": self.part.of, "frames": self.frames,
            "measured": self.measured, "measures": list(self.measures), "rows": str(self.rows),
        }  # fmt: skip

    def text(self) -> str:
        """One line."""
        return (
            f"{self.file}: part {self.part}, {self.frames} frames, {self.measured} measured now, kept in "
            f"{self.rows.name}; the same command without --part takes them in"
        )
