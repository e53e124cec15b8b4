"""Figures of bonds: angles between them, rings, bridging neighbours, what neutrons and X-rays see."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from glasscli.configuration import Floats
from glasscli.report.canvas import SINGLE, drawing, minor_ticks
from glasscli.report.palette import BLACK, BLUE, CYCLE, LOOKS, ORANGE
from glasscli.units import UnitNames

MOST = 8  # curves in one figure


def angles(
    path: str | Path, angle: Floats, densities: Mapping[str, Floats], format: str | None = None
) -> Path:
    """Draw densities [n] of angles [n] in degrees by triples of species, the eight that stand highest."""
    ranked = sorted(densities, key=lambda triple: -float(densities[triple].max()))[:MOST]
    with drawing(path, format, SINGLE, 2.6) as (figure, target):
        axes = figure.subplots()
        for triple, (color, line) in zip(ranked, LOOKS, strict=False):
            axes.plot(angle, densities[triple], line, color=color, label=triple)
        axes.set_xlim(0, 180)
        axes.set_ylim(bottom=0)
        axes.set_xlabel("angle (°)")
        axes.set_ylabel("density (1/°)")
        minor_ticks(axes)
        if ranked:
            axes.legend(loc="upper left")
    return target


def rings(
    path: str | Path, primitive: Mapping[str, float], king: Mapping[str, float], format: str | None = None
) -> Path:
    """Draw the shares of rings {number of formers: share} by both definitions."""
    return _bars(
        path, {"primitive": primitive, "King's": king}, "formers in a ring", "share of rings", format
    )


def bridging(path: str | Path, shares: Mapping[str, Mapping[str, float]], format: str | None = None) -> Path:
    """Draw {former: {n: share of its atoms with n bridging neighbours}}."""
    return _bars(path, shares, "$n$ of $Q^n$", "share of formers", format)


def diffraction(
    path: str | Path,
    q: Floats,
    factors: Mapping[str, Floats],
    r: Floats,
    correlations: Mapping[str, Floats],
    units: UnitNames,
    format: str | None = None,
) -> Path:
    """Draw total S(q) [n] above, and below T(r) [m] over r, each {who sees it: curve}; T in parts of its greatest."""
    with drawing(path, format, SINGLE, 4.2) as (figure, target):
        above, below = figure.subplots(2, 1)
        for (name, s), color in zip(factors.items(), (BLUE, ORANGE), strict=False):
            above.plot(q, s, color=color, label=name)
        for (name, t), color in zip(correlations.items(), (BLUE, ORANGE), strict=False):
            below.plot(r, t / np.abs(t).max(), color=color, label=name)
        above.axhline(1, color="0.7", linewidth=0.6, zorder=0)
        above.set_xlim(0, q[-1])
        above.set_xlabel(f"$q$ ({units.length_unit}⁻¹)")
        above.set_ylabel("$S(q)$")
        above.legend(loc="upper right")
        below.axhline(0, color="0.7", linewidth=0.6, zorder=0)
        below.set_xlim(0, r[-1])
        below.set_xlabel(f"$r$ ({units.length_unit})")
        below.set_ylabel("$T(r)$ / largest")
        minor_ticks(above, below)
        figure.align_ylabels()
    return target


def _bars(
    path: str | Path, groups: Mapping[str, Mapping[str, float]], across: str, up: str, format: str | None
) -> Path:
    numbers = sorted({int(n) for shares in groups.values() for n in shares})
    place, width = np.arange(len(numbers), dtype=np.float64), 0.8 / max(1, len(groups))
    with drawing(path, format, SINGLE, 2.4) as (figure, target):
        axes = figure.subplots()
        for k, (name, shares) in enumerate(groups.items()):
            shift = (k - (len(groups) - 1) / 2) * width
            color = (*CYCLE, BLACK)[k % 7]
            axes.bar(
                place + shift, [shares.get(str(n), 0.0) for n in numbers], width, color=color, label=name
            )
        axes.set_xticks(place, [str(n) for n in numbers])
        axes.set_xlabel(across)
        axes.set_ylabel(up)
        axes.legend(loc="best")
    return target
