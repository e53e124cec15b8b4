"""The line of energy against icosahedra that relaxing samples follow, with errors, and what lies off it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Floats
from glasscli.observables.blocks import mean_of_frames
from glasscli.observables.relaxation import fit_line
from glasscli.reproduce.comparison import Found
from glasscli.reproduce.products import Course, last_quarter

# A slope from icosahedra that span less than this is one of the scatter: frames of one state differ by as much.
SPAN = 0.06


@dataclass(frozen=True)
class Trajectory:
    """Points in the order of time: icosahedral fraction and energy per atom of inherent structures [n]."""

    icosahedra: Floats
    energy: Floats

    @staticmethod
    def of(courses: Sequence[Course]) -> Trajectory:
        """All inherent structures of some runs."""
        return Trajectory(
            np.concatenate([c.icosahedra for c in courses]), np.concatenate([c.energy for c in courses])
        )

    @property
    def span(self) -> float:
        """Between the tenth and the ninetieth percentile of the icosahedra."""
        low, high = np.percentile(self.icosahedra, (10, 90))
        return float(high - low)

    @property
    def slope(self) -> Found:
        """Energy per unit of icosahedral fraction; none where the data span too little of it."""
        if self.span < SPAN:
            return Found(None, note=f"icosahedra span {self.span:.2f} only")
        found = fit_line(self.icosahedra, self.energy)
        return Found(found.slope, _error(found.slope_error), f"from {self.span:.2f} of icosahedra")

    def at(self, share: float) -> Found:
        """Energy of the line where the icosahedral fraction is `share`; its error grows with the distance."""
        found = fit_line(self.icosahedra - share, self.energy)
        return Found(found.intercept, _error(found.intercept_error))


def _error(value: float | None) -> float:
    return float("nan") if value is None else value


def late(values: Floats, note: str = "") -> Found:
    """Mean of the last quarter of a course, with an error that counts independent blocks."""
    return mean(last_quarter(values), note)


def mean(values: Floats, note: str = "") -> Found:
    """Mean of frames of one run with an error by blocks; nan of a single one."""
    found = mean_of_frames(list(np.asarray(values, dtype=np.float64)[:, None]))
    return Found(float(found.mean[0]), float("nan") if found.error is None else float(found.error[0]), note)


def difference(one: Found, other: Found, note: str = "") -> Found:
    """The first less the second, their errors independent; none where one of them is none."""
    if one.value is None or other.value is None:
        return Found(None, note=one.note or other.note)
    return Found(one.value - other.value, float(np.hypot(one.error, other.error)), note)


def size(one: Found) -> Found:
    """Without its sign."""
    return Found(None if one.value is None else abs(one.value), one.error, one.note)


def off_line(energy: Found, share: Found, along: Trajectory, note: str = "") -> Found:
    """How far a state lies above the line at its own icosahedral fraction."""
    if share.value is None:
        return Found(None)
    return difference(energy, along.at(share.value), note)


def per_decade(step: Floats, counts: Floats) -> Found:
    """Change of a count per decade of time over its mean: -1 where it falls by its own mean from decade to decade.

    step [n] of each count, from the start; counts [n].
    """
    found = fit_line(np.log10(step), counts)
    average = float(np.mean(counts))
    if not average or found.slope is None:
        return Found(None, note="nothing counted")
    return Found(found.slope / average, _error(found.slope_error) / average)
