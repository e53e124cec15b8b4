"""Relaxation at constant temperature: laws fitted to E_IS(t), first-passage times, crystallisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glasscli.configuration import Floats
from glasscli.observables.determined import undetermined

# Between which the exponent of a stretched exponential is looked for.
EXPONENTS = (0.05, 2.0)
# How often noise about a constant may be taken for a relaxation.
CHANCE = 1e-3


@dataclass(frozen=True)
class StretchedFit:
    """E(t) = final + (initial - final) exp[-(t/time)^exponent]; errors from the fit; rms of what is left."""

    initial: float
    final: float
    time: float
    exponent: float
    errors: tuple[float, float, float, float]
    rms: float

    def __call__(self, t: ArrayLike) -> Floats:
        """The law at times t."""
        x = (np.asarray(t, dtype=np.float64) / self.time) ** self.exponent
        return np.asarray(self.final + (self.initial - self.final) * np.exp(-x))


@dataclass(frozen=True)
class LogFit:
    """E(t) = intercept + slope ln t, over t > 0; errors of both; rms of what is left."""

    intercept: float
    slope: float
    errors: tuple[float, float]
    rms: float

    def __call__(self, t: ArrayLike) -> Floats:
        """The law at times t > 0."""
        return np.asarray(self.intercept + self.slope * np.log(np.asarray(t, dtype=np.float64)))


@dataclass(frozen=True)
class Passage:
    """When something first happened; None where only a bound is known, `after`.

    after  the first time at which it had happened; where it never did, the last time looked at
    early  whether it had happened at the first time there is after the start: it came before `after`
    """

    time: float | None
    after: float
    early: bool = False

    @property
    def censored(self) -> bool:
        """Whether it had not happened when the run ended."""
        return self.time is None and not self.early

    @property
    def bound(self) -> dict[str, float] | None:
        """{"below": t} or {"above": t} where no time is known."""
        if self.time is not None:
            return None
        return {"below" if self.early else "above": self.after}

    @property
    def sign(self) -> str:
        """What stands before the time: < or > for a bound."""
        return "" if self.time is not None else "< " if self.early else "> "

    @property
    def value(self) -> float:
        """The time, or its bound."""
        return self.after if self.time is None else self.time

    def __str__(self) -> str:
        if self.early and not self.after:
            return "from the start"
        return f"{self.sign}{self.value:g}"


def stretched_fit(time: ArrayLike, energy: ArrayLike) -> StretchedFit | None:
    """Return the stretched exponential through E(t), None where there is none: see `stretched_fit_or_reason`."""
    found = stretched_fit_or_reason(time, energy)
    return None if isinstance(found, str) else found


def stretched_fit_or_reason(time: ArrayLike, energy: ArrayLike) -> StretchedFit | str:
    """Return the stretched exponential through E(t), or in one line why there is none.

    time from the start of the isotherm, ascending, >= 0. There is none with fewer than eight points, where no fit
    converges, where one more constant explains E(t) as well (F test, one in a thousand), and where time, exponent
    or amplitude is at the end of its range or has an error of more than half its value (`determined`).
    """
    from scipy.optimize import OptimizeWarning, curve_fit

    t, e = _finite(time, energy)
    if len(t) < 8:
        return f"no fit: {len(t)} points, at least eight are needed"
    if np.ptp(e) == 0 or t[-1] <= 0:
        return "no fit: the values do not change with time"

    def law(x: Floats, initial: float, final: float, log_time: float, exponent: float) -> Floats:
        return np.asarray(final + (initial - final) * np.exp(-((x / np.exp(log_time)) ** exponent)))

    import warnings

    low, high = t[t > 0].min() / 10, t[-1] * 100
    span = float(np.ptp(e))
    best: StretchedFit | None = None
    for start in np.geomspace(t[-1] / 30, t[-1], 3):
        guess = (float(e[0]), float(e[-1]), float(np.log(start)), 0.6)
        bounds = (
            [e.min() - 3 * span, e.min() - 10 * span, np.log(low), EXPONENTS[0]],
            [e.max() + 3 * span, e.max() + span, np.log(high), EXPONENTS[1]],
        )
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", OptimizeWarning)
                found, covariance = curve_fit(law, t, e, guess, bounds=bounds, maxfev=4000)
        except (RuntimeError, ValueError):
            continue
        rms = float(np.sqrt(np.mean((law(t, *found) - e) ** 2)))
        if best is None or rms < best.rms:
            error = np.sqrt(np.abs(np.diag(covariance)))
            tau = float(np.exp(found[2]))
            best = StretchedFit(
                float(found[0]), float(found[1]), tau, float(found[3]),
                (float(error[0]), float(error[1]), tau * float(error[2]), float(error[3])), rms,
            )  # fmt: skip
    if best is None:
        return "no fit: none converged"
    return _why_not(best, e, (low, high)) or best


def _why_not(found: StretchedFit, e: Floats, times: tuple[float, float]) -> str | None:
    """Why a stretched exponential through values [n] says nothing, None where it does."""
    from scipy.stats import f as ratio

    left = found.rms**2 * len(e)
    explained = float(((e - e.mean()) ** 2).sum()) - left
    if left > 0 and ratio.sf(explained / 3 / (left / (len(e) - 4)), 3, len(e) - 4) > CHANCE:
        return "no fit: a constant describes the values as well"
    amplitude = found.initial - found.final
    # The two ends are fitted together: the error of their difference is at most the sum.
    ends = found.errors[0] + found.errors[1]
    return (
        undetermined("exponent", found.exponent, found.errors[3], EXPONENTS)
        or undetermined(
            "logarithm of the time", float(np.log(found.time)), 0.0, (np.log(times[0]), np.log(times[1]))
        )
        or undetermined("time", found.time, found.errors[2])
        or undetermined("amplitude", amplitude, ends)
    )


@dataclass(frozen=True)
class Kohlrausch:
    """F_s(t) = amplitude exp[-(t/time)^exponent] (Kohlrausch, Williams & Watts); errors from the fit, in this order."""

    amplitude: float
    time: float
    exponent: float
    errors: tuple[float, float, float]
    rms: float


CAGED = 0.9  # of F_s: above it atoms have hardly begun to leave their cages


def kohlrausch_or_reason(lag: ArrayLike, scattering: ArrayLike) -> Kohlrausch | str:
    """Return the stretched exponential through F_s where it has left 1, or in one line why there is none.

    lag > 0 ascending. Fitted where F_s is below 0.9, to its end, with an amplitude of at most 1. There is none with
    fewer than eight such points, where F_s does not fall to 1/e, where no fit converges or it determines nothing.
    """
    from scipy.optimize import OptimizeWarning, curve_fit

    t, f = _finite(lag, scattering)
    if not len(f) or f.min() > np.exp(-1):
        return "no fit: F_s does not fall to 1/e"
    t, f = t[f < CAGED], f[f < CAGED]
    if len(t) < 8:
        return f"no fit: {len(t)} points of F_s below {CAGED:g}, at least eight are needed"

    def law(x: Floats, amplitude: float, log_time: float, exponent: float) -> Floats:
        return np.asarray(amplitude * np.exp(-((x / np.exp(log_time)) ** exponent)))

    import warnings

    middle = float(np.log(t[int(np.argmax(f <= np.exp(-1)))]))
    limits = (float(np.log(t[0] / 10)), float(np.log(t[-1] * 10)))
    bounds = ([0.0, limits[0], EXPONENTS[0]], [1.0, limits[1], EXPONENTS[1]])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OptimizeWarning)
            found, covariance = curve_fit(law, t, f, (0.9, middle, 0.7), bounds=bounds, maxfev=4000)
    except (RuntimeError, ValueError):
        return "no fit: none converged"
    error = np.sqrt(np.abs(np.diag(covariance)))
    tau = float(np.exp(found[1]))
    fit = Kohlrausch(
        float(found[0]), tau, float(found[2]), (float(error[0]), tau * float(error[1]), float(error[2])),
        float(np.sqrt(np.mean((law(t, *found) - f) ** 2))),
    )  # fmt: skip
    return (
        undetermined("exponent", fit.exponent, fit.errors[2], EXPONENTS)
        or undetermined("time", fit.time, fit.errors[1])
        or undetermined("amplitude", fit.amplitude, fit.errors[0])
        or fit
    )


def log_fit(time: ArrayLike, energy: ArrayLike) -> LogFit | None:
    """Return the line of E against ln t through t > 0, None where there is none: see `log_fit_or_reason`."""
    found = log_fit_or_reason(time, energy)
    return None if isinstance(found, str) else found


def log_fit_or_reason(time: ArrayLike, energy: ArrayLike) -> LogFit | str:
    """Return the line of E against ln t through t > 0, or in one line why there is none.

    There is none with fewer than three points there, or where the slope's error is more than half of it.
    """
    t, e = _finite(time, energy)
    t, e = t[t > 0], e[t > 0]
    if len(t) < 3 or np.ptp(t) == 0:
        return f"no fit: {len(t)} points at times after the first, at least three are needed"
    x = np.log(t)
    design = np.column_stack([np.ones_like(x), x])
    (a, b), *_ = np.linalg.lstsq(design, e, rcond=None)
    left = e - a - b * x
    variance = left @ left / (len(t) - 2)
    error = np.sqrt(np.diag(variance * np.linalg.inv(design.T @ design)))
    why_not = undetermined("slope", float(b), float(error[1]))
    return why_not or LogFit(
        float(a), float(b), (float(error[0]), float(error[1])), float(np.sqrt(np.mean(left**2)))
    )


def first_passage(time: ArrayLike, values: ArrayLike, change: float, window: int = 1) -> Passage:
    """Return when the running mean of `values` first differs by `change` (signed) from its first value.

    window: points averaged (an odd number), so that one frame's noise is no event. The time is linear between points;
    of the start and the next only a bound.
    """
    t, y = _finite(time, values)
    if not len(t):
        return Passage(None, 0.0)
    y = _running_mean(y, window)
    target = y[0] + change
    passed = np.flatnonzero((y - target) * np.sign(change) >= 0)
    if not len(passed):
        return Passage(None, float(t[-1]))
    k = int(passed[0])
    if k < 2:
        return Passage(None, float(t[k]), early=True)
    share = (target - y[k - 1]) / (y[k] - y[k - 1])
    return Passage(float(t[k - 1] + share * (t[k] - t[k - 1])), float(t[k]))


def crystallisation(time: ArrayLike, crystalline: ArrayLike, threshold: float) -> Passage:
    """Return when the crystalline share of atoms passed `threshold` for good (it stays above to the end).

    crystalline: [n_frames] share of atoms whose surroundings are those of a crystal.
    """
    t, y = _finite(time, crystalline)
    if not len(t) or y[-1] < threshold:
        return Passage(None, float(t[-1]) if len(t) else 0.0)
    below = np.flatnonzero(y < threshold)
    k = int(below[-1]) + 1 if len(below) else 0
    return Passage(float(t[k]), float(t[k])) if k > 1 else Passage(None, float(t[k]), early=True)


@dataclass(frozen=True)
class PassageTimes:
    """Times to an event of all samples at one temperature.

    mean    geometric mean of the times that were reached, None when none was
    error   factor of its standard error (1.3 means times or divided by 1.3), None for fewer than two
    reached, censored  how many samples did, and did not; least: the longest time waited by those that did not
    early   how many did before their second frame, so that their time is not known; most: the latest of these frames
    """

    temperature: float
    mean: float | None
    error: float | None
    reached: int
    censored: int
    least: float | None
    early: int = 0
    most: float | None = None


def passage_times(temperature: float, passages: Sequence[Passage]) -> PassageTimes:
    """Return the average over samples, on a logarithmic scale, of the times to an event (Derlet & Maass, Fig. 6)."""
    times = np.log([p.time for p in passages if p.time is not None and p.time > 0])
    waited = [p.after for p in passages if p.censored]
    early = [p.after for p in passages if p.early]
    n = len(times)
    return PassageTimes(
        temperature,
        float(np.exp(times.mean())) if n else None,
        float(np.exp(times.std(ddof=1) / np.sqrt(n))) if n > 1 else None,
        n, len(waited), max(waited) if waited else None, len(early), max(early) if early else None,
    )  # fmt: skip


def _finite(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    use = np.isfinite(xs) & np.isfinite(ys)
    return xs[use], ys[use]


def _running_mean(y: Floats, window: int) -> Floats:
    if window <= 1 or len(y) < 3:
        return y
    reach = min(window // 2, (len(y) - 1) // 2)
    kernel = np.full(2 * reach + 1, 1 / (2 * reach + 1))
    return np.asarray(np.convolve(np.pad(y, reach, mode="edge"), kernel, "valid"))
