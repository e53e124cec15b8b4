"""Means over independent samples: their errors count samples, and are right for few of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from glasscli.configuration import Floats

ONE_SIGMA = 0.6827  # share of a normal distribution within one standard deviation


def mean_of_samples(values: ArrayLike) -> tuple[Floats, Floats]:
    """Mean and error [...] of numbers or functions [n, ...] of n independent samples; NaN are left out one by one.

    The error is that of the bootstrap over samples: redrawing n of n gives means whose standard deviation is
    s sqrt((n - 1)/n)/sqrt(n), s being that of the samples, which no redrawing needs to find. Few samples underestimate
    it (Efron & Tibshirani 1993, Sec. 5.3), so it is widened, s t/sqrt(n) with Student's t of n - 1 degrees of freedom:
    the interval of one error to either side holds the true mean in 68 of 100 cases, whatever n. NaN below two samples.
    """
    data = np.asarray(values, dtype=np.float64)
    known = np.isfinite(data)
    n = known.sum(axis=0)
    filled = np.where(known, data, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = filled.sum(axis=0) / n
        spread = np.sqrt(np.where(known, (data - mean) ** 2, 0.0).sum(axis=0) / (n - 1))
        factor = np.vectorize(widening, otypes=[np.float64])(n)
        return np.where(n > 0, mean, np.nan), np.where(n > 1, spread / np.sqrt(n) * factor, np.nan)


def jackknife(without: ArrayLike) -> Floats:
    """Error [...] of what was found from samples together, given the same [g, ...] without each of g parts of them.

    The delete-a-group jackknife, sqrt((g - 1)/g sum (x_j - <x>)^2), of any number, be it no mean (Efron & Tibshirani
    1993, Ch. 11; of medians the parts must hold several samples), widened as in `mean_of_samples`. NaN below two parts
    and where one of them has no number.
    """
    found = np.asarray(without, dtype=np.float64)
    g = len(found)
    if g < 2:
        return np.full(found.shape[1:], np.nan)
    spread = ((found - found.mean(axis=0)) ** 2).sum(axis=0)
    return np.asarray(np.sqrt((g - 1) / g * spread) * widening(g))


@cache
def widening(n: int) -> float:
    """Student's t that holds 68 % of n samples: 1.84 of two, 1.08 of eight, 1 of many."""
    from scipy.special import stdtrit  # takes its time to load

    return float(stdtrit(n - 1, 0.5 + ONE_SIGMA / 2)) if n > 1 else np.nan


@dataclass(frozen=True)
class MeansLine:
    """y = intercept + slope x through means with errors; chi2 with these errors, of n - 2 degrees of freedom."""

    slope: float
    slope_error: float
    intercept: float
    intercept_error: float
    chi2: float
    n: int


def line_through_means(x: ArrayLike, mean: ArrayLike, error: ArrayLike) -> MeansLine | None:
    """The line of least chi2 through means [n] with errors [n] at x [n]; None of fewer than three.

    Means without an error are left out. Errors follow from those of the means, widened by the root of chi2 per degree
    of freedom where that is above one.
    """
    xs, ys, sigma = (np.asarray(one, dtype=np.float64) for one in (x, mean, error))
    use = np.isfinite(xs) & np.isfinite(ys) & np.isfinite(sigma) & (sigma > 0)
    n = int(use.sum())
    if n < 3 or np.ptp(xs[use]) == 0:
        return None
    design = np.stack([np.ones(n), xs[use]], axis=1) / sigma[use, None]
    inverse = np.linalg.inv(design.T @ design)
    a, b = inverse @ design.T @ (ys[use] / sigma[use])
    chi2 = float((((ys[use] - a - b * xs[use]) / sigma[use]) ** 2).sum())
    da, db = np.sqrt(np.diag(inverse) * max(1.0, chi2 / (n - 2)))
    return MeansLine(float(b), float(db), float(a), float(da), chi2, n)
