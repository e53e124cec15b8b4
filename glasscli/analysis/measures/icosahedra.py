"""The measure `icosahedra`: Voronoi cells, the icosahedra among them, and what those build."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glasscli.analysis.frame import Frame
from glasscli.analysis.measure import Caption, Measure
from glasscli.analysis.measures.definitions import MEASURE as DEFINITIONS
from glasscli.analysis.measures.definitions import Radical, of_last_frame
from glasscli.analysis.result import Json, Result
from glasscli.analysis.subject import Subject
from glasscli.configuration import Ints
from glasscli.formats.names import by_name
from glasscli.model.system import two_sizes
from glasscli.observables import icosahedra
from glasscli.observables.distinct import distinct
from glasscli.observables.laves import laves_test
from glasscli.observables.voronoi import IndexShare, census, icosahedral_fraction
from glasscli.report import figures, tables
from glasscli.units import UnitNames

BATCH = 100  # frames whose indices are held before they are summed up
MOST = 15  # indices that are named


@dataclass(frozen=True)
class Row:
    """One frame: fractions, of all and {species: of its atoms}, index counts [n, columns] and [n], cluster sizes,
    Frank-Kasper and Laves shares.
    """

    step: int
    fraction: float
    by_species: dict[str, float]
    indices: Ints
    counts: np.ndarray
    clusters: np.ndarray
    percolates: Sequence[bool | None]  # None where the box is free
    frank_kasper: dict[str, float]
    laves: float
    c15: float
    c14: float
    close_packed: float
    crystalline: float

    @property
    def largest_cluster(self) -> int:
        """Atoms in the largest cluster, 0 without any."""
        return int(self.clusters[0]) if len(self.clusters) else 0

    @property
    def in_time(self) -> dict[str, float]:
        """What the table of frames has of it."""
        x, y, z = (np.nan if there is None else there for there in self.percolates)
        return {
            "percolates_x": x,
            "percolates_y": y,
            "percolates_z": z,
            "largest_cluster": self.largest_cluster,
            "laves": self.laves,
            "c15": self.c15,
            "c14": self.c14,
            "close_packed": self.close_packed,
            **self.frank_kasper,
        }


@dataclass(frozen=True)
class Laves:
    """Share of atoms in Laves surroundings, and of those Z12 that are stacked as in C15 and otherwise."""

    all: float
    c15: float
    c14: float


@dataclass(frozen=True)
class Share:
    """One index of the census."""

    index: str
    fraction: float
    by_species: dict[str, float]


@dataclass(frozen=True)
class Icosahedra(Result):
    """The last frame's numbers, the systematic error of its f_ico, and the census of all frames.

    by_size  {"small": ..., "large": ...} of a mixture of two sizes, else {}
    """

    fraction: float
    by_size: dict[str, float | None]
    by_species: dict[str, float]
    definitions: dict[str, float]
    radical: Radical | None
    systematic_error: float
    clusters: int
    largest_cluster: int
    cluster_sizes: dict[int, int]
    percolates: Sequence[bool | None]
    frank_kasper: dict[str, float]
    laves: Laves
    close_packed: float
    census: Sequence[Share]

    @property
    def data(self) -> dict[str, Json]:
        """The numbers as JSON has them, small and large beside the fraction of all."""
        found = super().data
        return {"fraction": found.pop("fraction"), **self.by_size} | {
            k: v for k, v in found.items() if k != "by_size"
        }

    @property
    def axes(self) -> list[str]:
        """Those along which a cluster percolates."""
        return [axis for axis, there in zip("xyz", self.percolates, strict=True) if there]

    def text(self, units: UnitNames) -> str:
        """One line of clusters, error and crystals."""
        return (
            f"icosahedra: largest cluster {self.largest_cluster} atoms, percolates along "
            f"{''.join(self.axes) or 'no axis'}; f_ico by other definitions ±{self.systematic_error:.3f}; "
            f"Laves {self.laves.all:.4f}, close-packed {self.close_packed:.4f}"
        )

    def table(self, units: UnitNames) -> Sequence[tuple[str, str]]:
        """Clusters, and shares of other surroundings."""
        return [
            ("largest cluster of icosahedra (atoms)", str(self.largest_cluster)),
            ("percolates along", " ".join(self.axes) or "none"),
            *((f"Frank-Kasper {name}", f"{share:.4f}") for name, share in self.frank_kasper.items()),
            ("locally Laves", f"{self.laves.all:.4f}"),
            ("close-packed", f"{self.close_packed:.4f}"),
        ]


def frame(frame: Frame) -> Row:
    """One frame, by the cells that the user chose."""
    configuration, cells = frame.configuration, frame.cells
    species = configuration.species
    shares = icosahedral_fraction(cells, species)
    rows, _, counts = distinct(np.column_stack([species, cells.indices[:, 2:]]))
    found = icosahedra.clusters(cells, cells.icosahedra)
    laves = laves_test(cells, species, two_sizes(frame.radii or {}))
    cubic, other = icosahedra.stacking(configuration, cells, laves.z12)
    packed = icosahedra.close_packed(configuration)
    return Row(
        step=configuration.step,
        fraction=shares.all,
        by_species={str(s): share for s, share in shares.by_species.items()},
        indices=rows.astype(np.int32),
        counts=counts.astype(np.int64),
        clusters=found.sizes.astype(np.int64),
        percolates=[
            there if along else None
            for there, along in zip(found.percolates, configuration.box.periodic, strict=True)
        ],
        frank_kasper=icosahedra.frank_kasper(cells),
        laves=laves.fraction,
        c15=float(cubic.mean()),
        c14=float(other.mean()),
        close_packed=float(packed.mean()),
        # An icosahedron can be part of a Laves fragment and no close-packed atom: the two never overlap.
        crystalline=float((laves.laves | packed).mean()),
    )


def finish(subject: Subject) -> Icosahedra:
    """The last frame's numbers with the systematic error of its f_ico; series and census as tables and figures."""
    series: list[dict[str, float]] = []
    counted: list[tuple[Ints, np.ndarray]] = []
    sizes: Counter[int] = Counter()
    for row in MEASURE.rows(subject):
        series.append(row.in_time)
        counted.append((row.indices, row.counts))
        if len(counted) == BATCH:
            counted = [summed(counted)]
        sizes.update(row.clusters.tolist())
    indices, counts = summed(counted)
    shares = census([Counter(dict(zip(map(_trim, indices.tolist()), counts.tolist(), strict=True)))])
    _write(subject, series, sizes, shares)
    errors = of_last_frame(subject)
    free = [axis for axis, there in zip("xyz", row.percolates, strict=True) if there is None]
    if free:
        subject.notes.append(
            f"no percolation along {', '.join(free)}, where the box is free; atoms at its surface have no Voronoi cell"
        )
    return Icosahedra(
        fraction=row.fraction,
        by_size={size: row.by_species.get(str(s)) for size, s in subject.sizes.items()},
        by_species={
            name: row.by_species[str(s)] for s, name in subject.labels.items() if str(s) in row.by_species
        },
        definitions=errors.definitions,
        radical=errors.radical,
        systematic_error=errors.systematic_error,
        clusters=len(row.clusters),
        largest_cluster=row.largest_cluster,
        cluster_sizes=dict(sorted(Counter(row.clusters.tolist()).items())),
        percolates=row.percolates,
        frank_kasper=row.frank_kasper,
        laves=Laves(row.laves, row.c15, row.c14),
        close_packed=row.close_packed,
        census=[Share(s.name, s.fraction, by_name(s.by_species, subject.labels)) for s in shares[:MOST]],
    )


def _write(
    subject: Subject, series: Sequence[dict[str, float]], sizes: Counter[int], shares: Sequence[IndexShare]
) -> None:
    """The tables of indices, frames and clusters, and the figure of the indices."""
    tables.write_census(subject.table("voronoi"), shares, subject.labels)
    columns = {name: np.array([one[name] for one in series]) for name in series[0]}
    tables.write_frames(subject.table("icosahedra"), subject.steps, {**subject.times, **columns})
    ordered = sorted(sizes)
    tables.write_table(
        subject.table("clusters"),
        {"atoms in cluster": ordered, "clusters per frame": [sizes[s] / len(subject.steps) for s in ordered]},
    )
    subject.draw(figures.voronoi_census, "voronoi", shares[:MOST], subject.labels)


def summed(counted: Sequence[tuple[Ints, np.ndarray]]) -> tuple[Ints, np.ndarray]:
    """Several ([n, columns] indices, [n] counts) as one, each index once; columns that are not there count nothing."""
    width = max(indices.shape[1] for indices, _ in counted)
    padded = np.zeros((sum(len(indices) for indices, _ in counted), width), np.int32)
    begin = 0
    for indices, _ in counted:
        padded[begin : begin + len(indices), : indices.shape[1]] = indices
        begin += len(indices)
    rows, where, _ = distinct(padded)
    counts = np.bincount(where, np.concatenate([c for _, c in counted]), len(rows))
    return rows, counts.astype(np.int64)


def _trim(row: list[int]) -> tuple[int, ...]:
    """Species, n3 to n6, and what follows up to the last face that occurs."""
    end = len(row)
    while end > 5 and row[end - 1] == 0:
        end -= 1
    return tuple(row[:end])


MEASURE = Measure(
    name="icosahedra",
    explanation="Voronoi census, f_ico by species and its systematic error, clusters, percolation, Frank-Kasper, Laves",
    finish=finish,
    frame=frame,
    row=Row,
    needs=("cells",),
    uses=("radical",),  # only the radii: which species is the large one of a Laves phase
    reads=(DEFINITIONS,),
    captions={"voronoi": Caption("Census of Voronoi indices.", place=60)},
    default=True,
    place=10,
)
