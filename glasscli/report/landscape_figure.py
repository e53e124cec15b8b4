"""Figures of the landscape: barriers, energy along paths, the disconnectivity graph, two-level systems."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from glasscli.configuration import Floats
from glasscli.report.canvas import DOUBLE, SINGLE, bins, drawing, minor_ticks
from glasscli.report.palette import BLACK, BLUE, RED
from glasscli.units import UnitNames

# Paths drawn in one figure.
PATHS = 12


def barriers(path: Path, heights: Floats, paths: Sequence[tuple[Floats, Floats]], units: UnitNames) -> Path:
    """Draw the distribution of barriers and the energy along the first PATHS of the paths.

    heights [m]; paths: mass-weighted arc and energy, [k] each.
    """
    unit = units.energy_unit
    with drawing(path, None, DOUBLE, 2.6) as (figure, target):
        left, right = figure.subplots(1, 2)
        left.hist(heights, bins=bins(heights, max(5, min(40, round(len(heights) ** 0.5 * 2)))), color=BLUE)
        left.set_xlabel(f"barrier ({unit})")
        left.set_ylabel("count")
        for along, energy in paths[:PATHS]:
            right.plot(along, energy, color=BLACK, linewidth=0.6)
        right.set_xlabel(f"mass-weighted path ({units.length_unit} {units.mass_unit}$^{{1/2}}$)")
        right.set_ylabel(f"energy ({unit})")
        minor_ticks(left, right)
    return target


def minima(
    path: Path, energies: dict[int, float], edges: Sequence[tuple[float, int, int]], unit: str
) -> Path:
    """Draw the disconnectivity graph of minima and of edges (energy of the saddle, one minimum, the other)."""
    with drawing(path, None, SINGLE, 3.2) as (figure, target):
        axes = figure.subplots()
        for x0, x1, y0, y1 in tree(energies, edges):
            axes.plot([x0, x1], [y0, y1], color=BLACK, linewidth=0.6)
        axes.set_xticks([])
        axes.set_ylabel(f"energy of the sample ({unit})")
    return target


def tree(
    energies: dict[int, float], edges: Sequence[tuple[float, int, int]]
) -> list[tuple[float, float, float, float]]:
    """Lines (x0, x1, y0, y1) of the disconnectivity graph: minima that a pass joins meet at its energy.

    O. M. Becker and M. Karplus, J. Chem. Phys. 106, 1495 (1997), with a branching at each saddle.
    """
    parts: dict[int, list[int]] = {k: [k] for _, i, j in edges for k in (i, j)}
    owner = {k: k for k in parts}
    joins: list[tuple[float, int, int]] = []
    for top, i, j in sorted(edges):
        a, b = owner[i], owner[j]
        if a == b:
            continue
        joins.append((top, a, b))
        for k in parts[b]:
            owner[k] = a
        parts[a] = parts[a] + parts.pop(b)
    # Leaves in the order of the final groups: branches do not cross.
    order = [k for group in sorted(parts.values(), key=len, reverse=True) for k in group]
    x = {k: float(n) for n, k in enumerate(order)}
    y = {k: energies[k] for k in order}
    lines = []
    for top, a, b in joins:
        lines += [(x[a], x[a], y[a], top), (x[b], x[b], y[b], top), (x[a], x[b], top, top)]
        x[a], y[a] = (x[a] + x[b]) / 2, top
    return lines


def two_level(
    path: Path, asymmetry: Floats, exponent: Floats, temperatures: Floats, over_cube: Floats, unit: str,
    temperature_unit: str, harmonic: Floats | None = None,
) -> str:  # fmt: skip
    """Draw the map of asymmetry and lambda [m] and C/T^3 [t] against temperature."""
    with drawing(path, None, DOUBLE, 2.6) as (figure, target):
        left, right = figure.subplots(1, 2)
        if len(asymmetry):
            left.plot(np.maximum(asymmetry, 1e-12), exponent, "o", color=BLUE)
            left.set_xscale("log")
        left.set_xlabel(f"asymmetry $\\Delta$ ({unit})")
        left.set_ylabel("$\\lambda$")
        right.plot(temperatures, over_cube, color=RED, label="double wells")
        if harmonic is not None:
            right.plot(temperatures, harmonic, "--", color=BLUE, label="harmonic modes")
        right.set_xscale("log")
        right.set_yscale("log")
        highest = max(float(np.max(c)) for c in (over_cube, harmonic) if c is not None)
        if highest > 0:  # below lies what no bath ever sees
            right.set_ylim(1e-8 * highest, 3 * highest)
        right.set_xlabel(f"temperature ({temperature_unit})")
        right.set_ylabel("$C/T^3$ ($k_B$ per atom K$^{-3}$)")
        figure.legend(loc="outside upper right", ncols=2)
    return str(target)
