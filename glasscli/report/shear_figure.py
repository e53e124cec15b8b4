"""Stress and energy against strain, what gave way, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from glasscli.configuration import Configuration, Floats
from glasscli.report.canvas import DOUBLE, drawing, minor_ticks
from glasscli.report.palette import BLACK, BLUE, RED
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
