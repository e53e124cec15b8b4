"""From one minimum to another over saddles: as many steps as it takes, each checked.

A band between the two minima shows where the first pass lies, eigenvector following finds its saddle, and the two
minima below that saddle say whether it is the whole way. Where it is not, the missing pieces are treated alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from glasscli.configuration import Box, Floats
from glasscli.engine.descent import Rest
from glasscli.landscape import band as bands
from glasscli.landscape.descent import descend
from glasscli.landscape.rates import Curvatures, attempt_frequency, curvatures
from glasscli.landscape.saddle import Saddle, follow
from glasscli.landscape.surface import Surface

# Two minima are one when no atom is further than this share of the spacing from its other place ...
SAME_PLACE = 0.01
# ... and their energies differ by no more than this, in units of the energy of a bond.
SAME_ENERGY = 1e-6
IMAGES, ROUGH, MAX_SADDLES, MAX_DEPTH = 9, 70, 12, 5
PATH_IMAGES, PATH_STEPS, BEYOND = 8, 80, 4


@dataclass(frozen=True)
class Step:
    """One saddle and its two minima, energies of the whole sample.

    max_force   of the saddle
    end_error   the larger of |E(minimum from the saddle) - E(given minimum)| where it was given
    frequencies [2] Vineyard's attempt frequencies forward and backward, nan where they have no meaning
    length      of the path through the saddle, in the system's length
    mass_path   [m] arc length of the path from the left minimum, mass-weighted, with BEYOND points beyond each minimum
    path_energy [m] above the left minimum; path_slope [m] dV/ds
    curvature   [2] mass-weighted curvature along the path at both minima
    """

    left: Floats
    saddle: Floats
    right: Floats
    energies: tuple[float, float, float]
    max_force: float
    negative: int
    negative_square: float
    end_error: float
    frequencies: tuple[float, float]
    length: float
    mass_path: Floats
    path_energy: Floats
    path_slope: Floats
    end_curvatures: tuple[float, float]


@dataclass
class Connection:
    """Steps from start to end in order; complete when they join. start, end: the minima re-minimised."""

    start: Rest
    end: Rest
    steps: list[Step] = field(default_factory=list)
    complete: bool = False
    merged: bool = False


@dataclass(frozen=True)
class Crossing:
    """A saddle and the minima on both sides of it."""

    saddle: Saddle
    left: Rest
    right: Rest
    curved: Curvatures


def between(start: Floats, end: Floats, box: Box) -> Floats:
    """[n, 3] the shortest way from one configuration to the other without drift, and without turning a free cluster."""
    if (np.ptp(box.fractional(start), axis=0) < 0.5).all():
        centre = start.mean(axis=0)
        a, b = start - centre, box.minimum_image(end - end[0])
        b = b - b.mean(axis=0)
        left, _, right = np.linalg.svd(b.T @ a)
        flip = np.diag([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
        return np.asarray(b @ (left @ flip @ right) - a)
    d = box.minimum_image(end - start)
    return np.asarray(d - d.mean(axis=0))


def same(surface: Surface, a: Rest, b: Rest, tolerance: float = 1.0) -> bool:
    """Whether two minima are one."""
    if abs(a.energy - b.energy) > SAME_ENERGY * tolerance:
        return False
    d = between(a.positions, b.positions, surface.atoms.box)
    return float(np.abs(d).max()) < SAME_PLACE * min(tolerance, 5.0) * surface.spacing


def connect(
    surface: Surface, start: Floats, end: Floats, tolerance: float = 1.0, rates: bool = True
) -> Connection:
    """Find the way between the minima below `start` and `end` [n, 3].

    tolerance  factor on when two minima are one, above 1 for potentials that let forces no lower
    """
    first = descend(surface, start)
    last = descend(surface.fresh(), end)
    last = Rest(
        first.positions + between(first.positions, last.positions, surface.atoms.box),
        last.energy,
        last.max_force,
    )
    found = Connection(first, last)
    if same(surface, first, last, tolerance):
        found.merged = True
        return found
    work = _Work(surface, tolerance, bands.stiffness(surface, first.positions))
    passes = work.way(first, last, 0)
    found.complete = passes is not None
    passes = work.without_loops(first, passes) if passes is not None else None
    for one in passes if passes is not None else work.found:
        found.steps.append(measured(surface, one, work.stiffness, (first, last), rates, tolerance))
    return found


class _Work:
    def __init__(self, surface: Surface, tolerance: float, stiffness: float) -> None:
        self.surface, self.tolerance, self.stiffness = surface, tolerance, stiffness
        self.found: list[Crossing] = []

    def way(self, a: Rest, b: Rest, depth: int) -> list[Crossing] | None:
        """Passes from a to b, or None."""
        if same(self.surface, a, b, self.tolerance):
            return []
        for known in self.found:
            for one in (known, turned(known)):
                if same(self.surface, one.left, a, self.tolerance) and same(
                    self.surface, one.right, b, self.tolerance
                ):
                    return [one]
        if depth > MAX_DEPTH or len(self.found) >= MAX_SADDLES:
            return None
        for one in self._passes(a, b):
            backward = same(self.surface, one.right, a, self.tolerance) or same(
                self.surface, one.left, b, self.tolerance
            )
            one = turned(one) if backward else one
            self.found.append(one)
            before = self.way(a, one.left, depth + 1)
            after = self.way(one.right, b, depth + 1) if before is not None else None
            if before is not None and after is not None:
                return [*before, one, *after]
            if len(self.found) >= MAX_SADDLES:
                break
        return None

    def without_loops(self, first: Rest, passes: list[Crossing]) -> list[Crossing]:
        """The same way, of which a part that comes back to where it began is left out."""
        out: list[Crossing] = []
        stops = [first]
        for one in passes:
            out.append(one)
            stops.append(one.right)
            back = next(
                (k for k, s in enumerate(stops[:-1]) if same(self.surface, s, one.right, self.tolerance)),
                None,
            )
            if back is not None:
                out, stops = out[:back], stops[: back + 1]
        return out

    def _passes(self, a: Rest, b: Rest) -> Iterator[Crossing]:
        """Passes that the band between two minima shows; a finer band when the first gives none."""
        box = self.surface.atoms.box
        d = between(a.positions, b.positions, box)
        images = bands.straight(a.positions, a.positions + d, IMAGES)
        for effort, (steps, residual) in enumerate(((ROUGH, 0.5), (3 * ROUGH, 0.05))):
            if effort:
                images = _finer(images)
            found = bands.relax(self.surface, images, self.stiffness, steps, residual, climb=effort > 0)
            images = found.images
            tops = [
                k for k in range(1, len(images) - 1)
                if found.energies[k] >= max(found.energies[k - 1], found.energies[k + 1])
            ]  # fmt: skip
            for k in sorted(tops or [found.top], key=lambda k: -found.energies[k])[:2]:
                one = self._pass(images[k], found.tangent(k))
                if one is None or same(self.surface, one.left, one.right, self.tolerance):
                    continue
                new = not any(_equal(one, old, box) for old in self.found)
                if new:
                    yield one
                    return

    def _pass(self, positions: Floats, tangent: Floats) -> Crossing | None:
        saddle = follow(self.surface.fresh(), positions, tangent)
        return None if saddle is None else descents(self.surface, saddle)


def descents(surface: Surface, saddle: Saddle) -> Crossing | None:
    """The minima on both sides of a saddle; None when a side does not fall, or it is a saddle of higher order."""
    push = 0.05 * surface.spacing / float(np.abs(saddle.mode).max()) * saddle.mode
    sides = [descend(surface.fresh(), saddle.positions + sign * push) for sign in (-1, 1)]
    if any(s.energy >= saddle.energy for s in sides):
        return None
    curved = curvatures(surface, saddle.positions, saddle.mode)
    return Crossing(saddle, sides[0], sides[1], curved) if curved.negative == 1 else None


def turned(one: Crossing) -> Crossing:
    """The same, seen from the other side."""
    return replace(one, left=one.right, right=one.left)


def _equal(a: Crossing, b: Crossing, box: Box) -> bool:
    if abs(a.saddle.energy - b.saddle.energy) > 1e-6:
        return False
    return float(np.abs(between(a.saddle.positions, b.saddle.positions, box)).max()) < 1e-3


def _finer(images: Floats) -> Floats:
    """A band of nearly twice as many images."""
    middle = (images[1:] + images[:-1]) / 2
    out = np.empty((len(images) + len(middle), *images.shape[1:]))
    out[::2], out[1::2] = images, middle
    return out


def measured(
    surface: Surface, one: Crossing, stiffness: float, given: Sequence[Rest], rates: bool,
    tolerance: float = 1.0,
) -> Step:  # fmt: skip
    """Everything about one pass. given: minima it may end at."""
    saddle = one.saddle
    parts = []
    for rest in (one.left, one.right):
        halves = bands.straight(rest.positions, saddle.positions, PATH_IMAGES)
        parts.append(bands.relax(surface, halves, stiffness, PATH_STEPS, 0.05, climb=False))
    images = np.concatenate([parts[0].images, parts[1].images[-2::-1]])
    energies = np.concatenate([parts[0].energies, parts[1].energies[-2::-1]])
    forces = np.concatenate([parts[0].forces, parts[1].forces[-2::-1]])
    # Beyond the minima straight on: what the outer walls look like.
    before, after = (_beyond(surface, images[::sign][:PATH_IMAGES]) for sign in (1, -1))
    images = np.concatenate([before[0][::-1], images, after[0]])
    energies = np.concatenate([before[1][::-1], energies, after[1]])
    forces = np.concatenate([before[2][::-1], forces, after[2]])
    left, right = BEYOND, len(images) - 1 - BEYOND
    root = np.sqrt(surface.masses)[:, None]
    lengths = np.linalg.norm((np.diff(images, axis=0) * root).reshape(len(images) - 1, -1), axis=1)
    path = np.concatenate([[0.0], np.cumsum(lengths)])
    path -= path[left]
    along = bands.tangents(images, energies)
    along[: left + 1], along[right:] = along[0], along[-1]
    # dx/ds of the mass-weighted arc: the tangent over its own mass-weighted length.
    along /= np.linalg.norm((along * root).reshape(len(images), -1), axis=1)[:, None, None]
    slope = -np.sum((forces * along).reshape(len(images), -1), axis=1)
    ends = []
    for k in (left, right):
        t = along[k]
        ends.append(float(t.ravel() @ surface.fresh().product(images[k])(t)))
    frequencies = [float("nan")] * 2
    if rates:
        for k, rest in enumerate((one.left, one.right)):
            frequencies[k] = attempt_frequency(curvatures(surface, rest.positions), one.curved) or float(
                "nan"
            )
    errors = [abs(rest.energy - g.energy) for rest in (one.left, one.right) for g in given
              if same(surface, rest, g, tolerance)]  # fmt: skip
    return Step(
        one.left.positions, saddle.positions, one.right.positions,
        (one.left.energy, saddle.energy, one.right.energy), saddle.max_force,
        one.curved.negative, one.curved.negative_square,
        max(errors, default=0.0), (frequencies[0], frequencies[1]),
        float(np.linalg.norm(np.diff(images[left : right + 1], axis=0).reshape(right - left, -1), axis=1).sum()),
        path, energies - energies[left], slope, (ends[0], ends[1]),
    )  # fmt: skip


def _beyond(surface: Surface, images: Floats) -> tuple[Floats, Floats, Floats]:
    """BEYOND images before the first of a band, straight on, with energies and forces."""
    step = images[0] - images[1]
    out = np.array([images[0] + k * step for k in range(1, BEYOND + 1)])
    found = [surface.evaluate(x) for x in out]
    return out, np.array([energy for energy, _ in found]), np.array([f for _, f in found])
