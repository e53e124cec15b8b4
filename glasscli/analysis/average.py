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
class Measured:
    """The functions that were measured of a file: {measure: functions}."""

    file: Path
    functions: Mapping[str, Sequence[Curve]]


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


def of_analyses(
    analyses: Sequence[Analysis], claims: Claims, stem: Path | None = None, format_: str = "png"
) -> Averages:
    """Average what `analyze` found of several files, see `averages`."""
    found = [Measured(one.file, _said(one)) for one in analyses]
    return averages(found, analyses[0].units, claims, stem, format_)


def averages(
    measured: Sequence[Measured], units: UnitNames, claims: Claims, stem: Path | None = None,
    format_: str | None = "png",
) -> Averages:  # fmt: skip
    """Average the functions of several files: runs of one protocol together, each such group a line of the figures.

    stem: how the names of what is written begin, by default what the files' names have in common, and `average`.
    format_: of the figures; None draws none. Files of other programs, of which nobody says how they were made, are one
    group.
    """
    groups = [
        Averaged(by, tuple(one.file for one in members), _functions(members))
        for by, members in _samples(measured)
    ]
    place = _place([one.file for one in measured], stem)
    written, figures = [], {}
    for group in groups:
        for measure, means in group.functions.items():
            for along, path in _tables(place, group.by, measure, list(means.values())).items():
                claims.file(path, TABLE)
                mine = [mean for mean in means.values() if mean.curve.along == along]
                written.append(_write(path, mine, units))
    for measure in dict.fromkeys(name for group in groups if format_ for name in group.functions):
        path = place.with_name(f"{place.name}-{measure}.{format_}")
        claims.file(path, picture_kind(path))
        figures[measure] = bands(path, _panels(groups, measure, units))
    return Averages(tuple(groups), tuple(written), figures)


def check(
    files: Sequence[Path], measure: str, claims: Claims, stem: Path | None = None, format_: str | None = "png"
) -> None:
    """Make sure, before hours are spent, that the averages of a measure may be written. Raises FileError."""
    place = _place(files, stem)
    for by, _ in _samples([Measured(file, {}) for file in files]):
        claims.check(place.with_name(_named(place, by, measure) + ".csv"), TABLE)
    if format_:
        picture = place.with_name(f"{place.name}-{measure}.{format_}")
        claims.check(picture, picture_kind(picture))


def _samples(measured: Sequence[Measured]) -> list[tuple[Mapping[str, Value], list[Measured]]]:
    """Files of one protocol together, with what tells them from the others."""
    by_file = {str(one.file): one for one in measured}
    rows = [row for one in measured if is_run(one.file) and isinstance(row := row_of(one.file), Row)]
    found: list[tuple[Mapping[str, Value], list[Measured]]] = []
    for group in Table(tuple(rows)).groups:
        members = {row.identity: by_file.pop(str(row.values["file"])) for row in reversed(group.rows)}
        found.append((group.by, list(reversed(members.values()))))  # the first of copies
    return [
        *found,
        *([({"file": "of other programs"} if found else {}, list(by_file.values()))] if by_file else []),
    ]


def _said(analysis: Analysis) -> dict[str, Sequence[Curve]]:
    """What an analysis says as functions."""
    found = {one.measure.name: one.result.curves(analysis.units) for one in analysis.found if one.result}
    return {"course": analysis.curves, **found}


def _functions(measured: Sequence[Measured]) -> dict[str, dict[str, Mean]]:
    found: dict[str, dict[str, list[Curve]]] = {}
    for one in measured:
        for measure, curves in one.functions.items():
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


def _tables(place: Path, by: Mapping[str, Value], measure: str, means: Sequence[Mean]) -> dict[str, Path]:
    """{argument: its table}: NAME.csv, and of a second argument NAME-ARGUMENT.csv."""
    name = _named(place, by, measure)
    arguments = dict.fromkeys(mean.curve.along for mean in means)
    tails = {along: f"-{_plain(along.partition(' (')[0])}" if k else "" for k, along in enumerate(arguments)}
    return {along: place.with_name(f"{name}{tail}.csv") for along, tail in tails.items()}


def _named(place: Path, by: Mapping[str, Value], measure: str) -> str:
    said = (f"{k}{v:.4g}" if isinstance(v, float) else f"{k}{v}" for k, v in by.items())
    return f"{place.name}{''.join(f'-{_plain(word)}' for word in said)}-{measure}"


def _write(path: Path, means: Sequence[Mean], units: UnitNames) -> str:
    """Functions of one argument."""
    columns = {means[0].curve.along: means[0].curve.x}
    for mean in means:
        columns |= {mean.curve.name: mean.curve.y, f"{mean.curve.name}_error": mean.error}
    comment = f"mean over {means[0].n} samples, errors over samples (one standard error, 68 %)"
    return str(write_table(path, columns, [comment], units))


def _panels(groups: Sequence[Averaged], measure: str, units: UnitNames) -> dict[str, list[Band]]:
    """{function: a band of each group}."""
    found: dict[str, list[Band]] = {}
    for group in groups:
        for name, mean in group.functions.get(measure, {}).items():
            c = mean.curve
            (x_label,) = headed([c.along], units)
            over = f"mean ± error of {mean.n} samples" if mean.n > 1 else "one sample"
            label = f"{group.name}: {over}" if group.name else over
            behind = tuple((one.x, one.y) for one in mean.samples) if 1 < mean.n <= FEW else ()
            found.setdefault(name, []).append(
                Band(label, c.x, c.y, mean.error, x_label, c.label, c.log, behind)
            )
    return found


def _place(files: Sequence[Path], stem: Path | None) -> Path:
    """NAME-average of NAME-0001.h5, NAME-0002.h5 ..., beside the first; STEM-average where one is asked for."""
    if stem is not None:
        return stem.with_name(f"{stem.name}-average")
    names = [stem_beside(file).name for file in files]
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    common = "".join(letters[0] for letters in alike).rstrip("0123456789").rstrip("-_.")
    return stem_beside(files[0]).with_name(f"{common}-average" if common else "average")


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.+-]", "_", text)
