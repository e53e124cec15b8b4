"""Soft configurations with their levels: the quadrature over F(eta, xi) that every spectrum is made of.

Klinger 3.2: any spectrum is the integral of F times a delta function. The (K1, K2) plane, K2 >= 0 for F even, is cut
into patches, each a square 0 < v < 1, 0 < s < S with nodes crowded where the wells are alike and the levels
change fast:

    deep     K1 > 0, K2 < 2 K1^(1/2)    X = 0 is the lower minimum (or the only one); `stiff` is its far end
    shallow  K1 > 0, K2 > 2 K1^(1/2)    X = 0 is the upper minimum, or a shoulder's
    top      K1 < 0                     X = 0 is the top of the barrier

`flat` is a constant density P of D1, D2 in w (-d^2/dx^2 + D1 x + D2 x^2 + x^4). Every such potential has its lower
minimum in the patch 'deep' just once, with dD1 dD2 = (K1/2) dK1 dK2, which is the |eta| that a flat P puts into F.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.errors import InputError
from glasscli.theory import quartic_levels
from glasscli.theory.distributions import Distribution, soft_xi

Floats = NDArray[np.float64]
# (v [m, 1], s [1, k]) -> K1, K2, density of configurations per dv ds, all [m, k]
Map = Callable[[Floats, Floats], tuple[Floats, Floats, Floats]]

_DEPTH = 16.0  # S: alike to exp(-16)
LEVELS = 24


@dataclass(frozen=True)
class Patch:
    """One patch: its map, its nodes v [m] and s [k], and at them weight [m, k] and levels [m, k, n] in w."""

    map: Map
    v: Floats
    s: Floats
    K1: Floats
    K2: Floats
    weight: Floats
    levels: Floats


@dataclass(frozen=True)
class Population:
    """Soft configurations of all kinds; weights are configurations per atom (for `flat`: per unit P).

    patches     the quadrature, or none for samples
    K1, K2      [n_points]
    weight      [n_points]
    levels      [n_points, n_levels] in units of w
    """

    name: str
    patches: tuple[Patch, ...]
    K1: Floats
    K2: Floats
    weight: Floats
    levels: Floats


def _patch(transform: Map, v_nodes: int, s_nodes: int, count: int) -> Patch:
    v, v_weights = np.polynomial.legendre.leggauss(v_nodes)
    s, s_weights = np.polynomial.legendre.leggauss(s_nodes)
    v, v_weights = (v + 1) / 2, v_weights / 2
    s, s_weights = _DEPTH * (s + 1) / 2, _DEPTH * s_weights / 2
    K1, K2, density = transform(v[:, None], s[None, :])
    weight = density * v_weights[:, None] * s_weights
    levels = quartic_levels.levels(K1, K2, count, points=64)
    return Patch(transform, v, s, K1, K2, weight, levels)


def _join(name: str, patches: tuple[Patch, ...]) -> Population:
    def joined(field: str) -> Floats:
        return np.concatenate([getattr(patch, field).reshape(-1) for patch in patches])

    levels = np.concatenate([patch.levels.reshape(patch.K1.size, -1) for patch in patches])
    return Population(name, patches, joined("K1"), joined("K2"), joined("weight"), levels)


def from_distribution(
    F: Distribution, eta_L: float, eta_star: float = 0.2, count: int = LEVELS
) -> Population:
    """Return the population of F(eta, xi) over |eta| < eta_star and eta0(xi) < eta_star, `count` levels of each.

    Raises InputError when eta_star is below eta_L (nothing soft is left) or so far above that the levels are
    those of a rigid bond.
    """
    if not eta_L < eta_star <= 200 * eta_L:
        raise InputError(f"eta_star = {eta_star:g} must lie between eta_L = {eta_L:.3g} and 200 eta_L")
    top, widest = eta_star / eta_L, soft_xi(eta_star) / np.sqrt(eta_L)
    scale = 2 * eta_L**1.5  # both signs of xi; d eta d xi = eta_L^(3/2) dK1 dK2

    def density(K1: Floats, K2: Floats, jacobian: Floats) -> tuple[Floats, Floats, Floats]:
        K1, K2, jacobian = np.broadcast_arrays(K1, K2, jacobian)
        return K1, K2, scale * F(eta_L * K1, np.sqrt(eta_L) * K2) * jacobian

    # Up to this K1 wells of equal depth lie within the soft region: xi^2 = 4 eta.
    alike_top = min(top, widest**2 / 4)

    def deep(v: Floats, s: Floats) -> tuple[Floats, Floats, Floats]:
        K1 = alike_top * v**3
        alike = 2 * np.sqrt(K1)
        return density(K1, alike * -np.expm1(-s), 3 * alike_top * v**2 * alike * np.exp(-s))

    def stiff(v: Floats, s: Floats) -> tuple[Floats, Floats, Floats]:
        K1 = alike_top + (top - alike_top) * v
        return density(K1, widest * s / _DEPTH, (top - alike_top) * widest / _DEPTH)

    def shallow(v: Floats, s: Floats) -> tuple[Floats, Floats, Floats]:
        K1 = alike_top * v**3
        alike = 2 * np.sqrt(K1)
        span = (widest - alike) * np.exp(-s)
        return density(K1, alike + span, 3 * alike_top * v**2 * span)

    def barrier(v: Floats, s: Floats) -> tuple[Floats, Floats, Floats]:
        K2 = widest * np.exp(-s)
        return density(-top * v**3, K2, 3 * top * v**2 * K2)

    return _join(
        F.name,
        tuple(
            _patch(part, v, s, count)
            for part, v, s in ((deep, 32, 32), (stiff, 6, 20), (shallow, 28, 32), (barrier, 44, 36))
        ),
    )


def flat(cutoff: float = 5.0, stiffest: float = 1600.0) -> Population:
    """Return the population of a constant density P(D1, D2) = 1 over D2 > -cutoff.

    cutoff    how far D2 reaches below zero; the highest barrier is cutoff^2/4 in units of w
    stiffest  largest K1 = V''/2 at the lower minimum; level spacings reach 2 stiffest^(1/2)
    """
    if not (0 <= cutoff <= 40 and 10 <= stiffest <= 1e5):
        raise InputError("the cutoff of D2 must lie in 0 ... 40 and the stiffest K1 in 10 ... 1e5")

    def deep(v: Floats, s: Floats) -> tuple[Floats, Floats, Floats]:
        u = -np.expm1(-s)
        bend = 1.5 * u**2 - 1  # D2 = -bend K1
        with np.errstate(divide="ignore"):
            top = np.where(bend > 0, np.minimum(stiffest, cutoff / np.maximum(bend, 1e-300)), stiffest)
        K1 = top * v**3
        K2 = 2 * np.sqrt(K1) * u
        jacobian = 3 * top * v**2 * 2 * np.sqrt(K1) * np.exp(-s)
        return K1, K2, 2 * (K1 / 2) * jacobian  # both signs of D1

    return _join("flat", (_patch(deep, 64, 56, LEVELS),))


def from_samples(eta: Floats, xi: Floats, eta_L: float) -> Population:
    """Return the population of measured pairs (eta, xi), each with the weight 1/n.

    Raises InputError for other than two columns of equal length with finite numbers.
    """
    eta, xi = np.atleast_1d(np.asarray(eta, float)), np.atleast_1d(np.asarray(xi, float))
    if eta.ndim != 1 or eta.shape != xi.shape or not len(eta):
        raise InputError("samples need one eta and one xi each")
    if not (np.isfinite(eta).all() and np.isfinite(xi).all()):
        raise InputError("samples of eta and xi must be finite numbers")
    K1, K2 = eta / eta_L, xi / np.sqrt(eta_L)
    levels = quartic_levels.levels(K1, K2, LEVELS, points=64)
    return Population("samples", (), K1, K2, np.full(len(eta), 1 / len(eta)), levels)
