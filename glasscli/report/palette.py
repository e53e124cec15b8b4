"""Okabe & Ito's palette: told apart by colour-blind readers and in grey."""

from __future__ import annotations

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
