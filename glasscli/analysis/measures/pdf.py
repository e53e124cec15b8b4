"""The measure `pdf`: pair distributions of the last frames, with the part that icosahedra make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from glasscli.analysis.frame import Frame
from glasscli.analysis.measure import Caption, Measure
from glasscli.analysis.result import Json, Result
from glasscli.analysis.subject import Subject
from glasscli.configuration import Floats
from glasscli.observables.blocks import over_frames
from glasscli.observables.icosahedra import small_neighbours
from glasscli.observables.pair_distribution import (
    Coordination,
    PairDistribution,
    average,
    coordination_numbers,
    pair_distribution,
)
from glasscli.report import figures, tables
from glasscli.units import UnitNames

SPACINGS = 10
PARTS = {1: "centres", 2: "centres_and_small_neighbours"}


@dataclass(frozen=True)
class Row:
    """g(r) of one frame: edges [n + 1], total [n], partials [pairs, n], parts [groups, n] of icosahedra."""

    edges: Floats
    total: Floats
    volume: float
    densities: Sequence[tuple[int, float]]
    pairs: Sequence[str]
    partials: Floats
    groups: Sequence[int]
    parts: Floats


@dataclass(frozen=True)
class Distributions(Result):
    """The mean g(r) with errors, the parts of icosahedra, and coordination numbers to the first minima.

    blocks  how many independent blocks the frames are worth, None for one frame
    """

    frames: int
    r: Floats
    total: Floats
    total_error: Floats | None
    partials: dict[str, Floats]
    partial_errors: dict[str, Floats]
    icosahedral: dict[str, Floats]
    icosahedral_errors: dict[str, Floats]
    coordination: dict[str, Coordination | None]
    blocks: float | None
    labels: dict[int, str]

    @property
    def data(self) -> dict[str, Json]:
        """The numbers as JSON has them; pairs by the numbers of species."""
        return {name: value for name, value in super().data.items() if name != "labels"}

    def named(self, pair: str) -> str:
        """A pair as people read it: A-B by the names of the species."""
        found = {
            f"{a}{b}": f"{one}-{other}" for a, one in self.labels.items() for b, other in self.labels.items()
        }
        return found.get(pair, pair)

    def table(self, units: UnitNames) -> Sequence[tuple[str, str]]:
        """What the errors are over, coordination numbers."""
        rows = [("g(r): standard errors", over_frames(self.frames, self.blocks))]
        return rows + [
            (
                f"coordination {self.named(pair)}",
                f"{shell.number:.2f} within {shell.radius:.2f} {units.length_unit}",
            )
            for pair, shell in self.coordination.items()
            if shell
        ]


def frame(frame: Frame) -> Row:
    """g(r) of one frame: total, partials, and the parts from icosahedral centres and their small neighbours."""
    configuration, choices = frame.configuration, frame.choices
    centres = frame.cells.icosahedra
    groups = centres.astype(np.int64)
    groups[small_neighbours(frame.cells, configuration.species, centres)] = 2
    # Beyond ten mean spacings a glass is featureless, and the number of pairs grows as the cube.
    cutoff = choices.cutoff or min(0.5 * configuration.box.width, SPACINGS * configuration.spacing)
    found = pair_distribution(configuration, min(choices.bin_width, cutoff / 2), cutoff, groups)
    return Row(
        edges=found.edges,
        total=found.total,
        volume=found.volume,
        densities=list(found.densities.items()),
        pairs=list(found.partials),
        partials=_stacked(found.partials.values(), found.total),
        groups=list(found.parts),
        parts=_stacked(found.parts.values(), found.total),
    )


def _stacked(functions: Iterable[Floats], like: Floats) -> Floats:
    """[functions, n], also of none."""
    return np.array(list(functions), dtype=np.float64).reshape(-1, len(like))


def distribution(subject: Subject) -> PairDistribution:
    """The mean over the window. In a box that changes the bins do too, by parts in a thousand: they are made alike."""
    rows = list(MEASURE.rows(subject))
    edges = min((row.edges for row in rows), key=len)
    r = (edges[1:] + edges[:-1]) / 2

    def on(g: Floats, row: Row) -> Floats:
        own = (row.edges[1:] + row.edges[:-1]) / 2
        return g if len(own) == len(r) and np.allclose(own, r) else np.interp(r, own, g)

    return average(
        [
            PairDistribution(
                edges,
                on(row.total, row),
                {pair: on(g, row) for pair, g in zip(row.pairs, row.partials, strict=True)},
                dict(row.densities),
                row.volume,
                parts={group: on(g, row) for group, g in zip(row.groups, row.parts, strict=True)},
            )
            for row in rows
        ]
    )


def finish(subject: Subject) -> Distributions:
    """The mean g(r) with errors, and coordination numbers to its first minima."""
    pdf = distribution(subject)
    tables.write_pair_distribution(subject.table("pdf"), pdf, subject.units)
    figures.pair_distributions(subject.figure("pdf"), pdf, subject.names, subject.units)
    kept = {"r": pdf.r, "total": pdf.total, **pdf.partials}
    subject.keep |= {f"{MEASURE.store_group}/{name}": values for name, values in kept.items()}
    return Distributions(
        frames=pdf.n_frames,
        r=pdf.r,
        total=pdf.total,
        total_error=pdf.total_error,
        partials=pdf.partials,
        partial_errors=pdf.partial_errors,
        icosahedral={PARTS[group]: g for group, g in pdf.parts.items()},
        icosahedral_errors={PARTS[group]: g for group, g in pdf.part_errors.items()},
        coordination=coordination_numbers(pdf),
        labels=subject.labels,
        blocks=pdf.blocks,
    )


MEASURE = Measure(
    name="pdf",
    explanation="g(r): total, partials, the part of icosahedra and their small neighbours; coordination numbers",
    finish=finish,
    frame=frame,
    row=Row,
    frames=Subject.window,
    needs=("cells",),
    choices=("bin_width", "cutoff"),
    captions={
        "pdf": Caption(
            "Pair distribution functions; the parts from icosahedral centres and their small neighbours.",
            place=40,
        )
    },
    headline=("coordination",),
    group="pair_distribution",
    default=True,
    place=30,
)
