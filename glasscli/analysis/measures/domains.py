"""The measure `domains`: how large the regions of icosahedra and of Laves surroundings are, and how that grows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from glasscli.analysis.frame import Frame
from glasscli.analysis.measure import Caption, Measure
from glasscli.analysis.result import Result
from glasscli.analysis.subject import Subject
from glasscli.configuration import Floats
from glasscli.model.system import two_sizes
from glasscli.observables.blocks import mean_of_frames
from glasscli.observables.domains import Correlation, Lines, correlation
from glasscli.observables.laves import laves_test
from glasscli.report import tables
from glasscli.report.beside import number
from glasscli.report.canvas import SINGLE, drawing
from glasscli.units import UnitNames

KINDS = ("icosahedra", "laves")
WORDS = {"icosahedra": "icosahedral", "laves": "Laves"}


@dataclass(frozen=True)
class Row:
    """One frame, {kind of region: number}: share of the volume, mean chord of it and of the rest, correlation.

    A chord is None where no line enters or leaves, r and correlation are empty where all or no atoms belong.
    """

    step: int
    share: dict[str, float]
    inside: dict[str, float | None]
    outside: dict[str, float | None]
    r: dict[str, list[float]]
    correlation: dict[str, list[float]]


@dataclass(frozen=True)
class Region:
    """Of one kind of region: the last frame, means over frames with errors by blocks, None where there are none.

    share               of the volume
    chord               mean length of a straight line's pieces inside; between: of those outside
    correlation_length  where the correlation of who belongs to it falls below 1/e
    """

    share: float
    chord: float | None
    chord_mean: float | None
    chord_error: float | None
    between: float | None
    correlation_length: float | None


@dataclass(frozen=True)
class Domains(Result):
    """Sizes of both kinds of regions; their course is in the table."""

    icosahedra: Region
    laves: Region

    def text(self, units: UnitNames) -> str:
        """One line for each kind."""
        return "\n".join(_line(WORDS[name], getattr(self, name), units) for name in KINDS)

    def table(self, units: UnitNames) -> Sequence[tuple[str, str]]:
        """Chords, with their errors over frames."""
        return [
            (f"mean chord of {WORDS[name]} regions, last ({units.length_unit})", number(one.chord, ".3f"))
            for name in KINDS
            for one in (getattr(self, name),)
        ]

    def compared(self, units: UnitNames) -> Mapping[str, float]:
        """Chords of each file."""
        label = "mean chord of {} regions, last ({})"
        lengths = {WORDS[name]: getattr(self, name).chord for name in KINDS}
        return {label.format(w, units.length_unit): x for w, x in lengths.items() if x is not None}


def _line(word: str, one: Region, units: UnitNames) -> str:
    unit = units.length_unit
    mean = f", {one.chord_mean:.3f} mean" if one.chord_mean is not None else ""
    error = f" ± {one.chord_error:.3f} over frames" if one.chord_error is not None else ""
    return (
        f"{word} regions: {one.share:.3f} of the volume; "
        f"mean chord {number(one.chord, '.3f')} {unit} last{mean}{error}, "
        f"between them {number(one.between, '.3f')}; correlated up to {number(one.correlation_length, '.3f')} {unit}"
    )


def frame(frame: Frame) -> Row:
    """One frame, by the cells that the user chose."""
    c, cells = frame.configuration, frame.cells
    laves = laves_test(cells, c.species, two_sizes(frame.radii or {})).laves
    lines, members = Lines(c), {"icosahedra": cells.icosahedra, "laves": laves}
    sizes = {name: lines.chords(chosen) for name, chosen in members.items()}
    alike = {name: correlation(c, region) for name, region in members.items()}
    return Row(
        step=c.step,
        share={name: one.share for name, one in sizes.items()},
        inside={name: _finite(one.inside) for name, one in sizes.items()},
        outside={name: _finite(one.outside) for name, one in sizes.items()},
        r={name: one.r.tolist() for name, one in alike.items()},
        correlation={name: one.value.tolist() for name, one in alike.items()},
    )


def finish(subject: Subject) -> Domains:
    """Sizes of the last frame and of all; their course as a table and a figure."""
    rows = list(MEASURE.rows(subject))
    columns: dict[str, Floats] = {}
    for name in KINDS:
        columns |= {
            f"fraction_{name}": np.array([row.share[name] for row in rows]),
            f"chord_{name}": _numbers(row.inside[name] for row in rows),
            f"between_{name}": _numbers(row.outside[name] for row in rows),
        }
    tables.write_frames(
        subject.table("domains"), subject.steps, {**subject.times, **columns}, units=subject.units
    )
    _draw(subject, columns)
    return Domains(*(_region(rows, name) for name in KINDS))


def _region(rows: Sequence[Row], name: str) -> Region:
    last, lengths = rows[-1], _numbers(row.inside[name] for row in rows)
    known = lengths[np.isfinite(lengths)]
    mean = mean_of_frames(list(known[:, None])) if len(known) else None
    return Region(
        share=last.share[name],
        chord=last.inside[name],
        chord_mean=float(mean.mean[0]) if mean else None,
        chord_error=float(mean.error[0]) if mean and mean.error is not None else None,
        between=last.outside[name],
        correlation_length=_finite(
            Correlation(_numbers(last.r[name]), _numbers(last.correlation[name])).length
        ),
    )


def _numbers(values: Iterable[float | None]) -> Floats:
    """None, which is how what is kept says "not a number", as nan."""
    return np.array(list(values), dtype=np.float64)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _draw(subject: Subject, columns: Mapping[str, Floats]) -> None:
    """Chords against time, where there is one."""
    x, label = subject.along()
    with drawing(subject.figure("domains"), None, SINGLE, 2.4) as (figure, _):
        axes = figure.subplots()
        for name in KINDS:
            axes.plot(x, columns[f"chord_{name}"], ".-", markersize=3, label=WORDS[name])
        axes.set(xlabel=label, ylabel=f"mean chord ({subject.units.length_unit})")
        axes.legend()


MEASURE = Measure(
    name="domains",
    explanation="size of regions of icosahedra and of Laves surroundings: mean chords, shares, correlation",
    finish=finish,
    frame=frame,
    row=Row,
    needs=("cells", "volume"),
    uses=("radical",),  # only the radii: which species is the large one of a Laves phase
    captions={"domains": Caption("Mean chords of icosahedral and Laves regions in time.")},
    place=12,
)
