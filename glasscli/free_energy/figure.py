"""Free energies against volume at each temperature; against temperature where there is one volume."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from glasscli.free_energy.answer import Answer
from glasscli.report.canvas import DOUBLE, drawing, minor_ticks
from glasscli.report.palette import BLACK, CYCLE

LINES = ("-", "--", ":", "-.")


def draw(path: Path, found: Answer) -> Path:
    """Points are what was measured, lines the fit of F, U and P together."""
    volumes = {v for s in found.surfaces for v in s.volumes}
    with drawing(path, None, DOUBLE, 4.4) as (figure, target):
        axes = figure.subplots()
        for i, s in enumerate(found.surfaces):
            color = CYCLE[i % len(CYCLE)]
            mine = [r for r in found.rows if r.phase == s.name]
            if len(volumes) > 1:
                for k, t in enumerate(s.temperatures):
                    at = [r for r in mine if r.temperature == t]
                    axes.errorbar(
                        [r.volume for r in at],
                        [r.F for r in at],
                        [r.F_error for r in at],
                        fmt="o",
                        color=color,
                        ms=2.5,
                    )
                    if len(s.volumes) > 1:
                        curve = s.curve(t)
                        axes.plot(
                            curve.volumes, curve.energies, LINES[k % len(LINES)], color=color,
                            label=f"{s.name}, T = {t:g}",
                        )  # fmt: skip
                    else:
                        axes.plot([], [], "o", color=color, label=f"{s.name}, T = {t:g}")
            else:
                axes.errorbar(
                    [r.temperature for r in mine],
                    [r.F for r in mine],
                    [r.F_error for r in mine],
                    fmt="o",
                    color=color,
                    ms=2.5,
                )
                grid = np.linspace(s.temperatures[0], s.temperatures[-1], 60)
                axes.plot(grid, [s.free(s.volumes[0], t) for t in grid], color=color, label=s.name)
        for one in found.mixtures:
            mix = one.mixed.mixture
            axes.plot(
                [mix.volumes[n] for n in mix.phases],
                [mix.energies[n] for n in mix.phases],
                "-",
                color=BLACK,
                linewidth=0.8,
            )
            axes.plot([mix.volume], [mix.energy], "s", color=BLACK, markersize=3)
        units = found.system.unit_system
        axes.set_xlabel(
            f"volume per atom ({units.length_unit}³)" if len(volumes) > 1 else f"T ({units.temperature_unit})"
        )
        axes.set_ylabel(f"$F$ per atom ({units.energy_unit})")
        minor_ticks(axes)
        axes.legend()
    return target
