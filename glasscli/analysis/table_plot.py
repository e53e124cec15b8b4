"""`glasscli table --plot y:x`: which points a column against another is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from glasscli.analysis.table import Average, Group, Table
from glasscli.configuration import Floats
from glasscli.errors import InputError
from glasscli.formats.csv import headed
from glasscli.report.table_figure import Points, against
from glasscli.units import UnitNames

# What columns are called on an axis, where that is not their name.
LABELS = {
    "T_f": "$T_f$", "T_over_Tf": "$T/T_f$", "inherent_energy": "$E_{IS}$ per atom", "rate": "cooling rate",
    "parent_rate": "cooling rate of the parent", "wall_seconds": "wall time",
}  # fmt: skip


def axes_of(text: str) -> tuple[str, str]:
    """ "T_f:rate" as the names of the columns along y and x. Raises InputError."""
    y, _, x = text.partition(":")
    if not x or not y or ":" in x:
        raise InputError(f"--plot {text!r} is not two columns, y:x, such as T_f:rate")
    return y, x


def plot(table: Table, text: str, path: Path) -> Path:
    """Draw a column against another: means of groups with error bars, a series for each of what else they differ by.

    Raises InputError for what is no column, or has no numbers.
    """
    y, x = axes_of(text)
    for name in (y, x):
        table.require(name)
    groups = [group for group in table.groups if group.mean(x) and group.mean(y)]
    if not groups:
        lacking = [name for name in (y, x) if not any(group.mean(name) for group in table.groups)]
        both = " and ".join(lacking or (y, x))
        raise InputError(f"--plot {text}: no run has numbers in {both}{'' if lacking else ' at once'}")
    series: dict[str, list[Group]] = {}
    for group in groups:
        others = {key: value for key, value in group.by.items() if not _follows(groups, key, x)}
        name = ", ".join(
            f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}"
            for key, value in others.items()
        )
        series.setdefault(name, []).append(group)
    points = {name: _points(found, x, y) for name, found in series.items()}
    return against(path, points, _label(x, table.units), _label(y, table.units))


def _label(name: str, units: UnitNames | None) -> str:
    """A column as an axis has it, with its unit."""
    said = headed([name], units)[0] if units else name
    return said.replace(name, LABELS.get(name, name.replace("_", " ")), 1)


def _follows(groups: Sequence[Group], key: str, x: str) -> bool:
    """Whether what groups differ by is said by their places along x already, all samples of one being at one place."""
    places: dict[object, set[object]] = {}
    for group in groups:
        at = {row.values.get(x) for row in group.rows}
        if len(at) > 1:
            return False
        places.setdefault(at.pop(), set()).add(group.by.get(key))
    return all(len(values) == 1 for values in places.values())


def _points(groups: Sequence[Group], x: str, y: str) -> Points:
    along, up = ([group.mean(name) for group in groups] for name in (x, y))
    rows = [row for group in groups for row in group.rows]
    pairs = [(row.values.get(x), row.values.get(y)) for row in rows]
    known = [
        (float(a), float(b)) for a, b in pairs if isinstance(a, int | float) and isinstance(b, int | float)
    ]
    samples = np.array(known, dtype=np.float64).reshape(-1, 2)
    (x_mean, x_error), (y_mean, y_error) = _numbers(along), _numbers(up)
    return Points(x_mean, y_mean, x_error, y_error, (samples[:, 0], samples[:, 1]))


def _numbers(found: Sequence[Average | None]) -> tuple[Floats, Floats]:
    """Means and errors, NaN where there is none."""
    pairs = [(np.nan, np.nan) if one is None else (one.mean, one.error or np.nan) for one in found]
    numbers = np.array(pairs, dtype=np.float64)
    return numbers[:, 0], numbers[:, 1]
