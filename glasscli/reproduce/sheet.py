"""The sheet that a reproduction is drawn on: panels in the paper's layout, and the quoted numbers beside ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.report.canvas import DOUBLE, drawing
from glasscli.reproduce.comparison import Comparison, Verdict, as_expected, as_found

ROW_HEIGHT, HEADROOM = 0.16, 0.42
LONGEST = 78  # characters of a row's first column
COLOURS = {Verdict.DIFFERS: "#b03020", Verdict.UNSURE: "0.55", Verdict.INPUT: "0.55"}


def sheet(
    path: Path,
    title: str,
    draw: Callable[[Any], Sequence[Comparison]],
    height: float = 3.0,
    width: float = DOUBLE,
) -> list[Comparison]:
    """Draw panels with `draw(figure)` and, below them, the table of what it returns; write the figure to `path`.

    height: of the panels, in inches.
    """
    from matplotlib.figure import Figure  # a listing draws nothing and starts without

    # What is below is known only when the panels are drawn: they get a subfigure of their own.
    rows = list(draw(Figure(figsize=(width, height))))
    below = HEADROOM + ROW_HEIGHT * len(rows) if rows else 0.0
    with drawing(path, None, width, height + below) as (figure, _):
        if not rows:
            figure.suptitle(title, fontsize=8.5)
            draw(figure)
            return []
        parts: Any = figure.subfigures(2, 1, height_ratios=[height, below])
        panels, notes = parts
        panels.suptitle(title, fontsize=8.5)
        draw(panels)
        _table(notes, rows, below)
    return rows


def _table(place: Any, rows: Sequence[Comparison], height: float) -> None:
    heads = ("", "published", "ours", "verdict", "kind")
    places = (0.02, 0.53, 0.66, 0.80, 0.89)
    for k, cells in enumerate([heads, *(_cells(row) for row in rows)]):
        y = 1 - (0.12 + ROW_HEIGHT * (k + 0.5)) / height
        colour = "0.45" if k == 0 else COLOURS.get(rows[k - 1].verdict, "black")
        for x, cell in zip(places, cells, strict=True):
            place.text(x, y, cell, fontsize=6.0, va="center", color=colour)


def _cells(row: Comparison) -> tuple[str, str, str, str, str]:
    what = f"{row.expected.what} ({row.note})" if row.note else row.expected.what
    return _fitting(what), as_expected(row.expected), as_found(row.found), row.verdict, row.expected.kind


def _fitting(what: str) -> str:
    """As much as the column takes; the whole is in `--list`."""
    return what if len(what) <= LONGEST else what[: LONGEST - 1] + "…"


def picture(axes: Any, path: Path, title: str = "") -> None:
    """Put a rendered picture into a panel, without its white margins."""
    from matplotlib.image import imread  # as above

    image = imread(path)
    drawn = (image[..., :3] < 1).any(axis=2)
    rows, columns = np.nonzero(drawn)
    axes.imshow(image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])
    axes.set_axis_off()
    if title:
        axes.set_title(title, fontsize=7.5)
