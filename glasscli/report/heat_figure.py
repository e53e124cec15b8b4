"""Calorimetry as a calorimetrist draws it: heat capacity and enthalpy against temperature, and ageing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glasscli.configuration import Floats
from glasscli.observables.calorimetry import Estimate, Heating, Sweep, log_means
from glasscli.report.canvas import DOUBLE, drawing, minor_ticks, with_error
from glasscli.report.palette import BLACK, BLUE, GREEN, ORANGE, RED
from glasscli.units import UnitNames

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MEANS = 40  # of a passage over temperatures


@dataclass(frozen=True)
class Drawn:
    """A heating, the cooling it is compared with, and the hold before it: (T, [n] time, [n] enthalpy per atom)."""

    heating: Heating
    sweep: Sweep
    cooling: Sweep | None
    held: tuple[float, Floats, Floats] | None


def calorimetry(path: Path, drawn: Sequence[Drawn], momenta: float, units: UnitNames, npt: bool) -> Path:
    """Draw heatings in the order in which they were made, the last one strongest; momenta: heat capacity of these."""
    holds = [one.held for one in drawn if one.held and len(one.held[1]) > 3]
    with drawing(path, None, DOUBLE, 2.7) as (figure, target):
        panels = figure.subplots(1, 3 if holds else 2)
        _capacities(panels[0], drawn, units, "C_p" if npt else "C_v")
        _enthalpies(panels[1], drawn[-1], momenta, units)
        if holds:
            _ageing(panels[2], holds, units)
        minor_ticks(*panels)
    return target


def _shade(k: int, n: int) -> float:
    return 0.3 + 0.7 * (k + 1) / n


def _capacities(axes: Axes, drawn: Sequence[Drawn], units: UnitNames, name: str) -> None:
    for k, one in enumerate(drawn):
        c = one.heating.capacity
        label = "heating" if len(drawn) == 1 else f"heating {k + 1}"
        axes.errorbar(
            c.temperature, c.value, c.error, fmt="o-", color=RED, alpha=_shade(k, len(drawn)), ms=2.5, lw=0.8,
            elinewidth=0.6, label=label if k in (0, len(drawn) - 1) else None,
        )  # fmt: skip
    last = drawn[-1].heating
    t = np.linspace(last.capacity.centres[0], last.capacity.centres[-1], 200)
    liquid = last.liquid_capacity(t)
    if liquid is not None and last.glass is not None:
        # Near T = 0 the liquid's form has no meaning and no bound.
        shown = t > 0.3 * t[-1] if last.T_f_area is None else t > 0.6 * last.T_f_area.value
        axes.plot(t[shown], liquid[shown], "--", color=BLACK, lw=0.8, label="liquid")
        axes.axhline(last.glass, color=BLUE, lw=0.8, ls="--", label="glass")
    if last.T_f_area is not None:
        _mark(axes, last.T_f_area, "$T_f$", units)
    axes.set_xlabel(f"temperature ({units.temperature_unit})")
    axes.set_ylabel(f"${name}$ per atom ({units.heat_capacity_unit})")
    axes.legend(loc="best")


def _mark(axes: Axes, found: Estimate, name: str, units: UnitNames) -> None:
    axes.axvspan(found.value - found.error, found.value + found.error, color=GREEN, alpha=0.25, linewidth=0)
    axes.axvline(found.value, color=GREEN, lw=0.9)
    axes.set_title(
        f"{name} = {with_error(found.value, found.error)} {units.temperature_unit} (areas)", fontsize=7.5
    )


def _enthalpies(axes: Axes, one: Drawn, momenta: float, units: UnitNames) -> None:
    """Less the line of the glass that is heated, where what differs shows."""
    glass = (one.heating.glass - momenta) if one.heating.glass is not None else 0.0
    origin = one.sweep.near(one.sweep.temperature.min(), 0.1 * np.ptp(one.sweep.temperature))
    level = (origin.value if origin else one.sweep.enthalpy[0]) - glass * one.sweep.temperature.min()
    for sweep, look, color, label in ((one.cooling, "--", BLUE, "cooling"), (one.sweep, "-", RED, "heating")):
        if sweep is not None:
            axes.plot(*_means(sweep, glass, level), look, color=color, lw=1.0, label=label)
    axes.set_xlabel(f"temperature ({units.temperature_unit})")
    axes.set_ylabel(f"enthalpy minus the glass line ({units.energy_unit})")
    axes.legend(loc="best")


def _means(sweep: Sweep, slope: float, level: float) -> tuple[Floats, Floats]:
    order = np.argsort(sweep.temperature, kind="stable")
    parts = np.array_split(order, min(MEANS, len(order)))
    t = np.array([sweep.temperature[p].mean() for p in parts])
    h = np.array([(sweep.enthalpy[p] - slope * sweep.temperature[p]).mean() for p in parts])
    return t, h - level


def _ageing(axes: Axes, holds: Sequence[tuple[float, Floats, Floats]], units: UnitNames) -> None:
    for k, (T, time, enthalpy) in enumerate(holds):
        t, h = log_means(time, enthalpy)
        axes.semilogx(t, h, "o-", color=ORANGE, alpha=_shade(k, len(holds)), ms=2.5, lw=0.8)
        axes.set_title(f"held at T = {T:.4g} {units.temperature_unit}", fontsize=7.5)
    axes.set_xlabel(f"time ({units.time_unit})")
    axes.set_ylabel(f"enthalpy per atom ({units.energy_unit})")
