"""Where a sample yields under a strain that grows, and the straight line that its stress begins with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Floats
from glasscli.errors import InputError
from glasscli.observables.rheology import Level, Slope, level, slope

# A maximum of the stress is where a sample yields when the path goes on for so much of its own length.
BEYOND = 0.2
# The strain up to which stress and sides are fitted by lines, and the offset of the engineers' yield.
ELASTIC, OFFSET = 0.02, 0.002
# The strain over which noisy stresses are averaged before they are compared: what is yet small beside ELASTIC.
SMOOTH = 0.005
FEWEST = 16


@dataclass(frozen=True)
class Yield:
    """Where a sample yields, or why nowhere: (strain, stress), or the reason."""

    at: tuple[float, float] | None
    reason: str | None = None

    @property
    def data(self) -> dict[str, float] | None:
        """The contract object."""
        return None if self.at is None else dict(zip(("strain", "stress"), self.at, strict=True))


@dataclass(frozen=True)
class Tension:
    """What a stretch or a compression says; stresses and strains are positive where it is stretched.

    modulus  slope of the stress over the first ELASTIC of strain; its error is the noise's, not the curvature's
    poisson  minus the slope of the strain across over the same; None where it is not measured
    largest  the largest stress, averaged over SMOOTH of strain, once the path goes on beyond it
    offset   where that stress falls below the line of the modulus shifted by OFFSET, for the last time before its
             largest, else for the first time after
    flow     the level of the stress in the last half of the path, where it yields before; else None
    """

    modulus: Slope
    poisson: Slope | None
    largest: Yield
    offset: Yield
    flow: Level | None


def largest(strain: Floats, stress: Floats) -> Yield:
    """Where the stress [n] is largest on a path one way of strains [n]; nowhere if it still rises at its end."""
    size = np.sign(strain[-1]) * stress
    top = int(np.argmax(size))
    if top == 0:
        return Yield(
            None, "the stress is largest where the path begins: nothing resists the strain more and more"
        )
    if abs(strain[top]) > (1 - BEYOND) * abs(strain[-1]):
        return Yield(
            None,
            f"the stress is largest at strain {strain[top]:.4g}, in the last fifth of the path to {strain[-1]:.4g}: "
            "go further",
        )
    return Yield((float(strain[top]), float(stress[top])))


def tension(strain: Floats, stress: Floats, across: Floats | None) -> Tension:
    """Of strains [n] along and stresses [n]; across: strains [n] of the sides, None where they are imposed.

    Raises InputError for less than 16 values in the part that is fitted.
    """
    sign = float(np.sign(strain[-1]))
    first = np.abs(strain) <= ELASTIC * (1 + 1e-9)
    if first.sum() < FEWEST:
        raise InputError(
            f"{first.sum()} values of the stress up to a strain of {ELASTIC:g} are too few for a modulus: at least "
            f"{FEWEST} (--stress-every)"
        )
    line = slope(strain[first], stress[first])
    poisson = None
    if across is not None:
        found = slope(strain[first], across[first])
        poisson = Slope(-found.value, found.error, -found.start)
    width = max(1, round(SMOOTH / float(np.abs(np.diff(strain)).mean())))
    smooth = [_running(values, min(width, len(values))) for values in (strain, stress)]
    top = largest(*smooth)
    return Tension(
        line, poisson, top, _offset(sign * smooth[0], sign * smooth[1], line, sign),
        level(stress) if top.at is not None and len(stress) >= 2 * FEWEST else None,
    )  # fmt: skip


def _offset(strain: Floats, stress: Floats, line: Slope, sign: float) -> Yield:
    """Of sizes [n]: the last crossing of the shifted line before the largest stress, else the first one after it."""
    above = stress - (sign * line.start + line.value * (strain - OFFSET))
    over, top = above >= 0, int(np.argmax(stress))
    over[strain <= ELASTIC] = True  # where the line was fitted
    if over[top]:
        below = np.flatnonzero(~over[top:])
        if not len(below):
            return Yield(
                None, f"the stress is nowhere below its first line shifted by a strain of {OFFSET:g}"
            )
        k = top + int(below[0]) - 1
    else:
        k = int(np.flatnonzero(over[:top])[-1]) if over[:top].any() else 0
    share = above[k] / (above[k] - above[k + 1]) if above[k] > 0 > above[k + 1] else 0.0
    at = [sign * float(v[k] + share * (v[k + 1] - v[k])) for v in (strain, stress)]
    return Yield((at[0], at[1]))


def _running(values: Floats, width: int) -> Floats:
    """[n - width + 1] means of so many neighbours."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray((sums[width:] - sums[:-width]) / width)
