"""Phonons scattered by the soft configurations: mean free path, thermal conductivity, sound attenuation.

Resonant scattering at hbar omega = E and relaxation of the tunnelling states of energy k_B T (Klinger, Sec. 3.3;
the tunnelling model's rates after Phillips (ed.), Amorphous Solids (1981), ch. 3):

    1/l = pi omega g^2/(rho v^3) {n(E) tanh(E/2 k_B T) + n_t(k_B T)/2 (1 + omega tau)},   g = b/2,
    1/tau = 3 g^2 (k_B T)^3/(2 pi rho hbar^4 v^5),
    kappa = (k_B^4 T^3/2 pi^2 hbar^3 v^2) int_0^inf l(xT) x^4 e^x/(e^x - 1)^2 dx     (three branches of one speed v)

b = dE/de is the coupling to a strain e; 1/(1 + omega tau) joins the two limits of relaxation. n = const gives
kappa ~ T^2 well below the temperature where omega tau = 1; the rise of n(E) near w makes the plateau.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glasscli.errors import InputError
from glasscli.units import BOLTZMANN, HBAR

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Medium:
    """What carries the phonons, in SI: coupling b [J], mass density [kg/m3], mean speed of sound [m/s]."""

    coupling: float
    density: float
    speed: float

    def __post_init__(self) -> None:
        if not (self.coupling > 0 and self.density > 0 and self.speed > 0):
            raise InputError("the coupling, the density and the speed of sound must be greater than zero")

    def relaxation_time(self, E: ArrayLike) -> Floats:
        """Return the one-phonon relaxation time [s] of symmetric wells, E = 2J [J], far above E/k_B or near it."""
        E = np.asarray(E, float)
        rate = 3 * (self.coupling / 2) ** 2 * E**3 / (2 * np.pi * self.density * HBAR**4 * self.speed**5)
        return 1 / rate

    def inverse_length(self, E: ArrayLike, T: ArrayLike, n: ArrayLike, n_t: ArrayLike = 0.0) -> Floats:
        """Return 1/l in 1/m; arrays broadcast.

        E    phonon energies [J];  T  temperatures [K]
        n    density of states at E, in 1/(J m3);  n_t  that of the tunnelling states at k_B T

        The same number is the attenuation per length of a sound wave of frequency E/hbar.
        """
        E, T, n, n_t = (np.asarray(a, float) for a in (E, T, n, n_t))
        front = np.pi * (E / HBAR) * (self.coupling / 2) ** 2 / (self.density * self.speed**3)
        slow = 1 + E / HBAR * self.relaxation_time(BOLTZMANN * T)
        return front * (n * np.tanh(E / (2 * BOLTZMANN * T)) + n_t / (2 * slow))

    def conductivity(
        self, T: ArrayLike, n: Callable[[Floats], Floats], n_t: Callable[[Floats], Floats] | None = None
    ) -> Floats:
        """Return kappa [n_T] in W/(K m) for n(E) and n_t(E), functions of E in joules, values in 1/(J m3).

        Raises InputError when nothing scatters somewhere: kappa would have no limit.
        """
        T = np.atleast_1d(np.asarray(T, float))
        nodes, weights = np.polynomial.legendre.leggauss(400)
        u = (nodes + 1) / 2
        x, weights = 40 * u**2, 40 * u * weights
        E = BOLTZMANN * T[:, None] * x
        relaxing = n_t(BOLTZMANN * T)[:, None] if n_t else 0.0
        inverse = self.inverse_length(E, T[:, None], n(E), relaxing)
        if not (inverse > 0).all():
            raise InputError("nothing scatters phonons at an energy that carries heat: kappa has no limit")
        phonons = x**4 * np.exp(-x) / np.expm1(-x) ** 2
        front = BOLTZMANN**4 * T**3 / (2 * np.pi**2 * HBAR**3 * self.speed**2)
        found: Floats = front * ((phonons / inverse) @ weights)
        return found


def plateau(T: Floats, kappa: Floats) -> tuple[float, float]:
    """Return the temperature where d ln kappa/d ln T is smallest, and that exponent."""
    slope = np.gradient(np.log(kappa), np.log(T))
    at = int(np.argmin(slope))
    return float(T[at]), float(slope[at])
