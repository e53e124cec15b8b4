"""How many steps a box that is strained at a rate needs, and where it is turned over."""

from __future__ import annotations

import math

from glasscli.configuration import Box
from glasscli.errors import InputError
from glasscli.model.strain import Plane

# Steps below which a flow says nothing, of a period or of all.
LEAST = 32
LONGEST, MOST_FLIPS, MOST_A_STEP = 10**12, 1000, 0.1


def steps_to(rate: float, strain: float, timestep: float) -> int:
    """Steps to a strain at a rate. Raises InputError where it is never come to."""
    if not (rate and strain > 0 and math.isfinite(rate) and math.isfinite(strain)):
        raise InputError(f"a rate of {rate:g} never comes to a strain of {strain:g}")
    slowest, fastest = (strain / timestep / steps for steps in (LONGEST, LEAST))
    if abs(rate) > fastest:
        raise InputError(
            f"a rate of {rate:g} comes to a strain of {strain:g} in fewer than {LEAST} steps of {timestep:g}: at most "
            f"{fastest:.3g}"
        )
    if abs(rate) < slowest:
        raise InputError(
            f"a rate of {rate:g} comes to a strain of {strain:g} in more than {LONGEST:.0e} steps of {timestep:g}: at "
            f"least {slowest:.3g}"
        )
    check_followed(abs(rate) * timestep)
    return round(strain / abs(rate) / timestep)


def check_followed(strain: float) -> None:
    """Raise InputError for a strain in one step in which atoms would jump past their neighbours."""
    if strain > MOST_A_STEP:
        raise InputError(f"this strains the box by {strain:.3g} in one step: at most {MOST_A_STEP:g}")


def flips_of(box: Box, plane: Plane, by: float, steps: int) -> tuple[int, ...]:
    """Steps at which a box that is strained `by` a step leans by half an edge. Raises InputError for too many."""
    a, b = ("xyz".index(axis) for axis in plane)
    along, across, tilt = box.vectors[a, a], box.vectors[b, b], box.vectors[b, a]
    first = max(along / 2 - math.copysign(tilt, tilt * by), 0.0) if tilt else along / 2
    count = int((abs(by) * across * steps - first) // along) + 1
    if count > MOST_FLIPS:
        raise InputError(
            f"a strain of {abs(by) * steps:.3g} is too far for one run: choose another --strain-max"
        )
    each = (math.floor((first + k * along) / (abs(by) * across)) for k in range(max(count, 0)))
    return tuple(sorted({step for step in each if 0 < step < steps}))
