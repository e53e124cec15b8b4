"""One number of ours beside a published or exact one, with a verdict from its errors that could have been another.

The rule, once: `e` is how far the print lets the number be (half its last digit, or the error of reading the figure),
`s` the standard error of ours. The gap is the distance of ours from value ± e, or from the side an ordering names.

    agrees        the gap is at most 2 s, and the rival is more than 2 s from ours
    differs       the gap is more than 3 s, or no number came out where one should
    cannot tell   anything else: ours is too uncertain to choose, or this scale has no number
    input         solved from what was printed, so it says nothing

Where the text leaves an input open, ours is a range, and no end of it is likelier than the other: it agrees when all
of it is within the print and without the rival, and differs when none of it is within the print.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from glasscli.observables.samples import mean_of_samples
from glasscli.report.beside import finite, number

AGREE, DIFFER = 2.0, 3.0  # standard errors of ours
ROUNDED = 1e-9  # of the error of the print: the rounding of a difference


class Kind(StrEnum):
    """Where an expected number comes from."""

    PRINTED = "printed number"
    READ = "read off a figure"
    ORDERING = "ordering or sign"
    EXACT = "exact result"
    OWN = "own calculation"
    INPUT = "solved input"


class Relation(StrEnum):
    """What ours should be to the expected value."""

    EQUAL = "="
    ABOVE = ">"
    BELOW = "<"


class Verdict(StrEnum):
    """What the errors say."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNSURE = "cannot tell"
    INPUT = "input"


@dataclass(frozen=True)
class Expected:
    """A number, or a side of it, that a correct program gives.

    key       names it among all that is compared anywhere: it is counted once
    what      in words
    source    paper with the sentence, figure or equation; of an own calculation, how it was made
    kind      where the number comes from
    value     as published, or exact; of an ordering, the bound that ours is on one side of
    error     how far the print lets it be: half its last digit, the error of reading, a numerical tolerance
    relation  whether ours should be equal to, above or below it
    rival     a value that would flip the verdict; of an ordering its bound, where nothing else is said
    fails     a sentence: what would have given that value
    why       the best present explanation where ours is known to differ from a print
    """

    key: str
    what: str
    source: str
    kind: Kind
    value: float
    error: float = 0.0
    relation: Relation = Relation.EQUAL
    rival: float | None = None
    fails: str = ""
    why: str = ""

    def __post_init__(self) -> None:
        """Raises ValueError for a row that cannot fail."""
        if self.kind is Kind.INPUT:
            return
        if self.kind is Kind.ORDERING and self.rival is None:
            object.__setattr__(self, "rival", self.value)
        equal = self.relation is Relation.EQUAL
        if (self.kind is Kind.ORDERING) == equal:
            raise ValueError(f"{self.key}: an ordering has a side, and nothing else has")
        if self.rival is None or not self.fails or (equal and self.gap(self.rival) <= 0):
            raise ValueError(f"{self.key}: nothing is said that would flip its verdict")
        if not equal and self.inside(self.rival):
            raise ValueError(f"{self.key}: its rival lies on the side that is expected")

    def gap(self, ours: float) -> float:
        """How far ours is outside of what is expected; 0 within."""
        if self.relation is Relation.EQUAL:
            excess = abs(ours - self.value) - self.error
            return excess if excess > ROUNDED * self.error else 0.0  # 1 is within 0.95 +- 0.05
        return max(0.0, self.value - ours if self.relation is Relation.ABOVE else ours - self.value)

    def inside(self, ours: float) -> bool:
        """Whether ours without any error is strictly on the expected side, or within the print."""
        return self.gap(ours) == 0 and (self.relation is Relation.EQUAL or ours != self.value)

    def verdict(self, found: Found) -> Verdict:
        """The rule of this module."""
        if self.kind is Kind.INPUT:
            return Verdict.INPUT
        if found.value is None:
            return Verdict.UNSURE
        if not np.isfinite(found.value):
            return Verdict.DIFFERS
        if not np.isfinite(found.error):
            return Verdict.UNSURE
        if found.span:
            return self._of_span(found.value, found.error)
        gap, s = self.gap(found.value), found.error
        if gap > DIFFER * s:
            return Verdict.DIFFERS
        assert self.rival is not None
        return Verdict.AGREES if gap <= AGREE * s < abs(found.value - self.rival) else Verdict.UNSURE

    def _of_span(self, middle: float, half: float) -> Verdict:
        """Of a range of numbers, each as good as any other."""
        assert self.rival is not None
        if self.gap(middle) > half:
            return Verdict.DIFFERS
        within = max(self.gap(middle - half), self.gap(middle + half)) == 0
        return Verdict.AGREES if within and abs(middle - self.rival) > half else Verdict.UNSURE


@dataclass(frozen=True)
class Found:
    """What was measured.

    value  None where this scale has no such number
    error  standard error, from samples or blocks; 0 of what is calculated, nan where one sample tells none
    note   what belongs to the number
    span   the number is the middle of a range of inputs that are left open, the error half of its width
    """

    value: float | None
    error: float = 0.0
    note: str = ""
    span: bool = False

    @staticmethod
    def of_samples(values: ArrayLike, note: str = "") -> Found:
        """Mean of independent samples [n], with an error that is right for few of them (`mean_of_samples`)."""
        data = np.asarray(values, dtype=np.float64)
        mean, error = mean_of_samples(data)
        return Found(float(mean), float(error), note or f"{len(data)} samples")

    @staticmethod
    def of_inputs(values: ArrayLike, note: str) -> Found:
        """The range of what inputs give that the text leaves open; `note` says which."""
        low, high = float(np.min(values)), float(np.max(values))
        return Found((low + high) / 2, (high - low) / 2, note, span=True)


# What was measured under the keys of what is expected; a plain number has no error.
Numbers: TypeAlias = "Mapping[str, Found | float | None]"


@dataclass(frozen=True)
class Comparison:
    """An expected number with what was found."""

    expected: Expected
    found: Found

    @property
    def ours(self) -> float | None:
        """What was measured; None where this scale has no number."""
        return self.found.value

    @property
    def note(self) -> str:
        """What belongs to the number."""
        return self.found.note

    @property
    def difference(self) -> float | None:
        """Ours minus the expected value."""
        return None if self.ours is None else self.ours - self.expected.value

    @property
    def verdict(self) -> Verdict:
        """What the errors say."""
        return self.expected.verdict(self.found)

    @property
    def wrong(self) -> bool:
        """Whether it differs where this program would be to blame: no explanation, or nothing but calculation."""
        exact = self.expected.kind in (Kind.EXACT, Kind.OWN)
        return self.verdict is Verdict.DIFFERS and (exact or not self.expected.why)

    @property
    def data(self) -> dict[str, Any]:
        """As --json and a result that is kept have it."""
        e = self.expected
        return {
            "key": e.key,
            "what": e.what,
            "kind": str(e.kind),
            "published": e.value,
            "published_error": e.error,
            "relation": str(e.relation),
            "ours": finite(self.ours),
            "error": finite(self.found.error),
            "span": self.found.span,
            "difference": finite(self.difference),
            "verdict": str(self.verdict),
            "rival": e.rival,
            "fails": e.fails,
            "why": e.why,
            "source": e.source,
            "note": self.note,
        }

    @staticmethod
    def of(data: Mapping[str, Any]) -> Comparison:
        """The comparison that `data` was made of. Raises KeyError for what an older glasscli kept."""
        expected = Expected(
            data["key"], data["what"], data["source"], Kind(data["kind"]), data["published"], data["published_error"],
            Relation(data["relation"]), data["rival"], data["fails"], data["why"],
        )  # fmt: skip
        # JSON has no nan: a number that is none differs, one that is not there says nothing.
        lost = float("nan") if data["verdict"] == Verdict.DIFFERS else None
        value = lost if data["ours"] is None else data["ours"]
        error = float("nan") if data["error"] is None else data["error"]
        return Comparison(expected, Found(value, error, data["note"], data.get("span", False)))


def printed(
    key: str,
    what: str,
    digits: str,
    source: str,
    rival: float,
    fails: str,
    why: str = "",
    kind: Kind = Kind.PRINTED,
) -> Expected:
    """A number as it is printed, so that its last digit is its error: "0.69" is ± 0.005, "4e2" is ± 50."""
    exponent = Decimal(digits).as_tuple().exponent
    assert isinstance(exponent, int)
    error = float(Decimal(5).scaleb(exponent - 1))
    return Expected(key, what, source, kind, float(digits), error, rival=rival, fails=fails, why=why)


def compare(expected: Iterable[Expected], found: Numbers) -> list[Comparison]:
    """Each expected number with the one found under its key; raises KeyError for one that was not measured."""
    pairs = ((e, found[e.key]) for e in expected)
    return [
        Comparison(e, f if isinstance(f, Found) else Found(None if f is None else float(f))) for e, f in pairs
    ]


def counted(rows: Iterable[Comparison]) -> dict[str, dict[str, int]]:
    """{kind: {verdict: number}}, a key once however many groups and figures show it; the worst of its verdicts."""
    worst = list(reversed([Verdict.DIFFERS, Verdict.UNSURE, Verdict.AGREES, Verdict.INPUT]))
    once: dict[str, Comparison] = {}
    for row in rows:
        known = once.get(row.expected.key)
        if known is None or worst.index(row.verdict) > worst.index(known.verdict):
            once[row.expected.key] = row
    by_kind = {kind: Counter(r.verdict for r in once.values() if r.expected.kind is kind) for kind in Kind}
    return {str(k): {str(v): n for v in Verdict if (n := c[v])} for k, c in by_kind.items() if c}


def counts_text(counts: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Lines of a table: kinds against verdicts."""
    if not counts:
        return []
    width = max(len(kind) for kind in counts)
    lines = [f"{'':{width}} " + " ".join(f"{v:>11}" for v in Verdict)]
    rows = [*counts.items(), ("all", sum((Counter(c) for c in counts.values()), Counter()))]
    return lines + [f"{kind:{width}} " + " ".join(f"{c.get(v, 0):>11}" for v in Verdict) for kind, c in rows]


def table(rows: Sequence[Comparison]) -> list[str]:
    """Lines of a table: numbers with errors, verdict and kind, and below each its source and how it could fail."""
    if not rows:
        return []
    width = max([4, *(len(row.expected.what) for row in rows)])
    lines = [f"{'':{width}} {'published':>18} {'ours':>22} {'difference':>11}  {'verdict':11}  kind"]
    for row in rows:
        e, difference = row.expected, number(finite(row.difference), "+.1e")
        numbers = f"{as_expected(e):>18} {as_found(row.found):>22} {difference:>11}"
        lines.append(f"{e.what:{width}} {numbers}  {row.verdict:11}  {e.kind}")
        lines += [f"    {said}" for said in explained(row)]
    return lines


def as_expected(e: Expected) -> str:
    """The value with its error, or the side that is expected: "-7.7 ± 0.05", "> 0"."""
    side = "" if e.relation is Relation.EQUAL else f"{e.relation} "
    return f"{side}{e.value:.6g}" + (f" ± {e.error:.2g}" if e.error else "")


def as_found(f: Found) -> str:
    """The value with its standard error, which "?" stands for where one sample tells none; or a range."""
    known = finite(f.value)
    if known is None:
        return "-"
    if f.span and f.error:
        return f"{known - f.error:.3g} to {known + f.error:.3g}"
    return f"{known:.6g}" + (
        "" if f.error == 0 else " ± ?" if finite(f.error) is None else f" ± {f.error:.2g}"
    )


def explained(row: Comparison) -> list[str]:
    """Where a row comes from, how it could fail, what belongs to the number, and why it differs where it does."""
    e = row.expected
    rival = "" if e.rival is None else f"; fails at {e.rival:.6g}: {e.fails}"
    said = [f"{e.source}{rival}", row.note, e.why if row.verdict is Verdict.DIFFERS else ""]
    return [one for one in said if one]
