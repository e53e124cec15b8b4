"""The amplitude J of one well of a double well, by itself: the well joined to its own mirror image.

Mirrored at the top of the barrier, a well is a symmetric double well, whose even and odd states give the level of the
well alone and its amplitude. Of two unlike wells Delta is half the difference of the levels and J the geometric mean of
the amplitudes (C. Herring, Rev. Mod. Phys. 34, 631 (1962)). This is what J and lambda mean everywhere here, at all
sizes: the amplitude is never a difference of levels. With the states real on the half line y > 0 beyond the mirror,

    E_odd - E_even = (hbar^2/2) even(0) odd'(0)/int_0^inf even odd dy

holds exactly, and every factor is made of positive terms, so that one formula serves from J ~ hbar omega down to where
exp(-lambda) is no longer a number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from glasscli.errors import GlassError
from glasscli.theory.anharmonic import Function, symmetric_pair

Floats = NDArray[np.float64]

# Steps of Numerov's integration: so many for each e-fold of the decay below the barrier, within these bounds.
PER_DECAY, LEAST_STEPS, MOST_STEPS = 20, 2000, 100_000


class TwoWells(Protocol):
    """A potential with two wells: V(s), its barrier's place and height, places, V and V'' of both minima (left, right).

    interval(hbar)   where its walls are high enough for the lowest levels
    """

    top: float
    height: float
    wells: tuple[float, float]
    ends: tuple[float, float]
    curvatures: tuple[float, float]

    def __call__(self, s: Floats) -> Floats:
        """V(s)."""

    def interval(self, hbar: float) -> tuple[float, float]:
        """Left and right wall."""


@dataclass(frozen=True)
class Side:
    """One well with its mirror image: its level, hbar omega, and ln of the amplitude, exact and by WKB."""

    level: float
    quantum: float
    log_amplitude: float
    log_wkb: float


def well_alone(path: TwoWells, hbar: float, side: int) -> Side | None:
    """The left (side 0) or right (1) well by itself; None when its level is above the barrier."""
    low, high = path.interval(hbar)
    reach = path.top - low if side == 0 else high - path.top
    sign = -1.0 if side == 0 else 1.0
    zero = path.ends[side]

    def mirrored(y: Floats) -> Floats:
        return path(path.top + sign * np.abs(y)) - zero

    try:
        pair = symmetric_pair(mirrored, reach, hbar**2 / 2, tolerance=1e-9)
    except GlassError:
        pair = symmetric_pair(mirrored, reach, hbar**2 / 2, tolerance=1e-5)
    level = float(pair.mean()) + zero
    if level >= path.height:
        return None
    quantum, well = hbar * float(np.sqrt(path.curvatures[side])), abs(path.wells[side] - path.top)
    y = np.linspace(0, well, 8001)
    beneath = np.maximum(mirrored(y) - float(pair.mean()), 0)
    theta = float(np.sqrt(2 * beneath).sum() * (y[1] - y[0])) / hbar
    exact = _log_amplitude(mirrored, reach, well, hbar, pair)
    return Side(level, quantum, exact, float(np.log(quantum / (2 * np.pi))) - 2 * theta)


def _log_amplitude(V: Function, reach: float, well: float, hbar: float, pair: Floats) -> float:
    """ln of half the splitting of V(|y|), -reach < y < reach, whose minima lie at -+well; pair: the two levels."""
    deepest = (
        float(np.sqrt(2 * max(float(np.max(V(np.linspace(0, reach, 400)))) - float(pair.min()), 0.0))) / hbar
    )
    steps = int(np.clip(PER_DECAY * deepest * reach, LEAST_STEPS, MOST_STEPS))
    y, h = np.linspace(0, reach, steps + 1, retstep=True)
    values, middle = V(y), max(2, min(steps - 2, round(well / float(h))))
    logs = []
    for level, odd in zip(pair, (False, True), strict=True):
        T = (values - level) * (float(h) ** 2 / (6 * hbar**2))  # h^2 (V - E)/12 in units of hbar^2/2
        logs.append(_log_state(T, middle, odd, float(h)))
    # even(0) = odd'(0) = 1; both vanish at the far end.
    both = logs[0] + logs[1]
    largest = float(both.max())
    area = float(np.exp(both - largest).sum() - 0.5 * np.exp(both[0] - largest)) * float(h)
    return float(np.log(hbar**2 / 4)) - largest - float(np.log(area))


def _log_state(T: Floats, middle: int, odd: bool, h: float) -> Floats:
    """[n] ln of the lowest even or odd state, even(0) = 1 or odd'(0) = 1, by ratios of Numerov's F = (1 - T) psi.

    B. R. Johnson, J. Chem. Phys. 67, 4086 (1977). Each of both solutions, from the mirror and from the far end, is
    followed where it grows, up to the middle of the well.
    """
    U = ((2 + 10 * T) / (1 - T)).tolist()
    ratios = np.empty(len(T) - 1)  # ln of F[k + 1]/F[k]
    start = 1 if odd else 0
    R = U[1] if odd else U[0] / 2
    forward = [R]
    for k in range(start + 1, middle):
        R = U[k] - 1 / R
        forward.append(R)
    ratios[start:middle] = np.log(forward)
    R = U[-2]  # F[-3]/F[-2]; F[-1] is zero
    backward = [R]
    for k in range(len(T) - 3, middle, -1):
        R = U[k] - 1 / R
        backward.append(R)
    ratios[middle:-1] = -np.log(backward[::-1])
    log = np.full(len(T), -np.inf)
    # odd(h) = h (1 + f h^2/6 + f^2 h^4/120) with f h^2 = 12 T.
    log[start] = np.log(h * (1 + 2 * T[0] + 1.2 * T[0] ** 2)) if odd else 0.0
    first = np.log(1 - T[start])
    log[start + 1 : -1] = log[start] + first + np.cumsum(ratios[start:-1]) - np.log(1 - T[start + 1 : -1])
    return log
