"""Flows: stress and strain of one, tension and compression, and the curve of many."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from glasscli.configuration import Floats
from glasscli.observables.rheology import FlowCurve
from glasscli.observables.yielding import Tension
from glasscli.report.canvas import SINGLE, drawing, minor_ticks
from glasscli.report.palette import BLACK, BLUE, RED
from glasscli.units import UnitNames, UnitSystem


def flow(path: Path, series: Mapping[str, Floats], drive: str, units: UnitNames) -> Path:
    """Draw the stress of a flow against its strain, of a creep the strain in time."""
    with drawing(path, None, SINGLE, 2.5) as (figure, target):
        axes = figure.subplots()
        if drive == "creep":
            axes.plot(series["time"], series["strain"], color=BLUE, lw=0.8)
            axes.set_xlabel(f"time ({units.time_unit})")
            axes.set_ylabel("strain")
        else:
            axes.plot(series["strain"], series["stress"], color=BLUE, lw=0.6)
            axes.set_xlabel("strain")
            axes.set_ylabel(f"stress ({units.pressure_unit})")
        minor_ticks(axes)
    return target


def tensile(path: Path, series: Mapping[str, Floats], found: Tension, units: UnitSystem) -> Path:
    """Draw a stress along an axis against strain, in GPa where there are any, its first line and where it yields."""
    each = units.gigapascals or 1.0
    strain, stress, line = series["strain"], series["stress"] * each, found.modulus
    with drawing(path, None, SINGLE, 2.5) as (figure, target):
        axes = figure.subplots()
        axes.plot(strain, stress, color=BLUE, lw=0.6)
        highest = float(np.abs(stress).max())
        straight = (line.start + line.value * strain) * each
        here = np.abs(straight) < highest
        axes.plot(strain[here], straight[here], color=BLACK, lw=0.8, ls="--", label="modulus")
        for name, point, mark in (("largest", found.largest, "o"), ("0.2 % offset", found.offset, "s")):
            if point.at is not None:
                axes.plot(point.at[0], point.at[1] * each, mark, ms=4, color=RED, mfc="none", label=name)
        axes.locator_params(axis="x", nbins=5)
        axes.set_xlabel("strain ln(L/L₀)")
        axes.set_ylabel(f"stress ({'GPa' if units.gigapascals else units.pressure_unit})")
        axes.legend()
        minor_ticks(axes)
    return target


def curve(
    path: Path, rate: Floats, stress: Floats, error: Floats, fitted: FlowCurve | None, units: UnitNames
) -> Path:
    """Draw stresses [n] with errors at rates [n], and the law through them."""
    with drawing(path, None, SINGLE, 2.5) as (figure, target):
        axes = figure.subplots()
        axes.errorbar(np.abs(rate), np.abs(stress), error, fmt="o", ms=3, color=BLUE, lw=0.8)
        if fitted is not None:
            x = np.geomspace(np.abs(rate).min(), np.abs(rate).max(), 100)
            axes.plot(x, fitted.stress(x), color=RED, lw=0.8)
        axes.set_xscale("log")
        axes.set_xlabel(f"rate of strain (1/{units.time_unit})")
        axes.set_ylabel(f"stress ({units.pressure_unit})")
        minor_ticks(axes)
    return target
