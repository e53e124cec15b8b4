"""From the work of switches to a free energy: Bennett's acceptance ratio, dissipation, errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from glasscli.configuration import Floats

# Dissipation, in kT of the whole sample, from which on work distributions of a few switches no longer overlap.
OVERLAP = 5.0


@dataclass(frozen=True)
class Difference:
    """A free energy difference, of the whole sample.

    value, error   error: one standard deviation
    dissipation    work that a switch wastes on average: half of what going there and back costs
    method         "bar" where work distributions overlap, else "mean": (W_there - W_back)/2 (linear response)
    """

    value: float
    error: float
    dissipation: float
    method: str


def difference(forward: Floats, backward: Floats, kT: float) -> Difference:
    """Return F(end) - F(start) from the work of switches there [n] and back [m].

    Crooks: P_there(W) = P_back(-W) exp((W - dF)/kT), so that all of them together say most by Bennett's acceptance
    ratio (Bennett, J. Comput. Phys. 22, 245 (1976); Shirts, Bair, Hooker and Pande, Phys. Rev. Lett. 91, 140601
    (2003), whose variance this is). Where dissipation is more than OVERLAP kT it is the mean of both directions, from
    which what is wasted drops out in linear response (Freitas, Asta and de Koning, Comput. Mat. Sci. 112, 333, 2016).
    """
    dissipation = float(forward.mean() + backward.mean()) / 2
    n, m = len(forward), len(backward)
    spread = (
        float(np.sqrt(forward.var(ddof=1) / n + backward.var(ddof=1) / m)) / 2
        if min(n, m) > 1
        else float("nan")
    )
    middle = float(forward.mean() - backward.mean()) / 2
    if dissipation > OVERLAP * kT:
        return Difference(middle, spread, dissipation, "mean")
    shift = np.log(n / m)

    def balance(value: float) -> float:
        there = expit(-(shift + (forward - value) / kT)).sum()
        back = expit(-(-shift + (backward + value) / kT)).sum()
        return float(there - back)

    reach = 50 * kT + float(np.ptp(np.concatenate([forward, -backward])))
    value = float(brentq(balance, middle - reach, middle + reach, xtol=1e-10 * kT + 1e-14 * abs(middle)))
    every = np.concatenate([shift + (forward - value) / kT, shift - (backward + value) / kT])
    seen = float(np.mean(expit(every) * expit(-every)))
    variance = (1 / seen - (n + m) / n - (n + m) / m) / (n + m) if seen > 0 else float("nan")
    # Of nearly reversible switches Bennett's variance is the difference of large numbers.
    error = max(kT * float(np.sqrt(max(variance, 0.0))), spread if np.isfinite(spread) else 0.0)
    return Difference(value, error, dissipation, "bar")
