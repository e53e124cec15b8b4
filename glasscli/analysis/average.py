"""Means of functions over samples: runs of one protocol together, others side by side."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

import numpy as np

from glasscli.analysis.contract import Analysis
from glasscli.analysis.files import stem_beside
from glasscli.analysis.result import Curve, Json, plain
from glasscli.analysis.rows import Row, Value, row_of
from glasscli.analysis.table import Table
from glasscli.configuration import Floats
from glasscli.formats.csv import headed
from glasscli.observables.samples import mean_of_samples
from glasscli.report.averages import Band, bands
from glasscli.report.tables import write_table
from glasscli.store.kind import TABLE, picture_kind
from glasscli.store.outputs import Claims
from glasscli.store.reader import is_run
from glasscli.units import UnitNames

FEW = 12  # samples up to which each is drawn behind their mean
SAME = 1e-9  # of arguments that are one


@dataclass(frozen=True)
class Mean:
    """The mean [n] of a function over n samples, its error (NaN of one), on the arguments that all of them have."""

    curve: Curve
    error: Floats
    n: int
    samples: tuple[Curve, ...] = ()

    @property
    def data(self) -> dict[str, Json]:
        """As --json has it."""
        c = self.curve
        return {
            "along": c.along,
            "x": plain(c.x),
            "mean": plain(c.y),
            "error": plain(self.error),
            "n": self.n,
        }


@dataclass(frozen=True)
class Averaged:
    """Functions of the samples of one protocol: {measure: {name: mean}}. by: what tells it from the others."""

    by: Mapping[str, Value]
    files: tuple[Path, ...]
    functions: Mapping[str, Mapping[str, Mean]]

    @property
    def name(self) -> str:
        """For a legend: what tells it from the others."""
        said = [f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in self.by.items()]
        return ", ".join(said)

    @property
    def data(self) -> dict[str, Json]:
        """As --json has it."""
        found: dict[str, Json] = {
            measure: {name: mean.data for name, mean in means.items()}
            for measure, means in self.functions.items()
        }
        return {"by": plain(dict(self.by)), "n": len(self.files), "files": [str(f) for f in self.files],
                "functions": found}  # fmt: skip


@dataclass(frozen=True)
class Averages:
    """All of them, and what was written."""

    groups: tuple[Averaged, ...]
    tables: tuple[str, ...]
    figures: Mapping[str, Path]

    @property
    def data(self) -> dict[str, Json]:
        """Keys of the --json object."""
        return {
            "averages": [group.data for group in self.groups],
            "average_tables": list(self.tables),
            "average_figures": [str(path) for path in self.figures.values()],
        }

    def text(self) -> str:
        """A line for each group, and what was written."""
        lines = []
        for group in self.groups:
            n, of = len(group.files), f" of {group.name}" if group.name else ""
            names = ", ".join(name for means in group.functions.values() for name in means)
            lines.append(f"mean over {n} sample{'s' * (n > 1)}{of}: {names}")
        return "\n".join([*lines, *(f"  wrote {path}" for path in (*self.figures.values(), *self.tables))])


def averages(
    analyses: Sequence[Analysis], claims: Claims, stem: Path | None = None, format_: str = "png", tables: bool = True
) -> Averages:  # fmt: skip
    """Average the functions of several files: runs of one protocol together, each such group a line of the figures.

    stem: how the names of what is written begin, by default what the files' names have in common, and `average`.
    Files of other programs, of which nobody says how they were made, are one group.
    """
    groups = [
        Averaged(by, tuple(a.file for a in members), _functions(members))
        for by, members in _samples(analyses)
    ]
    place = stem.with_name(f"{stem.name}-average") if stem else _stem(analyses)
    written, figures = [], {}
    units = analyses[0].units
    for group in groups if tables else ():
        tail = "".join(
            f"-{_plain(f'{k}{v:.4g}' if isinstance(v, float) else f'{k}{v}')}" for k, v in group.by.items()
        )
        for measure, means in group.functions.items():
            path = claims.file(place.with_name(f"{place.name}{tail}-{measure}.csv"), TABLE)
            written += _write(path, list(means.values()), units)
    for measure in dict.fromkeys(name for group in groups for name in group.functions):
        path = place.with_name(f"{place.name}-{measure}.{format_}")
        claims.file(path, picture_kind(path))
        figures[measure] = bands(path, _panels(groups, measure, units))
    return Averages(tuple(groups), tuple(written), figures)


def _samples(analyses: Sequence[Analysis]) -> list[tuple[Mapping[str, Value], list[Analysis]]]:
    """Analyses of one protocol together, with what tells them from the others."""
    by_file = {str(a.file): a for a in analyses}
    rows = [row for a in analyses if is_run(a.file) and isinstance(row := row_of(a.file), Row)]
    found: list[tuple[Mapping[str, Value], list[Analysis]]] = []
    for group in Table(tuple(rows)).groups:
        members = {row.identity: by_file.pop(str(row.values["file"])) for row in reversed(group.rows)}
        found.append((group.by, list(reversed(members.values()))))  # the first of copies
    return [
        *found,
        *([({"file": "of other programs"} if found else {}, list(by_file.values()))] if by_file else []),
    ]


def _functions(analyses: Sequence[Analysis]) -> dict[str, dict[str, Mean]]:
    found: dict[str, dict[str, list[Curve]]] = {}
    for analysis in analyses:
        said = {"course": analysis.curves} | {
            one.measure.name: one.result.curves(analysis.units) for one in analysis.found if one.result
        }
        for measure, curves in said.items():
            for curve in curves:
                found.setdefault(measure, {}).setdefault(curve.name, []).append(curve)
    return {measure: {name: mean_of(c) for name, c in curves.items()} for measure, curves in found.items()}


def mean_of(curves: Sequence[Curve]) -> Mean:
    """The mean of one function over samples, on the arguments of the first that lie within all of them."""
    first = curves[0]
    low, high = max(c.x[0] for c in curves), min(c.x[-1] for c in curves)
    x = first.x[(first.x >= low * (1 - SAME)) & (first.x <= high * (1 + SAME))]
    values = [
        c.y if len(c.x) == len(x) and np.allclose(c.x, x, rtol=SAME) else np.interp(x, c.x, c.y)
        for c in curves
    ]
    mean, error = mean_of_samples(values)
    return Mean(replace(first, x=x, y=mean), error, len(curves), tuple(curves))


def _write(path: Path, means: Sequence[Mean], units: UnitNames) -> list[str]:
    """One table for each argument: NAME.csv, and of a second argument NAME-ARGUMENT.csv."""
    written = []
    for k, along in enumerate(dict.fromkeys(m.curve.along for m in means)):
        mine = [m for m in means if m.curve.along == along]
        target = path.with_name(f"{path.stem}-{along}.csv") if k else path
        columns = {along: mine[0].curve.x}
        for mean in mine:
            columns |= {mean.curve.name: mean.curve.y, f"{mean.curve.name}_error": mean.error}
        comment = f"mean over {mine[0].n} samples, errors over samples (one standard error, 68 %)"
        written.append(str(write_table(target, columns, [comment], units)))
    return written


def _panels(groups: Sequence[Averaged], measure: str, units: UnitNames) -> dict[str, list[Band]]:
    """{function: a band of each group}."""
    found: dict[str, list[Band]] = {}
    for group in groups:
        for name, mean in group.functions.get(measure, {}).items():
            c = mean.curve
            (x_label,) = headed([c.along], units)
            over = f"mean ± error of {mean.n}" if mean.n > 1 else "one sample"
            label = f"{group.name}: {over}" if group.name else over
            behind = tuple((one.x, one.y) for one in mean.samples) if 1 < mean.n <= FEW else ()
            found.setdefault(name, []).append(
                Band(label, c.x, c.y, mean.error, x_label, c.label, c.log, behind)
            )
    return found


def _stem(analyses: Sequence[Analysis]) -> Path:
    """NAME-average of NAME-0001.h5, NAME-0002.h5 ..., beside the first."""
    names = [stem_beside(a.file).name for a in analyses]
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    common = "".join(letters[0] for letters in alike).rstrip("0123456789").rstrip("-_.")
    return stem_beside(analyses[0].file).with_name(f"{common}-average" if common else "average")


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.+-]", "_", text)
