"""The quick comparisons, group by group."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glasscli.errors import InputError, MissingFileError, near
from glasscli.progress import progress
from glasscli.reproduce import crystal_numbers, elastic_numbers, glass_numbers, law_numbers, theory_numbers
from glasscli.reproduce.comparison import (
    Comparison,
    Expected,
    Numbers,
    Verdict,
    compare,
    counted,
    counts_text,
    table,
)


@dataclass(frozen=True)
class Group:
    """Numbers that are compared together."""

    name: str
    expected: tuple[Expected, ...]
    numbers: Callable[[], Numbers]


GROUPS = {
    group.name: group
    for group in (
        Group("theory", theory_numbers.EXPECTED, theory_numbers.numbers),
        Group("crystals", crystal_numbers.EXPECTED, crystal_numbers.numbers),
        Group("elastic", elastic_numbers.EXPECTED, elastic_numbers.numbers),
        Group("laws", law_numbers.EXPECTED, law_numbers.numbers),
    )
}


def glass_group(path: Path) -> Group:
    """The comparisons of a third-party glass in a file."""
    extra = glass_numbers.EXPECTED_OF_KNOWN if glass_numbers.is_known(path) else ()
    return Group("glass", (*glass_numbers.EXPECTED, *extra), lambda: glass_numbers.numbers(path))


@dataclass(frozen=True)
class Validation:
    """What was compared: (group, comparison) in their order, and how long it took."""

    rows: list[tuple[str, Comparison]]
    seconds: float

    @property
    def failed(self) -> int:
        """Comparisons that differ and should not: calculations, and printed numbers without an explanation."""
        return sum(one.wrong for _, one in self.rows)

    @property
    def differ(self) -> int:
        """All that differ, those with an explanation too."""
        return sum(one.verdict is Verdict.DIFFERS for _, one in self.rows)

    @property
    def data(self) -> dict[str, Any]:
        """The contract object."""
        return {
            "rows": [{"group": group} | one.data for group, one in self.rows],
            "compared": len(self.rows),
            "by_kind": counted(one for _, one in self.rows),
            "differ": self.differ,
            "failed": self.failed,
            "seconds": self.seconds,
        }

    def text(self) -> str:
        """Lines for people."""
        rows = [one for _, one in self.rows]
        explained = f", {self.differ - self.failed} of them with an explanation" if self.differ else ""
        last = f"{len(rows)} comparisons in {self.seconds:.0f} s: {self.differ} differ{explained}"
        return "\n".join([*table(rows), "", *counts_text(counted(rows)), last])


def validate(names: Sequence[str] = (), glass: Path | None = None) -> Validation:
    """Measure the groups (all by default), and a third-party glass in a file, and compare.

    Raises InputError for a group that is not there, MissingFileError for a file.
    """
    if glass is not None and not glass.exists():
        raise MissingFileError(f"{glass}: no such file")
    for name in names:
        if name not in GROUPS:
            raise InputError(f"no group {name!r} of comparisons{near(name, GROUPS)}")
    groups = [GROUPS[name] for name in names] if names else list(GROUPS.values())
    groups += [glass_group(glass)] if glass else []
    rows: list[tuple[str, Comparison]] = []
    began = time.monotonic()
    with progress("comparisons", len(groups), "groups") as advance:
        for done, group in enumerate(groups, start=1):
            rows += [(group.name, one) for one in compare(group.expected, group.numbers())]
            advance(done, group.name)
    return Validation(rows, time.monotonic() - began)
