"""At which temperature a liquid of each composition begins to freeze, and into which crystal.

A crystal of composition c and volume v_c is in balance with a liquid x, v (share of the second species, volume per
atom) where the tangent of the liquid's F, in both, goes through the crystal's:

    F_c(v_c) + P v_c = F(x, v) + P v + (c - x) dF/dx,      P = -dF/dv of both

dF/dx at constant v is the chemical potential of the second species less that of the first, and dG/dx at constant P is
the same, for which each liquid needs be known at its own volume alone. Between the compositions at which liquids were
measured F is what mixing ideally is, and a polynomial of x.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from glasscli.configuration import Floats
from glasscli.free_energy.melting import root, volume_at
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


@dataclass(frozen=True)
class _Balance:
    """Liquid and crystal at one pressure; gap: of the liquid's tangent over the crystal, doubt: its error."""

    liquid_volume: float
    crystal_volume: float
    pressure: float
    gap: float
    doubt: float


class Mixed:
    """The liquids of all compositions: F(x, v, T), boltzmann: in the unit of F."""

    def __init__(self, liquids: Sequence[Surface], boltzmann: float) -> None:
        self.liquids = sorted(liquids, key=lambda s: s.small_fraction)
        self.x = np.array([s.small_fraction for s in self.liquids])
        self.lowest = max(s.temperatures[0] for s in liquids)
        self.highest = min(s.temperatures[-1] for s in liquids)
        self._k = boltzmann

    def own_volumes(self, pressure: float, T: float) -> list[float | None]:
        """Of the liquids at one pressure; None of those of which it is beyond what was measured."""
        return [volume_at(s, pressure, T) for s in self.liquids]

    def tangent(
        self, x: float, volumes: Sequence[float | None], T: float, at: float, pressure: float = 0.0
    ) -> tuple[float, float]:
        """y(x) + (at - x) dy/dx of y = F + pressure * v, each liquid at its volume, and its error. At constant v
        volumes are alike and y = F; at constant P it is G. Liquids without a volume are left out."""
        kT = self._k * T
        states = [(s, v) for s, v in zip(self.liquids, volumes, strict=True) if v is not None]
        shares = np.array([s.small_fraction for s, _ in states])
        y = np.array([s.free(v, T) + pressure * v for s, v in states]) - kT * _mixing(shares)
        errors = np.array([s.error(v, T) for s, v in states])
        powers = np.arange(min(len(shares), MOST))
        rows = shares[:, None] ** powers / errors[:, None]
        terms, *_ = np.linalg.lstsq(rows, y / errors, rcond=None)
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

    mine = int(np.flatnonzero(mixed.x == x)[0])

    def balance(T: float) -> _Balance | None:
        """Everything else is held; None where a phase was not measured so far."""
        if volume is not None:
            P, held = mixed.pressure(x, volume, T), 0.0
            own: list[float | None] = [volume] * len(mixed.x)
        else:
            assert pressure is not None
            P = held = pressure
            own = mixed.own_volumes(P, T)
        v, v_c = own[mine], volume_at(crystal, P, T)
        # A slope in x needs another liquid beside, unless the crystal has the liquid's own composition.
        alone = sum(u is not None for u in own) < 2 and abs(c - x) > 1e-9
        if v is None or v_c is None or alone:
            return None
        liquid, doubt = mixed.tangent(x, own, T, c, held)
        gap = liquid + (P - held) * v - crystal.free(v_c, T) - P * v_c
        return _Balance(v, v_c, P, gap, float(np.hypot(doubt, crystal.error(v_c, T))))

    def gap(T: float) -> float:
        there = balance(T)
        return float("nan") if there is None else there.gap

    low = max(mixed.lowest, crystal.temperatures[0])
    high = min(mixed.highest, crystal.temperatures[-1])
    T = root(gap, low, high)
    there = None if T is None else balance(T)
    if T is None or there is None:
        return None
    h = 1e-3 * T
    fall = abs(gap(T + h) - gap(T - h)) / (2 * h)
    at, error = "volume" if volume is not None else "pressure", there.doubt / fall if fall else float("inf")
    return Freezing(x, crystal.name, at, T, error, there.liquid_volume, there.crystal_volume, there.pressure)


def _mixing(x: Floats) -> Floats:
    """x ln x + (1 - x) ln(1 - x)."""
    return np.asarray(xlogy(x, x) + xlogy(1 - x, 1 - x))
