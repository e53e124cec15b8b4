"""What spoils a fictive temperature: ramps too fast, samples that evaporate or crystallise, fits that do not hold.

Each guard returns the reason for which there is no T_f, a line for people, or None.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from glasscli.configuration import Floats

MAX_LAG = 0.1  # of the gap between the windows: how far a sample may be from its thermostat's temperature
MAX_SWELLING = 2.0  # volume over that of a dense glass: no liquid that becomes a glass expands so much
MAX_CRYSTALLINE = (
    0.3  # share of atoms in crystalline surroundings, as `analyze` counts a sample as crystallised
)
MAX_ERROR = 0.25  # of the gap: a T_f that is hardly better known than that it lies between the windows
# Of the property's change over the gap: how far a mean over a part of the ramp may lie on the crystal's side of the
# branches, beyond so many standard errors, and on the other, where a round glass transition lies.
MAX_MISS, MAX_ROUNDING, SIGNIFICANT = 0.08, 0.2, 3.0
PARTS = 20  # of the ramp, equal in temperature
MIN_IN_PART = 5  # points for a mean with an honest error
SEVERAL = 3.0  # neighbouring points of a series are not independent: each mean counts a third of its points


def too_fast(target: ArrayLike, measured: ArrayLike, glass_max: float, liquid_min: float) -> str | None:
    """A ramp that the sample does not follow; target, measured: [n] temperatures of thermostat and atoms."""
    t, kinetic = np.asarray(target, dtype=np.float64), np.asarray(measured, dtype=np.float64)
    for members, name in ((t < glass_max, f"T < {glass_max:g}"), (t > liquid_min, f"T > {liquid_min:g}")):
        difference = (kinetic - t)[members]
        if len(difference) < 2:
            continue
        lag = float(difference.mean())
        noise = float(difference.std()) * np.sqrt(SEVERAL / len(difference))
        if abs(lag) - 2 * noise > MAX_LAG * (liquid_min - glass_max):
            return (
                f"the ramp is too fast for its windows: at {name} the atoms lie {abs(lag):.2g} "
                f"{'above' if lag > 0 else 'below'} the thermostat's temperature: quench in more steps"
            )
    return None


def evaporated(target: ArrayLike, volume: ArrayLike, glass_max: float, dense: float) -> str | None:
    """A box that is a gas where it should be a liquid.

    target, volume (per atom): [n] along a ramp at constant pressure; dense: volume per atom of the system's melt. What
    was a gas may be cold and still a foam: the smaller of its own cold volume and the system's is what counts.
    """
    t, v = np.asarray(target, dtype=np.float64), np.asarray(volume, dtype=np.float64)
    cold = v[t < glass_max]
    if not len(cold):
        return None
    reference = min(float(np.median(cold)), dense)
    if v.max() <= MAX_SWELLING * reference:
        return None
    return (
        f"the box evaporated: it grew to {v.max() / reference:.3g} times the volume of a dense glass, which is a gas "
        "and no liquid: quench from a lower temperature, at a higher pressure, or at constant volume"
    )


def crystallised(share: float) -> str | None:
    """A sample that is a crystal and no glass; share: of its atoms in crystalline surroundings."""
    if share <= MAX_CRYSTALLINE:
        return None
    return (
        f"the sample crystallised: {share:.0%} of its atoms stand in crystalline surroundings "
        f"(more than {MAX_CRYSTALLINE:.0%})"
    )


def outside(value: float, error: float, name: str, glass_max: float, liquid_min: float) -> str | None:
    """A crossing within a window of the fits, where one branch was fitted to what belongs to the other."""
    if value <= glass_max:
        where = f"inside the glass window, T < {glass_max:g}: the system's windows do not fit this ramp"
    elif value >= liquid_min:
        where = f"inside the liquid window, T > {liquid_min:g}: there it is no melt in equilibrium"
    else:
        return None
    return f"the branches of the {name} cross at {value:.3g} ± {error:.2g}, {where}"


def too_uncertain(value: float, error: float, glass_max: float, liquid_min: float) -> str | None:
    """A crossing that the noise leaves anywhere in the gap."""
    if error <= MAX_ERROR * (liquid_min - glass_max):
        return None
    return (
        f"the fit is bad: the branches cross at {value:.3g} ± {error:.2g}, and an error above a quarter of the gap "
        f"between the windows ({liquid_min - glass_max:.3g}) says nothing: quench more atoms in more steps"
    )


def misses(
    target: Floats, series: Floats, followed: Floats, change: float, name: str, decides: bool = True
) -> str | None:
    """A property that does not follow its branches.

    target, series, followed: [n] along the ramp, the last the glass line below the crossing and the liquid curve above;
    change: of the property over the gap; decides: whether there is no T_f without it. A step in a
    narrow range, the heat of a crystal, takes a part of the ramp off the branches.
    """
    if not change:
        return f"{'the fit is bad: ' if decides else ''}the {name} does not change between the windows"
    part = np.minimum((PARTS * (target - target.min()) / max(np.ptp(target), 1e-300)).astype(int), PARTS - 1)
    miss = (series - followed) / abs(change)
    count = np.bincount(part, minlength=PARTS)
    used = count >= MIN_IN_PART
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(part, miss, PARTS) / count
        # Noise by differences of neighbours: a slope within a part is none.
        step = np.bincount(part[1:], np.diff(miss) ** 2 / 2, PARTS) / count
        clear = np.abs(mean) - SIGNIFICANT * np.sqrt(step * SEVERAL / count)
    allowed = np.where(mean * np.sign(change) > 0, MAX_ROUNDING, MAX_MISS)
    excess = np.where(used, clear - allowed, -np.inf)
    worst = int(np.argmax(excess))
    if not excess[worst] > 0:
        return None
    where = float(target[part == worst].mean())
    said = (
        f"at T = {where:.3g} the {name} lies {mean[worst]:+.0%} of its change between the windows off its branches "
        f"(more than {allowed[worst]:.0%})"
    )
    if not decides:  # the property that does follows its branches: no crystal
        return said
    crystal = mean[worst] * np.sign(change) < 0
    how = "as where a sample crystallises" if crystal else "rounder than a glass transition is"
    return f"the fit is bad: {said}, {how}"
