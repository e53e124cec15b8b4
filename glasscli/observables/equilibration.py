"""Is it equilibrated? What the inherent energies of an isotherm say, with the numbers behind the word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from glasscli.configuration import Floats

EQUILIBRATED = "equilibrated supercooled liquid"
AGEING = "still ageing"
CRYSTALLISING = "crystallising"
# A last half that holds fewer decorrelation times, or samples, says nothing about equilibrium: of a short series the
# time itself is not known.
ENOUGH_TIMES, ENOUGH = 10.0, 20
# Drifts and differences are significant from so many standard errors on.
SIGNIFICANT = 2.0
# Share of atoms in crystalline surroundings at the end, and how much more than at the beginning of the last half.
CRYSTALLINE, GROWING = 0.15, 0.05
# Less growth is no crystallising yet, and no equilibrium: so many standard errors of its line, and so much.
RISING, LEAST_RISE = 3.0, 0.01
# So many lags are summed one by one.
FEW_LAGS = 64


@dataclass(frozen=True)
class Verdict:
    """What became of an isotherm.

    label              one of the three words; None of a series that is too short for any
    reason             the numbers, as a sentence
    drift              change of E_IS per atom over the last half, by a straight line
    drift_error        its standard error, neighbours in time not taken as independent
    fluctuation        standard deviation of E_IS about that line
    decorrelation      autocorrelation time of E_IS in the last half, in samples (1: every sample is independent)
    samples            points in the last half
    crystalline        share of crystalline atoms, mean of the last half; None when not known
    difference         mean E_IS of the last half minus that of another run's; None without one
    difference_error   its standard error
    """

    label: str | None
    reason: str
    drift: float | None = None
    drift_error: float | None = None
    fluctuation: float | None = None
    decorrelation: float | None = None
    samples: int = 0
    crystalline: float | None = None
    difference: float | None = None
    difference_error: float | None = None


def verdict(
    energy: ArrayLike,
    crystalline: ArrayLike | None = None,
    other: ArrayLike | None = None,
    name: str = "E_IS",
) -> Verdict:
    """Judge a run by its energies per atom [F], inherent ones where there are any, evenly spaced; name: what they are.

    crystalline: [F] share of atoms in Laves or close-packed surroundings. other: E_IS of a run at the same
    temperature that comes from the opposite side (a crystal, a deeper glass). A run is equilibrated only when nothing
    drifts, neither the energy nor the crystalline share, its last half is many decorrelation times long, and the other
    run, if given, agrees.
    """
    e = np.asarray(energy, dtype=np.float64)
    half = e[len(e) // 2 :]
    if len(half) < 8 or not np.isfinite(half).all():
        these = f"{'inherent structure' if name == 'E_IS' else 'frame'}{'s' * (len(half) != 1)}"
        return Verdict(
            None, f"only {len(half)} {these} in the last half: too few to judge", samples=len(half)
        )
    drift, drift_error, fluctuation = _drift(half)
    time, time_error = correlation(half)
    share, grown, rise, rise_error = _crystalline(crystalline)
    rising = rise > max(LEAST_RISE, RISING * rise_error)
    difference, difference_error = _difference(half, other)
    reason = (
        f"{name} drifts by {drift:+.4f} ± {drift_error:.4f} over the last half, fluctuates by {fluctuation:.4f}, "
        f"decorrelates in {time:.1f} ± {time_error:.1f} of {len(half)} samples (errors over as many as are independent)"
    )
    if difference is not None and difference_error is not None:
        reason += f", lies {difference:+.4f} ± {difference_error:.4f} from the other run"
    if share is not None:
        reason += f"; crystalline {share:.1%}"
    if rising:
        reason += f", rising by {rise:.1%} ± {rise_error:.1%}"
    label: str | None = EQUILIBRATED
    if share is not None and (share > CRYSTALLINE or grown > GROWING):
        label = CRYSTALLISING
    elif (
        rising
        or abs(drift) > SIGNIFICANT * drift_error
        or (
            difference is not None
            and difference_error is not None
            and abs(difference) > SIGNIFICANT * difference_error
        )
    ):
        label = AGEING
    elif len(half) < max(ENOUGH, ENOUGH_TIMES * time):
        label, reason = None, f"too short to judge: {reason}"
    return Verdict(
        label, reason, drift, drift_error, fluctuation, time, len(half), share, difference, difference_error
    )


def decorrelation_time(values: Floats) -> float:
    """Integrated autocorrelation time in samples, 1 for independent ones; summed until the first negative term.

    values: [n], or [n, m] of m series that are taken together.
    """
    return correlation(values)[0]


def correlation(values: Floats) -> tuple[float, float]:
    """The same with its standard error: of a sum over m lags a share sqrt(2 (2 m + 1)/n) (N. Madras, A. D. Sokal,
    J. Stat. Phys. 50, 109 (1988)).
    """
    d = values - values.mean(axis=0)
    variance = float(np.vdot(d, d))
    if variance == 0:
        return 1.0, 0.0
    total, lags = 1.0, 0
    for lag, covariance in enumerate(_covariances(d), start=1):
        if covariance <= 0:
            break
        total, lags = total + 2 * covariance / variance, lag
    return total, float(total * np.sqrt(2 * (2 * lags + 1) / len(d)))


def _covariances(d: Floats) -> Iterator[float]:
    """Sums of products of [n] or [n, m] with themselves at lags 1, 2, ... up to half of the series."""
    most = len(d) // 2
    for lag in range(1, min(most, FEW_LAGS)):
        yield float(np.vdot(d[:-lag], d[lag:]))
    if most > FEW_LAGS:  # what is not over by then may last long, and each lag takes as long as the first
        columns, size = d.reshape(len(d), -1), 1 << (len(d) + most).bit_length()
        power = sum(np.abs(np.fft.rfft(column, size)) ** 2 for column in columns.T)
        yield from np.fft.irfft(power, size)[FEW_LAGS:most].tolist()


def _drift(e: Floats) -> tuple[float, float, float]:
    """Rise of the straight line, its error, and the scatter about it."""
    x = np.linspace(-0.5, 0.5, len(e))
    rise = float(x @ e / (x @ x))
    rest = e - e.mean() - rise * x
    scatter = float(np.sqrt(rest @ rest / (len(e) - 2)))
    # What the line leaves is what fluctuates; correlated samples count for fewer.
    error = scatter * np.sqrt(decorrelation_time(rest) / float(x @ x))
    return rise, float(error), scatter


def _crystalline(values: ArrayLike | None) -> tuple[float | None, float, float, float]:
    """Mean share of the last half, how much it grew within it by its quarters, and by a line, with that one's error."""
    if values is None:
        return None, 0.0, 0.0, 0.0
    all_of_it = np.asarray(values, dtype=np.float64)
    half = all_of_it[len(all_of_it) // 2 :]
    quarter = max(1, len(half) // 4)
    rise, error, _ = _drift(half)
    return float(half.mean()), float(half[-quarter:].mean() - half[:quarter].mean()), rise, error


def _difference(half: Floats, other: ArrayLike | None) -> tuple[float | None, float | None]:
    if other is None:
        return None, None
    theirs = np.asarray(other, dtype=np.float64)
    theirs = theirs[len(theirs) // 2 :]
    variances = [v.var(ddof=1) * decorrelation_time(v) / len(v) for v in (half, theirs)]
    return float(half.mean() - theirs.mean()), float(np.sqrt(sum(variances)))
