"""Two phases side by side: their energy at a fixed total volume, and the common tangent.

Interfaces cost nothing here: the limit of infinitely large grains (Derlet & Maass 2019, Sec. III D).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from glasscli.eos.curves import EnergyCurve, find_minimum, minimise_in
from glasscli.errors import InputError

_EQUAL = 1e-9


@dataclass(frozen=True)
class Mixture:
    """Two phases that share a volume.

    energy               per atom of the whole
    volumes, energies    per atom of each phase
    fractions            share of the atoms in each phase
    pressure             common to both, energy per volume
    """

    phases: tuple[str, str]
    composition: float
    volume: float
    energy: float
    volumes: dict[str, float]
    energies: dict[str, float]
    fractions: dict[str, float]
    pressure: float


@dataclass(frozen=True)
class Tangent:
    """What the common tangent of two phases says.

    pressure              minus its slope in (V, E), energy per volume
    volumes               where it touches each phase
    enthalpies            E + PV of each phase
    chemical_potentials   (species 1, species 2): the line through both enthalpies against composition, at its ends;
                          None for phases of one composition, whose tangent in (V, E) fixes the pressure instead
    above                 E + PV - line of every other phase that the line spans: below zero, that phase is more
                          stable than the mixture
    """

    pressure: float
    volumes: dict[str, float]
    enthalpies: dict[str, float]
    chemical_potentials: tuple[float, float] | None
    above: dict[str, float]


def fractions(a: EnergyCurve, b: EnergyCurve, composition: float) -> tuple[float, float]:
    """Return the shares of the atoms in two phases that give a composition (the lever rule).

    Raises InputError when no mixture of the two has it.
    """
    low, high = sorted((a.small_fraction, b.small_fraction))
    if not low - _EQUAL <= composition <= high + _EQUAL:
        raise InputError(
            f"no mixture of {a.name} ({a.small_fraction:.4g}) and {b.name} ({b.small_fraction:.4g}) "
            f"has the composition {composition:g}: ask between {low:.4g} and {high:.4g}"
        )
    if high - low < _EQUAL:
        return 1.0, 0.0
    share = (composition - b.small_fraction) / (a.small_fraction - b.small_fraction)
    share = min(1.0, max(0.0, share))
    return share, 1 - share


def mixture(a: EnergyCurve, b: EnergyCurve, composition: float, volume: float | None) -> Mixture:
    """Return the two-phase state of lowest energy at a composition and total volume per atom (Eqs. 2-3).

    E = f_a E_a(V_a) + f_b E_b(V_b) is minimised under V = f_a V_a + f_b V_b; without a volume both phases are at
    their own minimum. Phases of one composition also share the atoms as the lever rule of their common tangent
    says. Raises InputError for a composition or volume that no mixture has.
    """
    share, rest = fractions(a, b, composition)
    if abs(a.small_fraction - b.small_fraction) < _EQUAL and volume is not None:
        return _one_composition(a, b, composition, volume)
    if volume is None or min(share, rest) < _EQUAL:
        va, vb = (volume, volume) if volume is not None else (_rest(a)[0], _rest(b)[0])
    else:
        va = _split(a, b, share, volume)
        vb = (volume - share * va) / rest
    return _mixture(a, b, composition, (va, vb), (share, rest))


def _split(a: EnergyCurve, b: EnergyCurve, share: float, volume: float) -> float:
    """Volume per atom of phase a in the fixed-volume mixture: a search of the whole range, then the exact one."""
    rest = 1 - share
    low = max(a.volumes[0], (volume - rest * b.volumes[-1]) / share)
    high = min(a.volumes[-1], (volume - rest * b.volumes[0]) / share)
    if not low < high:
        raise InputError(
            f"{volume:g} per atom is out of reach of {a.name} and {b.name}: between "
            f"{share * a.volumes[0] + rest * b.volumes[0]:.4g} and {share * a.volumes[-1] + rest * b.volumes[-1]:.4g}"
        )

    grid = np.linspace(low, high, 400)
    others = (volume - share * grid) / rest
    rough = share * np.interp(grid, a.volumes, a.energies) + rest * np.interp(others, b.volumes, b.energies)
    dips = [i for i in range(1, len(grid) - 1) if rough[i - 1] >= rough[i] <= rough[i + 1]]
    if not dips:
        raise InputError(
            f"{a.name} and {b.name} do not share a volume of {volume:g} at a minimum of the energy"
        )
    # Straight lines between table points put the dips on table points: look a table spacing around the lowest.
    dips = sorted(dips, key=lambda i: rough[i])[:3]
    reach = float(np.diff(a.volumes).max() + np.diff(b.volumes).max() * rest / share)

    def total(v: float) -> float:
        return share * a.energy(v) + rest * b.energy((volume - share * v) / rest)

    found = [minimise_in(total, max(low, grid[i] - reach), min(high, grid[i] + reach)) for i in dips]
    return min(found, key=lambda pair: pair[1])[0]


def _one_composition(a: EnergyCurve, b: EnergyCurve, composition: float, volume: float) -> Mixture:
    touch = transition(a, b)
    if touch:
        va, vb = touch.volumes[a.name], touch.volumes[b.name]
        share = (volume - vb) / (va - vb)
        if 0 <= share <= 1:
            return _mixture(a, b, composition, (va, vb), (share, 1 - share))
    alone = a.energy(volume) <= b.energy(volume)
    return _mixture(a, b, composition, (volume, volume), (1.0, 0.0) if alone else (0.0, 1.0))


def _mixture(
    a: EnergyCurve,
    b: EnergyCurve,
    composition: float,
    volumes: tuple[float, float],
    shares: tuple[float, float],
) -> Mixture:
    energies = a.energy(volumes[0]), b.energy(volumes[1])
    names = (a.name, b.name)
    lead = 0 if shares[0] > 0 else 1
    return Mixture(
        names, composition, float(np.dot(shares, volumes)), float(np.dot(shares, energies)),
        dict(zip(names, volumes, strict=True)), dict(zip(names, energies, strict=True)),
        dict(zip(names, shares, strict=True)), _pressure((a, b)[lead], volumes[lead]),
    )  # fmt: skip


def tangent(
    a: EnergyCurve, b: EnergyCurve, pressure: float, others: Sequence[EnergyCurve] = ()
) -> Tangent | None:
    """Return the common tangent of two phases.

    Of two compositions: the line through their enthalpies against composition at this pressure, and how far the other
    phases lie above it. Of one composition: the line that touches both E(V), None when there is none.
    """
    if abs(a.small_fraction - b.small_fraction) < _EQUAL:
        return transition(a, b)
    (va, ha), (vb, hb) = enthalpy(a, pressure), enthalpy(b, pressure)
    slope = (ha - hb) / (a.small_fraction - b.small_fraction)
    at_zero = hb - slope * b.small_fraction
    low, high = sorted((a.small_fraction, b.small_fraction))
    above = {}
    for c in others:
        if c.name not in (a.name, b.name) and low - _EQUAL <= c.small_fraction <= high + _EQUAL:
            above[c.name] = enthalpy(c, pressure)[1] - (at_zero + slope * c.small_fraction)
    return Tangent(
        pressure, {a.name: va, b.name: vb}, {a.name: ha, b.name: hb}, (at_zero, at_zero + slope), above
    )


def transition(a: EnergyCurve, b: EnergyCurve) -> Tangent | None:
    """Return the line that touches E(V) of two phases of one composition, nearest to zero pressure; None if none."""
    # Pressures at which both phases have a stable volume well inside their tables.
    low = max(c.pressures.min() for c in (a, b)) * 0.9
    high = min(c.pressures.max() for c in (a, b)) * 0.9
    grid = np.linspace(low, high, 60)
    difference = np.array([enthalpy(a, p, exact=False)[1] - enthalpy(b, p, exact=False)[1] for p in grid])
    crossings = [i for i in range(len(grid) - 1) if difference[i] * difference[i + 1] < 0]

    def exact(p: float) -> float:
        return enthalpy(a, p)[1] - enthalpy(b, p)[1]

    for i in sorted(crossings, key=lambda i: abs(grid[i])):
        if exact(grid[i]) * exact(grid[i + 1]) < 0:
            p = float(brentq(exact, grid[i], grid[i + 1], xtol=1e-10, rtol=1e-10))
            (va, ha), (vb, hb) = enthalpy(a, p), enthalpy(b, p)
            return Tangent(p, {a.name: va, b.name: vb}, {a.name: ha, b.name: hb}, None, {})
    return None


def enthalpy(curve: EnergyCurve, pressure: float, exact: bool = True) -> tuple[float, float]:
    """Return (volume, E + PV) of a phase at a pressure; the table's own value when not `exact`."""
    table = curve.energies + pressure * curve.volumes
    if not exact:
        # A parabola through the lowest table points: linear tables would hide small differences.
        i = min(max(1, int(table.argmin())), len(table) - 2)
        c2, c1, c0 = np.polyfit(curve.volumes[i - 1 : i + 2] - curve.volumes[i], table[i - 1 : i + 2], 2)
        return (curve.volumes[i], float(c0 - c1**2 / (4 * c2)) if c2 > 0 else float(table.min()))
    found = find_minimum(curve.volumes, table, lambda v: curve.energy(v) + pressure * v)
    if found is None:
        i = int(table.argmin())
        return float(curve.volumes[i]), float(table[i])
    return found


def _rest(curve: EnergyCurve) -> tuple[float, float]:
    if curve.minimum is None:
        raise InputError(f"{curve.name} has no minimum (its atoms only repel): give --volume")
    return curve.minimum


def _pressure(curve: EnergyCurve, volume: float) -> float:
    step = 1e-5 * volume
    return -(curve.energy(volume + step) - curve.energy(volume - step)) / (2 * step)
