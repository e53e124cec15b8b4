"""Okabe & Ito's palette: told apart by colour-blind readers and in grey."""

from __future__ import annotations

from typing import Any

BLACK = "#222222"
BLUE = "#0072B2"
ORANGE = "#E69F00"
GREEN = "#009E73"
RED = "#D55E00"
PURPLE = "#CC79A7"
SKY = "#56B4E9"
CYCLE = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY)
# Lines too are told apart by their strokes, which colours of one lightness are not in grey.
STROKES = ("-", "--", "-.", ":")
LOOKS = tuple((color, STROKES[(k + k // len(CYCLE)) % len(STROKES)]) for k, color in enumerate(CYCLE * 4))


def colour_map() -> Any:
    """Numbers from pale blue by orange to dark red: as rainbows in the papers go, but ever darker, so that grey has it
    too.
    """
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("heat", ("#B5D4E9", "#E8963C", "#CF4A24", "#7A0C0C"))
