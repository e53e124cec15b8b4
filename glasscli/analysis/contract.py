"""What `analyze` says of every file, whatever was asked: f_ico, energy, pressure, and what its measures found."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.analysis.clock import Clock
from glasscli.analysis.course import Course
from glasscli.analysis.measure import Caption, Measure
from glasscli.analysis.measures import hexatic, icosahedra
from glasscli.analysis.result import Curve, Json, Result, plain
from glasscli.analysis.subject import Subject
from glasscli.configuration import Box, Floats
from glasscli.observables.relaxation import LineFit
from glasscli.report.beside import number
from glasscli.report.canvas import with_error
from glasscli.report.page import rows_html
from glasscli.units import UnitNames

# The contract's own numbers come from the cells of every frame, by the dimension of space.
READS: Mapping[int, tuple[Measure[Any], ...]] = {3: (icosahedra.MEASURE,), 2: (hexatic.MEASURE,)}


def course_of(subject: Subject) -> Course:
    """What every analysis knows of each frame, from the rows of READS and the energies of the file."""
    plane = subject.trajectory[-1].box.dimension == 2  # no polygon is an icosahedron
    names = {} if plane else subject.labels
    rows: list[tuple[float, ...]] = (
        [(r.step, np.nan, np.nan) for r in hexatic.MEASURE.rows(subject)]
        if plane
        else [
            (r.step, r.fraction, r.crystalline, *(r.by_species.get(str(s), np.nan) for s in names))
            for r in icosahedra.MEASURE.rows(subject)
        ]
    )
    own, fraction, crystalline, *shares = np.array(rows, dtype=np.float64).T
    found = getattr(subject.trajectory, "steps", None)
    steps = own.astype(np.int64) if found is None else np.asarray(found)
    return Course(
        steps, **subject.energies, fraction=fraction, by_species=dict(zip(names.values(), shares, strict=True)),
        crystalline=crystalline, inherent=subject.inherent,
        sizes={size: names[s] for size, s in subject.sizes.items() if s in names},
    )  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A figure with what stands under it."""

    path: Path
    caption: Caption


@dataclass(frozen=True)
class Found:
    """What a measure said of a file; None where it had nothing to say."""

    measure: Measure[Any]
    result: Result | None

    @cached_property
    def data(self) -> dict[str, Json]:
        """The numbers as JSON has them."""
        return self.result.data if self.result else {}


@dataclass(frozen=True, repr=False)
class Analysis:
    """All that was measured of a file.

    line     of the energy against the icosahedral fraction
    units    of its numbers
    found    what the measures that were asked for said, in their order
    tables   files written, in order; figures likewise
    notes    what people should know beside
    minimised  whether the inherent structures were made here; forces: by whose, "own" or "lammps", None of others;
             species: their names, in order
    clock    what its steps are in time, None where they are none or nobody says
    box      of the last frame
    not_converged  how many of the inherent structures have forces above the tolerance; None of other frames
    """

    file: Path
    course: Course
    line: LineFit
    units: UnitNames
    found: tuple[Found, ...]
    tables: tuple[str, ...]
    figures: tuple[Shown, ...]
    notes: tuple[str, ...]
    minimised: bool = False
    forces: str | None = None
    species: tuple[str, ...] = ()
    not_converged: int | None = None
    clock: Clock | None = None
    box: Box | None = None

    @property
    def own(self) -> dict[str, Json]:
        """The numbers of the file as a whole, with the headlines of its measures."""
        c, line = self.course, self.line
        mean = float(c.energy.mean()) if np.isfinite(c.energy).all() else None
        return {
            "file": str(self.file),
            "frames": len(c.steps),
            "icosahedral_fraction": {
                "mean": plain(float(c.fraction.mean())),
                "last": _last(c.fraction),
                **{size: _last(share) for size, share in c.by_size.items()},
                "by_species": {name: _last(share) for name, share in c.by_species.items()},
            },
            "species": list(self.species),
            "minimised": self.minimised,
            "forces": self.forces,
            "potential_energy": {"mean": mean, "last": _last(c.energy)},
            "inherent_energy": {"mean": mean, "last": _last(c.energy)} if c.inherent else None,
            "pressure": _last(c.pressure),
            "max_force": _last(c.max_force),
            "not_converged": self.not_converged,
            "energy_against_icosahedra": {
                "slope": plain(line.slope),
                "error": plain(line.slope_error),
                "intercept": plain(line.intercept),
                "reason": line.reason,
            },
            **{name: found.data.get(name) for found in self.found for name in found.measure.headline},
        }

    @property
    def written(self) -> dict[str, Json]:
        """The files written."""
        return {"tables": list(self.tables), "figures": [str(figure.path) for figure in self.figures]}

    @property
    def data(self) -> dict[str, Json]:
        """The contract object of --json."""
        return {
            **self.own,
            "box": plain(self.box.data) if self.box else None,
            **{found.measure.name: found.data for found in self.found},
            **{name: found.data.get(name) for found in self.found for name in found.measure.lifted},
            "notes": list(self.notes),
            **self.written,
        }

    def text(self, units: UnitNames) -> str:
        """Lines for people."""
        c, line = self.course, self.line
        energy, mean = _last(c.energy), float(c.energy.mean()) if np.isfinite(c.energy).all() else None
        shares = ", ".join(f"{number(_last(share), '.4f')} of {who}" for who, share in c.shares.items())
        rows = [
            f"{self.file}: {len(c.steps)} frame{'s' * (len(c.steps) != 1)}",
            *[
                f"  f_ico  {c.fraction[-1]:.4f} last, {c.fraction.mean():.4f} mean"
                + (shares and f"   ({shares})")
            ]
            * bool(np.isfinite(c.fraction[-1])),
            *[
                f"  {c.energy_name:<6} {number(energy, '.5f')} last, {number(mean, '.5f')} mean   "
                f"P {number(_last(c.pressure), '.4f')}   largest force {number(_last(c.max_force), '.1e')}"
            ]
            * any(x is not None for x in (energy, _last(c.pressure), _last(c.max_force))),
        ]
        if line.slope is not None:
            slope = f"{line.slope:.2f} ± {number(line.slope_error, '.2f')} over frames"
            rows.append(f"  {c.energy_name} against f_ico: slope {slope}")
        elif line.n_points > 1 and np.isfinite(c.fraction[-1]):
            rows.append(f"  {c.energy_name} against f_ico: {line.reason}")
        said = [result.text(units) for result in self.results]
        rows += [textwrap.indent(text, "  ") for text in said if text]
        rows += [f"  wrote {path}" for path in (*(figure.path for figure in self.figures), *self.tables)]
        return "\n".join(rows)

    def __repr__(self) -> str:
        return self.text(self.units)

    def _repr_html_(self) -> str:
        return rows_html(self.file.name, self.table(self.units))

    def table(self, units: UnitNames) -> Sequence[tuple[str, str]]:
        """Rows of the report's table with their units, errors beside them."""
        c, line = self.course, self.line
        error = next((r.systematic_error for r in self.results if isinstance(r, icosahedra.Icosahedra)), None)
        rows = [
            ("frames", str(len(c.steps))),
        ]
        if np.isfinite(c.fraction[-1]):
            said = with_error(c.fraction[-1], error or None) + (" (systematic)" if error else "")
            rows.append(("icosahedral fraction, last", said))
        for label, values, form in (
            *((f"  of {who}", share, ".4f") for who, share in c.shares.items()),
            (f"{c.energy_words} per atom, last ({units.energy_unit})", c.energy, ".5f"),
            (f"pressure ({units.pressure_unit})", c.pressure, ".4g"),
            (f"largest force ({units.energy_unit}/{units.length_unit})", c.max_force, ".1e"),
        ):
            if np.isfinite(values[-1]):
                rows.append((label, format(float(values[-1]), form)))
        if line.slope is not None:
            slope = with_error(line.slope, line.slope_error)
            rows.append(
                (f"{c.energy_name} against f_ico: slope ± error over frames ({units.energy_unit})", slope)
            )
        elif line.n_points > 1 and np.isfinite(c.fraction[-1]):
            rows.append((f"{c.energy_name} against f_ico", str(line.reason)))
        return [*rows, *(row for result in self.results for row in result.table(units))]

    def compared(self, units: UnitNames) -> Mapping[str, float | None]:
        """Numbers whose mean over several files is worth a row."""
        own = {
            "icosahedral fraction, last": _last(self.course.fraction),
            f"{self.course.energy_words} per atom, last ({units.energy_unit})": _last(self.course.energy),
            f"slope of {self.course.energy_name} against f_ico ({units.energy_unit})": self.line.slope,
        }
        return own | {k: v for result in self.results for k, v in result.compared(units).items()}

    @property
    def curves(self) -> Sequence[Curve]:
        """Energy and icosahedral fraction against the time from the first frame, where they are known of each."""
        c, clock = self.course, self.clock
        if len(c.steps) < 2:
            return []
        passed = c.steps - c.steps[0]
        along = f"time ({clock.unit})" if clock else "step"
        x = clock(passed) if clock else passed.astype(np.float64)
        named = {
            c.energy_column: (c.energy, f"{c.energy_symbol} per atom ({self.units.energy_unit})"),
            "icosahedral_fraction": (c.fraction, "icosahedral fraction"),
        }
        return [Curve(name, along, x, y, label) for name, (y, label) in named.items() if np.isfinite(y).all()]

    @property
    def results(self) -> Iterator[Result]:
        """What there is to say, in the order in which people read it."""
        found = [f for f in self.found if f.result is not None]
        for f in sorted(found, key=lambda f: f.measure.place if f.measure.shown is None else f.measure.shown):
            assert f.result is not None
            yield f.result


def _last(values: Floats) -> float | None:
    return float(values[-1]) if np.isfinite(values[-1]) else None
