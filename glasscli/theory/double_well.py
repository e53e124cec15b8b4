"""Tunnelling along a path between two minima, from V(s) in mass-weighted length: -hbar^2/2 d^2/ds^2 + V(s).

The two lowest levels of a double well are those of a two-level system, E = 2 (Delta^2 + J^2)^(1/2) (Klinger 3.15 with
the power 1/2 that the print lost); Delta and J are those of each well with its mirror image (`mirrored`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from glasscli.errors import InputError
from glasscli.theory.anharmonic import solve
from glasscli.theory.mirrored import well_alone

Floats = NDArray[np.float64]

# Quanta above the top to which the outer walls rise.
QUANTA = 14.0
# Barriers above the top up to which points beyond a minimum are believed: higher lies only the overlap of atoms.
WALL = 3.0
LEVELS = 24


class _Piece:
    """V(s) through points [m] with slopes; bends [2]: V'' at both ends, None where it is not known."""

    def __init__(self, s: Floats, V: Floats, slope: Floats, first: float | None, last: float | None) -> None:
        ends = tuple((2, 0.0) if bend is None else (1, bend) for bend in (first, last))
        derivative = CubicSpline(s, slope, bc_type=ends)
        self.bend = derivative.derivative()
        self._integral = derivative.antiderivative()
        self._rest = CubicSpline(s, V - self._integral(s), bc_type="clamped")

    def __call__(self, s: Floats) -> Floats:
        return np.asarray(self._integral(s) + self._rest(s))


def _wall(V: Floats, slope: Floats, high: float) -> int:
    """How many points of a wall, from its minimum [0] outward, rise and do not pass `high`."""
    good = np.isfinite(V) & np.isfinite(slope) & (high >= V) & (slope >= 0)
    good[1:] &= np.diff(V) > 0
    return int(np.argmin(good)) - 1 if not good.all() else len(V) - 1


class Path:
    """V(s) through points with known slopes, smooth between them; parabolas beyond both ends.

    s [m] ascending, V [m], slope [m] = dV/ds; minima: which two points are the minima; curvatures [2]: V'' there.
    Points beyond the minima shape the outer walls, up to where atoms begin to overlap: those that lie more than WALL
    barriers above the top, or from which it goes down again, are left out. Without any these are the parabolas of the
    minima. Each wall is a curve of its own from its minimum on, so that its steepness cannot bend the well.
    Raises InputError for fewer than five points, what is not finite, or a path without a barrier between its minima.
    """

    def __init__(
        self,
        s: Floats,
        V: Floats,
        slope: Floats,
        curvatures: tuple[float, float],
        minima: tuple[int, int] | None = None,
    ) -> None:
        s, V, slope = (np.asarray(a, float) for a in (s, V, slope))
        if len(s) < 5 or not (s.shape == V.shape == slope.shape):
            raise InputError("a path needs five points or more, each with an energy and a slope")
        left, right = minima or (0, len(s) - 1)
        within = np.s_[left : right + 1]
        if not (
            np.isfinite([s[within], V[within], slope[within]]).all()
            and np.isfinite(curvatures).all()
            and (np.diff(s) > 0).all()
        ):
            raise InputError("a path needs finite numbers at ascending lengths")
        top = left + int(np.argmax(V[within]))
        if top in (left, right):
            raise InputError("the path has no barrier between its minima")
        # A flat minimum would not hold a state: no softer than the parabola through a tenth of the barrier.
        floor = [0.2 * (V[top] - V[k]) / (s[right] - s[left]) ** 2 for k in (left, right)]
        self.curvatures = (max(curvatures[0], floor[0]), max(curvatures[1], floor[1]))
        slope = slope.copy()
        slope[[left, right]] = 0.0
        high = V[top] + WALL * (V[top] - min(V[left], V[right]))
        first, last = _wall(V[left::-1], -slope[left::-1], high), _wall(V[right:], slope[right:], high)
        first, last = left - first, right + last
        knots = sorted({first, left, right, last})
        bend = {left: self.curvatures[0], right: self.curvatures[1]}
        self._pieces = [
            _Piece(s[a : b + 1], V[a : b + 1], slope[a : b + 1], bend.get(a), bend.get(b))
            for a, b in pairwise(knots)
        ]
        self._joints = s[knots[1:-1]]
        self.s, self.wells, self.ends = (
            s[first : last + 1],
            (float(s[left]), float(s[right])),
            (float(V[left]), float(V[right])),
        )
        # Beyond the last points the walls go on as they came, and never bend back.
        self._walls = tuple(
            (float(V[k]), float(slope[k]), max(self._pieces[end].bend(s[k]), self.curvatures[end]))
            for k, end in ((first, 0), (last, -1))
        )
        fine = np.linspace(s[max(top - 2, left)], s[min(top + 2, right)], 2001)
        values = self._inside(fine)
        self.top, self.height = float(fine[np.argmax(values)]), float(values.max())

    def _inside(self, s: Floats) -> Floats:
        which = np.searchsorted(self._joints, s)
        return np.asarray(
            np.select([which == k for k in range(len(self._pieces))], [piece(s) for piece in self._pieces])
        )

    def __call__(self, s: Floats) -> Floats:
        """V(s)."""
        s = np.asarray(s, float)
        left, right = np.minimum(s - self.s[0], 0), np.maximum(s - self.s[-1], 0)
        out = self._inside(np.clip(s, self.s[0], self.s[-1]))
        for (_, slope, bend), beyond in zip(self._walls, (left, right), strict=True):
            out = out + slope * beyond + bend * beyond**2 / 2
        return np.asarray(out)

    def interval(self, hbar: float) -> tuple[float, float]:
        """Where the walls are high enough."""
        high = self.height + QUANTA * hbar * float(np.sqrt(max(self.curvatures)))
        out = []
        for k, sign in ((0, -1.0), (-1, 1.0)):
            value, slope, bend = self._walls[k]
            rise, slope = max(high - value, 0), max(sign * slope, 0.0)
            out.append(float(self.s[k]) + sign * (float(np.sqrt(slope**2 + 2 * bend * rise)) - slope) / bend)
        return out[0], out[1]


@dataclass(frozen=True)
class DoubleWell:
    """Energies in the unit of V.

    levels        the lowest levels of the whole potential, above the lowest of them
    ground        [2] lowest level of the left and of the right well alone
    splitting     2 (asymmetry^2 + tunnelling^2)^(1/2)
    asymmetry     half the difference of the wells' levels
    tunnelling    J, zero where it is below the range of doubles; exponent: lambda in J = hbar omega exp(-lambda)
    wkb           J by WKB, the geometric mean over the wells as J is
    quantum       hbar omega of both wells, geometric mean
    """

    levels: Floats
    ground: tuple[float, float]
    splitting: float
    asymmetry: float
    tunnelling: float
    exponent: float
    wkb: float
    quantum: float


def double_well(path: Path, hbar: float, levels: int = LEVELS) -> DoubleWell | None:
    """Return the two-level system of a path; None where a well's lowest level lies above the barrier.

    hbar in (energy of V) x time, with s in length x mass^(1/2) of the same units.
    """
    if not 0 < hbar < np.inf:
        raise InputError("the quantum of action must be finite and greater than zero")
    left, right = (well_alone(path, hbar, side) for side in (0, 1))
    if left is None or right is None:
        return None
    quantum = float(np.sqrt(left.quantum * right.quantum))
    log_J = (left.log_amplitude + right.log_amplitude) / 2
    J, Delta = float(np.exp(log_J)), abs(right.level - left.level) / 2
    found = solve(
        path, levels, path.interval(hbar), stiffness=hbar**2 / 2, tolerance=1e-5, points=160
    ).energies
    return DoubleWell(
        found - found[0], (left.level, right.level), 2 * float(np.hypot(Delta, J)), Delta, J,
        float(np.log(quantum)) - log_J, float(np.exp((left.log_wkb + right.log_wkb) / 2)), quantum,
    )  # fmt: skip


@dataclass(frozen=True)
class Quartic:
    """V = A (eta x^2 + xi x^3 + x^4) fitted to a path from its deeper minimum, x = s/(M^(1/2) a); residual: r.m.s."""

    A: float
    eta: float
    xi: float
    residual: float


def quartic(path: Path, mass: float, length: float) -> Quartic | None:
    """Fit a path between its minima. mass: effective mass of the motion; length: a. None when V would not rise.

    Raises InputError unless mass and length are greater than zero.
    """
    if not (mass > 0 and length > 0):
        raise InputError("mass and length must be greater than zero")
    s = np.linspace(*path.wells, 401)
    V = path(s)
    deep = 0 if path.ends[0] <= path.ends[1] else -1
    y, V = (s - s[deep]) * (1 if deep == 0 else -1), V - V[deep]
    c, *_ = np.linalg.lstsq(np.column_stack([y**2, y**3, y**4]), V, rcond=None)
    if c[2] <= 0:
        return None
    unit = float(np.sqrt(mass)) * length
    A = float(c[2]) * unit**4
    residual = float(np.sqrt(np.mean((np.column_stack([y**2, y**3, y**4]) @ c - V) ** 2)))
    return Quartic(A, float(c[0]) * unit**2 / A, float(c[1]) * unit**3 / A, residual)


def heat_capacity(levels: list[Floats], T: Floats) -> Floats:
    """[n_wells, n_T] heat capacity in k_B of each system of levels (above its lowest), T in the unit of energy."""
    T = np.asarray(T, float)
    out = np.empty((len(levels), len(T)))
    for k, E in enumerate(levels):
        weights = np.exp(-E[:, None] / T)
        total = weights.sum(axis=0)
        mean = (weights * E[:, None]).sum(axis=0) / total
        out[k] = ((weights * E[:, None] ** 2).sum(axis=0) / total - mean**2) / T**2
    return out
