"""The quick comparisons, group by group."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glasscli.errors import InputError, MissingFileError, near
from glasscli.progress import progress
from glasscli.reproduce import crystal_numbers, glass_numbers, law_numbers, theory_numbers
from glasscli.reproduce.comparison import Expected, compare, table


@dataclass(frozen=True)
class Group:
    """Numbers that are measured together."""

    name: str
    expected: tuple[Expected, ...]
    measure: Callable[[], Mapping[str, float]]


GROUPS = {
    group.name: group
    for group in (
        Group("theory", theory_numbers.EXPECTED, theory_numbers.measure),
        Group("crystals", crystal_numbers.EXPECTED, crystal_numbers.measure),
        Group("laws", law_numbers.EXPECTED, law_numbers.measure),
    )
}


def glass_group(path: Path) -> Group:
    """The comparisons of a third-party glass in a file."""
    extra = glass_numbers.EXPECTED_OF_KNOWN if glass_numbers.is_known(path) else ()
    return Group("glass", (*glass_numbers.EXPECTED, *extra), lambda: glass_numbers.measure(path))


@dataclass(frozen=True)
class Validation:
    """Numbers beside ours, a row each, and how long they took."""

    rows: tuple[dict[str, Any], ...]
    seconds: float

    @property
    def failed(self) -> int:
        """How many differ."""
        return sum(not row["holds"] for row in self.rows)

    @property
    def data(self) -> dict[str, Any]:
        """The contract object of --json."""
        return {
            "rows": list(self.rows),
            "compared": len(self.rows),
            "failed": self.failed,
            "seconds": self.seconds,
        }

    @property
    def text(self) -> str:
        """The table and its verdict."""
        said = f"{self.failed} differ" if self.failed else "all agree"
        return "\n".join([*table(self.rows), f"{len(self.rows)} comparisons in {self.seconds:.0f} s: {said}"])


def validate(names: tuple[str, ...] = (), glass: Path | None = None) -> Validation:
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
    rows: list[dict[str, Any]] = []
    began = time.monotonic()
    with progress("comparisons", len(groups), "groups") as advance:
        for done, group in enumerate(groups, start=1):
            rows += [
                {"group": group.name} | one.as_data() for one in compare(group.expected, group.measure())
            ]
            advance(done, group.name)
    return Validation(tuple(rows), time.monotonic() - began)
