"""The figures of a run: series, correlations, the census of Voronoi cells.

Every function takes numbers and a path and returns the path written. `format` is png, pdf or svg (None: from
the path, else png); `units` names the units on the axes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from glasscli.configuration import Floats
from glasscli.errors import InputError
from glasscli.formats.names import atoms_of, pair_name
from glasscli.observables.pair_distribution import PairDistribution
from glasscli.observables.relaxation import LineFit
from glasscli.observables.voronoi import ICOSAHEDRON, IndexShare
from glasscli.report.canvas import SINGLE, drawing, minor_ticks, short_numbers, with_error
from glasscli.report.palette import BLACK, BLUE, GREEN, LOOKS, ORANGE, RED, STROKES, colour_map
from glasscli.units import UnitNames

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def energy_and_icosahedra(
    path: str | Path,
    time: ArrayLike,
    inherent_energy: ArrayLike,
    icosahedral_fraction: ArrayLike,
    shares: Mapping[str, ArrayLike] | None = None,
    time_label: str = "MD steps",
    log_time: bool = False,
    *,
    units: UnitNames,
    format: str | None = None,
    energy: str = "$E_{IS}$",
) -> Path:
    """Draw the energy per atom and the icosahedral fraction against time, [n_frames] each (Derlet & Maass, Fig.
    1a).

    shares: {of which atoms: [n_frames]}, drawn beside that of all. energy: what it is, E_IS or potential energy.
    Frames with NaN are left out, one by one; where there are no icosahedra the energy stands alone.
    """
    t = np.asarray(time, dtype=np.float64)
    some = bool(np.nan_to_num(np.asarray(icosahedral_fraction, dtype=np.float64)).any())
    with drawing(path, format, SINGLE, 3.6 if some else 2.3) as (figure, target):
        panels = figure.subplots(2 if some else 1, 1, sharex=True, squeeze=False)[:, 0]
        top, bottom = panels[0], panels[-1]
        marker = "o" if len(t) <= 120 else ""
        top.plot(t, inherent_energy, marker=marker, color=BLUE)
        top.set_ylabel(f"{energy} per atom ({units.energy_unit})")
        if some:
            bottom.plot(t, icosahedral_fraction, marker=marker, color=BLACK, label="all atoms")
            for (name, share), color in zip(
                (shares or {}).items(), (ORANGE, GREEN, BLUE, RED) * 8, strict=False
            ):
                bottom.plot(t, share, marker=marker, color=color, label=f"of {name}")
            if shares:
                figure.legend(loc="outside upper center", ncols=2)
            bottom.set_ylabel("icosahedral fraction")
            bottom.set_ylim(bottom=0)
        bottom.set_xlabel(time_label)
        if log_time and (t > 0).any():
            bottom.set_xscale("log")
        else:
            short_numbers(bottom.xaxis)
        minor_ticks(*panels)
        figure.align_ylabels()
    return target


def energy_against_icosahedra(
    path: str | Path,
    icosahedral_fraction: ArrayLike,
    inherent_energy: ArrayLike,
    fit: LineFit,
    time: ArrayLike | None = None,
    time_label: str = "MD steps",
    *,
    units: UnitNames,
    format: str | None = None,
    energy: str = "$E_{IS}$",
) -> Path:
    """Draw the energy per atom against the icosahedral fraction with its line (Derlet & Maass, Fig. 1b).

    time: [n_frames] colours the points, early to late. energy: what it is, E_IS or potential energy.
    """
    x, y = np.asarray(icosahedral_fraction, dtype=np.float64), np.asarray(inherent_energy, dtype=np.float64)
    with drawing(path, format, SINGLE, 2.7) as (figure, target):
        axes = figure.subplots()
        if time is None:
            axes.plot(x, y, "o", color=BLUE, alpha=0.75, markeredgewidth=0)
        else:
            points = axes.scatter(
                x, y, c=np.asarray(time), s=12, cmap=colour_map(), linewidths=0.3,
                edgecolors=axes.spines["left"].get_edgecolor(),
            )  # fmt: skip
            bar = figure.colorbar(points, ax=axes, pad=0.02)
            bar.set_label(time_label)
            short_numbers(bar.ax.yaxis)
            bar.outline.set_linewidth(0.5)
        if fit.slope is not None and fit.intercept is not None:
            ends = np.array([np.nanmin(x), np.nanmax(x)])
            label = f"slope {with_error(fit.slope, fit.slope_error)} {units.energy_unit} (over frames)"
            axes.plot(ends, fit.intercept + fit.slope * ends, color=BLUE, label=label)
            figure.legend(loc="outside upper center")
        axes.set_xlabel("icosahedral fraction")
        axes.set_ylabel(f"{energy} per atom ({units.energy_unit})")
        minor_ticks(axes)
    return target


def pair_distributions(
    path: str | Path,
    distribution: PairDistribution,
    names: Mapping[int, str],
    units: UnitNames,
    format: str | None = None,
    parts: Mapping[int, str] | None = None,
) -> Path:
    """Draw total and partial g(r), with bands of one standard error where frames were averaged.

    names: {species: name} for the legend; parts: the same of groups of atoms whose share of the total is drawn
    (Derlet & Maass 2019, Fig. 2).
    """
    with drawing(path, format, SINGLE, 4.0 if len(distribution.partials) > 1 else 2.4) as (figure, target):
        if len(distribution.partials) > 1:
            top, bottom = figure.subplots(2, 1, sharex=True)
        else:
            top = bottom = figure.subplots()
        r = distribution.r
        over = "" if distribution.total_error is None else " ± error over frames"
        _band(top, r, distribution.total, distribution.total_error, BLACK, f"total{over}")
        there = {group: name for group, name in (parts or {}).items() if distribution.parts[group].any()}
        for (group, name), colour, stroke in zip(
            there.items(), (RED, GREEN, BLUE, ORANGE) * 8, STROKES[1:] * 11, strict=False
        ):
            _band(
                top, r, distribution.parts[group], distribution.part_errors.get(group), colour, name, stroke
            )
        if bottom is not top:
            for (pair, g), look in zip(distribution.partials.items(), LOOKS * 2, strict=False):
                color, stroke = look
                _band(
                    bottom, r, g, distribution.partial_errors.get(pair), color, pair_name(pair, names), stroke
                )
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


def voronoi_census(
    path: str | Path,
    census: Sequence[IndexShare],
    names: Mapping[int, str],
    top: int = 15,
    format: str | None = None,
) -> Path:
    """Draw the most frequent Voronoi indices: bars for all atoms, points for each species' own share.

    The icosahedron <0,0,12,0> is drawn in a colour of its own. names: {species: name} for the legend.
    """
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
                label = f"of {atoms_of(names.get(s, s))}"
                axes.plot(
                    shares, place, marker, color=colour, markersize=3.6, label=label, mec=BLACK, mew=0.6
                )
            legend = axes.legend(loc="lower right")
            legend.legend_handles[-1].set_facecolor("#9DB8CC")  # type: ignore[union-attr]
        axes.set_yticks(place, [row.name for row in rows])
        axes.set_xlabel("share of atoms (%)")
        axes.set_ylabel("Voronoi index ⟨$n_3,n_4,n_5,n_6,…$⟩")
        axes.set_xlim(left=0)
        axes.set_ylim(-0.6, len(rows) - 0.4)
        axes.tick_params(axis="y", length=0)
    return target


def _band(
    axes: Axes, x: Floats, y: Floats, error: Floats | None, color: str, label: str, stroke: str = "-"
) -> None:
    axes.plot(x, y, stroke, color=color, label=label)
    if error is not None:
        axes.fill_between(x, y - error, y + error, color=color, alpha=0.3, linewidth=0)


def _start(distribution: PairDistribution) -> float:
    """Leave out most of the empty core of g(r)."""
    occupied = np.flatnonzero(distribution.total > 0)
    return 0.0 if not len(occupied) else max(0.0, 0.85 * float(distribution.edges[occupied[0]]))
