"""The measure `network`: neighbours and angles by element, and of a network its rings and Q^n."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from glasscli.analysis.frame import Frame
from glasscli.analysis.measure import Caption, Measure
from glasscli.analysis.result import Result
from glasscli.analysis.subject import Subject
from glasscli.configuration import Floats
from glasscli.errors import InputError
from glasscli.formats.names import pair_name
from glasscli.observables import bonds as found_bonds
from glasscli.observables import network as nets
from glasscli.observables.bonds import DEGREES
from glasscli.observables.network import LARGEST
from glasscli.report import bonding, tables
from glasscli.units import UnitNames

FEW = 6  # pairs of species, or angles, that go on a line
DEFINITION = "primitive"  # of `rings`; King's stand beside it


@dataclass(frozen=True)
class Row:
    """One frame, by numbers of species.

    cutoffs     (a, b, length of their bonds)
    neighbours  (a, b, [k] atoms of a with 0, 1, 2, ... bonds to b)
    triples     (a, b, c) of angles at b; angles [triples, DEGREES] how many, sums [triples, 2] of them and of squares
    qn          (former, [n] its atoms with 0, 1, 2, ... bridging neighbours)
    primitive, king  [LARGEST + 1] rings by the number of their formers; [] where they cannot be counted
    formers     how many atoms are formers; reason: why rings cannot be counted
    """

    cutoffs: Sequence[tuple[int, int, float]]
    neighbours: Sequence[tuple[int, int, Sequence[int]]]
    triples: Sequence[tuple[int, int, int]]
    angles: np.ndarray
    sums: Floats
    qn: Sequence[tuple[int, Sequence[int]]]
    primitive: Sequence[float]
    king: Sequence[int]
    formers: int
    reason: str


@dataclass(frozen=True)
class Neighbours:
    """Bonds to atoms of another species: their mean number, and {number: share of the atoms that have so many}."""

    mean: float
    histogram: dict[str, float]


@dataclass(frozen=True)
class Angle:
    """Angles at the middle atom, degrees: mean, standard deviation, most frequent degree, density in each degree."""

    mean: float
    deviation: float
    peak: float
    histogram: Floats


@dataclass(frozen=True)
class PerFormer:
    """{number of formers: rings of that length, over the number of formers}, by both definitions."""

    primitive: dict[str, float]
    king: dict[str, float]


@dataclass(frozen=True)
class NetworkOf(Result):
    """Means over the last frames.

    cutoffs       {pair: length of its bonds}, mean
    coordination  {"Si-O": oxygen round silicon}
    angle         [180] middles of the degrees in which `angles` are counted
    rings         {number of formers: share of all primitive rings}; king_rings: of King's; None without a network
    qn            {number of bridging neighbours: share of all formers}; by former in qn_by_species
    reason        why there are no rings or Q^n
    """

    frames: int
    cutoffs: dict[str, float]
    coordination: dict[str, Neighbours]
    angle: Floats
    angles: dict[str, Angle]
    formers: list[str]
    bridges: list[str]
    ring_definition: str
    rings: dict[str, float] | None
    king_rings: dict[str, float] | None
    rings_per_former: PerFormer | None
    qn: dict[str, float] | None
    qn_by_species: dict[str, dict[str, float]] | None
    reason: str | None

    def text(self, units: UnitNames) -> str:
        """Lines for people: of all species, or of the network alone; of many one for each, without angles."""
        near: dict[str, list[str]] = {}
        for pair, n in self.coordination.items():
            if self.said(pair):
                near.setdefault(pair.split("-")[0], []).append(f"{pair} {n.mean:.2f}")
        between = ", " if sum(map(len, near.values())) <= FEW else "\n         "
        lines = [f"network: neighbours {between.join(map(', '.join, near.values())) or '-'}"]
        angles = [
            f"{triple} {a.mean:.1f}° ± {a.deviation:.1f}°"
            for triple, a in self.angles.items()
            if self.said(triple)
        ]
        if len(angles) <= FEW:
            lines += [f"         angles {', '.join(angles)} (spread)"] if angles else []
        else:
            lines.append(f"         {len(angles)} angles: in the table of angles")
        if self.qn:
            lines.append("         " + ", ".join(f"Q{n} {share:.3f}" for n, share in self.qn.items()))
        if self.rings is not None:
            sizes = ", ".join(f"{n}: {share:.3f}" for n, share in self.rings.items())
            lines.append(f"         primitive rings {sizes or 'none'}")
        return "\n".join(lines)

    def table(self, units: UnitNames) -> Sequence[tuple[str, str]]:
        """Neighbours, angles, Q^n and the most frequent ring."""
        rows = [
            (f"{pair} neighbours within {self.bond(pair):.2f} {units.length_unit}", f"{n.mean:.3f}")
            for pair, n in self.coordination.items()
            if self.said(pair)
        ]  # fmt: skip
        rows += [
            (f"angle {triple}, mean and spread", f"{a.mean:.1f}°, {a.deviation:.1f}°")
            for triple, a in self.angles.items()
            if self.said(triple)
        ]
        if self.qn:
            rows.append(("Q^n", ", ".join(f"{n}: {share:.3f}" for n, share in self.qn.items())))
        for name, shares in (("primitive", self.rings), ("King's", self.king_rings)):
            if shares:
                rows.append((f"{name} rings", ", ".join(f"{n}: {s:.3f}" for n, s in shares.items())))
        return rows

    def compared(self, units: UnitNames) -> Mapping[str, float]:
        """Q^n and mean angles of the network, of each file."""
        said = {f"mean angle {t} (°)": a.mean for t, a in self.angles.items() if self.qn and self.said(t)}
        return {f"Q{n}": share for n, share in (self.qn or {}).items()} | said

    def bond(self, pair: str) -> float:
        """The length of the bonds of a pair, whichever of its species comes first."""
        return self.cutoffs[pair if pair in self.cutoffs else "-".join(reversed(pair.split("-")))]

    def said(self, name: str) -> bool:
        """Whether neighbours or angles are of the network's bonds; of other structures all are said."""
        words = name.split("-")
        ends = self.bridges or self.formers
        return not self.formers or all(
            (a in self.formers and b in ends) or (b in self.formers and a in ends) for a, b in pairwise(words)
        )


def frame(frame: Frame) -> Row:
    """One frame, whose bonds are as long as was said, else as the first minima of its own g(r), if it has one."""
    c, roles = frame.configuration, frame.bonding
    species = sorted(c.counts)
    pairs = {(a, b) for a in species for b in species if a <= b}
    cutoffs = {pair: length for pair, length in roles.cutoffs.items() if pair in pairs}
    if len(cutoffs) < len(pairs) and not c.box.free:
        cutoffs = found_bonds.first_minima(c, frame.choices.bin_width or 0.02) | cutoffs
    bonds = found_bonds.bonds_within(c, cutoffs)
    neighbours = found_bonds.neighbour_counts(bonds)
    angles = found_bonds.bond_angles(bonds)
    network = nets.network_bonds(bonds, roles)
    reason, primitive, king = roles.reason, list[float](), list[int]()
    if not reason:
        try:
            rings = nets.network_rings(network, roles, c.box)
            primitive, king = rings.primitive.tolist(), rings.king.tolist()
        except InputError as error:
            reason = str(error)
    return Row(
        cutoffs=[(a, b, length) for (a, b), length in sorted(cutoffs.items())],
        neighbours=[
            (a, b, n.tolist()) for (a, b), n in neighbours.items() if (min(a, b), max(a, b)) in cutoffs
        ],
        triples=list(angles),
        angles=np.array([a.counts for a in angles.values()]).reshape(-1, DEGREES),
        sums=np.array([(a.total, a.squares) for a in angles.values()]).reshape(-1, 2),
        qn=[(s, n.tolist()) for s, n in nets.bridging(network, roles).items()] if roles.bridges else [],
        primitive=primitive,
        king=king,
        formers=sum(c.counts.get(s, 0) for s in roles.formers),
        reason=reason,
    )


def finish(subject: Subject) -> NetworkOf:
    """Means over the last frames: tables, figures of angles, rings and Q^n."""
    rows, names = list(MEASURE.rows(subject)), subject.labels
    result = _result(subject, rows)
    if result.reason and (subject.by_name or result.formers):
        subject.notes.append(f"no rings, no Q^n: {result.reason}")
    elif not result.reason and not result.bridges:
        subject.notes.append("no Q^n: the formers are bonded to each other, nothing bridges them")
    for row in rows[-1:]:
        missing = [pair_name((a, b), names) for a in names for b in names if a <= b]
        missing = [p for p in missing if p not in {pair_name((a, b), names) for a, b, _ in row.cutoffs}]
        if missing:
            pairs, free = ", ".join(missing), subject.trajectory[-1].box.free
            why = (
                f"a box that is free has no g(r): no bonds of {pairs}"
                if free
                else f"g(r) of {pairs} has no first shell with a minimum: no bonds"
            )
            subject.notes.append(f"{why} (--bond-cutoffs {missing[0]}=LENGTH)")
    _write(subject, result)
    return result


def _result(subject: Subject, rows: Sequence[Row]) -> NetworkOf:
    names, roles = subject.labels, subject.bonding
    lengths: dict[str, list[float]] = {}
    near: dict[str, Floats] = {}
    counts: dict[str, Floats] = {}
    sums: dict[str, Floats] = {}
    bridging: dict[str, Floats] = {}
    primitive, king = np.zeros(LARGEST + 1), np.zeros(LARGEST + 1)
    for row in rows:
        for a, b, length in row.cutoffs:
            lengths.setdefault(pair_name((a, b), names), []).append(length)
        for a, b, number in row.neighbours:
            _add(near, pair_name((a, b), names), number)
        for triple, number, both in zip(row.triples, row.angles, row.sums, strict=True):
            name = "-".join(names[s] for s in triple)
            _add(counts, name, number)
            _add(sums, name, both)
        for former, bridged in row.qn:
            _add(bridging, names[former], bridged)
        if row.primitive:
            primitive, king = primitive + np.array(row.primitive), king + np.array(row.king)
    formers = sum(row.formers for row in rows)
    whole: dict[str, Floats] = {}
    for each in bridging.values():
        _add(whole, "all", each)
    reason = next((row.reason for row in rows if row.reason), None)
    return NetworkOf(
        frames=len(rows),
        cutoffs={pair: float(np.mean(values)) for pair, values in lengths.items()},
        coordination={
            pair: Neighbours(float(n @ np.arange(len(n)) / n.sum()), _shares(n)) for pair, n in near.items()
        },
        angle=np.arange(DEGREES, dtype=np.float64) + 0.5,
        angles={name: _angle(n, sums[name]) for name, n in counts.items()},
        formers=[names[s] for s in roles.formers if s in names],
        bridges=[names[s] for s in roles.bridges if s in names],
        ring_definition=DEFINITION,
        rings=None if reason else _shares(primitive),
        king_rings=None if reason else _shares(king),
        rings_per_former=None if reason else PerFormer(_each(primitive, formers), _each(king, formers)),
        qn=_shares(whole["all"]) if whole else None,
        qn_by_species={name: _shares(n) for name, n in bridging.items()} if bridging else None,
        reason=reason,
    )


def _write(subject: Subject, result: NetworkOf) -> None:
    comment = f"mean over {result.frames} frames"
    rows = [
        (pair, result.bond(pair), int(n), share)
        for pair, found in result.coordination.items()
        for n, share in found.histogram.items()
    ]
    heads = ("pair", "length", "neighbours", "share")
    tables.write_table(
        subject.table("network-coordination"),
        {head: [row[k] for row in rows] for k, head in enumerate(heads)},
        [comment, "share of the atoms of the first species with so many bonds of that length to the second"],
        subject.units,
    )
    if result.angles:
        tables.write_table(
            subject.table("network-angles"),
            {"angle (°)": result.angle} | {f"p_{t} (1/°)": a.histogram for t, a in result.angles.items()},
            [comment, "density of the angle at the middle atom"],
        )
        drawn = {t: a.histogram for t, a in result.angles.items() if result.said(t)}
        subject.draw(bonding.angles, "network-angles", result.angle, drawn)
    if result.rings_per_former is not None and result.rings is not None:
        each, king = result.rings_per_former, result.king_rings or {}
        sizes = sorted({int(n) for n in (*each.primitive, *each.king)})
        tables.write_table(
            subject.table("network-rings"),
            {"formers": sizes,
             "primitive": [result.rings.get(str(n), 0.0) for n in sizes],
             "king": [king.get(str(n), 0.0) for n in sizes],
             "primitive_per_former": [each.primitive.get(str(n), 0.0) for n in sizes],
             "king_per_former": [each.king.get(str(n), 0.0) for n in sizes]},
            [comment, f"share of the rings of up to {LARGEST} formers that have so many, and rings over formers"],
        )  # fmt: skip
        subject.draw(bonding.rings, "network-rings", result.rings, king)
    if result.qn_by_species:
        numbers = sorted({int(n) for shares in result.qn_by_species.values() for n in shares})
        tables.write_table(
            subject.table("network-qn"),
            {"n": numbers}
            | {
                f"Qn_{name}": [shares.get(str(n), 0.0) for n in numbers]
                for name, shares in result.qn_by_species.items()
            },
            [comment, "share of the formers with n bridging neighbours"],
        )
        subject.draw(bonding.bridging, "network-qn", result.qn_by_species)


def _add(total: dict[str, Floats], name: str, values: Sequence[float] | np.ndarray) -> None:
    """Add to what is there, which may be shorter or longer."""
    have, more = total.get(name, np.zeros(0)), np.asarray(values, dtype=np.float64)
    size = max(len(have), len(more))
    total[name] = np.pad(have, (0, size - len(have))) + np.pad(more, (0, size - len(more)))


def _shares(counts: Floats) -> dict[str, float]:
    return {str(n): float(count / counts.sum()) for n, count in enumerate(counts) if count}


def _each(counts: Floats, formers: int) -> dict[str, float]:
    return {str(n): float(count / formers) for n, count in enumerate(counts) if count}


def _angle(counts: Floats, sums: Floats) -> Angle:
    number = counts.sum()
    mean = sums[0] / number
    spread = np.sqrt(max(0.0, sums[1] / number - mean**2))
    return Angle(float(mean), float(spread), float(np.argmax(counts)) + 0.5, counts / number)


MEASURE = Measure(
    name="network",
    explanation="neighbours and bond angles by species; of oxides, chalcogenides and the like rings and Q^n",
    finish=finish,
    frame=frame,
    row=Row,
    frames=Subject.window,
    needs=("bonding",),
    choices=("bin_width",),
    captions={
        "network-angles": Caption("Angles between bonds, at the middle atom.", place=52),
        "network-rings": Caption("Rings of the network by the number of their formers.", place=53),
        "network-qn": Caption("Formers by the number of their bridging neighbours, Q^n.", place=54),
    },
    place=45,
)
