"""The measure `ttt`: when energy has fallen, icosahedra grown and crystals come, against temperature, of all files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from glasscli.analysis.clock import Clock
from glasscli.analysis.measure import Caption, Joined, Measure
from glasscli.analysis.passages import passages
from glasscli.analysis.result import Json, Result, plain
from glasscli.analysis.subject import Subject
from glasscli.observables.first_passage import Passage, PassageTimes, passage_times
from glasscli.report import spectra, tables

Diagram = Mapping[str, Sequence[PassageTimes]]

TIMES = ("mean", "least", "most")


@dataclass(frozen=True)
class Point:
    """A run at one temperature: when its events came, in steps; inherent: whether the energy that fell was E_IS.

    clock: what its steps are in time, None where they are none
    """

    temperature: float
    timestep: float
    inherent: bool
    times: Mapping[str, Passage | None]
    clock: Clock | None

    def passages(self, timed: bool) -> Mapping[str, Passage]:
        """Those of its events that are known, as time, or in steps."""
        step = self.clock.step if timed and self.clock else 1.0
        return {
            name: replace(p, time=None if p.time is None else p.time * step, after=p.after * step)
            for name, p in self.times.items()
            if p is not None
        }


@dataclass(frozen=True)
class TimeTemperature(Result):
    """This file's point, None where no one temperature of it is known, and the diagram of all files."""

    point: Point | None
    diagram: Diagram | None = None

    @property
    def data(self) -> dict[str, Json]:
        """The point's numbers, and the diagram beside them, both in steps."""
        point = {k: plain(v) for k, v in vars(self.point).items() if k != "clock"} if self.point else {}
        point |= {"time_unit": "steps"} if self.point else {}
        diagram = {"diagram": plain(self.diagram), "diagram_unit": "steps"} if self.diagram else {}
        return point | diagram


def finish(subject: Subject) -> TimeTemperature:
    """This file's point of the diagram; `join` makes the diagram."""
    protocol = subject.run.manifest.protocol if subject.run is not None else None
    temperature = protocol.constant_temperature if protocol else None
    if protocol is None or temperature is None:
        if protocol is not None:
            subject.notes.append(
                f"{subject.path} is no isotherm: it has no place in a time-temperature diagram"
            )
        return TimeTemperature(None)
    return TimeTemperature(
        Point(
            temperature, float(protocol.timestep), subject.course.inherent, passages(subject), subject.clock
        )
    )


def join(subjects: Sequence[Subject], results: Joined) -> Joined:
    """The diagram of isotherm files beside each point; table and figure go with the first file."""
    points = [r.point for r in results if isinstance(r, TimeTemperature) and r.point]
    diagram = _diagram(points)
    if not diagram:
        return results
    first = subjects[0]
    # As time where all steps are; runs of different time steps then stand on one axis.
    clocks = {(p.clock.unit, p.clock.label) if p.clock else None for p in points}
    clock = points[0].clock if len(clocks) == 1 else None
    timed = _diagram(points, timed=clock is not None)
    columns = ("temperature", "mean", "error", "reached", "censored", "least", "early", "most")
    tables.write_table(
        first.table("ttt"),
        {"event": [name for name, found in diagram.items() for _ in found],
         **{f"{column} (steps)" if column in TIMES else column:
            [getattr(i, column) for found in diagram.values() for i in found] for column in columns},
         **({f"{column} ({clock.unit})": [getattr(i, column) for found in timed.values() for i in found]
             for column in TIMES} if clock else {})},
        ["mean: geometric; error: factor, of the mean over samples; least: longest "
         "time without the event; early: samples that had it at their second frame, most: the latest of these"],
        first.units,
    )  # fmt: skip
    if len({p.temperature for p in points}) < 2:
        first.notes.append("no time-temperature diagram: all runs have one temperature")
        return [replace(r, diagram=diagram) if isinstance(r, TimeTemperature) else r for r in results]
    spectra.ttt(
        first.figure("ttt"), timed, first.choices.drop, first.choices.rise, first.units,
        energy="$E_{IS}$" if all(p.inherent for p in points) else "potential energy",
        time_label=clock.label if clock else "MD steps",
    )  # fmt: skip
    return [replace(r, diagram=diagram) if isinstance(r, TimeTemperature) else r for r in results]


def _diagram(points: Sequence[Point], timed: bool = False) -> Diagram:
    """Times (else steps) averaged over the samples of one temperature on a log scale; empty without points."""
    if not points:
        return {}
    known = [(p.temperature, p.passages(timed)) for p in points]
    temperatures = sorted({p.temperature for p in points})
    return {
        name: [
            passage_times(t, [events[name] for at, events in known if at == t and name in events])
            for t in temperatures
        ]
        for name in points[0].times
    }


MEASURE: Measure[None] = Measure(
    name="ttt",
    explanation="time to a drop of the energy and to crystallisation against temperature, of all files",
    finish=finish,
    join=join,
    captions={
        "ttt": Caption("Time to an event against temperature; open arrows: not within that time.", place=100)
    },
    place=90,
)
