"""From what was measured on simulated glasses to what calorimetry sees: W, T*, C/T^3.

The soft modes found have eta and xi each in their own unit eps_k; the medians eps_0 = N_s M a^2 w_c^2/2 and
W^3 = (hbar w_c)^4/(16 eps_0) (Buchenau, Eqs. 6-7) set the scale, and eta_L = (W/eps_0)^(1/2) takes them to K1 and K2
(for A = eps_0 Klinger's w is W). Their heat capacity is that of the exact levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.errors import InputError
from glasscli.theory import population
from glasscli.theory.heat_capacity import heat_capacity, shape
from glasscli.theory.participation import W_OVER_KT_STAR

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Prediction:
    """C of the soft modes [n_T] in k_B per atom, eta_L, T* = W/1.6 k_B, and T* where the sum of all parts over T^3 has
    its minimum (nan where it has none).
    """

    soft: Floats
    total: Floats
    eta_L: float
    T_star: float
    T_star_of_curve: float


def predict(
    eta: Floats, xi: Floats, per_atom: float, W: float, eps0: float, T: Floats, others: Floats | None = None
) -> Prediction:
    """Predict the heat capacity of measured soft modes.

    eta, xi   [m] of the soft modes; per_atom: how many there are for each atom
    W, eps0   in the unit of T [n_T]
    others    [n_T] C of everything else, k_B per atom
    Raises InputError unless W and eps0 are finite and greater than zero and T ascends.
    """
    if not (0 < W < np.inf and 0 < eps0 < np.inf):
        raise InputError("W and eps_0 must be finite and greater than zero")
    T = np.asarray(T, float)
    if not (np.diff(T) > 0).all() or T[0] <= 0:
        raise InputError("temperatures must ascend from above zero")
    eta_L = float(np.sqrt(W / eps0))
    found = population.from_samples(eta, xi, eta_L)
    # The levels kept reach far above W: beyond, a mode is a harmonic one and counted among the others.
    reach = np.minimum(T / W, 0.15 * float(np.median(found.levels[:, -1] - found.levels[:, 0])))
    soft = per_atom * heat_capacity(found, reach)
    total = soft + (others if others is not None else 0.0)
    positive = total > 0
    marks = shape(T[positive], total[positive]) if positive.sum() > 5 else None
    return Prediction(soft, total, eta_L, W / W_OVER_KT_STAR, marks.T_star if marks else float("nan"))
