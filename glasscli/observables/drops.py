"""How what is given off in rearrangements is distributed: from small to large over decades, so in logarithmic bins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Floats

PER_DECADE = 4


@dataclass(frozen=True)
class Drops:
    """A distribution of drops, of those above zero.

    n           how many; rising: how many others, zero or less (a stress may rise in a rearrangement)
    mean, median, largest  None without any
    size        [m] geometric middle of each bin that holds one; density: [m] share of the drops over the bin's width
    density_error  [m] of as many independent drops as a bin holds (the root of their number)
    """

    n: int
    rising: int
    mean: float | None
    median: float | None
    largest: float | None
    size: Floats
    density: Floats
    density_error: Floats


def drops(values: Floats) -> Drops:
    """The distribution of values [n]."""
    found = values[values > 0]
    if not len(found):
        return Drops(0, len(values), None, None, None, np.empty(0), np.empty(0), np.empty(0))
    # Edges are round numbers, so that those of several samples are the same.
    numbers = np.floor(PER_DECADE * np.log10(found)).astype(int)
    bins, counts = np.unique(numbers, return_counts=True)
    low, high = (10.0 ** ((bins + k) / PER_DECADE) for k in (0, 1))
    weight = 1 / (len(found) * (high - low))
    return Drops(
        len(found), len(values) - len(found), float(found.mean()), float(np.median(found)), float(found.max()),
        np.sqrt(low * high), counts * weight, np.sqrt(counts) * weight,
    )  # fmt: skip
