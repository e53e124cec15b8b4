"""The measure `flow-curve`: stress against rate of all files that flow, and the law of Herschel and Bulkley."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from glasscli.analysis.flowing import flowing
from glasscli.analysis.measure import Caption, Joined, Measure
from glasscli.analysis.result import Result
from glasscli.analysis.subject import Subject
from glasscli.errors import InputError
from glasscli.observables.rheology import FlowCurve, Level, herschel_bulkley
from glasscli.protocols.kinds.flow import Flow
from glasscli.report import flow_figure
from glasscli.report.canvas import with_error
from glasscli.report.tables import write_table
from glasscli.units import UnitNames


@dataclass(frozen=True)
class Point(Result):
    """This file's rate and stress, and the curve of all files, None where they are too few."""

    rate: float
    stress: float
    stress_error: float
    temperature: float
    steady: bool
    curve: FlowCurve | None = None

    def text(self, units: UnitNames) -> str:
        """The point, or the law of all."""
        if self.curve is None:
            return f"stress {with_error(self.stress, self.stress_error)} {units.pressure_unit} at rate {self.rate:g}"
        return "flow curve: " + ", ".join(f"{name} {value}" for name, value in self.table(units))

    def table(self, units: UnitNames) -> Sequence[tuple[str, str]]:
        """The law's three numbers."""
        c = self.curve
        if c is None:
            return ()
        return [
            ("yield stress", f"{with_error(c.yield_stress, c.yield_stress_error)} {units.pressure_unit}"),
            ("consistency", with_error(c.consistency, c.consistency_error)),
            ("exponent", with_error(c.exponent, c.exponent_error)),
            ("χ² a degree of freedom", f"{c.chi2:.2g}"),
        ]


def finish(subject: Subject) -> Point | None:
    """The point of one file; `join` makes the curve."""
    protocol = subject.run.manifest.protocol if subject.run is not None else None
    if subject.run is None or not isinstance(protocol, Flow) or protocol.rate is None or protocol.uniaxial:
        subject.notes.append(
            f"{subject.path} is no simple shear at a rate (glasscli flow --rate): it has no place in a flow curve"
        )
        return None
    found = flowing(subject.run).found
    assert isinstance(found, Level)
    if not found.steady:
        subject.notes.append(
            f"{subject.path} does not flow steadily yet: its stress still changes in its last half"
        )
    return Point(protocol.rate, found.value, found.error, protocol.temperature, found.steady)


def join(subjects: Sequence[Subject], results: Joined) -> Joined:
    """The curve through all points of one system and temperature; table and figure go with the first file."""
    points = [r for r in results if isinstance(r, Point)]
    first = subjects[0]
    if len({p.rate for p in points}) < 2:
        return results
    if len({p.temperature for p in points}) > 1:
        first.notes.append("no flow curve: the files are of several temperatures")
        return results
    systems = [s.system for s, r in zip(subjects, results, strict=True) if isinstance(r, Point) and s.system]
    if len({(s.units, s.dimension, s.commands) for s in systems}) > 1:
        first.notes.append(
            f"no flow curve: the files are of several systems ({', '.join(sorted({s.name for s in systems}))})"
        )
        return results
    points.sort(key=lambda p: abs(p.rate))
    rate, stress, error = (
        np.array([getattr(p, n) for p in points]) for n in ("rate", "stress", "stress_error")
    )
    try:
        curve = herschel_bulkley(rate, stress, error)
    except InputError as reason:
        first.notes.append(f"no law of Herschel and Bulkley: {reason}")
        curve = None
    columns = {"strain_rate": rate, "stress": stress, "stress_error": error, "viscosity": stress / rate}
    write_table(first.table("flow-curve"), columns, units=first.units)
    flow_figure.curve(first.figure("flow-curve"), rate, stress, error, curve, first.units)
    return [replace(r, curve=curve) if isinstance(r, Point) else r for r in results]


MEASURE: Measure[None] = Measure(
    name="flow-curve",
    explanation="stress against rate of all files of steady flow, and the law of Herschel and Bulkley",
    finish=finish,
    join=join,
    captions={
        "flow-curve": Caption("Stress against the rate of strain; line: the law of Herschel and Bulkley.")
    },
    dimensions=(2, 3),
)
