"""Which inherent structures a trajectory visits, and what moves between them.

Two inherent structures are one when their energies agree and no atom lies elsewhere: energy alone would take mirror
images and like rearrangements of other atoms for one. A transition is a pair of consecutive frames in different
minima; the same rearrangement met again, in whatever surroundings, is one event.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Box, Configuration, Floats, spacing_of
from glasscli.simulation.harvest import CORE, ENERGY, LINK, PLACE
from glasscli.simulation.harvest import way as way

# Displacement fields with a larger cosine, and lengths within the same share, are one event.
ALIKE = 0.95
# A string: an atom goes towards a neighbour, to this cosine, which makes way for it.
ALONG = 0.75
STRING, COMPACT = "string-like", "compact"


@dataclass(frozen=True)
class Minimum:
    """An inherent structure: its first frame, its energy (of the whole sample), how often it was met."""

    frame: int
    energy: float
    visits: int


@dataclass(frozen=True)
class Event:
    """A transition between the minima i and j, met first between the frames `frames`.

    dE        energy change of the whole sample
    atoms     participation number of the displacement field, (sum u^2)^2 / sum u^4
    movers    [m] atoms that move most, as many as participate, farthest first
    distance  largest displacement of an atom; length: sqrt(sum u^2)
    kind      string-like when half of the core or more, and three atoms at least, follow each other in one chain
    string    atoms in that chain
    waiting   [w] steps from arrival in i to each departure to j
    same_as   number of the first transition with the same displacement field, or of this one
    """

    i: int
    j: int
    frames: tuple[int, int]
    dE: float
    atoms: float
    movers: NDArray[np.int64]
    distance: float
    length: float
    kind: str
    string: int
    waiting: list[int] = field(default_factory=list)
    same_as: int = -1


@dataclass(frozen=True)
class Events:
    """Minima in the order of their first visit, the minimum of each frame [n_frames], and the transitions."""

    minima: list[Minimum]
    visited: list[int]
    steps: list[int]
    transitions: list[Event]

    @property
    def distinct(self) -> list[int]:
        """Numbers of the transitions whose displacement field was not met before."""
        return [k for k, event in enumerate(self.transitions) if event.same_as == k]

    @property
    def string_share(self) -> float:
        """Share of distinct transitions that are string-like; nan without any."""
        kinds = [self.transitions[k].kind == STRING for k in self.distinct]
        return float(np.mean(kinds)) if kinds else float("nan")


def find(
    frames: Iterable[tuple[Configuration, float]], place: float = PLACE, energy: float = ENERGY
) -> Events:
    """Return the events of a sequence of (inherent structure, energy of the whole sample).

    place   of the mean spacing, the largest displacement within one minimum
    energy  the largest difference of energies within one minimum
    """
    minima: list[Minimum] = []
    places: list[Floats] = []
    visited: list[int] = []
    steps: list[int] = []
    found: dict[tuple[int, int], int] = {}
    events: list[Event] = []
    fields: list[Floats] = []
    arrived = 0
    for number, (atoms, value) in enumerate(frames):
        reach = place * atoms.spacing
        # The one before first: most frames stay.
        order = sorted(range(len(minima)), key=lambda m: (m != (visited[-1] if visited else -1), -m))
        here = next(
            (m for m in order if abs(minima[m].energy - value) < energy
             and np.abs(way(places[m], atoms.positions, atoms.box)).max() < reach), len(minima),
        )  # fmt: skip
        if here == len(minima):
            minima.append(Minimum(number, value, 0))
            places.append(atoms.positions)
        old = minima[here]
        minima[here] = Minimum(old.frame, old.energy, old.visits + 1)
        if visited and visited[-1] != here:
            i, j = visited[-1], here
            waited = atoms.step - arrived
            if (i, j) in found:
                events[found[i, j]].waiting.append(waited)
            else:
                u = way(places[i], places[j], atoms.box)
                k = len(events)
                first = next((m for m, other in enumerate(fields) if alike(u, other)), k)
                found[i, j] = k
                fields.append(u)
                shape = describe(places[i], u, atoms.box)
                events.append(
                    Event(i, j, (minima[i].frame, minima[j].frame), minima[j].energy - minima[i].energy, *shape,
                          waiting=[waited], same_as=events[first].same_as if first < k else k)
                )  # fmt: skip
            arrived = atoms.step
        visited.append(here)
        steps.append(atoms.step)
    return Events(minima, visited, steps, events)


def alike(u: Floats, v: Floats) -> bool:
    """Whether two displacement fields are one rearrangement, forward or backward."""
    a, b = float(np.linalg.norm(u)), float(np.linalg.norm(v))
    return abs(a - b) < (1 - ALIKE) * max(a, b) and abs(float(np.sum(u * v))) > ALIKE * a * b


def describe(
    positions: Floats, u: Floats, box: Box
) -> tuple[float, NDArray[np.int64], float, float, str, int]:
    """atoms, movers, distance, length, kind and string of a displacement field [n, 3]."""
    squares = np.einsum("ij,ij->i", u, u)
    number = float(squares.sum() ** 2 / (squares**2).sum())
    movers = np.argsort(-squares, kind="stable")[: max(1, round(number))].astype(np.int64)
    core = movers[squares[movers] > CORE**2 * squares.max()]
    spacing = spacing_of(positions, box)
    string = max(
        longest_string(positions[core] + u[core] * back, (1 - 2 * back) * u[core], box, spacing)
        for back in (0, 1)
    )
    kind = STRING if string >= 3 and 2 * string >= len(core) else COMPACT
    return number, movers, float(np.sqrt(squares.max())), float(np.sqrt(squares.sum())), kind, string


def longest_string(positions: Floats, u: Floats, box: Box, spacing: float) -> int:
    """Atoms in the longest chain of which each moves towards where the next was.

    The criterion of C. Donati et al., Phys. Rev. Lett. 80, 2338 (1998), that an atom takes the place of another,
    relaxed to atoms that go a part of the way: towards the other, which does not come to meet it. Strings may bend.
    """
    n = len(positions)
    d = box.minimum_image(positions[None] - positions[:, None])
    r = np.linalg.norm(d, axis=2) + np.eye(n)
    directions = u / np.linalg.norm(u, axis=1)[:, None]
    ahead = np.einsum("ijk,ik->ij", d, directions) / r
    follows = np.einsum("ijk,jk->ij", d, directions) / r
    link = (r < LINK * spacing) & (ahead > ALONG) & (follows > 0) & ~np.eye(n, dtype=bool)
    # A walk visits no atom twice, and goes where the next place is met best.
    best = 1
    for start in range(n):
        chain, here = {start}, start
        while True:
            nexts = [k for k in np.flatnonzero(link[here]) if k not in chain]
            if not nexts:
                break
            here = int(max(nexts, key=lambda k: ahead[here, k] + follows[here, k]))
            chain.add(here)
        best = max(best, len(chain))
    return best
