"""Figures of the landscape: barriers, energy along paths, the disconnectivity graph, two-level systems."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from glasscli.configuration import Floats
from glasscli.report.canvas import DOUBLE, SINGLE, drawing, minor_ticks
from glasscli.report.palette import BLACK, BLUE, RED
from glasscli.units import UnitNames

# Paths drawn in one figure.
PATHS = 12


class OnePass(Protocol):
    """A saddle between two minima."""

    @property
    def i(self) -> int:
        """One minimum."""

    @property
    def j(self) -> int:
        """The other."""

    @property
    def energy(self) -> float:
        """Of the saddle."""

    @property
    def step(self) -> dict[str, Any]:
        """What is known of it."""


class Passes(Protocol):
    """A network of minima and passes."""

    energies: dict[int, float]

    @property
    def passes(self) -> Sequence[OnePass]:
        """Its passes."""


def barriers(stem: Path, net: Passes, units: UnitNames, format: str) -> list[str]:
    """Draw the distribution of barriers, the energy along the lowest paths, and the disconnectivity graph."""
    written: list[str] = []
    good = [p for p in net.passes if p.step["converged"]]
    if not good:
        return written
    heights = np.array([h for p in good for h in (p.step["forward"], p.step["backward"])])
    target = stem.with_name(f"{stem.name}-barriers.{format}")
    with drawing(target, format, DOUBLE, 2.6) as (figure, path):
        left, right = figure.subplots(1, 2)
        left.hist(heights, bins=max(5, min(40, round(len(heights) ** 0.5 * 2))), color=BLUE)
        left.set_xlabel(f"barrier ({units.energy_unit})")
        left.set_ylabel("count")
        for one in sorted(good, key=lambda p: min(p.step["forward"], p.step["backward"]))[:PATHS]:
            right.plot(one.step["mass_path"], one.step["path_energy"], color=BLACK, linewidth=0.6)
        right.set_xlabel("mass-weighted path")
        right.set_ylabel(f"energy ({units.energy_unit})")
        minor_ticks(left, right)
    written.append(str(path))
    target = stem.with_name(f"{stem.name}-tree.{format}")
    with drawing(target, format, SINGLE, 3.2) as (figure, path):
        axes = figure.subplots()
        edges = [(p.energy, p.i, p.j) for p in good]
        for x0, x1, y0, y1 in tree(net.energies, edges):
            axes.plot([x0, x1], [y0, y1], color=BLACK, linewidth=0.6)
        axes.set_xticks([])
        axes.set_ylabel(f"energy of the sample ({units.energy_unit})")
    written.append(str(path))
    return written


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
        right.legend(loc="best")
        right.set_xscale("log")
        right.set_yscale("log")
        highest = max(float(np.max(c)) for c in (over_cube, harmonic) if c is not None)
        if highest > 0:  # below lies what no bath ever sees
            right.set_ylim(1e-8 * highest, 3 * highest)
        right.set_xlabel(f"temperature ({temperature_unit})")
        right.set_ylabel("$C/T^3$")
    return str(target)
