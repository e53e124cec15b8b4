"""Threshold of a second order that a maintained non-equilibrium can switch on (Egorushkin & Mel'nikova, 15-19).

The equations are those of a laser: with a population difference held up at s0, the excitations damped by kappa,

    b' = -kappa b + D a n p,   p' = -G p + D s b,   s' = (s0 - s)/t_s - 4 D p b,

b condenses when s0 exceeds s_th = G kappa/(n D^2 a) (Eq. 16), to N = b^2 = G/(4 t_s D^2) (s0/s_th - 1) (Eq. 17).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from glasscli.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pump:
    """Rates of Eqs. 15 in one unit of time: G, kappa, D, t_s; n pairs of states with the weight a."""

    G: float
    kappa: float
    D: float
    t_s: float
    n: float = 1.0
    a: float = 1.0

    def __post_init__(self) -> None:
        if not all(value > 0 for value in (self.G, self.kappa, self.D, self.t_s, self.n, self.a)):
            raise InputError("G, kappa, D, t_s, n and a must all be greater than zero")

    @property
    def threshold(self) -> float:
        """s_th of Eq. 16."""
        return self.G * self.kappa / (self.n * self.D**2 * self.a)

    def condensate(self, s0: float) -> float:
        """Return N of Eq. 17: 0 at and below the threshold."""
        return max(0.0, self.G / (4 * self.t_s * self.D**2) * (s0 / self.threshold - 1))

    def evolve(self, s0: float, t: Floats, b0: float = 1e-4) -> Floats:
        """Return N(t) = b^2 at times t [n] from a small b(0) = b0, by integration of the equations above."""

        def rate(_: float, y: Floats) -> Floats:
            b, p, s = y
            return np.array(
                [
                    -self.kappa * b + self.D * self.a * self.n * p,
                    -self.G * p + self.D * s * b,
                    (s0 - s) / self.t_s - 4 * self.D * p * b,
                ]
            )

        t = np.asarray(t, float)
        y = solve_ivp(rate, (0.0, float(t[-1])), [b0, 0.0, s0], "LSODA", t, rtol=1e-9, atol=1e-14).y
        found: Floats = y[0] ** 2
        return found


def induced_order(eta: float, c: float, s0: float, pump: Pump, N_total: float = 1.0) -> float:
    """Return eta_q'^2 = N/N_total of Eqs. 16-17 with a = 1 - 2c + eta^2/2 (Eqs. 18-19); c the concentration.

    Eq. 18 as printed has the second term G/(c(1 - c) D^2 t_s), which is four times Eq. 17's at c = 1/2 and not
    divided by N_total; here Eqs. 16 and 17 are combined as they stand. Relaxation (eta > 0) raises it.
    Raises InputError unless 0 < c < 1 and N_total > 0.
    """
    if not (0 < c < 1 and N_total > 0):
        raise InputError("the concentration must lie between 0 and 1, and N be greater than zero")
    weight = 1 - 2 * c + eta**2 / 2
    if weight <= 0:
        return 0.0
    scaled = Pump(pump.G, pump.kappa, pump.D, pump.t_s, pump.n, weight)
    return scaled.condensate(s0) / N_total


def saturated_order(eta: float, c: float, s0: float, pump: Pump, N_total: float = 1.0) -> float:
    """Return eta_q'^2 of Eq. 19, s0 far above its threshold: s0 n (1 - 2c + eta^2/2)/(4 t_s kappa N_total)."""
    return max(0.0, s0 * pump.n * (1 - 2 * c + eta**2 / 2) / (4 * pump.t_s * pump.kappa * N_total))
