"""Where a crystal and a liquid of its composition coexist: at one volume, and at one pressure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from glasscli.free_energy.surface import Surface, alike

STEPS, FEW = 30, 6  # of the search between temperatures, and between volumes
BEYOND = 0.03  # of its volumes: how far a phase's curve is followed


@dataclass(frozen=True)
class Melting:
    """A crystal and the liquid in balance at T_m.

    at        "volume": both at `volume` per atom, where F is the same, and neither flows into the other's volume;
              "liquid": at the pressure that the liquid has at `volume`, where it begins to freeze as it is cooled;
              "crystal": at the pressure that the crystal has at `volume`, where it begins to melt as it is heated.
    pressure  of both, but the liquid's where they share a volume
    """

    phase: str
    at: str
    volume: float
    crystal_volume: float
    liquid_volume: float
    pressure: float
    T_m: float
    error: float


def melting(crystal: Surface, liquid: Surface) -> list[Melting]:
    """The melting points of a crystal within the temperatures at which both were measured."""
    if not alike(crystal.shares, liquid.shares):
        return []
    low = max(crystal.temperatures[0], liquid.temperatures[0])
    high = min(crystal.temperatures[-1], liquid.temperatures[-1])
    found = []
    for volume in sorted({*crystal.volumes, *liquid.volumes}):
        if _inside(crystal, volume) and _inside(liquid, volume):
            found.append(_at_volume(crystal, liquid, volume, low, high))
        if volume in liquid.volumes and (pair := _at_pressure(liquid, crystal, volume, low, high)):
            found.append(_melting(crystal, liquid, "liquid", volume, pair[1], volume, pair[0]))
        if volume in crystal.volumes and (pair := _at_pressure(crystal, liquid, volume, low, high)):
            found.append(_melting(crystal, liquid, "crystal", volume, volume, pair[1], pair[0]))
    return [one for one in found if one is not None]


def _at_volume(crystal: Surface, liquid: Surface, volume: float, low: float, high: float) -> Melting | None:
    t = root(lambda t: crystal.free(volume, t) - liquid.free(volume, t), low, high)
    return None if t is None else _melting(crystal, liquid, "volume", volume, volume, volume, t)


def _at_pressure(
    held: Surface, other: Surface, volume: float, low: float, high: float
) -> tuple[float, float] | None:
    """(T, the other phase's volume) where both have the pressure and the chemical potential of the one that is held."""

    def there(t: float) -> float | None:
        return volume_at(other, held.pressure(volume, t), t)

    def gap(t: float) -> float:
        v = there(t)
        if v is None:
            return float("nan")
        return other.free(v, t) - held.free(volume, t) + held.pressure(volume, t) * (v - volume)

    t = root(gap, low, high)
    v = None if t is None else there(t)
    return None if t is None or v is None else (t, v)


def _melting(
    crystal: Surface, liquid: Surface, at: str, volume: float, v_c: float, v_l: float, t: float
) -> Melting:
    """With the error: that of F_crystal - F_liquid, over how fast they part along the line that is followed.

    dF is -S dT at fixed volume; at the pressure of the phase that is held, d(G_c - G_l) = [S_l - S_c + (V_c - V_l)
    dP/dT] dT, dP/dT its own.
    """
    fall = liquid.entropy(v_l, t) - crystal.entropy(v_c, t)
    if at != "volume":
        held, h = (liquid, v_l) if at == "liquid" else (crystal, v_c), 1e-3 * t
        rise = (held[0].pressure(held[1], t + h) - held[0].pressure(held[1], t - h)) / (2 * h)
        fall += (v_c - v_l) * rise
    error = float(np.hypot(crystal.error(v_c, t), liquid.error(v_l, t)) / abs(fall))
    pressure = crystal.pressure(v_c, t) if at == "crystal" else liquid.pressure(v_l, t)
    return Melting(crystal.name, at, volume, v_c, v_l, pressure, t, error)


def _inside(surface: Surface, volume: float) -> bool:
    return surface.volumes[0] <= volume <= surface.volumes[-1]


def volume_at(surface: Surface, pressure: float, T: float) -> float | None:
    """Volume per atom of a phase at a pressure, where that falls with volume; None beyond what was measured."""
    first, last = surface.volumes[0] * (1 - BEYOND), surface.volumes[-1] * (1 + BEYOND)
    return root(lambda v: surface.pressure(v, T) - pressure, first, last, FEW, falling=True)


def root(
    function: Callable[[float], float], low: float, high: float, steps: int = STEPS, falling: bool = False
) -> float | None:
    """Where a function changes its sign (falling: from above zero to below), looked for from above; None where it
    does not."""
    if not high > low:
        return None
    grid = np.linspace(low, high, steps + 1)
    values = [function(x) for x in grid]
    for k in range(steps, 0, -1):
        if falling and not values[k] <= values[k - 1]:
            continue
        if np.isfinite(values[k]) and np.isfinite(values[k - 1]) and values[k] * values[k - 1] <= 0:
            return float(brentq(function, grid[k - 1], grid[k]))
    return None
