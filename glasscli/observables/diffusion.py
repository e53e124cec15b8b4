"""Diffusion coefficients from mean-square displacements, and what a periodic box takes from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Floats
from glasscli.observables.dynamics import Motion

# A displacement grows as t^1 when its exponent is this near to 1, give or take at most DOUBT of its error, over so many
# lags and a factor of times at least.
NEAR, DOUBT, FEWEST, SPAN = 0.05, 0.025, 4, 3.0
# Of the mean spacing, squared: less is rattling in a cage.
AWAY = 0.1
# xi of a cubic box (Yeh & Hummer, J. Phys. Chem. B 108, 15873 (2004), Eq. 8).
CUBIC = 2.837297


@dataclass(frozen=True)
class Diffusion:
    """D from the mean-square displacement.

    value, error  length^2 per unit of time; None where no diffusive regime was reached. error over stretches of the run
    exponent      d ln msd / d ln t over the window, 1 for diffusion; window: its first and last time
    reason        why there is none
    """

    value: float | None
    error: float | None
    exponent: float | None
    window: tuple[float, float] | None
    reason: str | None = None


def diffusion(motion: Motion, step: float, spacing: float, dimension: int = 3) -> Diffusion:
    """D of a motion whose steps are `step` of time; spacing: the mean distance of neighbours.

    The window is the widest that ends at the longest lag of which the run holds several independent stretches, in which
    atoms have left their places and the displacement grows as t. D is its slope there, each lag weighted alike.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        use = (motion.blocks >= 3) & (motion.msd > AWAY * spacing**2) & np.isfinite(motion.errors.msd)
    k = np.flatnonzero(use)
    if len(k) < FEWEST:
        return Diffusion(
            None, None, None, None, "no D: atoms do not leave their places within a third of the run"
        )
    t, msd = motion.lag[k] * step, motion.msd[k]
    relative = motion.errors.msd[k] / msd
    exponent = float("nan")
    for first in range(len(k) - FEWEST + 1):
        x, y = np.log(t[first:]), np.log(msd[first:])
        exponent = float(np.polyfit(x, y, 1)[0])
        doubt = float(np.hypot(relative[first], relative[-1])) / float(x[-1] - x[0])
        if abs(exponent - 1) < NEAR + min(doubt, DOUBT) and t[-1] >= SPAN * t[first]:
            slope = _slope(np.asarray(t[first:]), np.asarray(msd[first:])) / (2 * dimension)
            error = _error(motion, k[first:], step, dimension)
            return Diffusion(slope, error, exponent, (float(t[first]), float(t[-1])))
    return Diffusion(None, None, exponent, None, f"no D: the displacement still grows as t^{exponent:.2f}")


def _slope(t: Floats, msd: Floats) -> float:
    """Of a straight line, residuals relative to the time; through fewer than three points the ratio."""
    matrix = np.stack([1 / t, np.ones_like(t)], axis=1)
    return float(np.linalg.lstsq(matrix, msd / t, rcond=None)[0][1])


def _error(motion: Motion, window: np.ndarray, step: float, dimension: int) -> float | None:
    """Standard error of D: that of the displacement over its time at the window's lags, by stretches of the run."""
    relative = motion.errors.msd[window] / motion.msd[window]
    relative = relative[np.isfinite(relative)]
    if not len(relative):
        return None
    d = motion.msd[window] / (2 * dimension * motion.lag[window] * step)
    return float(np.mean(relative) * d[-1])


def yeh_hummer(kT: float, viscosity: float, edge: float) -> float:
    """What periodic copies take from D in a cubic box of this edge: xi kT / (6 pi eta L), to be added.

    All in consistent units: kT energy, viscosity energy x time / volume, edge length. Yeh & Hummer (2004), Eq. 12.
    """
    return float(CUBIC * kT / (6 * np.pi * viscosity * edge))
