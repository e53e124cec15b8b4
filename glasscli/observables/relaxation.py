"""How the inherent energy falls as icosahedra grow: the straight line of Derlet & Maass 2019, Fig. 1b."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glasscli.configuration import Floats
from glasscli.errors import InputError
from glasscli.observables.determined import undetermined

JACKKNIFE_GROUPS = 10


@dataclass(frozen=True)
class LineFit:
    """y = intercept + slope x, with standard errors. A number the points do not determine is None.

    n_points  points used
    reason    why there is no line, where that was judged
    """

    slope: float | None
    slope_error: float | None
    intercept: float | None
    intercept_error: float | None
    n_points: int
    reason: str | None = None


def energy_against_icosahedra(icosahedral_fraction: ArrayLike, inherent_energy: ArrayLike) -> LineFit:
    """Return the least-squares line of E_IS per atom against the icosahedral fraction.

    Both [n_frames], in the order of time; frames where either is NaN are left out. In the 50:50 Wahnström
    glass the slope is about -1.6 epsilon per unit fraction (Derlet & Maass 2019, Fig. 1b). See `fit_line` for
    errors. There is no line, and `reason` says why, through fewer than three points, and where the slope's error is
    more than half its value (`determined`).
    """
    found = fit_line(icosahedral_fraction, inherent_energy)
    n = found.n_points
    if n < 3:
        reason: str | None = f"no fit: {n} point{'s' * (n != 1)}, at least three are needed"
    elif found.slope is None:
        reason = "no fit: all points have the same icosahedral fraction"
    else:
        reason = undetermined("slope", found.slope, found.slope_error)
    return LineFit(None, None, None, None, n, reason) if reason else found


def fit_line(x: ArrayLike, y: ArrayLike) -> LineFit:
    """Return the least-squares line through points given in the order of time.

    Errors: from 20 points on, by a jackknife that leaves out one of ten consecutive groups at a time, because
    neighbouring frames of one run are alike; for 3 to 19 points, from the scatter round the line. Slope and
    intercept are None with fewer than two points or when all x are equal, errors with fewer than three.
    Raises InputError when x and y differ in length.
    """
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if xs.shape != ys.shape or xs.ndim != 1:
        raise InputError(f"a line needs as many x as y, not {xs.size} and {ys.size}")
    use = np.isfinite(xs) & np.isfinite(ys)
    xs, ys = xs[use], ys[use]
    n = len(xs)
    line = _line(xs, ys)
    if line is None:
        return LineFit(None, None, None, None, n)
    slope, intercept = line
    if n < 3:
        return LineFit(slope, None, intercept, None, n)
    errors = _jackknife(xs, ys) if n >= 2 * JACKKNIFE_GROUPS else None
    if errors is None:
        spread = ((xs - xs.mean()) ** 2).sum()
        variance = ((ys - intercept - slope * xs) ** 2).sum() / (n - 2)
        errors = (
            float(np.sqrt(variance / spread)),
            float(np.sqrt(variance * (1 / n + xs.mean() ** 2 / spread))),
        )
    return LineFit(slope, errors[0], intercept, errors[1], n)


def _line(x: Floats, y: Floats) -> tuple[float, float] | None:
    if len(x) < 2:
        return None
    dx = x - x.mean()
    spread = float(dx @ dx)
    # Rounding of equal numbers is not a spread.
    if spread <= len(x) * (1e-12 * max(1e-300, float(np.abs(x).max()))) ** 2:
        return None
    slope = float(dx @ (y - y.mean())) / spread
    return slope, float(y.mean() - slope * x.mean())


def _jackknife(x: Floats, y: Floats) -> tuple[float, float] | None:
    """Standard errors of (slope, intercept); None when the points without one group have no spread."""
    lines = []
    for group in np.array_split(np.arange(len(x)), JACKKNIFE_GROUPS):
        line = _line(np.delete(x, group), np.delete(y, group))
        if line is None:
            return None
        lines.append(line)
    values = np.array(lines)
    factor = (JACKKNIFE_GROUPS - 1) / JACKKNIFE_GROUPS
    slope, intercept = np.sqrt(factor * ((values - values.mean(axis=0)) ** 2).sum(axis=0))
    return float(slope), float(intercept)
