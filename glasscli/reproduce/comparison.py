"""One number of ours beside a published or exact one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glasscli.report.beside import finite, number


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

    @property
    def data(self) -> dict[str, Any]:
        """As --json and a result that is kept have it."""
        e, known = self.expected, self.ours is not None and bool(np.isfinite(self.ours))
        return {
            "key": e.key,
            "what": e.what,
            "published": e.value,
            "tolerance": e.tolerance,
            "ours": float(self.ours) if known and self.ours is not None else None,
            "difference": float(self.difference) if known and self.difference is not None else None,
            "holds": self.holds,
            "source": e.source,
            "note": self.note,
        }

    @staticmethod
    def of(data: Mapping[str, Any]) -> Comparison:
        """The comparison that `data` was made of."""
        expected = Expected(*(data[name] for name in ("key", "what", "published", "tolerance", "source")))
        # JSON has no nan: a number that is none fails, one that is not there says nothing.
        ours = float("nan") if data["holds"] is False and data["ours"] is None else data["ours"]
        return Comparison(expected, ours, data["note"])


def compare(expected: Iterable[Expected], found: Mapping[str, float]) -> list[Comparison]:
    """Each expected number with the one found under its key; raises KeyError for one that was not measured."""
    return [Comparison(e, float(found[e.key])) for e in expected]


def table(rows: Sequence[Comparison]) -> list[str]:
    """Lines of a table: what, published, ours, difference, verdict, source; none without rows."""
    if not rows:
        return []
    width = max([4, *(len(row.expected.what) for row in rows)])
    lines = [f"{'':{width}} {'published':>11} {'ours':>11} {'difference':>11}  verdict"]
    for row in rows:
        e, verdict = row.expected, {True: "agrees", False: "DIFFERS", None: "-"}[row.holds]
        ours, difference = number(finite(row.ours), ".6g"), number(finite(row.difference), "+.1e")
        lines.append(f"{e.what:{width}} {e.value:>11.6g} {ours:>11} {difference:>11}  {verdict:8} {e.source}")
    return lines
