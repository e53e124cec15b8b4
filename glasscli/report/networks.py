"""Figures of bonds and of single atoms: bond orders, classes of atoms, local energies and volumes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glasscli.configuration import Floats, Ints
from glasscli.formats.names import atoms_of
from glasscli.report.canvas import DOUBLE, SINGLE, bins, drawing, minor_ticks
from glasscli.report.palette import BLACK, BLUE, ORANGE, RED
from glasscli.units import UnitNames

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEW = 50  # atoms of which no density can be drawn
# Derlet & Maass 2019, Fig. 7: 3 purple, 4 red, 5 blue, 6 yellow, 7 green, 8 orange.
ORDER_COLOURS = {3: "#7B3294", 4: "#D7191C", 5: "#2C5FB3", 6: "#EFC000", 7: "#2E9F44", 8: "#F28E2B"}
OTHER_ORDER = "#888888"


@dataclass(frozen=True)
class Orders:
    """How many bonds a network has, and of each order."""

    bonds: int
    counts: Mapping[int, int]


def bond_orders(
    path: str | Path,
    whole: Orders,
    modified: Orders,
    classes: Mapping[str, float],
    format: str | None = None,
) -> Path:
    """Draw how many bonds have each order, before and after pruning, and the most frequent classes of atoms."""
    orders = sorted({*whole.counts, *modified.counts})
    with drawing(path, format, DOUBLE, 2.7) as (figure, target):
        left, right = figure.subplots(1, 2)
        place = np.arange(len(orders), dtype=np.float64)
        for which, shift, alpha, label in (
            (whole, -0.2, 0.45, "all (pale)"),
            (modified, 0.2, 1.0, "modified"),
        ):
            shares = [100 * which.counts.get(n, 0) / max(1, which.bonds) for n in orders]
            colours = [ORDER_COLOURS.get(n, OTHER_ORDER) for n in orders]
            left.bar(
                place + shift,
                shares,
                0.38,
                color=colours,
                alpha=alpha,
                label=f"{label}, {which.bonds} bonds",
            )
        left.set_xticks(place, [str(n) for n in orders])
        left.set_ylim(top=1.3 * left.get_ylim()[1])
        left.set_xlabel("bond order (common neighbours)")
        left.set_ylabel("share of bonds (%)")
        legend = left.legend(loc="upper right")
        for handle in legend.legend_handles:
            if handle is not None:
                handle.set_color("0.4")
        most = list(classes.items())[:12][::-1]
        right.barh([name for name, _ in most], [100 * share for _, share in most], color="#9DB8CC")
        right.set_xlabel("share of atoms (%)")
        right.set_ylabel("class $n_4,n_5,n_6$")
        right.tick_params(axis="y", length=0)
    return target


def energies_and_volumes(
    path: str | Path,
    energies: Floats,
    volumes: Floats,
    species: Ints,
    names: Mapping[int, str],
    units: UnitNames,
    format: str | None = None,
) -> Path:
    """Draw every atom's energy against its Voronoi volume by species, with both histograms (Derlet & Maass, Fig. 5).

    Lines of equal density enclose half and nine tenths of the atoms of a species.
    """
    with drawing(path, format, SINGLE, 3.4) as (figure, target):
        grid = figure.add_gridspec(2, 2, width_ratios=(4, 1), height_ratios=(1, 4))
        main = figure.add_subplot(grid[1, 0])
        above = figure.add_subplot(grid[0, 0], sharex=main)
        beside = figure.add_subplot(grid[1, 1], sharey=main)
        for s, color in zip(np.unique(species), (BLUE, ORANGE, RED, BLACK) * 4, strict=False):
            mine = species == s
            size = float(np.clip(3000 / len(species), 0.5, 6))
            main.scatter(
                volumes[mine], energies[mine], s=size, color=color, alpha=0.35, linewidths=0, rasterized=True,
                label=atoms_of(names.get(int(s), int(s))),
            )  # fmt: skip
            _contours(main, volumes[mine], energies[mine], color)
            above.hist(volumes[mine], bins=bins(volumes[mine], 40), histtype="step", color=color)
            beside.hist(
                energies[mine],
                bins=bins(energies[mine], 40),
                histtype="step",
                color=color,
                orientation="horizontal",
            )
        main.set_xlabel(f"Voronoi volume ({units.length_unit}³)")
        main.set_ylabel(f"energy of an atom ({units.energy_unit})")
        above.set_ylabel("atoms")
        beside.set_xlabel("atoms")
        above.tick_params(labelbottom=False)
        beside.tick_params(labelleft=False)
        handles, labels = main.get_legend_handles_labels()
        legend = figure.legend(
            handles, labels, loc="outside upper center", ncols=min(4, len(labels)),
            title="lines round 50 % and 90 % of", title_fontsize=7,
        )  # fmt: skip
        for handle in legend.legend_handles:
            if handle is not None:
                handle.set(alpha=1, sizes=[12])
        minor_ticks(main)
    return target


def _contours(axes: Axes, x: Floats, y: Floats, color: str) -> None:
    """Draw where the smoothed density of points falls below what half and nine tenths of them have."""
    if len(x) < FEW or np.ptp(x) < 1e-6 or np.ptp(y) < 1e-6:
        return  # a crystal's atoms are alike
    from scipy.ndimage import gaussian_filter

    # Smoothed by two fifths of a standard deviation, enough for a few hundred points.
    edges = [np.linspace(v.min() - v.std(), v.max() + v.std(), 81) for v in (x, y)]
    counts, _, _ = np.histogram2d(x, y, bins=edges)
    widths = [
        0.4 * v.std() / (e[1] - e[0]) * (200 / len(v)) ** (1 / 6) for v, e in zip((x, y), edges, strict=True)
    ]
    density = gaussian_filter(counts, widths, mode="constant")
    cells = tuple(np.clip(np.searchsorted(e, v) - 1, 0, 79) for v, e in zip((x, y), edges, strict=True))
    levels = np.unique(np.quantile(density[cells], [0.1, 0.5]))
    middles = [(e[1:] + e[:-1]) / 2 for e in edges]
    axes.contour(*middles, density.T, levels=levels, colors=color, linewidths=(0.6, 1.0))
