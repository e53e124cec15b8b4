"""The fictive temperature of a glass: where the branches of its quench cross (Tool's construction).

A linear quench leaves equilibrium at T_f. Below it a property follows the glass line y = a + b T; above it the
liquid, y = a + b T^(3/5) (Rosenfeld & Tarazona 1998) or another power that belongs to the system. At constant volume
the change of slope is small and the liquid is curved: both are fitted well away from T_f, in windows of the system's
own, and extrapolated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glasscli.configuration import Floats
from glasscli.errors import GlassError, InputError
from glasscli.model.fictive import LIQUID_EXPONENT
from glasscli.observables.branch_guards import misses, outside, too_uncertain

MIN_POINTS = 10  # in each window: a line with an honest scatter
BLOCKS = 20  # a window is resampled in this many consecutive pieces, longer than any vibration's memory
NOISE_FLOOR = 0.03  # of the glass window: below it noise no longer falls with temperature
MAX_LOST = 0.1  # share of resamples without a crossing beyond which the crossing is chance


@dataclass(frozen=True)
class Branches:
    """The construction for one property.

    glass     (a, b) of a + b T
    liquid    (a, b) of a + b T^exponent
    crossing  T_f by this property
    error     its standard error by block bootstrap
    exponent  of the liquid's form
    """

    glass: tuple[float, float]
    liquid: tuple[float, float]
    crossing: float
    error: float
    exponent: float = LIQUID_EXPONENT

    def glass_line(self, temperature: ArrayLike) -> Floats:
        """The glass branch at `temperature` of any shape."""
        return np.asarray(self.glass[0] + self.glass[1] * np.asarray(temperature, dtype=np.float64))

    def liquid_line(self, temperature: ArrayLike) -> Floats:
        """The liquid branch at `temperature` of any shape."""
        t = np.asarray(temperature, dtype=np.float64)
        return np.asarray(self.liquid[0] + self.liquid[1] * t**self.exponent)


@dataclass(frozen=True)
class FictiveTemperature:
    """T_f of a quench with its standard error, and what it was made from.

    branches  {name of the property: Branches}, those that have a crossing
    failed    {name of the property: why it has none}
    windows   (glass_max, liquid_min)
    """

    value: float
    error: float
    branches: dict[str, Branches]
    failed: dict[str, str]
    windows: tuple[float, float]

    @property
    def in_gap(self) -> bool:
        """Whether T_f lies between the windows; if not, they should be moved away from it."""
        return self.windows[0] < self.value < self.windows[1]


def fictive_temperature(
    temperature: ArrayLike,
    series: Mapping[str, ArrayLike],
    glass_max: float = 0.3,
    liquid_min: float = 0.7,
    seed: int = 0,
    resamples: int = 1000,
    exponent: float = LIQUID_EXPONENT,
) -> FictiveTemperature:
    """Return the fictive temperature of a linear quench, its properties combined by inverse variance.

    temperature  [n] in the order of time; the thermostat's target or the measured one
    series       {name: [n]}, same instants: potential energy and pressure at constant volume, enthalpy and
                 volume at constant pressure. Only the first must have a crossing: the others are noisier.
    glass_max    the glass line is fitted to T < glass_max; liquid_min: the liquid to T > liquid_min
    seed         of the bootstrap; resamples: how many
    exponent     n of the liquid branch a + b T^n

    There is none, and a GlassError says why, where the branches do not cross in the gap between the windows, where the
    fit leaves T_f more uncertain than a quarter of the gap, or where the first property lies off its branches anywhere
    on the ramp (see `branch_guards`). Other properties of which this is true are left out.

    The fits weigh each point with 1/T^2, because thermal noise grows as T: on five quenches of 500 atoms that
    brought the scatter of T_f from 0.046 to 0.029. Errors come from a block bootstrap: whole blocks of
    consecutive residuals are redrawn with random normal weights (Shao 2010, dependent wild bootstrap), the
    same for all series, so that the combined error knows how they move together; how far the properties
    disagree is added in quadrature. Errors cover this sample, not how samples differ, which is about twice as much.
    Raises InputError for series that do not fit together, GlassError with too few points or no T_f.
    """
    t = np.asarray(temperature, dtype=np.float64)
    values = {name: np.asarray(y, dtype=np.float64) for name, y in series.items()}
    _check(t, values, glass_max, liquid_min)
    windows = [np.flatnonzero(t < glass_max), np.flatnonzero(t > liquid_min)]
    for members, name in zip(windows, (f"T < {glass_max:g}", f"T > {liquid_min:g}"), strict=True):
        if len(members) < MIN_POINTS:
            raise GlassError(
                f"T_f needs at least {MIN_POINTS} points with {name}, the quench has {len(members)}: "
                "quench in more steps, or from higher to lower temperature"
            )
    rng = np.random.default_rng(seed)
    draws = [rng.standard_normal((resamples, min(BLOCKS, len(m)))) for m in windows]
    floor = NOISE_FLOOR * glass_max
    grid = np.linspace(max(t.min(), 1e-6), t.max(), 801)
    first = next(iter(values))
    branches: dict[str, Branches] = {}
    failed: dict[str, str] = {}
    replicas: list[Floats] = []
    for name, y in values.items():
        (glass, glasses), (liquid, liquids) = (
            lines_of(t[m] ** power, y[m], np.hypot(t[m], floor), drawn)
            for m, power, drawn in zip(windows, (1.0, exponent), draws, strict=True)
        )
        crossing = float(crossings(glass, liquid, grid, exponent)[0])
        if not np.isfinite(crossing):
            failed[name] = (
                f"the glass line and the liquid curve of the {name} do not cross between T = {t.min():.3g} and "
                f"{t.max():.3g} (windows T < {glass_max:g}, T > {liquid_min:g})"
            )
            continue
        replica = crossings(glasses, liquids, grid, exponent)
        lost = 1 - np.isfinite(replica).mean()
        if lost > MAX_LOST:
            failed[name] = (
                f"the crossing of the {name} is lost in noise ({lost:.0%} of the resamples have none)"
            )
            continue
        branch = Branches(_pair(glass), _pair(liquid), crossing, _spread(replica), exponent)
        if reason := _fault(branch, t, y, name, glass_max, liquid_min, name == first):
            failed[name] = reason
            continue
        branches[name] = branch
        replicas.append(replica)
    if first not in branches:
        raise GlassError(f"no fictive temperature: {failed[first]}")
    found = _combine(branches, failed, replicas, (glass_max, liquid_min))
    if reason := too_uncertain(found.value, found.error, glass_max, liquid_min):
        raise GlassError(f"no fictive temperature: {reason}")
    return found


def temperature_of_inherent_energy(
    temperature: ArrayLike,
    inherent_energy: ArrayLike,
    glass_energy: float,
    liquid_min: float,
    liquid_max: float,
    seed: int = 0,
    resamples: int = 400,
) -> tuple[float, float]:
    """Return (T_f, error): the temperature at which the melt's minima have the energy of the cold glass.

    A second opinion on T_f that never looks at the heat: what the glass remembers of the melt it was.
    temperature, inherent_energy: [n] from a melt in equilibrium at each temperature, down to where its
    inherent structures lie as low as the glass; the ramp of the quench itself is not, below T_f.
    glass_energy: E_IS per atom of the cold glass. E_IS(T) = a + b/T (a Gaussian energy landscape) is fitted
    for liquid_min <= T <= liquid_max; the error is a bootstrap over the points.
    Raises GlassError when there are fewer than four points, the energy does not rise with temperature, or the
    answer would be an extrapolation.
    """
    t = np.asarray(temperature, dtype=np.float64)
    e = np.asarray(inherent_energy, dtype=np.float64)
    use = (t >= liquid_min) & (t <= liquid_max) & np.isfinite(e)
    if use.sum() < 4:
        raise GlassError(
            f"four inherent structures of the melt are needed between T = {liquid_min:g} and {liquid_max:g}, "
            f"there are {use.sum()}"
        )
    x, z = 1 / t[use], e[use]
    draws = np.random.default_rng(seed).integers(0, len(x), size=(resamples, len(x)))
    value, *replica = (_melt_meets(x[k], z[k], glass_energy) for k in (np.arange(len(x)), *draws))
    if not np.isfinite(value):
        raise GlassError("the melt's inherent energy does not rise with temperature: it gives no T_f")
    error = _spread(np.array(replica))
    # Below T = 0.7 the minima of the equilibrium melt fall faster than a + b/T: an extrapolation came out at
    # half of T_f. So the melt itself must have reached the energy of the glass.
    if value < t[use].min() - error:
        raise GlassError(
            f"the melt's inherent energy at T = {t[use].min():.3g} is still above the glass's "
            f"{glass_energy:.4g}: hold the melt at lower temperatures for this second opinion on T_f"
        )
    return value, error


def _melt_meets(inverse: Floats, energy: Floats, glass_energy: float) -> float:
    """The temperature where a + b/T reaches `glass_energy`; NaN when it does not."""
    if np.ptp(inverse) == 0:
        return np.nan
    b, a = np.polyfit(inverse, energy, 1)
    return float(b / (glass_energy - a)) if b < 0 and glass_energy < a else np.nan


def _check(t: Floats, values: Mapping[str, Floats], glass_max: float, liquid_min: float) -> None:
    if not values:
        raise InputError("a fictive temperature needs at least one series, such as the energy")
    for name, y in values.items():
        if y.shape != t.shape or t.ndim != 1:
            raise InputError(f"the series {name} has {y.size} points, the temperature {t.size}")
        if not (np.isfinite(y).all() and np.isfinite(t).all()):
            raise InputError(f"the series {name} or its temperature holds values that are not numbers")
    if not 0 < glass_max < liquid_min:
        raise InputError(f"the windows must be 0 < glass ({glass_max:g}) < liquid ({liquid_min:g})")
    if t.size and t.min() < 0:
        raise InputError(f"temperatures must not be negative, one is {t.min():g}")


def _fault(
    branch: Branches, t: Floats, y: Floats, name: str, glass_max: float, liquid_min: float, decides: bool
) -> str | None:
    """Why a crossing is no T_f."""
    change = float(branch.liquid_line(liquid_min) - branch.glass_line(glass_max))
    return outside(branch.crossing, branch.error, name, glass_max, liquid_min) or misses(
        t,
        y,
        np.where(t < branch.crossing, branch.glass_line(t), branch.liquid_line(t)),
        change,
        name,
        decides,
    )


def lines_of(x: Floats, y: Floats, noise: Floats, draws: Floats) -> tuple[Floats, Floats]:
    """Return [1, 2] (a, b) of the weighted least-squares line a + b x, and [n, 2] its resamples.

    noise: [m] relative standard deviation of each point; draws: [n, blocks] normal weights. A block moves
    (a, b) by its own share of the normal equations: a thousand resamples cost one matrix product.
    """
    design = np.stack([np.ones_like(x), x], axis=1) / noise[:, None]
    target = y / noise
    line = np.asarray(np.linalg.lstsq(design, target, rcond=None)[0], dtype=np.float64)
    pull = design * (target - design @ line)[:, None]
    blocks = draws.shape[1]
    shares = np.stack([piece.sum(axis=0) for piece in np.array_split(pull, blocks)])
    # Two parameters were taken from the residuals of `blocks` independent blocks.
    scale = np.sqrt(blocks / (blocks - 2))
    moved: Floats = line + scale * draws @ np.linalg.solve(design.T @ design, shares.T).T
    return line[None], moved


def crossings(glass: Floats, liquid: Floats, grid: Floats, exponent: float) -> Floats:
    """Return [n] the temperatures where the liquid curve meets the glass line, NaN where it does not.

    The liquid is concave and may meet the line twice; T_f is where it is the steeper of the two.
    """
    rise = np.sign(liquid[:, 1])[:, None]
    gap = rise * (liquid[:, :1] + liquid[:, 1:] * grid**exponent - glass[:, :1] - glass[:, 1:] * grid)
    upward = (gap[:, :-1] < 0) & (gap[:, 1:] >= 0)
    at = upward.argmax(axis=1)
    rows = np.arange(len(gap))
    low, high = gap[rows, at], gap[rows, at + 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = grid[at] - low * (grid[at + 1] - grid[at]) / (high - low)
        # One Newton step takes the linear interpolation to full precision.
        value = liquid[:, 0] + liquid[:, 1] * t**exponent - glass[:, 0] - glass[:, 1] * t
        slope = liquid[:, 1] * exponent * t ** (exponent - 1) - glass[:, 1]
        t = t - value / slope
    return np.where(upward.any(axis=1), t, np.nan)


def _combine(
    branches: dict[str, Branches],
    failed: dict[str, str],
    replicas: Sequence[Floats],
    windows: tuple[float, float],
) -> FictiveTemperature:
    estimates = np.array([b.crossing for b in branches.values()])
    # Noise-free input has no error; equal weights then, instead of a division by zero.
    variances = np.maximum(np.array([b.error for b in branches.values()]) ** 2, 1e-24)
    weights = (1 / variances) / (1 / variances).sum()
    value = float(weights @ estimates)
    # Properties that disagree by more than their noise say how far the construction itself can be trusted.
    disagreement = weights @ (estimates - value) ** 2
    return FictiveTemperature(
        value=value,
        error=float(np.sqrt(_spread(weights @ np.stack(replicas)) ** 2 + disagreement)),
        branches=branches,
        failed=failed,
        windows=windows,
    )


def _spread(replica: Floats) -> float:
    """Half the width that holds 68 % of the resamples: one stray crossing does not spoil it."""
    low, high = np.nanpercentile(replica, [15.865, 84.135])
    return float((high - low) / 2)


def _pair(line: Floats) -> tuple[float, float]:
    return float(line[0, 0]), float(line[0, 1])
