"""The figures of a run: series, correlations, structure, displacements, the fictive temperature, the census.

Every function takes numbers and a path and returns the path written. `format` is png, pdf or svg (None: from
the path, else png); `units` names the units on the axes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from glasscli.analysis.displacement import magnitudes
from glasscli.analysis.fictive import FictiveTemperature
from glasscli.analysis.pair_distribution import PairDistribution
from glasscli.analysis.relaxation import LineFit
from glasscli.analysis.voronoi import ICOSAHEDRON, IndexShare
from glasscli.configuration import Configuration, Floats
from glasscli.errors import InputError
from glasscli.report.canvas import (
    BLACK,
    BLUE,
    CYCLE,
    DOUBLE,
    GREEN,
    ORANGE,
    RED,
    SINGLE,
    HasUnits,
    Units,
    drawing,
    minor_ticks,
    short_numbers,
    with_error,
)
from glasscli.report.projection import box_edges, mark_axes, slab, view

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LJ = Units()
# Groups of atoms whose share of g(r) is drawn (Derlet & Maass 2019, Fig. 2).
PARTS = {1: "icosahedral centres", 2: "and their small neighbours"}
MAX_DISPLACEMENT = 1.25  # sigma: the red end of the maps of Derlet & Maass 2019, Fig. 1c


def energy_and_icosahedra(
    path: str | Path,
    time: ArrayLike,
    inherent_energy: ArrayLike,
    icosahedral_fraction: ArrayLike,
    small: ArrayLike | None = None,
    time_label: str = "MD steps",
    log_time: bool = False,
    units: HasUnits = LJ,
    format: str | None = None,
) -> Path:
    """Draw E_IS per atom and the icosahedral fraction against time, [n_frames] each (Derlet & Maass, Fig.
    1a).

    small: share of the small atoms, drawn beside that of all. Frames with NaN are left out, one by one.
    """
    t = np.asarray(time, dtype=np.float64)
    with drawing(path, format, SINGLE, 3.6) as (figure, target):
        top, bottom = figure.subplots(2, 1, sharex=True)
        marker = "o" if len(t) <= 120 else ""
        top.plot(t, inherent_energy, marker=marker, color=BLUE)
        top.set_ylabel(f"$E_{{IS}}$ per atom ({units.energy_unit})")
        bottom.plot(t, icosahedral_fraction, marker=marker, color=BLACK, label="all atoms")
        if small is not None:
            bottom.plot(t, small, marker=marker, color=ORANGE, label="of the small atoms")
            bottom.legend(loc="best")
        bottom.set_ylabel("icosahedral fraction")
        bottom.set_ylim(bottom=0)
        bottom.set_xlabel(time_label)
        if log_time and (t > 0).any():
            bottom.set_xscale("log")
        else:
            short_numbers(bottom.xaxis)
        minor_ticks(top, bottom)
        figure.align_ylabels()
    return target


def energy_against_icosahedra(
    path: str | Path,
    icosahedral_fraction: ArrayLike,
    inherent_energy: ArrayLike,
    fit: LineFit,
    time: ArrayLike | None = None,
    time_label: str = "MD steps",
    units: HasUnits = LJ,
    format: str | None = None,
) -> Path:
    """Draw E_IS per atom against the icosahedral fraction with its line (Derlet & Maass, Fig. 1b).

    time: [n_frames] colours the points, early to late.
    """
    x, y = np.asarray(icosahedral_fraction, dtype=np.float64), np.asarray(inherent_energy, dtype=np.float64)
    with drawing(path, format, SINGLE, 2.7) as (figure, target):
        axes = figure.subplots()
        if time is None:
            axes.plot(x, y, "o", color=BLUE, alpha=0.75, markeredgewidth=0)
        else:
            points = axes.scatter(x, y, c=np.asarray(time), s=11, cmap="viridis", linewidths=0)
            bar = figure.colorbar(points, ax=axes, pad=0.02)
            bar.set_label(time_label)
            short_numbers(bar.ax.yaxis)
            bar.outline.set_linewidth(0.5)
        if fit.slope is not None and fit.intercept is not None:
            ends = np.array([np.nanmin(x), np.nanmax(x)])
            label = f"slope {with_error(fit.slope, fit.slope_error)} {units.energy_unit}"
            axes.plot(ends, fit.intercept + fit.slope * ends, color=RED, label=label)
            axes.legend(loc="best")
        axes.set_xlabel("icosahedral fraction")
        axes.set_ylabel(f"$E_{{IS}}$ per atom ({units.energy_unit})")
        minor_ticks(axes)
    return target


def pair_distributions(
    path: str | Path,
    distribution: PairDistribution,
    names: Mapping[int, str] | None = None,
    units: HasUnits = LJ,
    format: str | None = None,
) -> Path:
    """Draw total and partial g(r), with bands of one standard error where frames were averaged.

    names: {species: name} for the legend; one-digit species only, as in the keys of the partials.
    """
    names = names or {}
    with drawing(path, format, SINGLE, 4.0 if len(distribution.partials) > 1 else 2.4) as (figure, target):
        if len(distribution.partials) > 1:
            top, bottom = figure.subplots(2, 1, sharex=True)
        else:
            top = bottom = figure.subplots()
        r = distribution.r
        _band(top, r, distribution.total, distribution.total_error, BLACK, "total")
        for (group, part), colour in zip(distribution.parts.items(), (RED, GREEN), strict=False):
            _band(
                top,
                r,
                part,
                distribution.part_errors.get(group),
                colour,
                PARTS.get(group, f"groups to {group}"),
            )
        if bottom is not top:
            for (pair, g), color in zip(distribution.partials.items(), CYCLE * 6, strict=False):
                label = "–".join(names.get(int(s), s) for s in pair) if len(pair) == 2 else pair
                _band(bottom, r, g, distribution.partial_errors.get(pair), color, label)
            bottom.legend(loc="upper right")
            bottom.set_ylabel("$g_{ab}(r)$")
        top.legend(loc="upper right")
        top.set_ylabel("$g(r)$")
        bottom.set_xlabel(f"$r$ ({units.length_unit})")
        for axes in {top, bottom}:
            axes.axhline(1, color="0.7", linewidth=0.6, zorder=0)
            axes.set_ylim(bottom=0)
            axes.set_xlim(_start(distribution), distribution.edges[-1])
        minor_ticks(top, bottom)
        figure.align_ylabels()
    return target


def displacement_map(
    path: str | Path,
    configuration: Configuration,
    vectors: ArrayLike,
    maximum: float = MAX_DISPLACEMENT,
    units: HasUnits = LJ,
    format: str | None = None,
) -> Path:
    """Draw displacement vectors [n_atoms, 3] as arrows in the box, coloured by length from 0 (blue) to
    `maximum` (red).

    The box is seen from in front, a little from the right and from above, without perspective; of more than
    1500 atoms, a slab through its middle, face on. Arrows have their true length, from where the atom was.
    """
    moved = np.asarray(vectors, dtype=np.float64)
    if moved.shape != configuration.positions.shape:
        raise InputError(f"{len(moved)} displacements do not fit {configuration.n_atoms} atoms")
    shown, note = slab(configuration)
    eye = view(24.0, 14.0) if not note else view(0.0, 0.0)
    base, arrows = configuration.positions[shown] @ eye, moved[shown] @ eye
    spacing = (configuration.volume / configuration.n_atoms) ** (1 / 3)
    size = magnitudes(moved[shown])
    order = np.argsort(size)  # the far movers are the message: they lie on top
    base, arrows, size = base[order], arrows[order], size[order]
    with drawing(path, format, 4.2, 3.9) as (figure, target):
        from matplotlib import colormaps
        from matplotlib.colors import ListedColormap, Normalize

        axes = figure.subplots()
        # Without turbo's ends, which are nearly black.
        colours = ListedColormap(colormaps["turbo"](np.linspace(0.08, 0.94, 256)))
        scale = Normalize(0, maximum)
        corners = box_edges(axes, configuration.box, eye)
        tripod = mark_axes(axes, configuration.box, eye)
        ends = np.concatenate([corners, tripod, base, base + arrows])
        margin = 0.02 * float(np.ptp(corners, axis=0).max())
        low, high = ends.min(axis=0) - margin, ends.max(axis=0) + margin
        axes.set_xlim(low[0], high[0])
        axes.set_ylim(low[1], high[1])
        # Points an eighth of the atoms' spacing wide, in the figure's 3.3 inches of width.
        dot = (spacing / 8 * 3.3 * 72 / (high[0] - low[0])) ** 2
        axes.scatter(base[:, 0], base[:, 1], s=dot, c=size, cmap=colours, norm=scale, linewidths=0)
        axes.quiver(
            base[:, 0],
            base[:, 1],
            arrows[:, 0],
            arrows[:, 1],
            size,
            cmap=colours,
            norm=scale,
            angles="xy",
            scale_units="xy",
            scale=1,
            units="xy",
            width=(0.1 if note else 0.05) * spacing,
            headwidth=3.4,
            headlength=4.2,
            headaxislength=3.8,
            minlength=0.5,
        )
        axes.set_aspect("equal")
        axes.axis("off")
        from matplotlib.cm import ScalarMappable

        bar = figure.colorbar(ScalarMappable(scale, colours), ax=axes, shrink=0.75, pad=0.02, extend="max")
        bar.set_label(f"displacement ({units.length_unit})")
        edges = " × ".join(f"{edge:.3g}" for edge in configuration.box)
        axes.set_title(f"box {edges} {units.length_unit}{note}", fontsize=7.5, color="0.3")
    return target


def fictive_temperature(
    path: str | Path,
    temperature: ArrayLike,
    series: Mapping[str, ArrayLike],
    result: FictiveTemperature,
    units: HasUnits = LJ,
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
        "volume": f"volume per atom ({units.length_unit}³)",
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
                axes.plot(*_means(t, y - base(t)), "o", color="0.35", markersize=2.4, mfc="white", mew=0.7)
                axes.plot(line, branch.glass_line(line) - base(line), color=BLUE, label="glass, $a + bT$")
                axes.plot(
                    line, branch.liquid_line(line) - base(line), color=RED, label="liquid, $a + bT^{3/5}$"
                )
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
                f"crossing {with_error(branch.crossing, branch.error)}",
                transform=bottom.transAxes,
                ha="right",
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.5},
            )
            minor_ticks(top, bottom)
        grid[0, 0].legend(loc="upper left")
        figure.align_ylabels()
        figure.suptitle(
            f"$T_f$ = {with_error(result.value, result.error)} {units.temperature_unit}"
            f"   (thick bars: fitted ranges, T < {glass_max:g} and T > {liquid_min:g})",
            fontsize=8.5,
        )
    return target


def voronoi_census(
    path: str | Path,
    census: Sequence[IndexShare],
    top: int = 15,
    names: Mapping[int, str] | None = None,
    format: str | None = None,
) -> Path:
    """Draw the most frequent Voronoi indices: bars for all atoms, points for each species' own share.

    The icosahedron <0,0,12,0> is drawn in a colour of its own. names: {species: name} for the legend.
    """
    names = names or {}
    rows = list(census[:top])
    if not rows:
        raise InputError("the Voronoi census is empty: there is nothing to draw")
    with drawing(path, format, SINGLE, 0.75 + 0.19 * max(4, len(rows))) as (figure, target):
        axes = figure.subplots()
        place = np.arange(len(rows))[::-1]
        colours = [RED if row.index == ICOSAHEDRON else "#9DB8CC" for row in rows]
        axes.barh(place, [100 * row.fraction for row in rows], color=colours, height=0.72, label="all atoms")
        species = sorted({s for row in rows for s in row.by_species})
        if len(species) > 1:
            looks = zip((BLACK, ORANGE, GREEN, BLUE) * 8, "os^D" * 8, strict=True)
            for s, (colour, marker) in zip(species, looks, strict=False):
                shares = [100 * row.by_species.get(s, 0.0) for row in rows]
                label = f"of {names[s]} atoms" if s in names else f"of species {s}"
                axes.plot(shares, place, marker, color=colour, markersize=3.2, label=label)
            legend = axes.legend(loc="lower right")
            legend.legend_handles[-1].set_facecolor("#9DB8CC")  # type: ignore[union-attr]
        axes.set_yticks(place, [row.name for row in rows])
        axes.set_xlabel("share of atoms (%)")
        axes.set_ylabel("Voronoi index ⟨$n_3,n_4,n_5,n_6,…$⟩")
        axes.set_xlim(left=0)
        axes.set_ylim(-0.6, len(rows) - 0.4)
        axes.tick_params(axis="y", length=0)
    return target


def _band(axes: Axes, x: Floats, y: Floats, error: Floats | None, color: str, label: str) -> None:
    axes.plot(x, y, color=color, label=label)
    if error is not None:
        axes.fill_between(x, y - error, y + error, color=color, alpha=0.3, linewidth=0)


def _start(distribution: PairDistribution) -> float:
    """Leave out most of the empty core of g(r)."""
    occupied = np.flatnonzero(distribution.total > 0)
    return 0.0 if not len(occupied) else max(0.0, 0.85 * float(distribution.edges[occupied[0]]))


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
