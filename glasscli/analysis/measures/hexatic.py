"""The measure `hexatic`: Voronoi polygons of atoms in a plane, and the order of the directions to their neighbours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from glasscli.analysis.frame import Frame
from glasscli.analysis.measure import Measure
from glasscli.analysis.result import Result
from glasscli.analysis.subject import Subject
from glasscli.formats.names import by_name
from glasscli.observables.polygons import polygons
from glasscli.report import tables
from glasscli.units import UnitNames


@dataclass(frozen=True)
class Row:
    """One frame: mean |psi_6|, of all and {species: of its atoms}, |mean psi_6|, {species: polygons [k] of k sides}."""

    step: int
    local: float
    by_species: dict[str, float]
    whole: float
    sides: dict[str, list[int]]


@dataclass(frozen=True)
class Hexatic(Result):
    """Bond-orientational order of the last frame and of all, and the census of polygons in all frames.

    psi_6         mean |psi_6| of the last frame's atoms, psi_6_mean over frames; by_species of the last frame
    psi_6_global  |mean psi_6| of the last frame: 1 in a crystal, about 1/sqrt(N) in a liquid
    sides         {number of sides: share of all polygons}, sides_by_species of each species' own
    """

    psi_6: float
    psi_6_mean: float
    psi_6_global: float
    psi_6_global_mean: float
    by_species: dict[str, float]
    sides: dict[str, float]
    sides_by_species: dict[str, dict[str, float]]

    def text(self, units: UnitNames) -> str:
        """One line of order and polygons."""
        common = sorted(self.sides.items(), key=lambda one: -one[1])[:3]
        shares = ", ".join(f"{share:.3f} of {n} sides" for n, share in common)
        return (
            f"hexatic: mean |psi_6| {self.psi_6:.4f} last, {self.psi_6_mean:.4f} mean; "
            f"|Psi_6| {self.psi_6_global:.4f}; polygons: {shares}"
        )

    def table(self, units: UnitNames) -> Sequence[tuple[str, str]]:
        """The same as rows."""
        return [
            ("mean |ψ₆|, last", f"{self.psi_6:.4f}"),
            ("|Ψ₆| of all atoms, last", f"{self.psi_6_global:.4f}"),
            *((f"polygons of {n} sides", f"{share:.4f}") for n, share in self.sides.items()),
        ]

    def compared(self, units: UnitNames) -> Mapping[str, float]:
        """Order of each file."""
        return {"mean |psi_6|, last": self.psi_6, "|Psi_6|, last": self.psi_6_global}


def frame(frame: Frame) -> Row:
    """Order and polygons of one frame."""
    c = frame.configuration
    found = polygons(c)
    order = found.psi_6
    local, sides = np.abs(order), found.sides
    return Row(
        step=c.step,
        local=float(local.mean()),
        by_species={str(s): float(local[c.species == s].mean()) for s in c.counts},
        whole=float(abs(order.mean())),
        sides={str(s): np.bincount(sides[c.species == s]).tolist() for s in c.counts},
    )


def finish(subject: Subject) -> Hexatic:
    """Order of the last frame, and of all; its course and the census of polygons as tables."""
    rows = list(MEASURE.rows(subject))
    tables.write_frames(
        subject.table("hexatic"),
        subject.steps,
        {
            **subject.times,
            "psi_6": np.array([row.local for row in rows]),
            "psi_6_global": np.array([row.whole for row in rows]),
        },
    )
    counts: dict[int, Counter[int]] = {s: Counter() for s in subject.species}
    for row in rows:
        for s, numbers in row.sides.items():
            counts[int(s)].update({n: k for n, k in enumerate(numbers) if k})
    whole = sum(counts.values(), Counter[int]())
    shares = {s: _shares(found) for s, found in counts.items()}
    all_shares = _shares(whole)
    named = by_name(shares, subject.labels)
    tables.write_table(
        subject.table("polygons"),
        {
            "sides": list(map(int, all_shares)),
            "fraction": list(all_shares.values()),
            **{f"fraction_of_{name}": [own.get(n, 0.0) for n in all_shares] for name, own in named.items()},
        },
        [f"polygons of {len(rows)} frames"],
    )
    last = rows[-1]
    return Hexatic(
        psi_6=last.local,
        psi_6_mean=float(np.mean([row.local for row in rows])),
        psi_6_global=last.whole,
        psi_6_global_mean=float(np.mean([row.whole for row in rows])),
        by_species={name: last.by_species[str(s)] for s, name in subject.labels.items()},
        sides=all_shares,
        sides_by_species=named,
    )


def _shares(counts: Counter[int]) -> dict[str, float]:
    return {str(n): counts[n] / counts.total() for n in sorted(counts)}


MEASURE = Measure(
    name="hexatic",
    explanation="in two dimensions: bond-orientational order psi_6 of atoms and of all, Voronoi polygons by sides",
    finish=finish,
    frame=frame,
    row=Row,
    needs=("volume",),
    dimensions=(2,),
    default=True,
    place=15,
)
