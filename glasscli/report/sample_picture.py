"""A picture like most that measures draw, of nothing: what drawing takes is timed by it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from glasscli.report.canvas import SINGLE, drawing, minor_ticks

POINTS = 200


def sample_picture(path: Path) -> Path:
    """Two curves of some points with their names, labels and ticks."""
    x = np.linspace(0.1, 10.0, POINTS)
    with drawing(path, None, SINGLE, 2.6) as (figure, target):
        axes = figure.subplots()
        for k in (1, 2):
            axes.plot(x, np.sin(k * x) / x, label=f"curve {k}", marker="o", markersize=2)
        axes.set_xlabel("$x$ (unit)")
        axes.set_ylabel("$y$ (unit)")
        axes.legend()
        minor_ticks(axes)
    return target
