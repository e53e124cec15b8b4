"""Figures of liquids: the Angell plot, and the integral whose plateau is a viscosity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from glasscli.configuration import Floats
from glasscli.observables.green_kubo import Integral
from glasscli.report.canvas import SINGLE, drawing, minor_ticks
from glasscli.report.palette import BLACK, BLUE, GREEN, LOOKS


def angell(
    path: str | Path, T: Floats, tau: Floats, error: Floats, curves: Mapping[str, tuple[Floats, Floats]], group: str,
    temperature_unit: str, time_unit: str, format: str | None = None,
) -> Path:  # fmt: skip
    """Draw tau_alpha on a logarithmic axis over T_low/T, T_low being the lowest temperature measured.

    curves: {law: (T, tau)} where each was fitted.
    """
    low = float(T.min())
    with drawing(path, format, SINGLE, 2.8) as (figure, target):
        axes = figure.subplots()
        axes.errorbar(
            low / T, tau, error, fmt="o", color=BLACK, markersize=3, label=f"$\\tau_\\alpha$ of {group}"
        )
        for (name, (at, values)), (colour, stroke) in zip(curves.items(), LOOKS, strict=False):
            axes.plot(low / at, values, stroke, color=colour, linewidth=0.9, label=name)
        axes.set_yscale("log")
        axes.set_xlabel(f"{low:g} {temperature_unit} / $T$")
        axes.set_ylabel(f"$\\tau_\\alpha$ ({time_unit})")
        axes.legend(loc="upper left")
    return target


def viscosity(
    path: str | Path, found: Integral, pressure_unit: str, time_unit: str, format: str | None = None
) -> Path:
    """Draw the running Green-Kubo integral with its error, and where it was judged flat."""
    with drawing(path, format, SINGLE, 2.6) as (figure, target):
        axes = figure.subplots()
        low, high = found.running - found.running_error, found.running + found.running_error
        axes.plot(found.time, found.running, color=BLUE)
        axes.fill_between(found.time, low, high, color=BLUE, alpha=0.25, linewidth=0)
        if found.window is not None:
            axes.axvspan(*found.window, color=GREEN, alpha=0.2, linewidth=0, label="plateau")
            axes.set_xlim(0, min(4 * found.window[1], float(found.time[-1])))
            axes.legend(loc="lower right")
        axes.set_ylim(0, 1.3 * float(np.max(found.running)))
        axes.set_xlabel(f"upper limit ({time_unit})")
        axes.set_ylabel(f"$\\eta$ ({pressure_unit} {time_unit})")
        minor_ticks(axes)
    return target


def propensity(
    path: str | Path, values: Floats, species: Sequence[str], length_unit: str, format: str | None = None
) -> Path:
    """Draw how propensities are distributed over the atoms of each species."""
    kinds = np.array(species)
    edges = np.linspace(0, float(values.max()) * 1.0001, 40)
    with drawing(path, format, SINGLE, 2.4) as (figure, target):
        axes = figure.subplots()
        for name, (colour, stroke) in zip(dict.fromkeys(species), LOOKS, strict=False):
            axes.hist(
                values[kinds == name], edges.tolist(), histtype="step", color=colour, linestyle=stroke, label=name,
                density=True,
            )  # fmt: skip
        axes.set_xlabel(f"propensity ({length_unit})")
        axes.set_ylabel(f"density of atoms (1/{length_unit})")
        axes.legend()
        minor_ticks(axes)
    return target
