"""The measure `instability`: how the lowest eigenvalue goes to zero before what gives way in a run of strain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glasscli.analysis.measure import Caption, Measure
from glasscli.analysis.result import Result
from glasscli.analysis.strained import Event, events, minima
from glasscli.analysis.subject import Subject
from glasscli.engine.forces import Forces
from glasscli.progress import progress
from glasscli.report.canvas import SINGLE, drawing
from glasscli.report.tables import write_table
from glasscli.store.run import Run
from glasscli.store.schema import EVENT
from glasscli.units import UnitNames

if TYPE_CHECKING:
    from glasscli.modes.hessian import Curvature

# Minima before an event that are looked at, the nearest; fewer than LEAST show no law.
MOST, LEAST = 8, 4
# Of the square of the nearest eigenvalues with the strain: it falls in a line, as it does only there.
LINE = 0.99
# Energy of the whole sample within which a minimum is the one that was kept.
SAME = 1e-6


@dataclass(frozen=True)
class Approach:
    """The lowest eigenvalue at strains before an event at `strain`, and the correlation of four: -1 where its
    square falls in a line as the strain grows, as before a saddle and a minimum meet."""

    strain: float
    strains: list[float]
    eigenvalues: list[float]
    correlation: float

    @property
    def followed(self) -> bool:
        """Whether the eigenvalue goes to zero as the square root of the strain that is left."""
        if not (self.correlation < -LINE and self.eigenvalues[-1] < 0.5 * self.eigenvalues[0]):
            return False
        # Squares are nearly in a line where eigenvalues themselves fall in one, too: which of both is straighter?
        itself = np.corrcoef(self.strains[-LEAST:], self.eigenvalues[-LEAST:])[0, 1]
        return bool(abs(self.correlation) > abs(itself))


@dataclass(frozen=True)
class Instability(Result):
    """events: those with minima enough before them; share: of these, how many are announced by a square root."""

    events: list[Approach]
    share: float
    left_out: int

    def text(self, units: UnitNames) -> str:
        """One line."""
        return (
            f"rearrangements: {self.share:.0%} of {len(self.events)} come as an eigenvalue goes to zero as a square "
            f"root ({self.left_out} without minima enough before them)"
        )

    def table(self, units: UnitNames) -> Sequence[tuple[str, str]]:
        """One row."""
        return [("rearrangements announced by a square root", f"{self.share:.0%} of {len(self.events)}")]


def approach(run: Run, event: Event, forces: Forces, curvature: Curvature) -> Approach:
    """The lowest eigenvalue, that of no shift, at the last minima before an event.

    They are kept in single precision: one so near that rounding takes it beyond the event is left out.
    """
    from glasscli.modes.lowest import lowest  # sparse matrices take their time to load
    from glasscli.modes.minimum import settle
    from glasscli.modes.spectrum import held

    table, frames = run.table(EVENT), minima(run)
    strains, found = [], []
    for k in event.before[-MOST:]:
        rest = settle(frames[k], forces, curvature)
        if abs(rest.energy - table["event_energy"][k]) * rest.configuration.n_atoms > SAME:
            continue
        strains.append(float(table["event_strain"][k]))
        d = frames[k].box.dimension
        found.append(float(lowest(held(rest.hessian.matrix, d), d + 1).values[-1]))
    if len(found) < 3:
        return Approach(event.strain, strains, found, 0.0)
    sense = np.sign(event.strain - strains[0])
    line = np.corrcoef(strains[-LEAST:], np.square(found[-LEAST:]))[0, 1]
    return Approach(event.strain, strains, found, sense * float(line))


def finish(subject: Subject) -> Instability | None:
    """All events of a run of strain."""
    from glasscli.modes.hessian import Curvature  # as above

    run = subject.run
    if run is None or run.manifest.protocol.straining is None:
        subject.notes.append("instability is of runs of strain (glasscli shear)")
        return None
    all_events = events(run)
    chosen = [event for event in all_events if len(event.before) >= LEAST]
    if not chosen:
        subject.notes.append("no rearrangement has minima enough before it to say how it came")
        return None
    found = []
    with (
        Forces(run.manifest.system) as forces,
        progress(f"instabilities of {run.path.name}", len(chosen), "events") as advance,
    ):
        curvature = Curvature(forces)
        for done, event in enumerate(chosen, start=1):
            found.append(approach(run, event, forces, curvature))
            advance(done)
    columns = {
        "event": np.repeat([one.strain for one in found], [len(one.strains) for one in found]),
        "strain": np.concatenate([one.strains for one in found]),
        "eigenvalue": np.concatenate([one.eigenvalues for one in found]),
    }
    write_table(subject.table("instability"), columns, units=subject.units)
    with drawing(subject.figure("instability"), None, SINGLE, 2.6) as (figure, _):
        axes = figure.subplots()
        for one in found:
            left = np.abs(one.strain - np.array(one.strains))
            axes.loglog(left, one.eigenvalues, "o-", ms=3, lw=0.8)
        axes.set_xlabel("strain that is left")
        axes.set_ylabel("lowest eigenvalue")
    share = float(np.mean([one.followed for one in found]))
    return Instability(found, share, len(all_events) - len(chosen))


MEASURE: Measure[None] = Measure(
    name="instability",
    explanation="lowest eigenvalue before each rearrangement of a run of strain",
    finish=finish,
    captions={
        "instability": Caption("Lowest eigenvalue before rearrangements, against the strain that is left.")
    },
    dimensions=(2, 3),
    strained=True,
)
