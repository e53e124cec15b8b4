"""Entropies against temperature, S_c as far as it is known and on towards T_K, and relaxation against 1/(T S_c)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from glasscli.configuration import Floats
from glasscli.free_energy.glass_answer import GlassAnswer
from glasscli.free_energy.kauzmann import Kauzmann
from glasscli.report.canvas import DOUBLE, drawing, minor_ticks
from glasscli.report.palette import BLACK, BLUE, GREEN, ORANGE


def draw(path: Path, found: GlassAnswer) -> Path:
    """Three panels; the last only where relaxation times are known."""
    rows = [r for r in found.rows if r.S_configurational is not None]
    slow = [r for r in rows if r.tau is not None]
    unit = found.system.unit_system
    T = np.array([r.T for r in rows])
    with drawing(path, None, DOUBLE, 2.8) as (figure, target):
        panels = figure.subplots(1, 3 if slow else 2)
        total, rest = panels[0], panels[1]
        total.errorbar(T, *_with(rows, "S_liquid"), fmt="o-", color=BLUE, markersize=3, label="liquid")
        total.errorbar(
            T, *_with(rows, "S_vibrational"), fmt="s-", color=GREEN, markersize=3, label="vibrational"
        )
        total.set_ylabel("$S$ per atom ($k$)")
        total.legend()
        for name, colour, mark, law, said in (
            ("S_configurational", BLACK, "o", found.law, "inherent structures"),
            ("S_configurational_by_springs", ORANGE, "^", found.by_springs, "springs"),
        ):
            rest.errorbar(T, *_with(rows, name), fmt=mark, color=colour, markersize=3, label=said)
            _line(rest, law, float(T.max()), colour, unit.boltzmann)
        rest.axhline(0.0, color=BLACK, linewidth=0.5)
        rest.set_ylabel("$S_c$ per atom ($k$)")
        rest.legend(loc="upper left")
        for axes in (total, rest):
            axes.set_xlabel(f"$T$ ({unit.temperature_unit})")
        minor_ticks(total, rest)
        if slow:
            entropy, doubt = _with(slow, "S_configurational")
            x, axes = 1 / (unit.boltzmann * np.array([r.T for r in slow]) * entropy), panels[2]
            axes.errorbar(
                x, *_with(slow, "tau"), np.abs(x * doubt / entropy), fmt="o", color=BLACK, markersize=3
            )
            a = found.relaxing
            if a.A is not None and a.ln_tau0 is not None:
                grid = np.linspace(x.min(), x.max(), 50)
                axes.plot(grid, np.exp(a.ln_tau0 + a.A * grid), color=BLUE)
            axes.set_yscale("log")
            axes.set_xlabel(f"$1 / T S_c$ (1/{unit.energy_unit})")
            minor_ticks(axes)
            axes.set_ylabel(f"$\\tau_\\alpha$ ({found.time})")
    return target


def _with(rows, name: str) -> tuple[Floats, Floats]:  # type: ignore[no-untyped-def]
    """[n] values of a name and their errors."""
    errors = [getattr(r, f"{name}_error") or 0.0 for r in rows]
    return np.array([getattr(r, name) for r in rows]), np.array(errors)


def _line(axes, law: Kauzmann, highest: float, colour: str, boltzmann: float) -> None:  # type: ignore[no-untyped-def]
    if law.T_K is None or law.K is None:
        return
    grid = np.linspace(law.T_K, highest, 100)
    axes.plot(grid, law.K / boltzmann * (1 / law.T_K - 1 / grid), color=colour, linewidth=0.8)
