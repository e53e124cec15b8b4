"""Electrons trapped by soft configurations: states with one and two electrons, and what a gap leaves of them.

Klinger, Sov. Phys. Usp. 30, 699 (1987), Sec. 5. With n electrons the atom moves in V(x) - n Q0 x, V = A (eta x^2 +
xi x^3 + x^4), which is minimised exactly: W_n is its lowest value and x_n the place (in a0, energies in the unit of
A). The harmonic branch W_n = -n^2 Q0^2/2k (5.3), k = 2 A eta/a0^2, has W_2 = 4 W_1. The printed anharmonic branch
keeps that ratio; the pure quartic gives W_n = -(3/4) n Q0 (n Q0/4A)^(1/3) instead, W_2/W_1 = 2.52.

U = E(2) + E(0) - 2 E(1) = U_c + W_2 + W_0 - 2 W_1; W_0, the lowest value of V itself, is zero unless V has a well
deeper than that at x = 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glasscli.errors import InputError
from glasscli.theory import soft_potential
from glasscli.theory.roots import find_root

Floats = NDArray[np.float64]


def minimum(force: ArrayLike, eta: ArrayLike, xi: ArrayLike) -> tuple[Floats, Floats]:
    """Return x and the lowest value of eta x^2 + xi x^3 + x^4 - force x; arrays broadcast."""
    force, eta, xi = np.broadcast_arrays(*(np.asarray(a, float) for a in (force, eta, xi)))
    companion = np.zeros((*force.shape, 3, 3))
    companion[..., 1, 0] = companion[..., 2, 1] = 1.0
    for row, term in enumerate((force / 4, -eta / 2, -0.75 * xi)):
        companion[..., row, 2] = term
    roots = np.linalg.eigvals(companion)
    # Real parts of complex roots are trial points too; one of the real ones is always the lowest minimum.
    x = roots.real
    energy = soft_potential.value(x, eta[..., None], xi[..., None]) - force[..., None] * x
    x = np.take_along_axis(x, np.argmin(energy, axis=-1)[..., None], axis=-1)[..., 0]
    for _ in range(3):  # Newton, to the last digit even where the root is 1e-10 of the coefficients
        slope = x * (2 * eta + x * (3 * xi + 4 * x)) - force
        bend = 2 * soft_potential.curvature(x, eta, xi)
        x = x - np.where(bend > 0, slope / np.where(bend > 0, bend, 1.0), 0.0)
    return x + 0.0, soft_potential.value(x, eta, xi) - force * x


@dataclass(frozen=True)
class Trapped:
    """States with 0, 1 and 2 electrons in one soft configuration; energies in the unit of A, x in a0.

    W0, W1, W2, U   as in the module's first lines
    x0, x1, x2      places of the atom
    eta2, xi2       parameters of the pair's own potential about x2 (5.8, by shifting the origin)
    W1_limited, W2_limited, U_limited   the same where the repulsion of the far band's edge stops them (5.10)
    repelled        whether it does: |W_2| > gap
    """

    W0: float
    W1: float
    W2: float
    U: float
    x0: float
    x1: float
    x2: float
    eta2: float
    xi2: float
    W1_limited: float
    W2_limited: float
    U_limited: float
    repelled: bool


def trapped(
    Q0: float, A: float, U_c: float, gap: float = np.inf, eta: float = 0.0, xi: float = 0.0
) -> Trapped:
    """Return the self-trapped states n = 1, 2 of one configuration (Klinger 5.1-5.11).

    Q0   electron-atom coupling; A  quartic scale; U_c  repulsion of the two electrons; gap  E_g
    eta, xi  the configuration; the repulsion limit is |W_2| <= gap, |W_1| <= gap/4, |U| <= gap/2 (5.10).
    Raises InputError unless Q0, A and the gap are greater than zero and U_c is not negative.
    """
    if not (0 < Q0 < np.inf and 0 < A < np.inf and gap > 0 and 0 <= U_c < np.inf):
        raise InputError("Q0, A and the gap must be greater than zero and Uc not negative")
    if not (np.isfinite(eta) and np.isfinite(xi)):
        raise InputError("eta and xi must be finite numbers")
    x, energy = minimum(np.arange(3) * Q0 / A, eta, xi)
    W0, W1, W2 = (A * float(e) for e in energy)
    U = U_c + W2 + W0 - 2 * W1
    return Trapped(
        W0,
        W1,
        W2,
        U,
        float(x[0]),
        float(x[1]),
        float(x[2]),
        float(soft_potential.curvature(x[2], eta, xi)),
        float(xi + 4 * x[2]),
        max(W1, -gap / 4),
        max(W2, -gap),
        max(U, -gap / 2),
        gap < -W2,
    )


def anharmonic_limit(Q0: float, A: float) -> float:
    """Return eps_g = |W_2| at k = 0 (5.4), the largest there is: (3/4) 2 Q0 (2 Q0/4A)^(1/3) for the pure quartic."""
    return float(1.5 * Q0 * (Q0 / (2 * A)) ** (1 / 3))


def deepest_pair(Q0: float, A: float, U_c: float, gap: float) -> tuple[float, Trapped]:
    """Return eta and the states of the symmetric configuration that holds the deepest pair there is (Sec. 5.1).

    In a glassy semiconductor, eps_g > gap, that is the one with |W_2| = gap: softer ones would bring the pair to the
    far band's edge, which repels it (5.10). In a dielectric, eps_g <= gap, it is eta = 0 (5.11).
    """
    if anharmonic_limit(Q0, A) <= gap:
        return 0.0, trapped(Q0, A, U_c, gap)
    # |W_2| <= 2 Q0^2/k: the harmonic branch is the deepest at a given stiffness.
    stiffest = Q0**2 / (A * gap)

    def above(eta: float) -> float:
        return gap + A * float(minimum(2 * Q0 / A, eta, 0.0)[1])

    eta = find_root(above, 0.0, stiffest * (1 + 1e-9))
    return eta, trapped(Q0, A, U_c, gap, eta)


def anharmonicity(Q0: float, A: float, gap: float) -> float:
    """Return A gap^3/Q0^4: quartic over harmonic term, x^2/eta, at the pair with |W_2| = gap. Far below 1 for 5.16."""
    return A * gap**3 / Q0**4


@dataclass(frozen=True)
class Relations:
    """Thresholds of glassy semiconductors (Klinger 5.16), in the unit of the gap."""

    E_opt: float
    E_PL: float
    E_IA: float
    W_a: float
    E_X: float
    thermal_gap: float
    optical_gap: float


def relations(state: Trapped, Q0: float, gap: float) -> Relations:
    """Return the thresholds that the deepest pair sets: eps_th = |U|, eps_opt = |U| + 2 |W_1| (Sec. 5.3).

    W_a = min(gap/2, eps_th), E_opt = E_X = min(eps_opt, gap). The others are vertical transitions about x_1, where one
    electron is trapped: its level lies Q0 x_1 below the band, so that it is freed by E_IA = Q0 x_1 (intragap
    absorption), and a hole falls into it with E_PL = gap - Q0 x_1 (luminescence of a trapped exciton, the weak binding
    of the hole left out). All of 5.16, E_opt = 2 E_PL = 2 E_IA = 2 W_a = E_X = gap, holds for |W_2| = gap, U_c = 0 and
    a harmonic bond.
    Raises InputError when U >= 0: there is no stable pair.
    """
    if state.U >= 0:
        raise InputError(f"U = {state.U:.4g} is not negative: no stable pair sets these thresholds")
    thermal, level = -state.U, Q0 * state.x1
    optical = thermal - 2 * state.W1
    opt = min(optical, gap)
    return Relations(opt, gap - level, level, min(gap / 2, thermal), opt, thermal, optical)


def anderson(Q0: float, k: float, U_c: float) -> tuple[float, float, float]:
    """Return W_1, W_2, U of Anderson's harmonic bond of stiffness k (4.3, 5.3, 5.5): U = U_c - Q0^2/k."""
    if not (k > 0 and Q0 > 0):
        raise InputError("Q0 and the stiffness must be greater than zero")
    W1 = -(Q0**2) / (2 * k)
    return W1, 4 * W1, U_c + 2 * W1


def coordination_defect(Q0: float, gap: float, U_c: float = 0.0) -> tuple[float, float, float]:
    """Return k, the level of one electron and that of a pair, per electron, of a defect with |U| = gap/2 (4.4).

    The reaction D0 + D0 -> D+ + D- releases |U| = gap/2; for U_c = 0 the levels lie gap/4 and gap/2 below the band.
    """
    if not (Q0 > 0 and gap > 0):
        raise InputError("Q0 and the gap must be greater than zero")
    k = Q0**2 / (U_c + gap / 2)
    W1, W2, _ = anderson(Q0, k, U_c)
    return k, W1, (W2 + U_c) / 2


@dataclass(frozen=True)
class GapStates:
    """Density of states in the mobility gap, 0 < E < gap, relative to that of the bare tails at the band edges.

    E [n]; tails: the bare g_0 of both bands; single: g_1 (one electron or hole, U > 0); pairs: g_2 (U < 0).
    """

    E: Floats
    tails: Floats
    single: Floats
    pairs: Floats


def gap_states(
    E: Floats, Q0: float, A: float, U_c: float, gap: float, eta_soft: float = 0.2, tail: float = 0.1
) -> GapStates:
    """Return g(E) of Klinger 5.12-5.13 for both bands, alike, and G(k) uniform up to k = 2 A eta_soft.

    E         energies between the valence edge, 0, and the conduction edge, gap
    tail      decay length of the bare tails g_0 = exp(-distance from the edge/(tail gap))

    g_n(E) is the integral of g_0(E_q) G(k) over the bare levels that self-trapping moves to E, by delta_1 = |W_1|
    and delta_2 = (|W_2| - U_c)/2, with |W_2| <= gap. In the harmonic range g_2 ~ |E_c - E + U_c/2|^-2 (5.13).
    """
    if not (0 < gap < np.inf and tail > 0 and eta_soft > 0):
        raise InputError("the gap, the tail and eta_soft must be finite and greater than zero")
    eta = eta_soft * (np.arange(2000) + 0.5) / 2000
    energy = A * minimum(np.arange(1, 3)[:, None] * Q0 / A, eta, 0.0)[1]
    W1, W2 = energy
    stable = U_c + W2 - 2 * W1 < 0

    def g0(distance: Floats) -> Floats:
        return np.where(distance >= 0, np.exp(-np.maximum(distance, 0.0) / (tail * gap)), 0.0)

    def shifted(shift: Floats, chosen: NDArray[np.bool_]) -> Floats:
        # Both bands: the electron's level comes down from gap, the hole's up from 0.
        share = np.where(chosen & (gap >= -W2), 1 / len(eta), 0.0)
        return (g0(gap - E[:, None] - shift) + g0(E[:, None] - shift)) @ share

    E = np.asarray(E, float)
    return GapStates(E, g0(gap - E) + g0(E), shifted(-W1, ~stable), shifted((-W2 - U_c) / 2, stable))


def adiabatic_potentials(
    x: Floats, Q0: float, A: float, gap: float, eta: float = 0.0, xi: float = 0.0, mixing: float = 0.1
) -> tuple[Floats, Floats]:
    """Return the ground (0) and excited (1) adiabatic potentials [n] at x [n] (Klinger, Fig. 6).

    The excited term V + gap - Q0 |x| (an electron and a hole, one of them trapped on either side) meets the ground
    term V where Q0 |x| = gap and is repelled by the interband matrix element `mixing`.
    """
    V = A * soft_potential.value(x, eta, xi)
    half = (gap - Q0 * np.abs(x)) / 2
    root = np.hypot(half, mixing)
    return V + half - root, V + half + root
