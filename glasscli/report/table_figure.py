"""A column of a table of runs against another, with error bars over samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glasscli.configuration import Floats
from glasscli.report.canvas import SINGLE, drawing, label_of, minor_ticks
from glasscli.report.palette import CYCLE

DECADE = 8.0  # the largest over the smallest from which on an axis is logarithmic
NAMED = 24  # series that the legend has room for
SHORT = 22  # letters of names that stand two in a row


@dataclass(frozen=True)
class Points:
    """Means [n] with their errors (NaN: none), and all samples [m] behind them."""

    x: Floats
    y: Floats
    x_error: Floats
    y_error: Floats
    samples: tuple[Floats, Floats]


def against(
    path: str | Path, series: Mapping[str, Points], x_label: str, y_label: str, format: str | None = None,
    lines: Mapping[str, tuple[float, float]] | None = None,
) -> Path:  # fmt: skip
    """Draw means against each other, each series by its name, samples faint behind them.

    An axis is logarithmic where all its numbers are positive and range over more than a factor of eight. lines:
    {series: (intercept, slope)} against x, or log10 x where that axis is logarithmic.
    """
    logarithmic = spans_decades([points.x for points in series.values()])
    names = [label_of(name) for name in series][:NAMED]
    columns = 2 if max(map(len, names), default=0) <= SHORT else 1
    above = 0.17 * -(-len(names) // columns) if len(names) > 1 else 0.0
    with drawing(path, format, SINGLE, 2.7 + above) as (figure, target):
        axes = figure.subplots()
        for (name, points), color, marker in zip(series.items(), CYCLE * 9, "os^Dv<>pP" * 6, strict=False):
            axes.plot(*points.samples, marker, color=color, alpha=0.4, markersize=2.4, markeredgewidth=0)
            axes.errorbar(
                points.x, points.y, xerr=_bars(points.x_error), yerr=_bars(points.y_error), fmt=marker, color=color,
                markersize=3.6, capsize=2, linewidth=0.9, label=label_of(name) if name else None,
            )  # fmt: skip
            if lines and name in lines:
                ends = float(points.x.min()), float(points.x.max())
                along = np.geomspace(*ends, 50) if logarithmic else np.array(ends)
                intercept, slope = lines[name]
                axes.plot(along, intercept + slope * (np.log10(along) if logarithmic else along), color=color)
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)
        for scale, key in ((axes.set_xscale, "x"), (axes.set_yscale, "y")):
            if spans_decades([getattr(points, key) for points in series.values()]):
                scale("log")
        if len(series) > 1:
            handles, labels = axes.get_legend_handles_labels()
            title = None if len(series) <= NAMED else f"the first {NAMED} of {len(series)}"
            figure.legend(
                handles[:NAMED], labels[:NAMED], loc="outside upper center", ncols=columns, title=title,
                title_fontsize=7, labelspacing=0.2,
            )  # fmt: skip
        minor_ticks(axes)
    return target


def _bars(errors: Floats) -> Floats | None:
    return None if np.isnan(errors).all() else np.nan_to_num(errors)


def spans_decades(values: Sequence[Floats]) -> bool:
    """Whether an axis of these numbers is logarithmic."""
    found = np.concatenate(values)
    return bool(len(found) and found.min() > 0 and found.max() > DECADE * found.min())
