"""The measure `pdf`: pair distributions of the last frames, with the part that icosahedra make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from glasscli.analysis.choices import Choices
from glasscli.analysis.frame import Frame
from glasscli.analysis.measure import Caption, Measure
from glasscli.analysis.result import Curve, Result
from glasscli.analysis.subject import Subject
from glasscli.configuration import Floats
from glasscli.formats.names import by_pair
from glasscli.observables.blocks import over_frames
from glasscli.observables.icosahedra import neighbours
from glasscli.observables.pair_distribution import (
    Coordination,
    PairDistribution,
    average,
    coordination_numbers,
    pair_distribution,
    total_coordination,
)
from glasscli.report import figures, tables
from glasscli.units import UnitNames

SPACINGS = 10
CENTRES = 0  # group of icosahedral atoms; group s: these and their neighbours of species s


@dataclass(frozen=True)
class Row:
    """g(r) of one frame: edges [n + 1], total [n], partials [pairs, n], parts [groups, n] of icosahedra.

    pairs [pairs, 2] of species; groups: CENTRES, and by species their neighbours with them
    """

    edges: Floats
    total: Floats
    volume: float
    densities: Sequence[tuple[int, float]]
    pairs: Sequence[tuple[int, int]]
    partials: Floats
    groups: Sequence[int]
    parts: Floats
    dimension: int = 3


@dataclass(frozen=True)
class Distributions(Result):
    """The mean g(r) with errors, the parts of icosahedra, and coordination numbers to the first minima, by pair.

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

    def curves(self, units: UnitNames) -> Sequence[Curve]:
        """Total, partials, and the parts of icosahedra."""
        named = {"g_total": ("$g(r)$", self.total)}
        named |= (
            {f"g_{pair}": (f"$g(r)$ {pair}", g) for pair, g in self.partials.items()}
            if len(self.partials) > 1
            else {}
        )
        named |= {
            f"part_{name}": (f"part of {name.replace('_', ' ')}", g)
            for name, g in self.icosahedral.items() if g.any()
        }  # fmt: skip
        return [Curve(name, "r", self.r, g, label) for name, (label, g) in named.items()]

    def table(self, units: UnitNames) -> Sequence[tuple[str, str]]:
        """What the errors are over, coordination numbers."""
        rows = [("g(r): errors", over_frames(self.frames, self.blocks))]
        return rows + [
            (
                f"coordination {pair}",
                f"{shell.number:.2f} within {shell.radius:.2f} {units.length_unit}",
            )
            for pair, shell in self.coordination.items()
            if shell
        ]


def frame(frame: Frame) -> Row:
    """g(r) of one frame: total, partials, and the parts from icosahedral centres and their neighbours."""
    configuration, choices = frame.configuration, frame.choices
    groups = {}
    if configuration.box.dimension == 3:  # no polygon is an icosahedron
        centres = frame.cells.icosahedra
        near = neighbours(frame.cells, centres)
        groups = {CENTRES: centres} | {
            s: centres | (near & (configuration.species == s)) for s in configuration.counts
        }
    # Beyond ten mean spacings a glass is featureless, and the number of pairs grows as the cube.
    cutoff = choices.cutoff or min(0.5 * configuration.box.width, SPACINGS * configuration.spacing)
    found = pair_distribution(configuration, min(width_of(choices, cutoff), cutoff / 2), cutoff, groups)
    return Row(
        edges=found.edges,
        total=found.total,
        volume=found.volume,
        densities=list(found.densities.items()),
        pairs=list(found.partials),
        partials=_stacked(found.partials.values(), found.total),
        groups=list(found.parts),
        parts=_stacked(found.parts.values(), found.total),
        dimension=found.dimension,
    )


def width_of(choices: Choices, cutoff: float) -> float:
    """Of the bins of g(r): as chosen, as many as chosen, else that of reduced units."""
    return cutoff / choices.bins if choices.bins else choices.bin_width or 0.02


def _stacked(functions: Iterable[Floats], like: Floats) -> Floats:
    """[functions, n], also of none."""
    return np.array(list(functions), dtype=np.float64).reshape(-1, len(like))


def distribution(subject: Subject) -> PairDistribution:
    """The mean over the window. In a box that changes the bins do too, by parts in a thousand: they are made alike."""
    rows = list(MEASURE.rows(subject))
    edges = min((row.edges for row in rows), key=len)
    r = (edges[1:] + edges[:-1]) / 2

    def of(row: Row) -> PairDistribution:
        own = row.edges if np.array_equal(row.edges, edges) else (row.edges[1:] + row.edges[:-1]) / 2
        alike = own is row.edges or (len(own) == len(r) and np.allclose(own, r))

        def on(functions: Floats) -> Floats:
            return functions if alike else np.array([np.interp(r, own, g) for g in functions])

        (total,) = on(row.total[None])
        return PairDistribution(
            edges,
            total,
            {(a, b): g for (a, b), g in zip(row.pairs, on(row.partials), strict=True)},
            dict(row.densities),
            row.volume,
            parts=dict(zip(row.groups, on(row.parts), strict=True)),
            dimension=row.dimension,
        )

    return average([of(row) for row in rows])


def finish(subject: Subject) -> Distributions:
    """The mean g(r) with errors, and coordination numbers to its first minima."""
    pdf = distribution(subject)
    names, near = subject.labels, _neighbours(subject)
    keys = {CENTRES: "centres"} | {s: f"centres_and_{name}_neighbours" for s, name in near.items()}
    legend = {CENTRES: "icosahedral centres"} | {
        s: f"and their neighbours of species {s}" if name.isdigit() else f"and their {name} neighbours"
        for s, name in near.items()
    }
    if not pdf.parts:
        keys, legend = {}, {}
    tables.write_pair_distribution(subject.table("pdf"), pdf, names, subject.units, keys)
    subject.draw(figures.pair_distributions, "pdf", pdf, names, subject.units, parts=legend)
    kept = {"r": pdf.r, "total": pdf.total, **by_pair(pdf.partials, names)}
    subject.keep |= {f"{MEASURE.store_group}/{name}": values for name, values in kept.items()}
    return Distributions(
        frames=pdf.n_frames,
        r=pdf.r,
        total=pdf.total,
        total_error=pdf.total_error,
        partials=by_pair(pdf.partials, names),
        partial_errors=by_pair(pdf.partial_errors, names),
        icosahedral={key: pdf.parts[group] for group, key in keys.items()},
        icosahedral_errors={
            key: pdf.part_errors[group] for group, key in keys.items() if group in pdf.part_errors
        },
        coordination={"total": total_coordination(pdf), **by_pair(coordination_numbers(pdf), names)},
        blocks=pdf.blocks,
    )


def _neighbours(subject: Subject) -> dict[int, str]:
    """Whose part is told with the centres: the small atoms of a mixture of two sizes, which icosahedra share (Derlet &
    Maass 2019), else every species by name.
    """
    small = subject.sizes.get("small")
    return {small: "small"} if small in subject.labels else dict(subject.labels)


MEASURE = Measure(
    name="pdf",
    explanation="g(r): total, partials by species, the part of icosahedra and their neighbours; coordination numbers",
    finish=finish,
    frame=frame,
    row=Row,
    frames=Subject.window,
    needs=("cells", "volume"),
    choices=("bin_width", "bins", "cutoff"),
    captions={
        "pdf": Caption(
            "Pair distribution functions; the parts from icosahedral centres and their neighbours.",
            place=40,
        )
    },
    headline=("coordination",),
    group="pair_distribution",
    dimensions=(2, 3),
    default=True,
    place=30,
)
