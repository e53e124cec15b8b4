"""One number of ours beside a published or exact one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Expected:
    """A number that a correct program gives.

    key        names it within its group; the function that measures the group returns a value under it
    what       in words
    value      as published, or exact
    tolerance  how far ours may be from it: the published digits, or the statistical error
    source     paper and equation; "independent" for a calculation by another program, "exact" for a law
    """

    key: str
    what: str
    value: float
    tolerance: float
    source: str


@dataclass(frozen=True)
class Comparison:
    """An expected number with what was found; None where this scale cannot say."""

    expected: Expected
    ours: float | None
    note: str = ""

    @property
    def difference(self) -> float | None:
        """Ours minus the expected value."""
        return None if self.ours is None else self.ours - self.expected.value

    @property
    def holds(self) -> bool | None:
        """Whether ours lies within the tolerance; None where there is no number."""
        if self.difference is None:
            return None
        return bool(np.isfinite(self.difference) and abs(self.difference) <= self.expected.tolerance)

    def as_data(self) -> dict[str, Any]:
        """Plain data for --json and for a result that is kept."""
        e, finite = self.expected, self.ours is not None and np.isfinite(self.ours)
        return {
            "key": e.key,
            "what": e.what,
            "published": e.value,
            "tolerance": e.tolerance,
            "ours": float(self.ours) if finite and self.ours is not None else None,
            "difference": float(self.difference) if finite and self.difference is not None else None,
            "holds": self.holds,
            "source": e.source,
            "note": self.note,
        }


def compare(expected: Iterable[Expected], found: Mapping[str, float]) -> list[Comparison]:
    """Each expected number with the one found under its key; raises KeyError for one that was not measured."""
    return [Comparison(e, float(found[e.key])) for e in expected]


def table(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Lines of a table: what, published, ours, difference, verdict, source."""
    rows = list(rows)
    width = max([4, *(len(str(row["what"])) for row in rows)])
    lines = [f"{'':{width}} {'published':>11} {'ours':>11} {'difference':>11}  verdict"]
    for row in rows:
        verdict = {True: "agrees", False: "DIFFERS", None: "-"}[row["holds"]]
        lines.append(
            f"{row['what']:{width}} {_number(row['published']):>11} {_number(row['ours']):>11} "
            f"{_small(row['difference']):>11}  {verdict:8} {row['source']}"
        )
    return lines


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"


def _small(value: float | None) -> str:
    return "-" if value is None else f"{value:+.1e}"
