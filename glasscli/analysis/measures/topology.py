"""The measure `topology`: bond orders, the pruned network, classes of atoms, disclination lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glasscli.analysis.frame import Frame
from glasscli.analysis.measure import Caption, Measure
from glasscli.analysis.result import Json, Result, plain
from glasscli.analysis.subject import Subject
from glasscli.observables.topology import Network, disclinations
from glasscli.report import networks, tables
from glasscli.report.beside import number
from glasscli.report.networks import Orders
from glasscli.units import UnitNames

NAMED = 5  # classes of atoms on a line


@dataclass(frozen=True)
class Numbers:
    """Bonds, {order: how many of them}, mean order, and coordination by Euler's formula and as counted."""

    bonds: int
    bond_order: dict[str, int]
    mean_order: float | None
    euler_coordination: float | None
    mean_coordination: float

    @property
    def orders(self) -> Orders:
        """The same for a figure."""
        return Orders(self.bonds, {int(n): count for n, count in self.bond_order.items()})


@dataclass(frozen=True)
class Lines:
    """Disclination lines: bonds whose order is not 5, their length, connected pieces, the largest and the longest."""

    bonds: int
    length: float
    components: int
    largest: int
    longest: float


@dataclass(frozen=True)
class Row:
    """One frame: the network, what each sweep excluded, the modified network, classes of atoms, lines."""

    step: int
    network: Numbers
    excluded: Sequence[int]
    modified: Numbers
    classes: dict[str, float]
    irregular: float
    disclinations: Lines


@dataclass(frozen=True)
class Bonds(Result):
    """All frames; {species: radius} of the tessellation, by name, where anybody states one."""

    frames: Sequence[Row]
    radii: dict[str, float]

    @property
    def data(self) -> dict[str, Json]:
        """The numbers as JSON has them, those of the whole network beside the step."""
        return {"frames": [_flat(row) for row in self.frames], "radii": plain(self.radii)}

    def text(self, units: UnitNames) -> str:
        """Two lines about the last frame."""
        last = self.frames[-1]
        orders = ", ".join(f"{n}: {count}" for n, count in last.modified.bond_order.items())
        classes = ", ".join(f"({name}) {share:.4f}" for name, share in list(last.classes.items())[:NAMED])
        return (
            f"topology: {last.network.bonds} bonds, removed {last.excluded}; modified orders {orders}\n"
            f"          classes {classes}; irregular {last.irregular:.4f}"
        )

    def table(self, units: UnitNames) -> Sequence[tuple[str, str]]:
        """Bonds, orders and irregular atoms of the last frame."""
        last = self.frames[-1]
        q, z = last.modified.mean_order, last.modified.euler_coordination
        return [
            ("bonds, removed by each sweep", f"{last.network.bonds}, {last.excluded}"),
            ("mean order, Euler coordination", "-" if q is None else f"{q:.4f}, {number(z, '.3f')}"),
            ("irregular atoms", f"{last.irregular:.4f}"),
        ]


def frame(frame: Frame) -> Row:
    """One frame of the contract."""
    found = frame.network
    lines = disclinations(frame.configuration, found.modified)
    return Row(
        step=frame.configuration.step,
        network=_numbers(found.network),
        excluded=found.excluded,
        modified=_numbers(found.modified),
        classes=found.classes,
        irregular=found.irregular,
        disclinations=Lines(
            bonds=lines.bonds,
            length=lines.length,
            components=lines.components,
            largest=int(lines.sizes[0]) if len(lines.sizes) else 0,
            longest=float(lines.lengths.max()) if len(lines.lengths) else 0.0,
        ),
    )


def finish(subject: Subject) -> Bonds:
    """All frames; tables of orders and classes, a figure of both."""
    rows = list(MEASURE.rows(subject))
    whole, modified = [row.network.orders for row in rows], [row.modified.orders for row in rows]
    occur = sorted({n for orders in (*whole, *modified) for n in orders.counts})
    tables.write_table(
        subject.table("topology"),
        {"step": subject.steps, **subject.times, "bonds": [r.network.bonds for r in rows],
         "modified_bonds": [r.modified.bonds for r in rows],
         "mean_order": [r.network.mean_order for r in rows],
         "euler_coordination": [r.network.euler_coordination for r in rows],
         "mean_coordination": [r.network.mean_coordination for r in rows],
         "irregular": [r.irregular for r in rows],
         "disclination_bonds": [r.disclinations.bonds for r in rows],
         "disclination_length": [r.disclinations.length for r in rows],
         **{f"order_{n}": [orders.counts.get(n, 0) for orders in whole] for n in occur},
         **{f"modified_order_{n}": [orders.counts.get(n, 0) for orders in modified] for n in occur}},
        units=subject.units,
    )  # fmt: skip
    classes = _mean_classes(rows)
    tables.write_table(
        subject.table("classes"),
        {"class n4,n5,n6": list(classes), "fraction": list(classes.values())},
        [f"share of all atoms, mean over {len(rows)} frames; the rest is irregular"],
    )
    subject.draw(networks.bond_orders, "topology", whole[-1], modified[-1], classes)
    return Bonds(rows, subject.stated_radii)


def _numbers(network: Network) -> Numbers:
    return Numbers(
        bonds=len(network.bonds),
        bond_order={str(n): count for n, count in network.order_counts.items()},
        mean_order=network.mean_order,
        euler_coordination=network.euler_coordination,
        mean_coordination=network.mean_coordination,
    )


def _flat(row: Row) -> dict[str, Json]:
    values = {k: plain(v) for k, v in vars(row).items() if k not in ("step", "network")}
    return {"step": row.step, **{k: plain(v) for k, v in vars(row.network).items()}, **values}


def _mean_classes(rows: Sequence[Row]) -> dict[str, float]:
    total: dict[str, float] = {}
    for row in rows:
        for name, share in row.classes.items():
            total[name] = total.get(name, 0.0) + share / len(rows)
    ranked = sorted(total.items(), key=lambda item: (-item[1], item[0]))
    return {name: float(np.round(share, 15)) for name, share in ranked}


MEASURE = Measure(
    name="topology",
    explanation="orders of bonds in the radical network, the pruned network, classes of atoms, disclination lines",
    finish=finish,
    frame=frame,
    row=Row,
    needs=("network", "volume"),
    captions={
        "topology": Caption(
            "Orders of bonds, before and after pruning, and classes of atoms.", wide=True, place=70
        )
    },
    place=60,
    shown=35,
)
