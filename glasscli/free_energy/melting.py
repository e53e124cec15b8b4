"""Where a crystal and a liquid of its composition have the same free energy: at one volume, and at one pressure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from glasscli.free_energy.surface import Surface

ALIKE = 2e-3  # compositions
STEPS, FEW = 30, 6  # of the search between temperatures, and between volumes
BEYOND = 0.03  # of its volumes: how far a crystal's curve is followed


@dataclass(frozen=True)
class Melting:
    """at: "volume", both at `volume` per atom; or "pressure", that of the liquid at `volume`, where the crystal has
    `crystal_volume`. pressure: the liquid's. T_m and its error."""

    phase: str
    at: str
    volume: float
    crystal_volume: float
    pressure: float
    T_m: float
    error: float


def melting(crystal: Surface, liquid: Surface) -> list[Melting]:
    """The melting points of a crystal within the temperatures at which both were measured."""
    if abs(crystal.small_fraction - liquid.small_fraction) > ALIKE:
        return []
    low = max(crystal.temperatures[0], liquid.temperatures[0])
    high = min(crystal.temperatures[-1], liquid.temperatures[-1])
    found = []
    for volume in liquid.volumes:
        if crystal.volumes[0] <= volume <= crystal.volumes[-1]:

            def gap(t: float, v: float = volume) -> float:
                return crystal.free(v, t) - liquid.free(v, t)

            if (t := _root(gap, low, high)) is not None:
                fall = crystal.entropy(volume, t) - liquid.entropy(volume, t)
                error = _error(crystal, liquid, volume, volume, t, fall)
                found.append(
                    Melting(crystal.name, "volume", volume, volume, liquid.pressure(volume, t), t, error)
                )
        found += _at_pressure(crystal, liquid, volume, low, high)
    return found


def _at_pressure(crystal: Surface, liquid: Surface, volume: float, low: float, high: float) -> list[Melting]:
    def there(t: float) -> float | None:
        """The crystal's volume at the liquid's pressure."""
        pressure = liquid.pressure(volume, t)
        first, last = crystal.volumes[0] * (1 - BEYOND), crystal.volumes[-1] * (1 + BEYOND)
        return _root(lambda v: crystal.pressure(v, t) - pressure, first, last, FEW)

    def gap(t: float) -> float:
        v = there(t)
        if v is None:
            return float("nan")
        return crystal.free(v, t) - liquid.free(volume, t) + liquid.pressure(volume, t) * (v - volume)

    t = _root(gap, low, high)
    v = None if t is None else there(t)
    if t is None or v is None:
        return []
    # Along the line on which the liquid's volume stays, d(G_c - G_l)/dT = -(S_c - S_l) + (V_c - V_l) dP/dT.
    h = 1e-3 * t
    slope = (gap(t + h) - gap(t - h)) / (2 * h)
    error = _error(crystal, liquid, v, volume, t, -slope)
    return [Melting(crystal.name, "pressure", volume, v, liquid.pressure(volume, t), t, error)]


def _error(crystal: Surface, liquid: Surface, v_c: float, v_l: float, t: float, fall: float) -> float:
    return float(np.hypot(crystal.error(v_c, t), liquid.error(v_l, t)) / abs(fall))


def _root(function: Callable[[float], float], low: float, high: float, steps: int = STEPS) -> float | None:
    """Where a function changes its sign, looked for from above; None where it does not."""
    if not high > low:
        return None
    grid = np.linspace(low, high, steps + 1)
    values = [function(x) for x in grid]
    for k in range(steps, 0, -1):
        if np.isfinite(values[k]) and np.isfinite(values[k - 1]) and values[k] * values[k - 1] <= 0:
            return float(brentq(function, grid[k - 1], grid[k]))
    return None
