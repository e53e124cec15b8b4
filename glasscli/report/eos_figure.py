"""Equations of state with a glass's local energies and volumes over them (Derlet & Maass 2019, Fig. 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glasscli.configuration import Floats, Ints
from glasscli.formats.names import atoms_of
from glasscli.report.canvas import DOUBLE, drawing, minor_ticks  # fmt: skip
from glasscli.report.palette import BLACK, CYCLE, RED
from glasscli.units import UnitNames

LINES = ("-", "--", ":")
# Curves are told apart in grey too: each has marks of its own, every so many of its points.
MARKS, APART = "osD^v<>pPXhd", 8
MAX_POINTS = 20000
FEW = 3000  # atoms that are drawn large enough to be seen
# Clouds of atoms stay behind the curves: greys and sands that no curve has.
CLOUDS = (("#8d99a6", "o"), ("#d8b26e", "^"), ("#b5c9a8", "s"))


@dataclass(frozen=True)
class Curve:
    """One phase: [n] volumes and energies per atom, its minimum, and (volume, energy) of each species at rest."""

    name: str
    volumes: Floats
    energies: Floats
    minimum: tuple[float, float] | None = None
    local: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Scatter:
    """[n_atoms] local volumes, energies and species of a structure, and its energy per atom."""

    volumes: Floats
    energies: Floats
    species: Ints
    names: Mapping[int, str]
    mean: float


def equations_of_state(
    path: str | Path,
    curves: Sequence[Curve],
    volume: float | None = None,
    scatter: Scatter | None = None,
    tangent: Sequence[tuple[float, float]] = (),
    temperature: float | None = None,
    *,
    units: UnitNames,
    format: str | None = None,
) -> Path:
    """Draw energy (at a temperature: free energy) per atom against volume per atom of all phases.

    volume: a vertical line, where a simulation is. scatter: every atom of a structure. tangent: the points of two
    phases that share a volume, joined by a line.
    """
    with drawing(path, format, DOUBLE, 4.4) as (figure, target):
        axes = figure.subplots()
        told = False
        if scatter is not None:
            _points(axes, scatter)
        for i, curve in enumerate(curves):
            # Neighbours in the list often lie on each other (c14, c15, c36): the strokes let all be seen.
            color, line = CYCLE[i % len(CYCLE)], LINES[(i + i // len(CYCLE)) % len(LINES)]
            mark = MARKS[i % len(MARKS)]
            axes.plot(
                curve.volumes, curve.energies, line, color=color, label=curve.name, marker=mark, markersize=3.5,
                markevery=(3 * i % APART, APART), markerfacecolor=axes.get_facecolor(), markeredgewidth=0.7,
            )  # fmt: skip
            if curve.minimum:
                axes.plot(*curve.minimum, mark, color=color, markersize=3.5)
            for v, e in curve.local if scatter is not None else ():
                axes.plot(
                    v, e, "v", color=BLACK, markersize=4.5, markerfacecolor=color, markeredgewidth=0.5, zorder=5,
                    label=None if told else f"species in {curve.name}",
                )  # fmt: skip
                told = True
        if volume is not None:
            axes.axvline(volume, color=BLACK, linewidth=0.8, label=f"V/N = {volume:.4g}")
        if tangent:
            axes.plot(
                *zip(*tangent, strict=True), "D-", color=RED, linewidth=0.9, markersize=3, label="mixture"
            )
        symbol = "E" if temperature is None else "F"
        axes.set_xlabel(f"volume per atom ({units.length_unit}³)")
        axes.set_ylabel(f"${symbol}$ per atom ({units.energy_unit})")
        if temperature is not None:
            axes.set_title(f"T = {temperature:g} {units.temperature_unit}")
        axes.set_ylim(*_limits(curves, scatter))
        minor_ticks(axes)
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), markerscale=1.2)
    return target


def _points(axes, scatter: Scatter) -> None:  # type: ignore[no-untyped-def]
    few = len(scatter.species) < FEW
    for number, (color, mark) in zip(sorted(scatter.names), CLOUDS * 4, strict=False):
        mine = np.flatnonzero(scatter.species == number)[:MAX_POINTS]
        if len(mine):
            axes.plot(
                scatter.volumes[mine], scatter.energies[mine], mark, color=color, alpha=0.6 if few else 0.35,
                markersize=2.6 if few else 1.3,
                markeredgewidth=0, rasterized=True, zorder=0, label=atoms_of(scatter.names[number]),
            )  # fmt: skip
    axes.axhline(scatter.mean, color=RED, linewidth=0.6, linestyle=":", label="structure, mean")


def _limits(curves: Sequence[Curve], scatter: Scatter | None) -> tuple[float, float]:
    """From below all minima to where the shallowest well, or the scatter, is seen whole."""
    lowest = min(float(c.energies.min()) for c in curves)
    wells = [c.minimum[1] for c in curves if c.minimum] or [float(c.energies.max()) for c in curves]
    low = min([lowest, *(e for c in curves if scatter is not None for _, e in c.local)])
    high = max(wells)
    if scatter is not None:
        low = min(low, float(np.quantile(scatter.energies, 0.001)))
        high = max(high, float(np.quantile(scatter.energies, 0.999)))
    margin = 0.12 * (high - low) if high > low else 1.0
    return low - margin, high + (margin if scatter is not None else 3 * margin)
