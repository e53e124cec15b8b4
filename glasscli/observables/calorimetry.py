"""Calorimetry on simulated ramps: heat capacity, T_f by areas, onset, overshoot, enthalpy that ageing took.

Enthalpies are those of the configuration (at constant volume the potential energy), whose noise is least; the momenta's
part of a heat capacity is known exactly and added. Definitions are a calorimetrist's (Moynihan, Easteal, DeBolt and
Tucker, J. Am. Ceram. Soc. 59, 12 (1976); Hodge, J. Non-Cryst. Solids 169, 211 (1994)).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from glasscli.configuration import Floats
from glasscli.errors import GlassError
from glasscli.model.fictive import FictiveWindows
from glasscli.observables.branch_guards import outside
from glasscli.observables.equilibration import decorrelation_time
from glasscli.observables.fictive import BLOCKS, MAX_LOST, MIN_POINTS, NOISE_FLOOR, crossings, lines_of

BINS, IN_BIN = 30, 12  # at most so many bins of temperature, of so many points at least
SIGNIFICANT = 3.0  # standard errors beyond which a peak is one
MAX_ERROR = 0.25  # of the gap between the windows, as of any T_f
NEAR = 0.1  # of the ramp's range: around a temperature where a branch is taken for a line
CRYSTALLISED, GONE = 0.15, 0.5  # share of crystalline atoms; of the largest share, when a crystal has melted
RESAMPLES = 400


@dataclass(frozen=True)
class Estimate:
    """A number with its standard error."""

    value: float
    error: float


@dataclass(frozen=True)
class Sweep:
    """One passage over temperatures: [n] of the thermostat, configurational enthalpy per atom; in the order of time."""

    temperature: Floats
    enthalpy: Floats

    def near(self, temperature: float, reach: float) -> Estimate | None:
        """The enthalpy at a temperature by a line through the points within `reach` of it; None with too few."""
        use = np.abs(self.temperature - temperature) <= reach
        if use.sum() < MIN_POINTS:
            return None
        x, y = self.temperature[use] - temperature, self.enthalpy[use]
        design = np.stack([np.ones_like(x), x], axis=1)
        line = np.linalg.lstsq(design, y, rcond=None)[0]
        rest = y - design @ line
        variance = float(rest @ rest) / max(len(y) - 2, 1) * decorrelation_time(rest)
        return Estimate(float(line[0]), float(np.sqrt(variance * np.linalg.inv(design.T @ design)[0, 0])))


@dataclass(frozen=True)
class HeatCapacity:
    """Heat capacity per atom, from differences of the mean enthalpies of neighbouring bins of temperature.

    temperature, value, error   [b-1] where bins meet
    centres, means, mean_errors  [b] of the bins
    momenta                      the part of the momenta in `value`
    """

    centres: Floats
    means: Floats
    mean_errors: Floats
    momenta: float

    @cached_property
    def temperature(self) -> Floats:
        """[b-1] between bins."""
        return 0.5 * (self.centres[1:] + self.centres[:-1])

    @cached_property
    def value(self) -> Floats:
        """[b-1] slope of the enthalpy, and the momenta's part."""
        return np.diff(self.means) / np.diff(self.centres) + self.momenta

    @cached_property
    def error(self) -> Floats:
        """[b-1] standard errors; neighbours share a bin."""
        return np.hypot(self.mean_errors[1:], self.mean_errors[:-1]) / np.diff(self.centres)

    def rise(self, low: int, high: int) -> Estimate:
        """How much the enthalpy rises from one bin to another: the area under the curve, without the momenta."""
        error = float(np.hypot(self.mean_errors[low], self.mean_errors[high]))
        return Estimate(float(self.means[high] - self.means[low]), error)

    def redrawn(self, rng: np.random.Generator, n: int) -> Floats:
        """[n, b] means as they might have come out."""
        return np.asarray(self.means + self.mean_errors * rng.standard_normal((n, len(self.means))))


def heat_capacity(sweep: Sweep, momenta: float, edges: ArrayLike | None = None) -> HeatCapacity:
    """Return the heat capacity of a passage over temperatures.

    momenta: d/2 k, of each atom; edges: of the bins, by default BINS equal ones, fewer where points are few. Raises
    GlassError where there are not enough points for three.
    """
    t, h = sweep.temperature, sweep.enthalpy
    bins = min(BINS, len(t) // IN_BIN)
    if edges is None:
        if bins < 3:
            raise GlassError(
                f"a heat capacity needs at least {3 * IN_BIN} points of the ramp, it has {len(t)}: heat in more steps, "
                "or with a smaller --thermo-every"
            )
        edges = np.linspace(t.min(), t.max(), bins + 1)
    grid = np.asarray(edges, dtype=np.float64)
    place = np.clip(np.searchsorted(grid, t, side="right") - 1, 0, len(grid) - 2)
    rows = [_bin(t[place == k], h[place == k]) for k in range(len(grid) - 1) if (place == k).sum() >= 4]
    if len(rows) < 3:
        raise GlassError("a heat capacity needs points in at least three bins of temperature")
    centres, means, errors = np.array(rows).T
    return HeatCapacity(centres, means, errors, momenta)


def _bin(t: Floats, h: Floats) -> tuple[float, float, float]:
    """Mean temperature and enthalpy of a bin, and the error of the latter by what its own line leaves."""
    x = t - t.mean()
    rest = h - h.mean() - (x @ h) / max(float(x @ x), 1e-300) * x
    variance = float(rest @ rest) / max(len(h) - 2, 1)
    # A handful of points knows little of its own memory: never taken for independent ones.
    memory = max(decorrelation_time(rest), 1.0)
    return float(t.mean()), float(h.mean()), float(np.sqrt(variance * memory / len(h)))


@dataclass(frozen=True)
class Heating:
    """What one heating says. None where it does not; `reasons` {quantity: why}.

    T_f_area      at which a liquid that became a glass there would have lost as much enthalpy: areas between the
                  heat capacity, the glass's and the liquid's are alike
    T_onset       where the tangent at the steepest rise meets the glass's heat capacity
    overshoot     height of the highest peak above the liquid's heat capacity, at `overshoot_T`
    glass         slope of the glass line with the momenta's part;  liquid (b, n) of its branch a + b Tⁿ
    """

    capacity: HeatCapacity
    T_f_area: Estimate | None
    T_onset: Estimate | None
    overshoot: Estimate | None
    overshoot_T: float | None
    glass: float | None
    liquid: tuple[float, float] | None
    reasons: dict[str, str]

    def liquid_capacity(self, temperature: ArrayLike) -> Floats | None:
        """Heat capacity of the liquid's branch; None without one."""
        if self.liquid is None:
            return None
        b, n = self.liquid
        return np.asarray(
            n * b * np.asarray(temperature, dtype=np.float64) ** (n - 1) + self.capacity.momenta
        )


def heating(
    sweep: Sweep, momenta: float, windows: FictiveWindows | None, seed: int = 0, cooling: Sweep | None = None
) -> Heating:
    """Return what a heating says: see `Heating`.

    windows: where the glass line and the liquid curve are fitted; None leaves nothing but the heat capacity. cooling:
    of which the liquid's heat capacity is, where it passed that window; a glass that is heated overshoots into it, and
    is no liquid there. Errors are those of 400 redrawn bins and branches. Raises GlassError where there is no heat
    capacity.
    """
    capacity = heat_capacity(sweep, momenta)
    names = ("T_f_area", "T_onset", "overshoot")
    if windows is None:
        why = "the system states no windows to fit its branches in ([fictive] in its file)"
        return Heating(capacity, None, None, None, None, None, None, dict.fromkeys(names, why))
    above = windows.liquid_above
    glassy, melt = sweep.temperature < windows.glass_below, sweep.temperature > above
    for use, name in ((glassy, f"T < {windows.glass_below:g}"), (melt, f"T > {above:g}")):
        if use.sum() < MIN_POINTS:
            why = f"needs at least {MIN_POINTS} points with {name}, the heating has {use.sum()}"
            return Heating(capacity, None, None, None, None, None, None, dict.fromkeys(names, why))
    liquid_of = sweep
    if cooling is not None and (cooling.temperature > above).sum() >= MIN_POINTS:
        liquid_of, melt = cooling, cooling.temperature > above
    rng = np.random.default_rng(seed)
    floor, n = NOISE_FLOOR * windows.glass_below, windows.liquid_exponent
    branches = [(sweep, np.flatnonzero(glassy), 1.0), (liquid_of, np.flatnonzero(melt), n)]
    draws = [rng.standard_normal((RESAMPLES, min(BLOCKS, len(use)))) for _, use, _ in branches]
    (glass, glasses), (liquid, liquids) = (
        lines_of(s.temperature[use] ** power, s.enthalpy[use], np.hypot(s.temperature[use], floor), drawn)
        for (s, use, power), drawn in zip(branches, draws, strict=True)
    )
    slopes = np.concatenate([glass[:, 1], glasses[:, 1]])
    b = np.concatenate([liquid[:, 1], liquids[:, 1]])
    means = np.concatenate([capacity.means[None], capacity.redrawn(rng, RESAMPLES)])
    gap = above - windows.glass_below
    reasons: dict[str, str] = {}
    area = _settled(_areas(capacity, means, slopes, b, windows), gap, "T_f_area", reasons)
    beyond = outside(area.value, area.error, "areas", windows.glass_below, above) if area else None
    if beyond:
        area, reasons["T_f_area"] = None, beyond
    # As sharp as the bins allow; over three of them where noise does not allow it.
    onset = _settled(_onsets(capacity, means, slopes, windows, 1), gap, "T_onset", {})
    onset = onset or _settled(_onsets(capacity, means, slopes, windows, 3), gap, "T_onset", reasons)
    found = Heating(capacity, area, onset, None, None, float(slopes[0]) + momenta, (float(b[0]), n), reasons)
    found = _with_overshoot(found, windows)
    if liquid_of is sweep and found.overshoot_T is not None and found.overshoot_T > above:
        why = (
            f"the overshoot lies inside the liquid window, T > {above:g}, and there is no cooling to take the liquid's "
            "heat capacity from: heat more slowly"
        )
        return replace(found, T_f_area=None, reasons=found.reasons | {"T_f_area": why})
    return found


def _areas(
    capacity: HeatCapacity, means: Floats, slopes: Floats, b: Floats, windows: FictiveWindows
) -> Floats:
    """[r] the temperatures at which the areas are alike; NaN where there is none.

    From T1 to T2 as much is taken up beyond the glass's heat capacity as a liquid does from T_f to T2. Both ends are
    averaged over, one bin being noise: T1 over the glass's window, T2 over the upper half of the liquid's, where a
    heated glass has become one. What remains is where a + b T^n through the upper bins meets the line through the lower
    ones.
    """
    c, n = capacity.centres, windows.liquid_exponent
    low, high = c < windows.glass_below, c > 0.5 * (c[-1] + windows.liquid_above)
    low[0], high[-1] = True, True
    bottom = (means[:, low] - slopes[:, None] * c[low]).mean(axis=1)
    top = (means[:, high] - b[:, None] * c[high] ** n).mean(axis=1)
    glass, liquid = np.stack([bottom, slopes], axis=1), np.stack([top, b], axis=1)
    return crossings(glass, liquid, np.linspace(c[0], c[-1], 801), n)


def _onsets(
    capacity: HeatCapacity, means: Floats, slopes: Floats, windows: FictiveWindows, over: int
) -> Floats:
    """[r] where the tangent at the steepest rise meets the glass's heat capacity, bins taken `over` at a time."""
    c = np.diff(means, axis=1) / np.diff(capacity.centres)
    if c.shape[1] < over + 2:
        return np.full(len(means), np.nan)
    c, t = (
        np.lib.stride_tricks.sliding_window_view(v, over, axis=-1).mean(axis=-1)
        for v in (c, capacity.temperature)
    )
    at = 0.5 * (t[1:] + t[:-1])
    inside = (at > windows.glass_below) & (at < windows.liquid_above)
    if not inside.any():
        return np.full(len(means), np.nan)
    rise = np.where(inside, np.diff(c, axis=1) / np.diff(t), -np.inf)
    steepest = rise.argmax(axis=1)
    rows = np.arange(len(means))
    slope = rise[rows, steepest]
    level = 0.5 * (c[rows, steepest] + c[rows, steepest + 1])
    with np.errstate(divide="ignore", invalid="ignore"):
        found = at[steepest] - (level - slopes) / slope
    return np.where((slope > 0) & (found > windows.glass_below), found, np.nan)


def _settled(found: Floats, gap: float, name: str, reasons: dict[str, str]) -> Estimate | None:
    """The first of the values with the spread of the others; None where they say nothing."""
    value, others = float(found[0]), found[1:]
    lost = 1 - float(np.isfinite(others).mean())
    if not np.isfinite(value) or lost > MAX_LOST:
        reasons[name] = "it is lost in noise" if np.isfinite(value) else "the curves have no such place"
        return None
    low, high = np.nanpercentile(others, [15.865, 84.135])
    error = float(high - low) / 2
    if error > MAX_ERROR * gap:
        reasons[name] = f"it is uncertain by {error:.2g}, more than a quarter of the gap between the windows"
        return None
    return Estimate(value, error)


def _with_overshoot(found: Heating, windows: FictiveWindows) -> Heating:
    """The same with its highest peak above the liquid, where that is a peak."""
    capacity, liquid = found.capacity, found.liquid_capacity(found.capacity.temperature)
    assert liquid is not None
    above = capacity.value - liquid
    inside = (capacity.temperature > windows.glass_below) & (above > SIGNIFICANT * capacity.error)
    if not inside.any():
        said = f"no heat capacity lies {SIGNIFICANT:g} errors above the liquid's"
        return replace(found, reasons=found.reasons | {"overshoot": said})
    at = int(np.argmax(np.where(inside, above, -np.inf)))
    peak = Estimate(float(above[at]), float(capacity.error[at]))
    return replace(found, overshoot=peak, overshoot_T=float(capacity.temperature[at]))


def recovered(
    heating: Sweep, cooling: Sweep, windows: FictiveWindows | None = None, held: Estimate | None = None
) -> Estimate | None:
    """Return the enthalpy per atom that heating takes up beyond what cooling gave; negative of a rejuvenated glass.

    It is the area between the two heat capacities, from the lowest temperature of both to the top: averaged over tops
    in the upper half of the liquid's window where there is one, the last degrees alone being noise. None where they
    have no range in common. held: what was lost where the cooling stood still on its way, which no heat capacity sees.
    """
    low = max(heating.temperature.min(), cooling.temperature.min())
    high = min(heating.temperature.max(), cooling.temperature.max())
    reach = upper = NEAR * (high - low) / 2
    if high <= low:
        return None
    if windows is not None and high > windows.liquid_above:
        upper = max(reach, (high - windows.liquid_above) / 4)
    ends = [
        s.near(T, r) for s in (heating, cooling) for T, r in ((low + reach, reach), (high - upper, upper))
    ]
    if any(e is None for e in ends):
        return None
    bottom, top, cold, hot = (e for e in ends if e is not None)
    still = held or Estimate(0.0, 0.0)
    return Estimate(
        (top.value - bottom.value) - (hot.value - cold.value - still.value),
        float(np.sqrt(sum(e.error**2 for e in (bottom, top, cold, hot, still)))),
    )


def lost(before: Sweep | None, after: Sweep | None, temperature: float, reach: float) -> Estimate | None:
    """Return the enthalpy per atom that a hold took: on the way to it less on the way from it, at its temperature."""
    if before is None or after is None:
        return None
    first, second = before.near(temperature, reach), after.near(temperature, reach)
    if first is None or second is None:
        return None
    return Estimate(first.value - second.value, float(np.hypot(first.error, second.error)))


def from_fluctuations(
    enthalpy: Floats, temperature: float, atoms: int, boltzmann: float, momenta: float, blocks: int = 10
) -> Estimate | None:
    """Return the heat capacity per atom of a sample held at a temperature: N var(h)/(k T²), and the momenta's part.

    enthalpy: [n] configurational, per atom, evenly spaced. The error is by jackknife over blocks. None where the series
    is not many decorrelation times long, in which a sample that still ages never is.
    """
    n = len(enthalpy)
    if n < 4 * blocks or decorrelation_time(enthalpy) * 2 * blocks > n:
        return None
    scale = atoms / (boltzmann * temperature**2)
    parts = np.array_split(enthalpy, blocks)
    without = np.array(
        [np.concatenate([p for j, p in enumerate(parts) if j != k]).var(ddof=1) for k in range(blocks)]
    )
    error = float(np.sqrt((blocks - 1) * without.var()))
    return Estimate(scale * float(enthalpy.var(ddof=1)) + momenta, scale * error)


def log_means(time: Floats, values: Floats, pieces: int = 20) -> tuple[Floats, Floats]:
    """[m] means of both [n] over pieces that are equal in the logarithm of the time."""
    edges = np.geomspace(time[0], time[-1] * (1 + 1e-12), pieces + 1)
    place = np.clip(np.searchsorted(edges, time, side="right") - 1, 0, pieces - 1)
    counts = np.bincount(place, minlength=pieces)
    used = counts > 0
    t, h = (np.bincount(place, v, pieces)[used] / counts[used] for v in (time, values))
    return t, h


def crystal_temperatures(
    temperature: Sequence[float] | Floats, crystalline: Sequence[float] | Floats
) -> tuple[float | None, float | None]:
    """Return (T_x, T_m): where atoms crystallise on heating, and where the crystal is gone; None where they do not.

    temperature, crystalline: [n] of the inherent structures of one heating, and the share of their atoms in crystalline
    surroundings. T_x is where it first exceeds CRYSTALLISED having begun below; T_m where it falls to half of its
    largest value for good.
    """
    t, share = np.asarray(temperature, dtype=np.float64), np.asarray(crystalline, dtype=np.float64)
    if len(t) < 3 or not share.max() > CRYSTALLISED:
        return None, None
    first = int(np.argmax(share > CRYSTALLISED))
    T_x = float(t[first]) if first > 0 else None
    peak = int(np.argmax(share))
    there = np.flatnonzero(share[peak:] > GONE * share[peak])[-1] + peak
    return T_x, float(t[there + 1]) if there + 1 < len(t) else None
