"""The distribution F(eta, xi) of soft configurations, and the concentrations it gives (Klinger 3.2, 3.7-3.10).

All are products f(eta) g(xi), even in xi. The Gaussian of 3.8 is printed with the factor 1/(2 D_eta 2 D_xi),
which integrates to pi/2; here it is 1/(2 pi D_eta D_xi), which integrates to one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from glasscli.errors import InputError
from glasscli.theory.soft_potential import SINGLE, SINGULAR, TWO_WELL_1, TWO_WELL_2, eta0

Floats = NDArray[np.float64]
Function = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Distribution:
    """F(eta, xi) = f(eta) g(xi): the density f, its integral from -inf (or from a fixed point), and g."""

    name: str
    f: Function
    f_integral: Function
    g: Function

    def __call__(self, eta: Floats, xi: Floats) -> Floats:
        """Return F(eta, xi)."""
        return self.f(np.asarray(eta, float)) * self.g(np.asarray(xi, float))


def _positive(**widths: float) -> None:
    for name, value in widths.items():
        if not 0 < value < np.inf:
            raise InputError(f"{name} must be finite and greater than zero, not {value:g}")


def gaussian(
    eta_mean: float = 1.0, eta_width: float = 0.1**0.5, xi_mean: float = 0.0, xi_width: float = 0.1**0.5
) -> Distribution:
    """Return F of Klinger 3.8, normalised to one: exp[-(eta - eta_mean)^2/eta_width^2 - (xi -+ xi_mean)^2/...]."""
    _positive(eta_width=eta_width, xi_width=xi_width)
    root = np.sqrt(np.pi)

    def f(eta: Floats) -> Floats:
        found: Floats = np.exp(-(((eta - eta_mean) / eta_width) ** 2)) / (root * eta_width)
        return found

    def integral(eta: Floats) -> Floats:
        found: Floats = 0.5 * (1 + erf((eta - eta_mean) / eta_width))
        return found

    def g(xi: Floats) -> Floats:
        both = np.exp(-(((xi - xi_mean) / xi_width) ** 2)) + np.exp(-(((xi + xi_mean) / xi_width) ** 2))
        found: Floats = both / (2 * root * xi_width)
        return found

    return Distribution("gaussian", f, integral, g)


def exponential(F0: float = 1e-2, eta_c: float = 0.1, xi_c: float = 0.1**0.5) -> Distribution:
    """Return F = (F0/e) exp(eta/eta_c) g(xi) of Klinger 3.9; g = exp(1 - xi^2/xi_c^2) so that F(eta_c, xi_c) = F0.

    3.9 leaves the dependence on xi open beyond "xi ~ xi_c"; the Gaussian of 3.8 is taken. It is the tail of a
    distribution, meant for |eta| << 1, and is not normalised.
    """
    _positive(F0=F0, eta_c=eta_c, xi_c=xi_c)

    def f(eta: Floats) -> Floats:
        return F0 / np.e * np.exp(eta / eta_c)

    return Distribution(
        "exponential",
        f,
        lambda eta: eta_c * f(np.asarray(eta, float)),
        lambda xi: np.exp(1 - (xi / xi_c) ** 2),
    )


def uniform(F0: float = 1e-2) -> Distribution:
    """Return the constant F = F0 in the soft region, the case F(0, xi) != 0 of Klinger 3.21-3.24."""
    _positive(F0=F0)
    return Distribution("uniform", lambda eta: np.full_like(eta, F0), lambda eta: F0 * eta, np.ones_like)


def soft_xi(eta_star: float) -> float:
    """Return the largest |xi| of a single-well potential with eta < eta_star: eta0(xi) = eta_star."""
    return float(np.sqrt(32 * eta_star / 9))


@dataclass(frozen=True)
class Concentrations:
    """Shares of atoms in soft configurations: all of them, and each class (Klinger 3.7)."""

    c_a: float
    single: float
    two_well_1: float
    two_well_2: float
    singular: float


def concentrations(F: Distribution, eta_star: float = 0.2, width: float = 0.0) -> Concentrations:
    """Return c_a and the concentrations of each class, -eta_star < eta < eta_star (Klinger 3.7).

    width  half width in eta of the singular class about the critical lines eta = 0 and eta = eta0(xi); the
           integral over eta is exact, that over xi a Gauss-Legendre sum between the places where classes meet.
    """
    _positive(eta_star=eta_star)
    if not 0 <= width < eta_star:
        raise InputError(f"the width of the singular class must lie in 0 ... eta_star, not {width:g}")
    edges = sorted({0.0, *(np.sqrt(32 * e / 9) for e in (2 * width, eta_star - width, eta_star) if e > 0)})
    nodes, weights = np.polynomial.legendre.leggauss(80)
    totals = dict.fromkeys((SINGLE, TWO_WELL_1, TWO_WELL_2, SINGULAR), 0.0)
    for low, high in pairwise(edges):
        xi = (low + high) / 2 + (high - low) / 2 * nodes
        both_signs = (high - low) * weights * F.g(xi)
        line = eta0(xi)

        def share(a: Floats | float, b: Floats | float, scale: Floats = both_signs, at: Floats = xi) -> float:
            below, above = (np.clip(side + 0 * at, -eta_star, eta_star) for side in (a, b))
            return float(
                np.sum(scale * np.where(above > below, F.f_integral(above) - F.f_integral(below), 0.0))
            )

        parts = {
            TWO_WELL_1: share(-eta_star, -width),
            TWO_WELL_2: share(width, line - width),
            SINGLE: share(line + width, eta_star),
        }
        parts[SINGULAR] = share(-eta_star, eta_star) - sum(parts.values())
        for kind, part in parts.items():
            totals[kind] += part
    return Concentrations(
        sum(totals.values()), totals[SINGLE], totals[TWO_WELL_1], totals[TWO_WELL_2], totals[SINGULAR]
    )


def cluster_estimate(
    a1: float = 3.0, a2: float = 10.0, a3: float = 75.0, dimension: int = 3
) -> tuple[float, float]:
    """Return c_a = (a1/a2)^d and c_a^(2) = (a1/a3)^d of the cluster model (Klinger 3.10); lengths in one unit.

    a1 is the distance of neighbours, a2 and a3 the sizes of the small and of the large clusters.
    """
    _positive(a1=a1, a2=a2, a3=a3)
    return (a1 / a2) ** dimension, (a1 / a3) ** dimension


def vitrification_factor(T_g: float, reference: float, theta: float = 450.0, beta: float = 1.0) -> float:
    """Return c_a of a glass with T_g over that of one with T_g = reference.

    Klinger's summary has the law c_a ~ exp[(theta/T_g)^beta], theta 300-600 K, beta ~ 1, without its constant: only
    ratios follow, exp[(theta/T_g)^beta - (theta/reference)^beta].
    """
    _positive(T_g=T_g, reference=reference, theta=theta, beta=beta)
    return float(np.exp((theta / T_g) ** beta - (theta / reference) ** beta))


def pressure_factor(p: float, p_linear: float = 5e9, p_quadratic: float = 5e9) -> float:
    """Return exp[-p/p** - (p/p-)^2], c_a under pressure over that without (Klinger's summary); pressures in Pa.

    p** and p- are 1e4-1e5 bar each; the middle, 50 kbar = 5 GPa, is the default.
    """
    _positive(p_linear=p_linear, p_quadratic=p_quadratic)
    return float(np.exp(-p / p_linear - (p / p_quadratic) ** 2))
