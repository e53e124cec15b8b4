"""The fictive temperature of a quench: where its glass and liquid branches cross."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from glasscli.configuration import Floats
from glasscli.model.fictive import LIQUID_EXPONENT
from glasscli.observables.fictive import FictiveTemperature
from glasscli.report.canvas import DOUBLE, drawing, minor_ticks, with_error
from glasscli.report.palette import BLACK, BLUE, GREEN, RED
from glasscli.units import UnitNames

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def fictive_temperature(
    path: str | Path,
    temperature: ArrayLike,
    series: Mapping[str, ArrayLike],
    result: FictiveTemperature,
    units: UnitNames,
    labels: Mapping[str, str] | None = None,
    format: str | None = None,
) -> Path:
    """Draw Tool's construction: each property with its glass and liquid branch, and below it what is left
    when the glass line is taken away, where the crossing shows.

    temperature [n], series {name: [n]} and `result` as given to and by `fictive_temperature`. labels: {name:
    axis label}; energy, pressure, enthalpy and volume have their own.
    """
    t = np.asarray(temperature, dtype=np.float64)
    known = {
        "energy": f"potential energy per atom ({units.energy_unit})",
        "pressure": f"pressure ({units.pressure_unit})",
        "enthalpy": f"enthalpy per atom ({units.energy_unit})",
        "volume": f"volume per atom ({units.volume_unit})",
    } | dict(labels or {})
    drawn = [name for name in series if name in result.branches]
    line = np.linspace(max(0.0, t.min()), t.max(), 400)
    glass_max, liquid_min = result.windows
    with drawing(path, format, DOUBLE if len(drawn) > 1 else 3.7, 4.6) as (figure, target):
        grid = figure.subplots(
            2, len(drawn), sharex=True, squeeze=False, gridspec_kw={"height_ratios": [1.0, 1.0]}
        )
        for (top, bottom), name in zip(grid.T, drawn, strict=True):
            branch = result.branches[name]
            y = np.asarray(series[name], dtype=np.float64)
            for axes, base in ((top, np.zeros_like), (bottom, branch.glass_line)):
                axes.plot(t, y - base(t), ".", color="0.8", markersize=1.4, rasterized=True)
                axes.plot(
                    *_means(t, y - base(t)),
                    "o",
                    color="0.35",
                    markersize=2.4,
                    mfc=axes.get_facecolor(),
                    mew=0.7,
                )
                glass, liquid = branch.glass_line(line) - base(line), branch.liquid_line(line) - base(line)
                axes.plot(line, glass, "--", color=BLUE, label="glass, $a + bT$")
                axes.plot(line, liquid, color=RED, label=_liquid(branch.exponent))
                around = result.value - result.error, result.value + result.error
                axes.axvspan(*around, color=GREEN, alpha=0.25, linewidth=0)
                axes.axvline(result.value, color=GREEN, linewidth=0.9)
                axes.set_xlim(0, t.max())
            top.plot(branch.crossing, branch.glass_line(branch.crossing), "o", color=BLACK, markersize=4)
            bottom.errorbar(
                branch.crossing, 0, xerr=branch.error, fmt="o", color=BLACK, markersize=4, capsize=2
            )
            _zoom(bottom, t, y - branch.glass_line(t), result.value)
            for low, high, color in ((0.0, glass_max, BLUE), (liquid_min, t.max(), RED)):
                bottom.plot(
                    [low, high], [0.03, 0.03], transform=bottom.get_xaxis_transform(), color=color, lw=2.5
                )
            label = known.get(name, name)
            unit = label.partition("(")[2]
            top.set_ylabel(label)
            bottom.set_ylabel("minus the glass line" + (f" ({unit}" if unit else ""))
            bottom.set_xlabel(f"temperature ({units.temperature_unit})")
            bottom.text(
                0.97,
                0.12,
                f"crossing {with_error(branch.crossing, branch.error)} (fit)",
                transform=bottom.transAxes,
                ha="right",
                bbox={"facecolor": bottom.get_facecolor(), "edgecolor": "none", "alpha": 0.8, "pad": 1.5},
            )
            minor_ticks(top, bottom)
        grid[0, 0].legend(loc="lower right")  # both branches rise
        figure.align_ylabels()
        figure.suptitle(
            f"$T_f$ = {with_error(result.value, result.error)} {units.temperature_unit}"
            f"   (error of the fit; thick bars: fitted ranges, T < {glass_max:g} and T > {liquid_min:g})",
            fontsize=8.5,
        )
    return target


def _liquid(exponent: float) -> str:
    """The liquid's form, as text."""
    power = "^{3/5}" if exponent == LIQUID_EXPONENT else "" if exponent == 1 else f"^{{{exponent:g}}}"
    return f"liquid, $a + bT{power}$"


def _means(t: Floats, y: Floats, pieces: int = 40) -> tuple[Floats, Floats]:
    """Means of both over equal ranges of t: what the eye cannot average in a cloud of points."""
    bins = np.minimum((pieces * (t - t.min()) / max(np.ptp(t), 1e-300)).astype(int), pieces - 1)
    counts = np.bincount(bins, minlength=pieces)
    used = counts > 0
    sums = [np.bincount(bins, values, pieces)[used] / counts[used] for values in (t, y)]
    return sums[0], sums[1]


def _zoom(axes: Axes, t: Floats, difference: Floats, crossing: float) -> None:
    """Limit the lower panel to what the data do up to twice the crossing; far out the branches run away."""
    near = difference[t < max(2 * crossing, 0.5 * t.max())]
    low, high = np.percentile(near, [0.5, 99.5])
    room = 0.25 * (high - low)
    axes.set_ylim(low - 1.6 * room, high + room)
