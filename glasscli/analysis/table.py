"""Many runs in one table: a row each, and the means of those that differ in nothing but what is drawn by lot."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.analysis.result import plain
from glasscli.analysis.rows import AVERAGED, MEASURED, WHO, Failed, Row, Value, row_of
from glasscli.analysis.workers import available_cores
from glasscli.errors import InputError, MissingFileError, near
from glasscli.formats.snapshots import natural
from glasscli.observables.samples import mean_of_samples
from glasscli.progress import progress
from glasscli.units import WITHOUT_SYSTEM, UnitNames

# Files from which on a second process pays.
WORTH_A_POOL = 400
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le, ">=": operator.ge, "!=": operator.ne, "=": operator.eq, "<": operator.lt, ">": operator.gt,
}  # fmt: skip


@dataclass(frozen=True)
class Average:
    """Mean over the samples of a group that have the number; error: see `mean_of_samples`, None of a single one."""

    mean: float
    error: float | None
    n: int


@dataclass(frozen=True)
class Group:
    """Samples of one protocol: what they share where others differ, and their means by column."""

    by: Mapping[str, Value]
    rows: tuple[Row, ...]

    @property
    def n(self) -> int:
        """How many there are."""
        return len(self.samples)

    @cached_property
    def samples(self) -> tuple[Row, ...]:
        """The runs, copies of one counted once."""
        return tuple({row.identity: row for row in self.rows}.values())

    @cached_property
    def means(self) -> dict[str, Average]:
        """Of the columns of AVERAGED that any of them has."""
        found = {name: self.mean(name) for name in AVERAGED}
        return {name: average for name, average in found.items() if average is not None}

    def mean(self, name: str) -> Average | None:
        """Of any column; None where none of them has a number there."""
        known = [float(v) for row in self.samples if isinstance(v := row.values.get(name), int | float)]
        if not known:
            return None
        mean, error = mean_of_samples(known)
        return Average(float(mean), None if np.isnan(error) else float(error), len(known))

    @property
    def data(self) -> dict[str, Any]:
        """Its object in --json."""
        return {"by": dict(self.by), "n": self.n} | {
            name: vars(average) for name, average in self.means.items()
        }


@dataclass(frozen=True)
class Table:
    """Rows of runs, the files that are none, and what the rows are grouped by.

    asked  names of columns to group by, instead of all settings in which the runs differ
    """

    rows: tuple[Row, ...]
    failed: tuple[Failed, ...] = ()
    asked: tuple[str, ...] | None = None

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """All there are: who, settings, what was measured."""
        settings = dict.fromkeys(name for row in self.rows for name in row.values)
        measured = (name for name in MEASURED if name in settings)
        return (*WHO, *(name for name in settings if name not in WHO and name not in MEASURED), *measured)

    @property
    def files(self) -> list[str]:
        """All that it is made of, also those that are no rows."""
        return [*(str(row.values["file"]) for row in self.rows), *(one.file for one in self.failed)]

    @cached_property
    def units(self) -> UnitNames | None:
        """Of its numbers; None where the runs have several."""
        found = {row.system.unit_system: None for row in self.rows}
        return next(iter(found)) if len(found) == 1 else None if found else WITHOUT_SYSTEM

    @cached_property
    def kinds(self) -> tuple[Table, ...]:
        """A table of each protocol, those that begin first: their settings have little in common."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(str(row.values["protocol"]), []).append(row)
        order = sorted(found, key=lambda name: (bool(found[name][0].values["parents"]), name))
        return tuple(Table(tuple(found[name]), (), self.asked) for name in order)

    @cached_property
    def differing(self) -> tuple[str, ...]:
        """Settings in which its runs differ."""
        settings = dict.fromkeys(name for row in self.rows for name in row.settings)
        return tuple(name for name in settings if len({row.values.get(name) for row in self.rows}) > 1)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """What its rows are grouped by: as asked, else settings in which they differ, without what others already say.

        A temperature that was chosen as a share of T_f differs from sample to sample, and its share does not; one that
        was chosen as such is the other way round: whichever has fewer values is the one that was chosen.
        """
        if self.asked is not None:
            return self.asked
        names = list(self.differing)
        values = {name: {row.values.get(name) for row in self.rows} for name in ("temperature", "T_over_Tf")}
        left_out = "T_over_Tf" if len(values["T_over_Tf"]) > len(values["temperature"]) else "temperature"
        if None not in values["T_over_Tf"] or left_out == "T_over_Tf":
            names = [name for name in names if name != left_out]
        names.sort(key=lambda name: not name.endswith("rate"))  # which says more than the steps it takes
        found: list[str] = []
        for name in names:
            if len(self._apart((*found, name))) > len(self._apart(found)):
                found.append(name)
        return tuple(found)

    def _apart(self, names: Iterable[str]) -> set[tuple[Value, ...]]:
        names = tuple(names)
        return {_key(row, names) for row in self.rows}

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Samples of one protocol together, in ascending order of what they differ by."""
        several = len(self.kinds) > 1
        found = [group for one in (self.kinds if several else (self,)) for group in one._groups(several)]
        return tuple(found)

    def _groups(self, several: bool) -> Iterator[Group]:
        together: dict[tuple[tuple[Value, ...], str], list[Row]] = {}
        for row in self.rows:
            # Two systems of one name are two.
            together.setdefault((_key(row, self.keys), row.model), []).append(row)
        for (key, _), rows in sorted(
            together.items(), key=lambda one: [_order(value) for value in one[0][0]]
        ):
            kind = {"protocol": rows[0].values["protocol"]} if several and "protocol" not in self.keys else {}
            yield Group(kind | dict(zip(self.keys, key, strict=True)), tuple(rows))

    def where(self, conditions: Sequence[str]) -> Table:
        """The rows that meet conditions such as "T_f<0.55", "verdict=still ageing". Raises InputError."""
        rows = self.rows
        for text in conditions:
            found = re.fullmatch(r"\s*([A-Za-z_]\w*)\s*(<=|>=|!=|=|<|>)\s*(.*?)\s*", text)
            if not found:
                raise InputError(f"--where {text!r} is no condition such as T_f<0.55")
            name, sign, word = found.groups()
            self.require(name)
            wanted = _value(word)
            rows = tuple(row for row in rows if _meets(row.values.get(name), sign, wanted))
        return replace(self, rows=rows)

    def sorted(self, names: Sequence[str]) -> Table:
        """The rows in the order of columns, "-NAME" descending; where there is no number they come last.

        Raises InputError.
        """
        rows = list(self.rows)
        for text in reversed(names):
            name = text.removeprefix("-")
            self.require(name)
            down = name != text
            rows.sort(key=lambda row, name=name: _order(row.values.get(name)), reverse=down)  # type: ignore[misc]
            rows.sort(key=lambda row, name=name: row.values.get(name) is None)  # type: ignore[misc]
        return replace(self, rows=tuple(rows))

    def grouped(self, names: Sequence[str]) -> Table:
        """The same grouped by these columns. Raises InputError."""
        for name in names:
            self.require(name)
        return replace(self, asked=tuple(names))

    def require(self, name: str) -> None:
        """Raise InputError, with the near name, for what is no column."""
        if self.rows and name not in self.columns:
            away = (
                "; it is of parents, and none lies where its run says" if name.startswith("parent_") else ""
            )
            raise InputError(f"there is no column {name!r}{away}{near(name, self.columns)}")

    @property
    def data(self) -> dict[str, Any]:
        """The contract object of --json."""
        return {
            "rows": [plain(row.values) for row in self.rows],
            "groups": [plain(group.data) for group in self.groups],
            "failed": [vars(one) for one in self.failed],
        }

    @property
    def notes(self) -> list[str]:
        """What people should know beside."""
        unseen = [str(row.values["file"]) for row in self.rows if row.unseen]
        found = []
        if unseen:
            found.append(
                f"{len(unseen)} of the runs were never measured: `glasscli resume {unseen[0]}` does it"
            )
        copies = len(self.rows) - len({row.identity for row in self.rows})
        if copies:
            found.append(f"{copies} of the files are copies of others: of each run one counts as a sample")
        models: dict[Value, set[str]] = {}
        for row in self.rows:
            models.setdefault(row.values["system"], set()).add(row.model)
        found += [f"two systems are called {name}: their runs are no samples of one" for name, m in models.items()
                  if len(m) > 1]  # fmt: skip
        if self.units is None:
            found.append("the runs are in several units: no column has one")
        return found


def read_table(paths: Sequence[Path], jobs: int | None = None) -> Table:
    """The table of files, and of all runs in folders. Raises MissingFileError where there is none.

    jobs: processes, by default more than one for hundreds of files alone
    """
    files = list(_runs_in(paths))
    if not files:
        raise MissingFileError(f"no run in {', '.join(map(str, paths))}")
    jobs = jobs or (available_cores() if len(files) >= WORTH_A_POOL else 1)
    with progress("reading", len(files), "files") as advance:
        found = []
        for done, one in enumerate(_read(files, jobs), start=1):
            found.append(one)
            if done % 20 == 0:
                advance(done)
    rows = tuple(one for one in found if isinstance(one, Row))
    return Table(rows, tuple(one for one in found if isinstance(one, Failed)))


def _read(files: Sequence[Path], jobs: int) -> Iterator[Row | Failed]:
    if jobs == 1:
        yield from map(row_of, files)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(row_of, files, chunksize=max(1, min(50, len(files) // (4 * jobs))))


def _runs_in(paths: Sequence[Path]) -> Iterator[Path]:
    """Files as they are named, and the runs of folders: finished, or still going on."""
    for path in paths:
        if not path.is_dir() or path.name.endswith(".partial"):
            yield path
            continue
        names = {one.name for one in path.iterdir() if one.name.endswith((".h5", ".h5.partial"))}
        yield from sorted({path / name.removesuffix(".partial") for name in names}, key=natural)


def _key(row: Row, names: Sequence[str]) -> tuple[Value, ...]:
    """What a row is grouped by."""
    return tuple(_shown(row.values.get(name)) for name in names)


def _shown(value: Value) -> Value:
    """A number without the rounding of its last digits."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    return ",".join(value) if isinstance(value, list) else value


def _order(value: Value) -> tuple[bool, float, str]:
    """Numbers before words, what is missing before both."""
    number = isinstance(value, int | float)
    return (not number, float(value) if isinstance(value, int | float) else 0.0, "" if number else str(value))


def _value(word: str) -> Value:
    try:
        return float(word)
    except ValueError:
        return {"true": True, "false": False, "none": None}.get(word.lower(), word)


def _meets(value: Value, sign: str, wanted: Value) -> bool:
    value = ",".join(value) if isinstance(value, list) else value
    number = isinstance(value, int | float) and isinstance(wanted, int | float)
    if sign not in ("=", "!=") and not number and not (isinstance(value, str) and isinstance(wanted, str)):
        return False  # what is missing is neither more nor less than anything
    return COMPARISONS[sign](value, wanted)
