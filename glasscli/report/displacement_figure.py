"""The map of displacements between two configurations (Derlet & Maass 2019, Fig. 1c)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from glasscli.configuration import Configuration
from glasscli.errors import InputError
from glasscli.observables.displacement import magnitudes
from glasscli.report.canvas import drawing
from glasscli.report.palette import colour_map
from glasscli.report.projection import box_edges, eye, framed, mark_axes, slab, view
from glasscli.units import UnitNames

MAX_DISPLACEMENT = 1.25  # sigma: the red end of the paper's maps
PAPER_SPACING = 0.767 ** (1 / 3)  # sigma: of the paper's glasses


def red_end(spacing: float, units: UnitNames) -> float:
    """The displacement at which the colours of a map end: the paper's in reduced units, else as many spacings."""
    if units.length_unit == "σ":
        return MAX_DISPLACEMENT
    alike = MAX_DISPLACEMENT / PAPER_SPACING * spacing
    step = 10 ** np.floor(np.log10(alike)) / 2
    return float(max(1, round(alike / step)) * step)


def displacement_map(
    path: str | Path,
    configuration: Configuration,
    vectors: ArrayLike,
    *,
    units: UnitNames,
    format: str | None = None,
) -> Path:
    """Draw displacement vectors [n_atoms, 3] as arrows in the box, coloured by length from 0 (pale blue) to dark red
    at `red_end`.

    The box is seen from in front, a little from the right and from above, without perspective; of more than
    1500 atoms, a slab through its middle, face on; a plane from above. Arrows have their true length, from
    where the atom was.
    """
    moved = np.asarray(vectors, dtype=np.float64)
    if moved.shape != configuration.positions.shape:
        raise InputError(f"{len(moved)} displacements do not fit {configuration.n_atoms} atoms")
    shown, note = slab(configuration)
    seen = view(0.0, 0.0) if note else eye(configuration.box)
    box, shift = framed(configuration.box, configuration.positions)
    base, arrows = (configuration.positions[shown] + shift) @ seen, moved[shown] @ seen
    spacing = configuration.spacing
    size = magnitudes(moved[shown])
    order = np.argsort(size)  # the far movers are the message: they lie on top
    base, arrows, size = base[order], arrows[order], size[order]
    with drawing(path, format, 4.2, 3.9) as (figure, target):
        from matplotlib.colors import Normalize

        axes = figure.subplots()
        colours = colour_map()
        scale = Normalize(0, red_end(spacing, units))
        corners = box_edges(axes, box, seen)
        tripod = mark_axes(axes, box, seen)
        ends = np.concatenate([corners, tripod, base, base + arrows])
        margin = 0.02 * float(np.ptp(corners, axis=0).max())
        low, high = ends.min(axis=0) - margin, ends.max(axis=0) + margin
        axes.set_xlim(low[0], high[0])
        axes.set_ylim(low[1], high[1])
        # Points a quarter of the atoms' spacing wide, in the figure's 3.3 inches of width.
        dot = (spacing / 4 * 3.3 * 72 / (high[0] - low[0])) ** 2
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
            width=(0.12 if note else 0.07) * spacing,
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
        edges = " × ".join(f"{edge:.3g}" for edge in configuration.box.lengths[: configuration.box.dimension])
        odd = "" if configuration.box.plain else f", {configuration.box.words}"
        axes.set_title(f"box {edges} {units.length_unit}{odd}{note}", fontsize=7.5, color="0.3")
    return target
