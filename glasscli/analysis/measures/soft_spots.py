"""The measure `soft-spots`: whether a run of strain gives way where its softest modes are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glasscli.analysis.measure import Caption, Measure
from glasscli.analysis.result import Result
from glasscli.analysis.strained import events, minima
from glasscli.analysis.subject import Subject
from glasscli.configuration import Configuration, Floats, Ints
from glasscli.engine.forces import Forces
from glasscli.observables.plasticity import local_deformation
from glasscli.observables.samples import mean_of_samples
from glasscli.observables.soft_rank import rank
from glasscli.progress import progress
from glasscli.report import shear_figure
from glasscli.report.canvas import with_error
from glasscli.report.tables import write_table
from glasscli.units import UnitNames

if TYPE_CHECKING:
    from glasscli.modes.hessian import Curvature

# Lowest modes that make the map, beyond rigid shifts, and atoms of most D2min that are where it gave way.
MODES, CORE = 20, 5
# Rearrangements that are looked at, the first ones: a map says less the further the sample has gone.
MOST = 30


@dataclass(frozen=True)
class Softness:
    """Ranks of what gave way at a strain: in the map of the unstrained sample, and in that of the last stored frame
    before the step in which it did."""

    strain: float
    rank_unstrained: float
    rank_before: float


@dataclass(frozen=True)
class SoftSpots(Result):
    """events: ranks of the core of each; means over them with standard errors, None of a single one; random: 0.5."""

    events: list[Softness]
    unstrained: float
    unstrained_error: float | None
    before: float
    before_error: float | None
    first: float
    modes: int
    core: int
    random: float = 0.5

    def text(self, units: UnitNames) -> str:
        """One line."""
        return "; ".join(": ".join(row) for row in self.table(units))

    def table(self, units: UnitNames) -> Sequence[tuple[str, str]]:
        """Both means."""
        return [
            (f"rank of what gives way among {self.modes} soft modes, unstrained (0.5: at random)",
             with_error(self.unstrained, self.unstrained_error)),
            ("the same in the last frame before", with_error(self.before, self.before_error)),
        ]  # fmt: skip

    def compared(self, units: UnitNames) -> Mapping[str, float]:
        """Means over files."""
        return {
            "rank of what gives way first, unstrained": self.first,
            "rank of what gives way, unstrained": self.unstrained,
            "rank of what gives way, just before": self.before,
        }


def core(before: Configuration, after: Configuration) -> Ints:
    """The atoms whose surroundings change least alike."""
    return np.argsort(local_deformation(before, after).d2min)[-CORE:].astype(np.int32)


def softness(atoms: Configuration, forces: Forces, curvature: Curvature) -> Floats:
    """[n] sum of |e|^2/lambda over the lowest modes that are no shift: how far each goes for a given energy."""
    from glasscli.modes.lowest import lowest  # sparse matrices take their time to load
    from glasscli.modes.minimum import settle
    from glasscli.modes.spectrum import held

    rest = settle(atoms, forces, curvature)
    d = atoms.box.dimension
    found = lowest(held(rest.hessian.matrix, d), d + MODES)
    vectors = found.vectors[:, d:].reshape(atoms.n_atoms, 3, -1)
    return np.asarray(((vectors**2).sum(axis=1) / np.abs(found.values[d:])).sum(axis=1))


def finish(subject: Subject) -> SoftSpots | None:
    """The first rearrangements of a run of strain."""
    from glasscli.modes.hessian import Curvature  # as above

    run = subject.run
    if run is None or run.manifest.protocol.straining is None:
        subject.notes.append("soft spots are of runs of strain (glasscli shear)")
        return None
    chosen = events(run)[:MOST]
    if not chosen:
        subject.notes.append("nothing rearranged in this run")
        return None
    around, frames = minima(run), run.frames
    steps = np.asarray(frames.steps)
    maps: dict[int, Floats] = {}
    rows = []
    with (
        Forces(run.manifest.system) as forces,
        progress(f"soft spots of {run.path.name}", len(chosen), "rearrangements") as advance,
    ):
        curvature = Curvature(forces)
        for done, event in enumerate(chosen, start=1):
            # A frame of an earlier step: in the very last minimum the mode that vanishes is the rearrangement.
            last = int(np.flatnonzero(steps < event.step)[-1])
            for k in (0, last):
                if k not in maps:
                    maps[k] = softness(frames[k], forces, curvature)
            members = core(around[event.before[-1]], around[event.after])
            rows.append(Softness(event.strain, rank(maps[0], members), rank(maps[last], members)))
            advance(done)
    columns = {name: np.array([getattr(r, name) for r in rows]) for name in Softness.__dataclass_fields__}
    write_table(subject.table("soft-spots"), columns, units=subject.units)
    subject.draw(
        shear_figure.spots, "soft-spots", columns["strain"],
        {"unstrained": columns["rank_unstrained"], "last frame before": columns["rank_before"]},
    )  # fmt: skip
    means = [mean_of_samples(columns[name]) for name in ("rank_unstrained", "rank_before")]
    (unstrained, its), (before, other) = ((float(m), None if np.isnan(e) else float(e)) for m, e in means)
    return SoftSpots(rows, unstrained, its, before, other, rows[0].rank_unstrained, MODES, CORE)


MEASURE: Measure[None] = Measure(
    name="soft-spots",
    explanation="whether a run of strain gives way where the atoms of its softest modes are",
    finish=finish,
    captions={
        "soft-spots": Caption(
            "Rank of the atoms that give way in the amplitude of the softest modes; dashed: atoms at random."
        )
    },
    dimensions=(2, 3),
    strained=True,
)
