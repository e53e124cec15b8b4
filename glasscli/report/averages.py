"""Functions of several protocols side by side: a panel each, a line with its band of error for each protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill

import numpy as np

from glasscli.configuration import Floats
from glasscli.report.canvas import DOUBLE, SINGLE, drawing, label_of, minor_ticks
from glasscli.report.palette import LOOKS

DECADE = 30.0  # the largest over the smallest from which on values are drawn on a logarithmic axis


@dataclass(frozen=True)
class Band:
    """A function [n] with its error [n], NaN where there is none; log: its argument is drawn so.

    samples: (argument, value) of each sample, drawn faint behind their mean
    """

    name: str
    x: Floats
    y: Floats
    error: Floats
    x_label: str
    y_label: str
    log: bool = False
    samples: tuple[tuple[Floats, Floats], ...] = ()


def bands(path: str | Path, panels: Mapping[str, Sequence[Band]], format: str | None = None) -> Path:
    """Draw each function in a panel of its own; the legend stands above them all."""
    columns = 2 if len(panels) > 1 else 1
    rows = -(-len(panels) // columns)
    with drawing(path, format, DOUBLE if columns == 2 else SINGLE, 0.4 + 1.9 * rows) as (figure, target):
        grid = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes, drawn in zip(grid, panels.values(), strict=False):
            for band, (color, stroke) in zip(drawn, LOOKS * 3, strict=False):
                for x, y in band.samples:
                    axes.plot(x, y, color=color, linewidth=0.4, alpha=0.35)
                axes.plot(band.x, band.y, stroke, color=color, label=label_of(band.name), linewidth=1.0)
                error = np.nan_to_num(band.error)
                axes.fill_between(band.x, band.y - error, band.y + error, color=color, alpha=0.3, linewidth=0)
            axes.set_xlabel(drawn[0].x_label)
            axes.set_ylabel(fill(drawn[0].y_label, 24))
            if drawn[0].log:
                axes.set_xscale("log")
                if all((b.y > 0).all() and b.y.max() > DECADE * b.y.min() for b in drawn):
                    axes.set_yscale("log")
            else:
                axes.set_xlim(min(_first(b) for b in drawn), max(b.x[-1] for b in drawn))
            minor_ticks(axes)
        for axes in grid[len(panels) :]:
            axes.remove()
        handles, labels = grid[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=min(3, len(labels)))
        figure.align_ylabels()
    return target


def _first(band: Band) -> float:
    """Where a function begins to be anything: the core of g(r) is empty."""
    there = np.flatnonzero(band.y)
    return float(band.x[max(0, there[0] - 2)]) if len(there) else float(band.x[0])
