"""Free energies against volume at each temperature; against temperature where there is one volume."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from glasscli.free_energy.answer import Answer, Mixture, Row
from glasscli.free_energy.surface import Surface
from glasscli.free_energy.tasks import LIQUID
from glasscli.report.canvas import DOUBLE, SINGLE, drawing, minor_ticks
from glasscli.report.palette import BLACK, CYCLE

# Of temperatures; colours are phases.
LINES, MARKERS = ("-", "--", ":", "-."), "o^sD"


def draw(path: Path, found: Answer) -> Path:
    """Points are what was measured, lines the fit of F, U and P; stars two crystals that share a volume."""
    units = found.system.unit_system
    several = len({v for s in found.surfaces for v in s.volumes}) > 1
    with drawing(path, None, DOUBLE, 4.4) as (figure, target):
        axes = figure.subplots()
        for i, surface in enumerate(found.surfaces):
            mine = [
                row
                for row in found.rows
                if row.phase == surface.name and (row.phase != LIQUID or row.shares == surface.shares)
            ]
            (_against_volume if several else _against_temperature)(axes, surface, mine, CYCLE[i % len(CYCLE)])
        for one in found.mixtures:
            _mixture(axes, one, first=one is found.mixtures[0])
        axes.set_xlabel(
            f"volume per atom ({units.length_unit}³)" if several else f"T ({units.temperature_unit})"
        )
        axes.set_ylabel(f"$F$ per atom ({units.energy_unit})")
        minor_ticks(axes)
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return target


def draw_liquidus(path: Path, found: Answer) -> Path:
    """The temperature at which a liquid of each composition begins to freeze; colours are the crystals, whose own
    compositions are lines below."""
    units, phases = found.system.unit_system, list(dict.fromkeys(one.phase for one in found.liquidus))
    with drawing(path, None, SINGLE, 2.8) as (figure, target):
        axes = figure.subplots()
        for volume in sorted({one.liquid_volume for one in found.liquidus if one.at == "volume"} or {0.0}):
            line = [one for one in found.liquidus if one.at != "volume" or one.liquid_volume == volume]
            axes.plot([one.x for one in line], [one.T for one in line], "-", color=BLACK, linewidth=0.6)
        lowest = min(one.T - one.error for one in found.liquidus)
        for k, phase in enumerate(phases):
            mine, color = [one for one in found.liquidus if one.phase == phase], CYCLE[k % len(CYCLE)]
            axes.errorbar(
                [one.x for one in mine], [one.T for one in mine], [one.error for one in mine],
                fmt=MARKERS[k % len(MARKERS)], color=color, markersize=3.5, label=phase,
            )  # fmt: skip
            at = next(s.small_fraction for s in found.surfaces if s.name == phase)
            axes.plot([at, at], [lowest * 0.9, max(one.T for one in mine)], ":", color=color, linewidth=0.8)
        axes.set_xlabel(f"share of {found.system.species[1].name}")
        axes.set_ylabel(f"$T$ ({units.temperature_unit})")
        minor_ticks(axes)
        axes.legend()
    return target


def _against_volume(axes, surface: Surface, rows: Sequence[Row], color: str) -> None:  # type: ignore[no-untyped-def]
    for k, t in enumerate(surface.temperatures):
        at, said = [row for row in rows if row.temperature == t], f"{surface.name}, T = {t:g}"
        marker, curve = MARKERS[k % len(MARKERS)], len(surface.volumes) > 1
        axes.errorbar(
            [row.volume for row in at], [row.F for row in at], [row.F_error for row in at], fmt=marker, color=color,
            markersize=3.5, label=None if curve else said,
        )  # fmt: skip
        if curve:
            line = surface.curve(t)
            axes.plot(line.volumes, line.energies, LINES[k % len(LINES)], color=color, label=said)


def _against_temperature(axes, surface: Surface, rows: Sequence[Row], color: str) -> None:  # type: ignore[no-untyped-def]
    axes.errorbar(
        [row.temperature for row in rows], [row.F for row in rows], [row.F_error for row in rows], fmt="o", color=color,
        markersize=3.5,
    )  # fmt: skip
    grid = np.linspace(surface.temperatures[0], surface.temperatures[-1], 60)
    axes.plot(grid, [surface.free(surface.volumes[0], t) for t in grid], color=color, label=surface.name)


def _mixture(axes, one: Mixture, first: bool) -> None:  # type: ignore[no-untyped-def]
    mix = one.mixed.mixture
    both = [mix.volumes[n] for n in mix.phases], [mix.energies[n] for n in mix.phases]
    axes.plot(*both, "-", color=BLACK, linewidth=0.8)
    said = " + ".join(mix.phases) if first else None
    axes.plot([mix.volume], [mix.energy], "*", color=BLACK, markersize=5, label=said)
