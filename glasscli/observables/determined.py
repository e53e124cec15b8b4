"""When a fitted number is one: it is inside its range, and its error is smaller than the number itself by far."""

from __future__ import annotations

import math

# An error larger than this share of its value leaves open what the value is: "no fit".
MOST_ERROR = 0.5


def undetermined(
    name: str, value: float, error: float | None, bounds: tuple[float, float] | None = None
) -> str | None:
    """Why a fitted parameter says nothing, in one line; None where it says something.

    bounds: the range in which it was looked for; within a thousandth of an end it was driven there.
    """
    if error is None or not (math.isfinite(value) and math.isfinite(error)):
        return f"no fit: the points do not determine the {name}"
    shown = f"the {name} is {value:.3g} ± {error:.2g}"
    if bounds is not None:
        reach = 1e-3 * (bounds[1] - bounds[0])
        if not bounds[0] + reach < value < bounds[1] - reach:
            return f"no fit: {shown}, at the end of its range {bounds[0]:.3g} ... {bounds[1]:.3g}"
    if error > MOST_ERROR * abs(value):
        return f"no fit: {shown}, an error of more than {MOST_ERROR:.0%}"
    return None
