"""Minima and the passes between them, out of the records of single transitions: each minimum and each saddle once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from glasscli.configuration import Box, Floats
from glasscli.landscape.events import way
from glasscli.landscape.record import Kept, Record
from glasscli.landscape.transition import SAME_ENERGY, SAME_PLACE


@dataclass(frozen=True)
class Pass:
    """A saddle between the minima i and j: its energy (of the whole sample) and what is kept of it.

    number       by which every table calls it
    transitions  numbers of the transitions that cross it; none of a search
    """

    number: int
    i: int
    j: int
    energy: float
    step: Kept
    transitions: list[int] = field(default_factory=list)

    @property
    def forward(self) -> float:
        """Barrier from i."""
        return self.step.forward

    @property
    def backward(self) -> float:
        """Barrier from j."""
        return self.step.backward


@dataclass
class Network:
    """energies of the minima by number (nan: not known in this potential), and the passes, each once; seen: how often
    each pass was met.
    """

    box: Box
    spacing: float
    tolerance: float = 1.0
    energies: dict[int, float] = field(default_factory=dict)
    places: dict[int, Floats] = field(default_factory=dict)
    passes: list[Pass] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)

    def put(self, number: int, positions: Floats, energy: float) -> None:
        """Give a minimum its number."""
        self.energies.setdefault(number, energy)
        self.places.setdefault(number, positions)

    def number(self, positions: Floats, energy: float) -> int:
        """The number of a minimum; a new one beyond all others."""
        for k, other in self.energies.items():
            if abs(other - energy) < SAME_ENERGY * self.tolerance and self._near(
                self.places[k], positions, SAME_PLACE
            ):
                return k
        k = max(self.energies, default=-1) + 1
        self.put(k, positions, energy)
        return k

    def add(self, step: Kept, transition: int | None = None) -> Pass:
        """Add a step of a transition; the pass it is, met before or new."""
        left, top, right = step.energies
        i, j = self.number(step.left, left), self.number(step.right, right)
        for k, old in enumerate(self.passes):
            if {old.i, old.j} == {i, j} and abs(old.energy - top) < SAME_ENERGY * self.tolerance:
                self.seen[k] += 1
                if transition is not None and transition not in old.transitions:
                    old.transitions.append(transition)
                return old
        found = Pass(len(self.passes), i, j, float(top), step, [] if transition is None else [transition])
        self.passes.append(found)
        self.seen.append(1)
        return found

    def _near(self, a: Floats, b: Floats, place: float) -> bool:
        return float(np.abs(way(a, b, self.box)).max()) < place * min(self.tolerance, 5.0) * self.spacing

    @property
    def once(self) -> int:
        """Passes met once only."""
        return sum(count == 1 for count in self.seen)


def network(
    ends: Iterable[tuple[int, int, int, Record]],
    minima: int,
    box: Box,
    spacing: float,
    tolerance: float = 1.0,
) -> Network:
    """Return the network of records [(number, i, j, record)] of transitions between `minima` numbered minima.

    Minima that transitions of several steps pass on their way are numbered after those.
    """
    out = Network(box, spacing, tolerance)
    known = list(ends)
    for _, i, j, record in known:
        if record.start is not None and record.end is not None:
            out.put(i, record.start, record.start_energy)
            out.put(j, record.end, record.end_energy)
    if not minima:
        return out
    # Later numbers follow those of the trajectory even where its last minima have no record yet.
    out.energies.setdefault(minima - 1, float("nan"))
    out.places.setdefault(minima - 1, np.full((1, 3), np.nan))
    for number, _, _, record in known:
        for step in record.passes:
            out.add(step, number)
    return out
