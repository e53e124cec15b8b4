"""Growth of the order parameter in structural relaxation (Egorushkin & Mel'nikova, JETP 76 (1993), Eqs. 9-14).

Times are in units of 1/g, the life of the population difference; gain = D s0^(1/2)/g and Gamma = G/g. Eq. 11,

    b'' + G b' - D^2 s0 exp(-g t) b = 0,   b(0) = 0,

has for nu = G/g, z0 = 2 D s0^(1/2)/g (the print omits /g), z = z0 exp(-g t/2) the solution (Eq. 12)

    eta(t) = 2 (z/2)^nu/Gamma(nu) [K_nu(z) - I_nu(z) K_nu(z0)/I_nu(z0)],   eta(inf) = 1,

written with (z0/2)^nu exp(-G t/2) = (z/2)^nu so that nothing overflows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import mpmath
import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, ive, kve

from glasscli.errors import GlassError, InputError
from glasscli.theory.roots import find_root

Floats = NDArray[np.float64]

# Of the rates of Eqs. 9 in one integration: some seconds, and far more than any curve of the paper takes.
MOST_EVALUATIONS = 200_000
TOO_FAST = "Eqs. 9 vary too fast to be followed for so long a time"
# Beyond, doubles have nothing left of Eq. 12.
LARGEST, SMALLEST = 1e6, 1e-6
# A deviation from resonance that changes eta by less than rounding.
NO_DEVIATION = 1e-13


class TooFast(GlassError):
    """Eqs. 9 oscillate, or decay, on a scale that is too short for the time asked for."""


MOST_TURNS, LARGEST_SEED = 1e5, 1e3  # what an integration at a relative accuracy of 1e-10 ends in seconds for


def _check(gain: float, Gamma: float) -> None:
    if not (0 <= gain < np.inf and 0 < Gamma < np.inf):
        raise InputError("the gain must not be negative and Gamma must be finite and greater than zero")
    if gain > LARGEST or not SMALLEST <= Gamma <= LARGEST:
        raise InputError(
            f"the gain must be at most {LARGEST:g} and Gamma {SMALLEST:g} ... {LARGEST:g}, not {gain:g} and {Gamma:g}"
        )


def _times(t: ArrayLike) -> Floats:
    found = np.atleast_1d(np.asarray(t, float))
    if (found < 0).any() or not np.isfinite(found).all():
        raise InputError("times must be finite and not negative")
    return found


@lru_cache(maxsize=1)
def _debye_polynomials() -> list[Polynomial]:
    """Return U_0 ... U_10 of Debye's expansions, DLMF 10.41.10."""
    p = Polynomial([0.0, 1.0])
    found = [Polynomial([1.0])]
    for _ in range(10):
        u = found[-1]
        found.append(p**2 * (1 - p**2) * u.deriv() / 2 + ((1 - 5 * p**2) * u).integ() / 8)
    return found


def _log_debye(kind: str, nu: float, z: Floats) -> Floats:
    """Return ln I_nu(z) or ln K_nu(z) for nu >= 40, uniformly in z (DLMF 10.41.3-4), to rounding."""
    x = z / nu
    root = np.hypot(1, x)
    exponent = nu * (root + np.log(x / (1 + root)))
    sign = 1.0 if kind == "I" else -1.0
    series = sum((sign / nu) ** k * u(1 / root) for k, u in enumerate(_debye_polynomials()))
    front = -np.log(2 * np.pi * nu) / 2 if kind == "I" else np.log(np.pi / (2 * nu)) / 2
    found: Floats = front + sign * exponent - np.log(root) / 2 + np.log(series)
    return found


def _log_bessel(kind: str, nu: float, z: Floats) -> Floats:
    """Return ln I_nu(z) or ln K_nu(z); where doubles overflow or vanish, Debye's expansion or mpmath."""
    with np.errstate(divide="ignore", over="ignore"):
        out: Floats = np.log(ive(nu, z)) + z if kind == "I" else np.log(kve(nu, z)) - z
    lost = np.flatnonzero(~np.isfinite(out))
    if len(lost) and nu >= 40:
        out[lost] = _log_debye(kind, nu, z[lost])
    elif len(lost):
        exact = mpmath.besseli if kind == "I" else mpmath.besselk
        out[lost] = [float(mpmath.log(exact(nu, at))) for at in z[lost]]
    return out


def order_parameter(t: ArrayLike, gain: float, Gamma: float) -> Floats:
    """Return eta(t) of Eq. 12 on resonance; t [n] in 1/g, any gain >= 0 and Gamma > 0 (z0 = 500 included)."""
    return _order(t, gain, Gamma)[0]


def _order(t: ArrayLike, gain: float, Gamma: float) -> tuple[Floats, Floats]:
    """Return eta and d eta/dt."""
    _check(gain, Gamma)
    t = _times(t)
    z0, nu = 2 * gain, Gamma
    # Below this the series of I and K in z0 has nothing left but its first terms.
    if z0**2 < 1e-16 * (1 + nu):
        return -np.expm1(-nu * t), nu * np.exp(-nu * t)
    # The rate at t = 0, a sum of positive terms, starts the power series where eta is a small difference.
    z = np.maximum(z0 * np.exp(-np.append(t, 0.0) / 2), 1e-150)
    start = np.array([z0])
    front = np.log(2) + nu * np.log(z / 2) - gammaln(nu)
    log_ratio = _log_bessel("K", nu, start) - _log_bessel("I", nu, start)
    eta = np.exp(front + _log_bessel("K", nu, z)) - np.exp(front + _log_bessel("I", nu, z) + log_ratio)
    # d/dz (z/2)^nu K_nu = -(z/2)^nu K_{nu-1} and + for I; I_{nu-1} = I_{nu+1} + (2 nu/z) I_nu for nu < 1 too.
    down = np.exp(front + _log_bessel("K", abs(nu - 1), z))
    i_above, i_here = _log_bessel("I", nu + 1, z), _log_bessel("I", nu, z)
    below = np.exp(front + log_ratio + np.logaddexp(i_above, np.log(2 * nu / z) + i_here))
    rate = z / 2 * (down + below)
    eta, rate, rate_at_zero = eta[:-1], rate[:-1], float(rate[-1])
    early = t * (1 + nu + gain) < 1
    if early.any():
        eta[early], rate[early] = _early(t[early], gain, nu, rate_at_zero)
    return eta, rate


def _early(t: Floats, gain: float, Gamma: float, rate_at_zero: float) -> tuple[Floats, Floats]:
    """Return eta and its rate for t (1 + G + gain) < 1, from the power series in t of Eq. 11."""
    c, decay = [0.0, 1.0], [1.0]
    for n in range(30):
        decay.append(-decay[-1] / (n + 1))
        pulled = sum(decay[n - k] * c[k] for k in range(n + 1))
        c.append((gain**2 * pulled - Gamma * (n + 1) * c[n + 1]) / ((n + 1) * (n + 2)))
    series = Polynomial(c)
    return rate_at_zero * series(t), rate_at_zero * series.deriv()(t)


def off_resonance(t: ArrayLike, gain: float, Gamma: float, Omega: float) -> Floats:
    """Return |eta(t)| of Eq. 13: nu = (G + i Omega)/g in Eq. 12; eta(inf) = 1. Omega in units of g.

    By mpmath, and for |Omega| >= gain^2, where nothing cancels, by the power series of I_nu and I_{-nu}.
    """
    _check(gain, Gamma)
    t = _times(t)
    if abs(Omega) < NO_DEVIATION:
        return order_parameter(t, gain, Gamma)
    if abs(Omega) >= gain**2:
        return _far(t, gain, complex(Gamma, Omega))
    nu, z0 = mpmath.mpc(Gamma, Omega), mpmath.mpf(2 * gain)
    ratio = mpmath.besselk(nu, z0) / mpmath.besseli(nu, z0)
    front = 2 / mpmath.gamma(nu)

    def one(time: float) -> float:
        z = z0 * mpmath.exp(-mpmath.mpf(time) / 2)
        return float(abs(front * (z / 2) ** nu * (mpmath.besselk(nu, z) - mpmath.besseli(nu, z) * ratio)))

    return np.array([one(float(time)) for time in t])


def _far(t: Floats, gain: float, nu: complex) -> Floats:
    """Return |F(-nu, z) - exp(-nu t) F(nu, z) F(-nu, z0)/F(nu, z0)|, z = z0 exp(-t/2): Eq. 12 for any nu not whole.

    F(mu, z) = 0F1(; mu + 1; z^2/4); it follows from K_nu = (pi/2)(I_{-nu} - I_nu)/sin(pi nu).
    """
    z, z0 = 2 * gain * np.exp(-t / 2), np.array([2 * gain])
    end = _hypergeometric(-nu, z0) / _hypergeometric(nu, z0)
    found: Floats = np.abs(_hypergeometric(-nu, z) - np.exp(-nu * t) * _hypergeometric(nu, z) * end)
    return found


def _hypergeometric(mu: complex, z: Floats) -> NDArray[np.complex128]:
    """0F1(; mu + 1; z^2/4) for |Im mu| >= z^2/4: term k is at most 1/k!."""
    x, term = z**2 / 4, np.ones(z.shape, complex)
    total = term.copy()
    for k in range(1, 30):
        term = term * x / (k * (k + mu))
        total += term
    return total


def far_off_resonance(t: ArrayLike, Gamma: float, Omega: float) -> Floats:
    """Return eta(t) of Eq. 14 for Omega >> G, D s0^(1/2), normalised to 1 at t = inf; the exponents mended.

    2 [exp(-G t) sin^2(Omega t/2) + (1 - exp(-G t))^2/4]^(1/2): the print has exp(-G t/2) in both places, which
    does not solve Eq. 11 with G -> G + i Omega.
    """
    t = np.asarray(t, float)
    decay = np.exp(-Gamma * t)
    found: Floats = 2 * np.sqrt(decay * np.sin(Omega * t / 2) ** 2 + (1 - decay) ** 2 / 4)
    return found


def time_to(level: float, gain: float, Gamma: float) -> float:
    """Return the time in 1/g at which eta(t) = level, 0 < level < 1; eta rises all the way."""
    _check(gain, Gamma)
    if not 0 < level < 1:
        raise InputError(f"the level must lie between 0 and 1, not {level:g}")
    high = 1.0 / Gamma
    while order_parameter(high, gain, Gamma)[0] < level:
        high *= 2
        if high > 1e6 * (1 + 1 / Gamma):
            raise GlassError("eta(t) does not reach this level; report the gain and Gamma")
    low = high / 2 if high > 1 / Gamma else 0.0
    return find_root(lambda t: float(order_parameter(t, gain, Gamma)[0]) - level, low, high, 1e-13)


def _bend(t: ArrayLike, gain: float, Gamma: float) -> Floats:
    """Return eta'' = -G eta' + gain^2 exp(-t) eta (Eq. 11)."""
    eta, rate = _order(t, gain, Gamma)
    found: Floats = gain**2 * np.exp(-np.asarray(t, float)) * eta - Gamma * rate
    return found


def inflections(gain: float, Gamma: float) -> list[float]:
    """Return the times where eta'' changes sign: none in the exponential regimes, two in the S-shaped one."""
    end = time_to(0.999, gain, Gamma)
    t = np.concatenate([np.geomspace(1e-6 * end, 0.02 * end, 120), np.linspace(0.02 * end, end, 600)[1:]])
    signs = np.sign(_bend(t, gain, Gamma))
    at = np.flatnonzero(signs[:-1] * signs[1:] < 0)
    return [find_root(lambda u: float(_bend(u, gain, Gamma)[0]), t[i], t[i + 1], 1e-13) for i in at]


def regime(bends: list[float], Gamma: float) -> int:
    """Return the curve of Fig. 1 from the inflections and Gamma.

    3 is S-shaped (large gain); without inflections 1 rises fast and then slowly (Gamma > 3), 2 smoothly.
    """
    if bends:
        return 3
    return 1 if Gamma > 3 else 2


@dataclass(frozen=True)
class Trajectory:
    """Eqs. 9 integrated: t [n] in 1/g, order parameter |b|/|b(end)|, population difference s/s0, |b|/s0^(1/2)."""

    t: Floats
    eta: Floats
    population: Floats
    amplitude: Floats


def integrate(t: Floats, gain: float, Gamma: float, seed: float = 1e-3, Omega: float = 0.0) -> Trajectory:
    """Return the solution of the nonlinear Eqs. 9 at ascending times t [n] starting with t[0] = 0.

    With b = s0^(1/2) B, D p = s0^(1/2) q:  B' = q,  q' = -(G + i Omega) q + gain^2 S B,  S' = -S - 4 Re(q B*),
    where seed = q(0) is the initial polarisation. As seed -> 0 the population decays by itself and eta(t) is
    Eq. 12; a large seed or gain empties it by the growth of b. Raises TooFast where this takes too many steps.
    """
    _check(gain, Gamma)
    t = np.asarray(t, float)
    if t[0] != 0 or not (np.diff(t) > 0).all():
        raise InputError("times must ascend from 0")
    if not abs(seed) <= LARGEST_SEED:
        raise InputError(f"a seed of {seed:g} cannot be integrated: at most {LARGEST_SEED:g} can")
    if not max(gain, Gamma, abs(Omega)) * t[-1] <= MOST_TURNS:
        raise TooFast(TOO_FAST)
    evaluations = 0

    def rate(_: float, y: Floats) -> Floats:
        nonlocal evaluations
        evaluations += 1
        if evaluations > MOST_EVALUATIONS:
            raise TooFast(TOO_FAST)
        B, q = complex(y[0], y[1]), complex(y[2], y[3])
        dq = -(Gamma + 1j * Omega) * q + gain**2 * y[4] * B
        return np.array([q.real, q.imag, dq.real, dq.imag, -y[4] - 4 * (q * B.conjugate()).real])

    from scipy.integrate import solve_ivp  # slow to import

    start = np.array([0.0, 0.0, seed, 0.0, 1.0])
    small = 1e-12 * seed
    found = solve_ivp(
        rate, (0.0, float(t[-1])), start, "DOP853", t, rtol=1e-10, atol=[small, small, small, small, 1e-12]
    )
    if not found.success:
        raise GlassError(f"Eqs. 9 could not be integrated: {found.message}")
    amplitude = np.hypot(found.y[0], found.y[1])
    return Trajectory(t, amplitude / amplitude[-1], found.y[4], amplitude)
