"""Figures over wave number, lag and temperature: S(q), the motion of atoms, the TTT diagram."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from glasscli.configuration import Floats
from glasscli.formats.names import pair_name
from glasscli.observables.dynamics import Motion
from glasscli.observables.first_passage import PassageTimes
from glasscli.observables.structure_factor import StructureFactor
from glasscli.report.canvas import SINGLE, drawing, minor_ticks
from glasscli.report.palette import BLACK, BLUE, CYCLE, GREEN, LOOKS, ORANGE, RED
from glasscli.units import UnitNames


def structure_factor(
    path: str | Path,
    factor: StructureFactor,
    interval: tuple[float, float] | None,
    names: Mapping[int, str],
    units: UnitNames,
    format: str | None = None,
) -> Path:
    """Draw S(q) and its Faber-Ziman partials, by the names of species; `interval` shades where R is measured."""
    several = len(factor.partials) > 1
    with drawing(path, format, SINGLE, 4.0 if several else 2.4) as (figure, target):
        panels = figure.subplots(2 if several else 1, 1, sharex=True, squeeze=False)[:, 0]
        over = "" if factor.total_error is None else " ± error over frames"
        panels[0].plot(factor.q, factor.total, color=BLACK, label=f"total{over}")
        if factor.total_error is not None:
            low, high = factor.total - factor.total_error, factor.total + factor.total_error
            panels[0].fill_between(factor.q, low, high, color=BLACK, alpha=0.25, linewidth=0)
        panels[0].set_ylabel("$S(q)$")
        if several:
            for (pair, s), (color, stroke) in zip(factor.partials.items(), LOOKS * 2, strict=False):
                panels[1].plot(factor.q, s, stroke, color=color, label=pair_name(pair, names))
            panels[1].set_ylabel("$S_{ab}(q)$")
            panels[1].legend(loc="upper right")
        if interval is not None:
            panels[0].axvspan(*interval, color=GREEN, alpha=0.2, linewidth=0, label="interval of $R$")
        panels[0].legend(loc="upper right")
        for axes in panels:
            axes.axhline(1, color="0.7", linewidth=0.6, zorder=0)
            axes.set_xlim(0, factor.q[-1])
        panels[-1].set_xlabel(f"$q$ ({units.length_unit}⁻¹)")
        minor_ticks(*panels)
        figure.align_ylabels()
    return target


def motion(
    path: str | Path, motions: Mapping[str, Motion], lag: Floats, label: str, units: UnitNames,
    format: str | None = None,
) -> Path:  # fmt: skip
    """Draw mean-square displacement, F_s and overlap, and the non-Gaussian parameter against the lag.

    motions: {of which atoms: theirs}, tau_alpha is that of the first. lag: [n] as time or in steps, as `label` says.
    """
    found = next(iter(motions.values()))
    with drawing(path, format, SINGLE, 4.6) as (figure, target):
        top, middle, bottom = figure.subplots(3, 1, sharex=True)
        for (name, one), colour, sign in zip(
            motions.items(), (BLACK, *CYCLE) * 6, "os^Dv<>" * 6, strict=False
        ):
            look = {"marker": sign, "markersize": 2.4, "color": colour, "linewidth": 0.9}
            top.plot(lag, one.msd, label=name, **look)
            middle.plot(lag, one.scattering, **look)
            middle.plot(lag, one.overlap, color=colour, linewidth=0.9, linestyle="--")
            bottom.plot(lag, one.alpha2, **look)
        if found.caged is not None:
            top.plot(lag, found.caged, color="0.5", linewidth=0.9, label="relative to neighbours")
        top.set_ylabel(f"$\\langle r^2 \\rangle$ ({units.length_unit}²)")
        if all((one.msd > 0).all() for one in motions.values()):
            top.set_yscale("log")
        if found.tau_alpha.time is not None:
            tau = found.tau_alpha.time * lag[0] / found.lag[0]
            middle.axvline(tau, color="0.5", linewidth=0.7)
            middle.text(tau, 0.9, r" $\tau_\alpha$")
        middle.axhline(np.exp(-1), color="0.7", linewidth=0.6, zorder=0)
        middle.set_ylim(0, 1.05)
        middle.set_ylabel("$F_s$, overlap (dashed)")
        reach = (
            f"$q$ = {found.q:.2f} {units.length_unit}⁻¹, overlap within {found.reach:.2f} {units.length_unit}"
        )
        middle.set_title(reach, loc="left", fontsize=7.5)
        figure.legend(loc="outside upper center", ncols=min(3, len(motions)))
        bottom.set_ylabel(r"$\alpha_2$")
        bottom.set_xscale("log")
        bottom.set_xlabel(label)
        minor_ticks(top, middle, bottom)
        figure.align_ylabels()
    return target


def ttt(
    path: str | Path,
    events: Mapping[str, Sequence[PassageTimes]],
    drop: float,
    rise: float,
    units: UnitNames,
    format: str | None = None,
    energy: str = "$E_{IS}$",
    time_label: str = "MD steps",
) -> Path:
    """Draw the measured time-temperature-transformation diagram (Derlet & Maass 2019, Fig. 6).

    energy: what fell. Arrows: not within that time, or before. Error bars: the standard error over samples on the log
    scale.
    """
    labels = {
        "drop": f"{energy} down by {drop:g} {units.energy_unit}",
        "rise": f"icosahedral fraction up by {rise:g}",
        "crystal": "crystallised",
    }
    with drawing(path, format, SINGLE, 2.9) as (figure, target):
        axes = figure.subplots()
        for (name, found), color, marker in zip(events.items(), (BLUE, ORANGE, RED), "os^", strict=False):
            reached = [i for i in found if i.mean is not None]
            bounds = {
                (">", "not yet"): [(i.least, i.temperature) for i in found if i.least is not None],
                ("<", "at once"): [(i.most, i.temperature) for i in found if i.most],
            }
            if reached:
                mean = np.array([i.mean for i in reached], dtype=np.float64)
                factor = np.array([i.error or 1.0 for i in reached])
                axes.errorbar(
                    mean, [i.temperature for i in reached], xerr=[mean - mean / factor, mean * factor - mean],
                    fmt=f"{marker}-", color=color, capsize=2, linewidth=0.8, label=labels[name],
                )  # fmt: skip
            for (arrow, words), points in bounds.items():
                if points:
                    axes.plot(
                        [time for time, _ in points], [t for _, t in points], linestyle="", marker=arrow,
                        color=color, markerfacecolor="white",
                        label=None if reached else f"{labels[name]}: {words}",
                    )  # fmt: skip
        axes.set_xscale("log")
        axes.set_xlabel(time_label)
        axes.set_ylabel(f"temperature ({units.temperature_unit})")
        minor_ticks(axes)
        axes.legend(loc="best")
    return target
