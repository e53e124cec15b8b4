"""`glasscli table --plot y:x`: which points a column against another is, and the line through them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from glasscli.analysis.table import Average, Group, Table
from glasscli.configuration import Floats
from glasscli.errors import InputError
from glasscli.formats.csv import headed
from glasscli.observables.samples import MeansLine, line_through_means
from glasscli.report.canvas import with_error
from glasscli.report.table_figure import Points, against, spans_decades
from glasscli.units import UnitNames

# What columns are called on an axis, where that is not their name.
LABELS = {
    "T_f": "$T_f$", "T_over_Tf": "$T/T_f$", "inherent_energy": "$E_{IS}$ per atom", "rate": "cooling rate",
    "parent_rate": "cooling rate of the parent", "wall_seconds": "wall time", "strain_rate": "rate of strain",
}  # fmt: skip


def axes_of(text: str) -> tuple[str, str]:
    """ "T_f:rate" as the names of the columns along y and x. Raises InputError."""
    y, _, x = text.partition(":")
    if not x or not y or ":" in x:
        raise InputError(f"--plot {text!r} is not two columns, y:x, such as T_f:rate")
    return y, x


@dataclass(frozen=True)
class Fit:
    """The line through the means of one series, `series` being what its groups have in common.

    line        against x, or log10 x where x spans decades; None, with the reason, through fewer than three means
    activation  of T_f against a rate: (E/k, error), d ln(rate) / d(1/T_f) = -E/k at the mean T_f (Moynihan, Easteal,
                Wilder & Tucker, J. Phys. Chem. 78, 2673 (1974)); None of anything else
    """

    y: str
    x: str
    series: str
    logarithmic: bool
    line: MeansLine | None
    activation: tuple[float, float] | None

    @property
    def along(self) -> str:
        """What the line goes along."""
        return f"log10({self.x})" if self.logarithmic else self.x

    @property
    def data(self) -> dict[str, object]:
        """As --json has it."""
        energy, error = self.activation or (None, None)
        numbers = asdict(self.line) if self.line else dict.fromkeys(MeansLine.__dataclass_fields__)
        return {
            "y": self.y, "x": self.x, "series": self.series, "along": self.along, **numbers,
            "activation": energy, "activation_error": error, "reason": None if self.line else FEW,
        }  # fmt: skip

    def text(self) -> str:
        """For people."""
        of = f" ({self.series})" if self.series else ""
        if self.line is None:
            return f"{self.y} against {self.along}{of}: {FEW}"
        said = (
            f"{self.y} against {self.along}{of}: slope {with_error(self.line.slope, self.line.slope_error)}, "
            f"chi2 {self.line.chi2:.2g} of {self.line.n} means"
        )
        return said + (f", E/k = {with_error(*self.activation)}" if self.activation else "")


FEW = "no fit: fewer than three means with errors"


@dataclass(frozen=True)
class Plotted:
    """A column against another, a series for each of what else the groups differ by."""

    y: str
    x: str
    units: UnitNames | None
    series: Mapping[str, Points]

    def fits(self) -> list[Fit]:
        """The line through each series."""
        return [self._fit(name, points) for name, points in self.series.items()]

    def _fit(self, name: str, points: Points) -> Fit:
        logarithmic = spans_decades([one.x for one in self.series.values()])
        line = line_through_means(np.log10(points.x) if logarithmic else points.x, points.y, points.y_error)
        activation = None
        if line and logarithmic and self.y.startswith("T_f") and self.x.endswith("rate") and line.slope > 0:
            energy = float(np.mean(points.y)) ** 2 * np.log(10) / line.slope
            activation = energy, energy * line.slope_error / line.slope
        return Fit(self.y, self.x, name, logarithmic, line, activation)

    def draw(self, path: Path, fits: Sequence[Fit] = ()) -> Path:
        """Means of groups with error bars, and lines through them."""
        lines = {fit.series: (fit.line.intercept, fit.line.slope) for fit in fits if fit.line}
        return against(path, self.series, _label(self.x, self.units), _label(self.y, self.units), lines=lines)


def plotted(table: Table, text: str) -> Plotted:
    """What --plot Y:X draws. Raises InputError for what is no column, or has no numbers."""
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
    return Plotted(y, x, table.units, {name: _points(found, x, y) for name, found in series.items()})


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
