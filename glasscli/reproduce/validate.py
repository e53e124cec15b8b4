"""The quick comparisons, group by group."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glasscli.errors import InputError, near
from glasscli.progress import progress
from glasscli.reproduce import crystal_numbers, glass_numbers, law_numbers, theory_numbers
from glasscli.reproduce.comparison import Expected, compare


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


def validate(names: tuple[str, ...] = (), glass: Path | None = None) -> dict[str, Any]:
    """Measure the groups (all by default) and compare: {"rows": [...], "compared", "failed", "seconds"}.

    Raises InputError for a group that is not there.
    """
    for name in names:
        if name not in GROUPS:
            raise InputError(f"no group {name!r} of comparisons{near(name, GROUPS)}")
    groups = [GROUPS[name] for name in names] if names else list(GROUPS.values())
    groups += [glass_group(glass)] if glass else []
    rows, began = [], time.monotonic()
    with progress("comparisons", len(groups), "groups") as advance:
        for done, group in enumerate(groups, start=1):
            rows += [
                {"group": group.name} | one.as_data() for one in compare(group.expected, group.measure())
            ]
            advance(done, group.name)
    failed = sum(not row["holds"] for row in rows)
    return {"rows": rows, "compared": len(rows), "failed": failed, "seconds": time.monotonic() - began}
