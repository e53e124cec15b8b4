"""A picture like most that measures draw, of nothing: what drawing takes is timed by it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from glasscli.report.canvas import SINGLE, drawing, minor_ticks

POINTS = 200


def sample_picture(path: Path) -> Path:
    """Two panels of two curves of some points each, with names, labels and ticks."""
    x = np.linspace(0.1, 10.0, POINTS)
    with drawing(path, None, SINGLE, 3.6) as (figure, target):
        panels = figure.subplots(2, 1, sharex=True)
        for axes in panels:
            for k in (1, 2):
                axes.plot(x, np.sin(k * x) / x, label=f"curve {k}", marker="o", markersize=2)
            axes.set_ylabel("$y$ (unit)")
            axes.legend()
        panels[-1].set_xlabel("$x$ (unit)")
        minor_ticks(*panels)
    return target
