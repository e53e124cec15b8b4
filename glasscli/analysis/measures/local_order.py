"""The measure `local-order`: bond-orientational order, pair entropy and tetrahedrality of every atom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from glasscli.analysis.frame import Frame
from glasscli.analysis.measure import Measure
from glasscli.analysis.result import Result
from glasscli.analysis.subject import Subject
from glasscli.configuration import Configuration, Floats
from glasscli.errors import InputError
from glasscli.formats.names import named
from glasscli.observables.bond_orientation import bond_order
from glasscli.observables.local_order import pair_entropy, tetrahedrality
from glasscli.observables.shells import shells
from glasscli.report import tables
from glasscli.units import UnitNames

DEGREES = (4, 6)


@dataclass(frozen=True)
class Row:
    """One frame: {quantity: mean over all atoms}, {species: {quantity: mean over its atoms}}; why there are none."""

    step: int
    means: dict[str, float]
    by_species: dict[str, dict[str, float]]
    refused: str = ""


@dataclass(frozen=True)
class LocalOrder(Result):
    """Means over the atoms of the last frame, with their deviations, and means over all frames.

    neighbours by solid angles (see `observables.shells`); q_l, w_l: Steinhardt's; q_l_averaged: over an atom and its
    neighbours; s2: pair entropy, in k; tetrahedrality: 1 in diamond
    """

    last: dict[str, float]
    deviation: dict[str, float]
    mean: dict[str, float]
    by_species: dict[str, dict[str, float]]

    def text(self, units: UnitNames) -> str:
        """One line."""
        return "local order, last: " + ", ".join(f"{name} {value:.4f}" for name, value in self.last.items())

    def table(self, units: UnitNames) -> Sequence[tuple[str, str]]:
        """The same as rows."""
        return [(f"{name}, last", f"{value:.4f}") for name, value in self.last.items()]

    def compared(self, units: UnitNames) -> Mapping[str, float]:
        """Of each file."""
        return {f"{name}, last": value for name, value in self.last.items()}


def local_order(configuration: Configuration) -> dict[str, Floats]:
    """{quantity: [n_atoms]} of a configuration; without a pair entropy where no volume is filled, or too small a one.

    Raises InputError where it holds no shells of neighbours.
    """
    found = shells(configuration)
    values: dict[str, Floats] = {"neighbours": found.counts.astype(np.float64)}
    for degree in DEGREES:
        order = bond_order(found, degree)
        values |= {f"q{degree}": order.q, f"w{degree}": order.w, f"q{degree}_averaged": order.averaged}
    with suppress(InputError):
        values["s2"] = pair_entropy(configuration)
    return values | {"tetrahedrality": tetrahedrality(configuration)}


def frame(frame: Frame) -> Row:
    """Means of one frame."""
    c = frame.configuration
    try:
        values = local_order(c)
    except InputError as refused:
        return Row(c.step, {}, {}, str(refused))
    by_species = {
        str(s): {name: float(own[c.species == s].mean()) for name, own in values.items()} for s in c.counts
    }
    return Row(c.step, {name: float(own.mean()) for name, own in values.items()}, by_species)


def finish(subject: Subject) -> LocalOrder | None:
    """The course of the means, and every atom of the last frame, as tables."""
    rows = list(MEASURE.rows(subject))
    if refused := next((row.refused for row in rows if row.refused), ""):
        subject.notes.append(f"{subject.path}: no local order: {refused}")
        return None
    names = list(rows[-1].means)
    tables.write_frames(
        subject.table("local-order"), subject.steps,
        {**subject.times, **{name: np.array([row.means.get(name, np.nan) for row in rows]) for name in names}},
    )  # fmt: skip
    last = subject.trajectory[-1]
    values = local_order(last)
    species = named(last.species, subject.labels)
    tables.write_table(
        subject.table("local-order-atoms"),
        {"id": last.identifiers, "species": species, **values},
        units=subject.units,
    )
    subject.keep |= {f"local_order/{name}": own.astype("<f4") for name, own in values.items()}
    return LocalOrder(
        last=rows[-1].means,
        deviation={name: float(own.std()) for name, own in values.items()},
        mean={name: float(np.mean([row.means.get(name, np.nan) for row in rows])) for name in names},
        by_species={subject.labels[int(s)]: means for s, means in rows[-1].by_species.items()},
    )


MEASURE = Measure(
    name="local-order",
    explanation="of every atom: Steinhardt q4, q6, w4, w6, averaged q4 and q6, pair entropy s2, tetrahedrality",
    finish=finish,
    frame=frame,
    row=Row,
    place=85,
)
