"""Soft modes of the undercooled liquid: which harmonic fraction eta goes with which localisation.

Buchenau, Phil. Mag. B 65, 303 (1992), Eqs. 18-24. A mode with energy eps_k (eta x^2 + x^4) is stable against the
strain that made it soft, of formation energy eps_m, when (Eq. 20)

    eps_k <x^2> = 2 eps_m (1 - eta),   the average over exp[-beta eps_k (eta x^2 + x^4)].

Eq. 17 is mended as sum_k [omega_c^2 <A_k^2>/2 - 2 eps_m (1 - eta_k)] (s.e_k)^2 = 0, and Eq. 19, whose "1 +-" the
print lost, as eta_1,2 = [1 +- (1 - 1/(beta eps_m))^(1/2)]/2. Between eta_2 and eta_1 no mode is stable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gamma, ive, kve

from glasscli.errors import InputError
from glasscli.theory.roots import find_root

Floats = NDArray[np.float64]

_ASYMPTOTIC = 30.0


def _by_bessel(s: Floats) -> Floats:
    """Return <u^2> for s <= 30."""
    size = np.abs(s)
    y = size**2 / 8
    first = gamma(0.75) / gamma(0.25)
    out = np.asarray(first - s * (0.25 - first**2))  # about s = 0, where <u^4> = 1/4
    up, down = s > 1e-7, s < -1e-7
    out[up] = (s[up] / 4) * (kve(0.75, y[up]) / kve(0.25, y[up]) - 1)
    # Beyond 1e9 the four functions come out as nan; long before, their ratio is 1 - 1/4y to rounding.
    z = np.minimum(y[down], 1e7)
    ratio = (ive(0.75, z) + ive(-0.75, z)) / (ive(0.25, z) + ive(-0.25, z))
    out[down] = (size[down] / 4) * (1 + np.where(y[down] > z, 1 - 0.25 / y[down], ratio))
    return out


def _series_deficit(s: Floats) -> Floats:
    """Return 1 - 2 s <u^2> for s > 30 without cancellation, from Eq. 22 term by term.

    Z ~ sum c_k and <u^2> ~ (1/2s) sum c_k (4k + 1)/sum c_k, c_k = c_{k-1} (-1/s^2)(4k - 3)(4k - 1)/4k: the
    deficit is -sum 4k c_k/sum c_k. The terms shrink until k ~ s^2/4, far below round-off.
    """
    q = 1 / s**2
    term, Z, lost = np.ones_like(q), np.ones_like(q), np.zeros_like(q)
    for k in range(1, 30):
        term = -term * q * (4 * k - 3) * (4 * k - 1) / (4 * k)
        Z += term
        lost -= 4 * k * term
    return lost / Z


def mean_square(s: ArrayLike) -> Floats:
    """Return <u^2> over exp(-s u^2 - u^4) in closed form; any real s.

    With y = s^2/8: s > 0: (s/4)[K_{3/4}(y)/K_{1/4}(y) - 1]; s < 0: (|s|/4)[1 + (I_{3/4} + I_{-3/4})/(I_{1/4} +
    I_{-1/4})]; s = 0: Gamma(3/4)/Gamma(1/4). Above s = 30, where the first loses digits, the asymptotic series.
    """
    s = np.asarray(s, float)
    stiff = s > _ASYMPTOTIC
    out = _by_bessel(np.where(stiff, 0.0, s))
    return np.where(
        stiff, (1 - _series_deficit(np.maximum(s, _ASYMPTOTIC))) / (2 * np.where(stiff, s, 1.0)), out
    )


def deficit(s: ArrayLike) -> Floats:
    """Return 1 - 2 s <u^2>, what the quartic term takes from the harmonic value: 3/s^2 - 24/s^4 + ... for large s."""
    s = np.asarray(s, float)
    soft = np.minimum(s, _ASYMPTOTIC)
    return np.where(
        s > _ASYMPTOTIC, _series_deficit(np.maximum(s, _ASYMPTOTIC)), 1 - 2 * soft * _by_bessel(soft)
    )


def harmonic_limits(beta_eps: float) -> tuple[float, float] | None:
    """Return eta_1 > eta_2 (Eq. 19 mended) for beta eps_m, or None below 1, where every eta < 1 is stable."""
    if not 0 < beta_eps < np.inf:
        raise InputError(f"beta eps_m must be finite and greater than zero, not {beta_eps:g}")
    if beta_eps < 1:
        return None
    root = np.sqrt(1 - 1 / beta_eps)
    # eta_1 eta_2 = 1/(4 beta eps_m) keeps the digits of the small one.
    eta1 = (1 + root) / 2
    return float(eta1), float(1 / (4 * beta_eps * eta1))


@dataclass(frozen=True)
class Mode:
    """eps_k/eps_m at one eta, and the branch: 'upper' above eta_1, 'lower' below eta_2, 'single' for beta eps_m < 1."""

    eta: float
    ratio: float
    branch: str


def mode(beta_eps: float, eta: float = 0.0) -> Mode:
    """Return eps_k/eps_m of the stable mode (Eqs. 20 and 24; "-" above eta_1, "+" below eta_2, as printed).

    As eta -> eta_2, where eps_k diverges, Eq. 20 is solved as deficit = 4 beta eps_m (eta - eta_1)(eta - eta_2),
    which stays exact.
    Raises InputError for eta >= 1 and between eta_2 and eta_1, where no mode is stable.
    """
    limits = harmonic_limits(beta_eps)
    if not -np.inf < eta < 1:
        raise InputError(f"no stable soft mode at eta = {eta:g}: eta must be less than 1")
    if limits and limits[1] <= eta <= limits[0]:
        raise InputError(
            f"no stable soft mode at eta = {eta:g}: it lies between eta2 = {limits[1]:.6g} and eta1 = {limits[0]:.6g}; "
            "choose eta outside"
        )
    branch = "single" if limits is None else ("upper" if eta > limits[0] else "lower")
    target = 2 * beta_eps * (1 - eta)  # = r <u^2>, r = (beta eps_k)^(1/2), at s = eta r
    wanted = 1 - 2 * eta * target if limits is None else 4 * beta_eps * (eta - limits[0]) * (eta - limits[1])

    def missing(t: float) -> float:
        return float(np.log(mean_square(eta * np.exp(t))) + t - np.log(target))

    def short(t: float) -> float:
        return float(deficit(eta * np.exp(t))) - wanted

    # r <u^2> rises with r, from 0 to 1/(2 eta) or without limit; near that limit the deficit keeps the digits.
    equation = short if eta > 0 and wanted < 0.5 else missing
    low = high = np.log(target / float(mean_square(0.0)))
    while missing(low) > 0:
        low -= 2.0
    while (short(high) > 0) if equation is short else (missing(high) < 0):
        high += 2.0
    root = np.exp(find_root(equation, low - 1e-9, high + 1e-9))
    return Mode(eta, float(root**2 / beta_eps), branch)


def curve(beta_eps: float, eta: Floats) -> Floats:
    """Return eps_k/eps_m [n] of Fig. 8; nan where no mode is stable."""
    limits = harmonic_limits(beta_eps)
    return np.array(
        [
            np.nan if e >= 1 or (limits and limits[1] <= e <= limits[0]) else mode(beta_eps, float(e)).ratio
            for e in eta
        ]
    )


def quartic_energy(beta_eps: float) -> float:
    """Return beta eps_0 = 4 [Gamma(1/4)/Gamma(3/4)]^2 (beta eps_m)^2 = 35.015 (beta eps_m)^2 (Eq. 23)."""
    return float(4 * (gamma(0.25) / gamma(0.75)) ** 2 * beta_eps**2)


def formation_energy(beta_eps0: float) -> float:
    """Return beta eps_m from beta eps_0 at T_g by Eq. 23: 3.5 for silica, 10 for selenium, 5.3 for B2O3."""
    if not 0 < beta_eps0 < np.inf:
        raise InputError("beta eps_0 must be finite and greater than zero")
    return float(np.sqrt(beta_eps0 / quartic_energy(1.0)))
