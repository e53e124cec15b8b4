"""At which temperature a liquid of each composition begins to freeze, and into which crystal.

A crystal of composition c and volume v_c is in balance with a liquid x, v (share of the second species, volume per
atom) where the tangent of the liquid's F, in both, goes through the crystal's:

    F_c(v_c) + P v_c = F(x, v) + P v + (c - x) dF/dx,      P = -dF/dv of both

dF/dx at constant v is the chemical potential of the second species less that of the first, and dG/dx at constant P is
the same. Between the compositions at which liquids were measured F is what mixing ideally is, and a polynomial of x.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from glasscli.configuration import Floats
from glasscli.free_energy.melting import BEYOND, FEW, root
from glasscli.free_energy.surface import Surface

MOST = 4  # terms of that polynomial


@dataclass(frozen=True)
class Freezing:
    """A liquid of composition x begins to freeze into a phase at T; volumes per atom of both, energy per volume.

    at: "volume" or "pressure", whichever was held; error: of T
    """

    x: float
    phase: str
    at: str
    T: float
    error: float
    liquid_volume: float
    crystal_volume: float
    pressure: float


class Mixed:
    """The liquids of all compositions: F(x, v, T), boltzmann: in the unit of F."""

    def __init__(self, liquids: Sequence[Surface], boltzmann: float) -> None:
        self.liquids = sorted(liquids, key=lambda s: s.small_fraction)
        self.x = np.array([s.small_fraction for s in self.liquids])
        self.lowest = max(s.temperatures[0] for s in liquids)
        self.highest = min(s.temperatures[-1] for s in liquids)
        self._k = boltzmann

    def tangent(self, x: float, v: float, T: float, at: float) -> tuple[float, float]:
        """F(x) + (at - x) dF/dx and its error, at constant v and T."""
        kT = self._k * T
        f = np.array([s.free(v, T) for s in self.liquids]) - kT * _mixing(self.x)
        errors = np.array([s.error(v, T) for s in self.liquids])
        powers = np.arange(min(len(self.x), MOST))
        rows = self.x[:, None] ** powers / errors[:, None]
        terms, *_ = np.linalg.lstsq(rows, f / errors, rcond=None)
        row = x**powers + (at - x) * powers * x ** np.maximum(powers - 1, 0)
        slope = np.log(x / (1 - x)) if 0 < x < 1 else 0.0
        ideal = float(_mixing(np.array([x]))[0]) + (at - x) * slope
        error = float(np.sqrt(row @ np.linalg.pinv(rows.T @ rows) @ row))
        return float(row @ terms) + kT * ideal, error

    def pressure(self, x: float, v: float, T: float) -> float:
        """Of the liquid, along a polynomial of x through all that were measured."""
        powers = np.arange(min(len(self.x), MOST))
        p = np.array([s.pressure(v, T) for s in self.liquids])
        terms, *_ = np.linalg.lstsq(self.x[:, None] ** powers, p, rcond=None)
        return float(x**powers @ terms)


def freezing(
    mixed: Mixed, crystals: Sequence[Surface], volume: float | None, pressure: float | None
) -> list[Freezing]:
    """Of liquids of each composition that was measured the phase that freezes first; those that none does within the
    temperatures measured are left out. volume: of the liquids, per atom; else pressure: of both."""
    found = []
    for x in mixed.x:
        ways = [_freezes(mixed, crystal, float(x), volume, pressure) for crystal in crystals]
        known = [way for way in ways if way is not None]
        if known:
            found.append(max(known, key=lambda way: way.T))
    return found


def _freezes(
    mixed: Mixed, crystal: Surface, x: float, volume: float | None, pressure: float | None
) -> Freezing | None:  # fmt: skip
    c = crystal.small_fraction
    # At the ends the chemical potential of what is not there has no bound: only the pure crystal may freeze.
    if x in (0.0, 1.0) and abs(c - x) > 1e-9:
        return None

    def volumes(T: float) -> tuple[float, float, float] | None:
        """v, v_c and P; the crystal's volume at the liquid's pressure."""
        if volume is not None:
            v = volume
            P = mixed.pressure(x, v, T)
        else:
            assert pressure is not None
            P, own = pressure, [s.volumes for s in mixed.liquids]
            low, high = max(o[0] for o in own), min(o[-1] for o in own)
            at = root(lambda v: mixed.pressure(x, v, T) - P, low * (1 - BEYOND), high * (1 + BEYOND), FEW)
            if at is None:
                return None
            v = at
        first, last = crystal.volumes[0] * (1 - BEYOND), crystal.volumes[-1] * (1 + BEYOND)
        v_c = root(lambda v_c: crystal.pressure(v_c, T) - P, first, last, FEW)
        return None if v_c is None else (v, v_c, P)

    def gap(T: float) -> float:
        there = volumes(T)
        if there is None:
            return float("nan")
        v, v_c, P = there
        return mixed.tangent(x, v, T, c)[0] + P * v - crystal.free(v_c, T) - P * v_c

    low = max(mixed.lowest, crystal.temperatures[0])
    high = min(mixed.highest, crystal.temperatures[-1])
    T = root(gap, low, high)
    there = None if T is None else volumes(T)
    if T is None or there is None:
        return None
    v, v_c, P = there
    h = 1e-3 * T
    fall = abs(gap(T + h) - gap(T - h)) / (2 * h)
    doubt = float(np.hypot(mixed.tangent(x, v, T, c)[1], crystal.error(v_c, T)))
    at = "volume" if volume is not None else "pressure"
    return Freezing(x, crystal.name, at, T, doubt / fall if fall else float("inf"), v, v_c, P)


def _mixing(x: Floats) -> Floats:
    """x ln x + (1 - x) ln(1 - x)."""
    return np.asarray(xlogy(x, x) + xlogy(1 - x, 1 - x))
