"""Time in the tunnelling states: the standard tunnelling model, and the soft potentials' slower law.

Standard model (Klinger 2.3-2.4): P(Delta, lambda) = P0, J = hbar omega_0 exp(-lambda), E = 2 (Delta^2 + J^2)^(1/2).
With r = 2J/E a state relaxes at the rate r^2/tau_min(E), so that within t_e those with r^2 > tau_min/t_e are seen:

    n(E, t_e) = (P0/2) arcosh(1/r_min),   r_min = max[2 J_min/E, (tau_min/t_e)^(1/2)]

and C ~ T ln t_e. Soft potentials have P(Delta, lambda) falling with lambda instead, and (3.21')

    n(E, t_e) = n(E) p(E, t_e),   p = 1 - [1 + ln(t_e/tau_min)/L]^(-1/3),   L = 2 ln(w/E).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glasscli.errors import InputError
from glasscli.theory.density_of_states import TUNNELLING, DensityOfStates
from glasscli.theory.heat_capacity import schottky

Floats = NDArray[np.float64]


def shortest_time(E: ArrayLike, tau_w: float, w: float = 1.0) -> Floats:
    """Return tau_min(E) = tau_w (w/E)^3 of symmetric wells, E = 2J, relaxing by one phonon: 1/tau ~ J^2 E.

    tau_w ~ 1e-12 s gives tau_min (w/E)^2 ~ 1e-5 s near E = 0.1-1 K, as the text has it.
    """
    return tau_w * (w / np.asarray(E, float)) ** 3


def standard_density(
    E: ArrayLike, t: float = np.inf, *, P0: float = 1.0, J_min: float = 1e-9, tau_w: float = 1e-12
) -> Floats:
    """Return n(E, t) of the standard tunnelling model; energies in one unit, P0 per unit Delta and lambda.

    J_min bounds the tunnelling amplitude below (lambda_max), without which n(E, inf) would not be finite.
    """
    if not (J_min > 0 and P0 > 0 and tau_w > 0 and t > 0):
        raise InputError("P0, J_min, tau and the time must be greater than zero")
    E = np.asarray(E, float)
    r = np.clip(np.maximum(2 * J_min / E, np.sqrt(shortest_time(E, tau_w) / t)), 0.0, 1.0)
    found: Floats = P0 / 2 * np.arccosh(1 / np.maximum(r, 1e-300))
    return found


def standard_heat_capacity(T: Floats, t: float = np.inf, **parameters: float) -> Floats:
    """Return C(T, t) [n_T] in k_B of the standard tunnelling model; T in the unit of energy.

    The integral over E of n(E, t) times a two-level system's heat capacity; see `standard_density`.
    """
    x, weights = _nodes()
    T = np.asarray(T, float)
    E = T[:, None] * x
    return T * ((standard_density(E, t, **parameters) * schottky(x)) @ weights)


def _nodes() -> tuple[Floats, Floats]:
    """Nodes and weights in x = E/T on 0 ... 60, denser at small x where n(E, t) has its threshold."""
    nodes, weights = np.polynomial.legendre.leggauss(400)
    u = (nodes + 1) / 2
    return 60 * u**2, 60 * u * weights


def seen(E: ArrayLike, t: float, tau_w: float) -> Floats:
    """Return p(E, t) of Klinger 3.21', E in units of w; 0 for t < tau_min, 1 where E >= w."""
    if not (t > 0 and tau_w > 0):
        raise InputError("the time and tau must be greater than zero")
    E = np.asarray(E, float)
    if np.isinf(t):
        return np.ones_like(E)
    late = np.maximum(np.log(t / shortest_time(E, tau_w)), 0.0)
    L = 2 * np.log(np.maximum(1 / E, 1 + 1e-12))
    found: Floats = 1 - (1 + late / L) ** (-1 / 3)
    return found


def unseen_heat_capacity(n: DensityOfStates, T: Floats, t: float, tau_w: float) -> Floats:
    """Return what the tunnelling states that have not relaxed within t take away from C(T) [n_T].

    T in units of w/k_B; result in the unit of `heat_capacity`.
    """
    hidden = n.by_class[TUNNELLING] * (1 - seen(n.E, t, tau_w)) * np.diff(n.edges)
    return schottky(n.E / np.asarray(T, float)[:, None]) @ hidden
