"""Stress and energy against strain, what gave way, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from glasscli.configuration import Configuration, Floats
from glasscli.observables.drops import Drops
from glasscli.observables.shear_band import Layers
from glasscli.report.canvas import DOUBLE, SINGLE, drawing, minor_ticks
from glasscli.report.palette import BLACK, BLUE, RED, colour_map
from glasscli.units import UnitNames


def shear(
    path: Path, table: Mapping[str, np.ndarray], events: Sequence[tuple[float, float]],
    places: tuple[Configuration, Floats] | None, units: UnitNames,
) -> Path:  # fmt: skip
    """Draw a run of strain; table: its columns by name. events: (strain, energy that it gave off).

    places: the atoms of one event and D2min [n] of each, shown in projection along the box's c, far ones first.
    """
    with drawing(path, None, DOUBLE, 2.5) as (figure, target):
        left, middle, right = figure.subplots(1, 3)
        strain = table["strain"]
        left.plot(strain, table["strain_stress"], color=BLUE, lw=0.8)
        left.set_xlabel("strain")
        left.set_ylabel(f"stress ({units.pressure_unit})")
        middle.plot(strain, table["strain_energy"], color=BLACK, lw=0.8)
        middle.set_xlabel("strain")
        middle.set_ylabel(f"energy per atom ({units.energy_unit})")
        if events:
            where, drop = np.array(events).T
            bars = middle.twinx()
            bars.vlines(where, 0, drop, color=RED, lw=0.6)
            bars.set_ylabel(f"given off ({units.energy_unit})", color=RED)
        if places is None:
            right.axis("off")
        else:
            _map(right, *places)
        minor_ticks(left, middle)
    return target


def _map(axes: object, atoms: Configuration, values: Floats) -> None:
    from matplotlib.axes import Axes

    assert isinstance(axes, Axes)
    order = np.argsort(values)
    x, y = atoms.positions[order, 0], atoms.positions[order, 1]
    shown = np.sqrt(values[order])
    points = axes.scatter(
        x, y, c=shown, s=4 + 40 * shown / max(float(shown.max()), 1e-300), cmap="viridis", lw=0
    )
    axes.figure.colorbar(points, ax=axes, label=r"$D_\mathrm{min}$ of the largest event")
    axes.set_aspect("equal")
    axes.set_xlabel("x")
    axes.set_ylabel("y")


def drops(path: Path, stress: Drops, energy: Drops, units: UnitNames) -> Path:
    """Draw how drops of stress and of energy are distributed."""
    with drawing(path, None, DOUBLE, 2.5) as (figure, target):
        for axes, one, name in zip(
            figure.subplots(1, 2), (stress, energy),
            (f"stress drop ({units.pressure_unit})", f"energy drop ({units.energy_unit})"), strict=True,
        ):  # fmt: skip
            axes.set_xlabel(name)
            axes.set_ylabel("density")
            if one.n:
                axes.errorbar(one.size, one.density, one.density_error, fmt="o", ms=3, color=BLUE, lw=0.8)
                axes.set_xscale("log")
                axes.set_yscale("log")
        minor_ticks(*figure.axes)
    return target


def band(
    path: Path, atoms: Configuration, strain: Floats, layers: Layers, course: Mapping[str, Sequence[float]],
    units: UnitNames,
) -> Path:  # fmt: skip
    """Draw local strains [n] of atoms, their means in layers, and how localised they are along the path."""
    with drawing(path, None, DOUBLE, 2.4) as (figure, target):
        left, middle, right = figure.subplots(1, 3)
        # The band seen from its side: along its normal and across, the plane's third axis being looked along.
        normal = layers.normal
        across = np.cross(normal, np.eye(3)[2 if abs(normal[2]) < 0.5 else 0])
        across /= np.linalg.norm(across)
        order = np.argsort(np.abs(strain))
        low, high = np.quantile(strain, [0.02, 0.98])
        points = left.scatter(
            (atoms.positions @ across)[order], (atoms.positions @ normal % layers.height)[order], c=strain[order], s=5,
            cmap=colour_map(), vmin=low, vmax=max(high, low + 1e-12), lw=0,
        )  # fmt: skip
        figure.colorbar(points, ax=left, label="local strain")
        left.set_xlabel(f"across the normal ({units.length_unit})")
        left.set_ylabel(f"along the normal ({units.length_unit})")
        middle.errorbar(layers.strain, layers.middle, xerr=layers.error, fmt="o-", ms=3, color=BLUE, lw=0.8)
        middle.set_xlabel("strain of the layer")
        middle.set_ylabel(f"along the normal ({units.length_unit})")
        x, null, error = (np.array(course[name]) for name in ("strain", "null", "null_error"))
        right.fill_between(x, null - 2 * error, null + 2 * error, color="#D0D0D0", lw=0)
        right.plot(x, course["participation"], "o-", ms=3, color=RED, lw=0.8)
        right.set_ylim(0, 1.05)
        right.set_xlabel("strain")
        right.set_ylabel("share of layers that deform")
        minor_ticks(middle, right)
    return target


def spots(path: Path, strain: Floats, ranks: Mapping[str, Floats]) -> Path:
    """Draw ranks [n] of what gave way at strains [n], by the state of the map; half is none of a map's doing."""
    with drawing(path, None, SINGLE, 2.4) as (figure, target):
        axes = figure.subplots()
        for (name, values), color, mark in zip(ranks.items(), (BLUE, RED), "os", strict=False):
            axes.plot(strain, values, mark, ms=3, color=color, label=name)
        axes.axhline(0.5, color=BLACK, lw=0.6, ls="--")
        axes.set_ylim(0, 1.02)
        axes.set_xlabel("strain")
        axes.set_ylabel("rank of its core")
        axes.legend()
        minor_ticks(axes)
    return target
