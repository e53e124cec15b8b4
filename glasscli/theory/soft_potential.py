"""The soft potential V(x) = A (eta x^2 + xi x^3 + x^4): its scales, wells, barrier and class.

Klinger, Sov. Phys. Usp. 30, 699 (1987), Eqs. 3.1-3.7 and 3.12-3.13. Displacements x are in units of a0 (about
1 Å), energies in units of A unless said otherwise. With eta_L = (eps0/A)^(1/3), eps0 = hbar^2/(2 M a0^2),

    K1 = eta/eta_L,   K2 = xi/eta_L^(1/2),   X = x/eta_L^(1/2),   w = A eta_L^2,
    H = w h,          h = -d^2/dX^2 + K1 X^2 + K2 X^3 + X^4.

The text quotes eta_L ~ 1e-2 and w ~ 30 K for eps0 = 1 K, A = 30 eV; its own formulas give 0.0142 and 70 K.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glasscli import units
from glasscli.errors import InputError

Floats = NDArray[np.float64]

SINGLE, TWO_WELL_1, TWO_WELL_2, SINGULAR = "single", "two-well-1", "two-well-2", "singular"


@dataclass(frozen=True)
class Scales:
    """The anharmonic scales of a soft configuration: eta_L (dimensionless), w and A and eps0 in one unit."""

    eta_L: float
    w: float
    A: float
    eps0: float

    def reduced(self, eta: ArrayLike, xi: ArrayLike) -> tuple[Floats, Floats]:
        """Return K1 = eta/eta_L and K2 = xi/eta_L^(1/2)."""
        return np.asarray(eta, float) / self.eta_L, np.asarray(xi, float) / np.sqrt(self.eta_L)


def scales(eps0: float, A: float) -> Scales:
    """Return eta_L = (eps0/A)^(1/3) and w = A eta_L^2 (Klinger 3.13), in the unit of eps0 and A."""
    if not (0 < eps0 < np.inf and 0 < A < np.inf):
        raise InputError("eps0 and A must be finite and greater than zero")
    eta_L = (eps0 / A) ** (1 / 3)
    return Scales(eta_L, A * eta_L**2, A, eps0)


def zero_point_scale(mass: float, a0: float = units.ANGSTROM) -> float:
    """Return eps0 = hbar^2/(2 M a0^2) in joules for a mass in kg and a0 in metres."""
    return units.HBAR**2 / (2 * mass * a0**2)


def value(x: ArrayLike, eta: ArrayLike, xi: ArrayLike) -> Floats:
    """Return V(x)/A."""
    x = np.asarray(x, float)
    found: Floats = x * x * (np.asarray(eta, float) + x * (np.asarray(xi, float) + x))
    return found


@dataclass(frozen=True)
class Wells:
    """Extrema of soft potentials, arrays of the shape of eta; nan where there is no second well.

    kind        class of each potential, see `classify`
    deep        x of the lower minimum;    shallow    x of the other minimum;    top    x of the maximum between
    depth       V(deep)/A;                 asymmetry  [V(shallow) - V(deep)]/A
    barrier     [V(top) - V(shallow)]/A, the height seen from the shallow well
    k_deep, k_shallow   V''/(2A) = k/k0 there, k0 = 2 A/a0^2
    """

    kind: NDArray[np.str_]
    deep: Floats
    shallow: Floats
    top: Floats
    depth: Floats
    asymmetry: Floats
    barrier: Floats
    k_deep: Floats
    k_shallow: Floats


def eta0(xi: ArrayLike) -> Floats:
    """Return eta0 = 9 xi^2/32: one minimum above it, two below (Klinger 3.3)."""
    return 9 * np.asarray(xi, float) ** 2 / 32


def extrema(eta: ArrayLike, xi: ArrayLike) -> tuple[Floats, Floats]:
    """Return x_minus, x_plus = (3 xi/8)(-1 -+ L^(1/2)), L = 1 - eta/eta0, the extrema beside x = 0; nan for L < 0.

    Written as (-3 xi -+ (9 xi^2 - 32 eta)^(1/2))/8 so that xi = 0 needs no limit; x_minus <= x_plus for any sign
    of xi. V''/2A there is 2 eta0 (L +- L^(1/2)) with the upper sign for the root farther from 0: the printed 3.4,
    2 (L -+ L^(1/2)) beside x_1,2 = (3 xi/8)(-1 +- L^(1/2)), is right only with both upper signs together.
    """
    eta, xi = np.broadcast_arrays(np.asarray(eta, float), np.asarray(xi, float))
    inside = 9 * xi**2 - 32 * eta
    root = np.sqrt(np.where(inside >= 0, inside, np.nan))
    # The root of larger size first, the other from their product eta/2: no cancellation for small eta.
    far = (-3 * xi - np.where(xi < 0, -1.0, 1.0) * root) / 8
    with np.errstate(divide="ignore", invalid="ignore"):
        near = np.where(far == 0, 0.0 * root, eta / (2 * far))
    return np.fmin(far, near) + 0 * root, np.fmax(far, near) + 0 * root


def is_symmetric(K1: float, K2: float) -> bool:
    """Whether the potential is even about some point: K2 = 0 (about 0) or K1 = K2^2/4 (about -K2/4)."""
    return K2 == 0 or K1 == K2**2 / 4


def without_cubic(K1: ArrayLike, K2: ArrayLike) -> tuple[Floats, Floats]:
    """Return D1, D2 of the same potential about X = -K2/4, D1 Y + D2 Y^2 + Y^4 + constant.

    D1 = (K2/2)(K2^2/4 - K1), D2 = K1 - 3 K2^2/8; the measures are related by dD1 dD2 = |K1|/2 dK1 dK2.
    """
    K1, K2 = np.asarray(K1, float), np.asarray(K2, float)
    return K2 / 2 * (K2**2 / 4 - K1), K1 - 3 * K2**2 / 8


def classify(eta: ArrayLike, xi: ArrayLike, width: float = 0.0) -> NDArray[np.str_]:
    """Return the class of each potential (Klinger, Sec. 3.1).

    'single' for eta > eta0; 'two-well-1' for eta < 0 (x = 0 is the top of the barrier; symmetric at xi = 0);
    'two-well-2' for 0 < eta < eta0 (x = 0 is one of the minima; symmetric at eta = xi^2/4, about x = -xi/4);
    'singular' within `width` of either critical line, eta = 0 and eta = eta0.
    """
    eta, xi = np.broadcast_arrays(np.asarray(eta, float), np.asarray(xi, float))
    line = eta0(xi)
    kind = np.where(eta > line, SINGLE, np.where(eta < 0, TWO_WELL_1, TWO_WELL_2))
    return np.where((np.abs(eta) <= width) | (np.abs(eta - line) <= width), SINGULAR, kind)


def curvature(x: ArrayLike, eta: ArrayLike, xi: ArrayLike) -> Floats:
    """Return V''(x)/2A = k/k0."""
    x = np.asarray(x, float)
    found: Floats = np.asarray(eta, float) + x * (3 * np.asarray(xi, float) + 6 * x)
    return found


def wells(eta: ArrayLike, xi: ArrayLike, width: float = 0.0) -> Wells:
    """Return minima, barrier and force constants of each potential; see `Wells`."""
    eta, xi = np.broadcast_arrays(np.asarray(eta, float), np.asarray(xi, float))
    if not (np.isfinite(eta).all() and np.isfinite(xi).all()):
        raise InputError("eta and xi must be finite numbers")
    low, high = extrema(eta, xi)
    double = (eta < eta0(xi)) & (eta != 0)
    points = np.sort(np.stack([np.zeros_like(low), low, high]), axis=0)  # nan sorts last
    left, middle, right = (np.where(double, point, np.nan) for point in points)
    v_left, v_middle, v_right = (value(point, eta, xi) for point in (left, middle, right))
    left_is_deep = v_left <= v_right
    # One minimum: at 0 above eta0; on the line eta = 0 it is the root -3 xi/4, 0 being an inflection point.
    single = np.where(eta == 0, -0.75 * xi, 0.0)
    deep = np.where(double, np.where(left_is_deep, left, right), single)
    shallow = np.where(left_is_deep, right, left)
    depth = value(deep, eta, xi)
    v_shallow = np.where(left_is_deep, v_right, v_left)
    return Wells(
        classify(eta, xi, width),
        deep,
        shallow,
        middle,
        depth,
        v_shallow - depth,
        v_middle - v_shallow,
        curvature(deep, eta, xi),
        curvature(shallow, eta, xi),
    )
