"""`glasscli analyze` and what it is made of: a registry of measures, results kept by frame, one file a measure."""

from __future__ import annotations

from glasscli.analyze.choices import Choices, parse_radii, parse_range
from glasscli.analyze.driver import analyze, analyze_all
from glasscli.analyze.registry import DEFAULT, MEASURES, resolve

__all__ = [
    "DEFAULT",
    "MEASURES",
    "Choices",
    "analyze",
    "analyze_all",
    "parse_radii",
    "parse_range",
    "resolve",
]
