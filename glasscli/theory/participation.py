"""How many atoms take part in a soft mode (Buchenau, Phil. Mag. B 65, 303 (1992), Eqs. 1-8).

From the frequency nu_c of an unsoftened mode and the temperature T* of the minimum of C/T^3, with M the mean mass:

    W = 1.6 k_B T*,   eps_0 = N_s M a^2 omega_c^2/2,   W = (hbar^2/2 N_s M a^2)^(2/3) eps_0^(1/3),

so W^3 = (hbar omega_c)^4/(16 eps_0). The printed results need nu_c to three digits: N_s a^2 goes as nu_c^2/W^3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glasscli.errors import InputError
from glasscli.units import ANGSTROM, ATOMIC_MASS, BOLTZMANN, ELECTRONVOLT, HBAR

Floats = NDArray[np.float64]

W_OVER_KT_STAR = 1.6  # Eq. 8


@dataclass(frozen=True)
class Glass:
    """Inputs of a glass in SI: nu_c [Hz], T* [K], mean atomic mass [kg], T_g [K]."""

    nu_c: float
    T_star: float
    mass: float
    T_g: float


# The text rounds nu_c to 3 and 1.3 THz; these reproduce its N_s a^2 and eps_0.
GLASSES = {
    "silica": Glass(2.879e12, 2.057, 20.03 * ATOMIC_MASS, 1473.0),
    "selenium": Glass(1.381e12, 0.658, 78.97 * ATOMIC_MASS, 304.0),
    "boron-oxide": Glass(2.007e12, 1.360, 13.92 * ATOMIC_MASS, 530.0),
}


def participation_number(eigenvectors: ArrayLike) -> Floats:
    """Return N_k = 1/sum_i |e_i|^4 (Eq. 2) of eigenvectors [..., n_atoms, 3], normalised here (Eq. 1).

    Equal amplitudes give n_atoms, a single moving atom gives 1. Raises InputError for a vector of zeros.
    """
    squares = (np.asarray(eigenvectors, float) ** 2).sum(axis=-1)
    norm = squares.sum(axis=-1)
    if not (norm > 0).all():
        raise InputError("an eigenvector of zeros has no participation number")
    found: Floats = norm**2 / (squares**2).sum(axis=-1)
    return found


def unsoftened(Ns_a2: float, eps0: float, mass: float) -> tuple[float, float]:
    """Return nu_c [Hz] and W [J] that N_s a^2 [m^2] and eps_0 [J] together imply by Eqs. 6-7; mass in kg.

    Eq. 6 alone gives nu_c: no T* enters.
    """
    omega = np.sqrt(2 * eps0 / (Ns_a2 * mass))
    return float(omega / (2 * np.pi)), float(((HBAR * omega) ** 4 / (16 * eps0)) ** (1 / 3))


@dataclass(frozen=True)
class Participation:
    """N_s a^2 [m^2], eps_0 [J], W [J]."""

    Ns_a2: float
    eps0: float
    W: float

    @property
    def Ns_a2_A2(self) -> float:
        """N_s a^2 in square ångströms."""
        return self.Ns_a2 / ANGSTROM**2

    @property
    def eps0_eV(self) -> float:
        """eps_0 in electronvolts."""
        return self.eps0 / ELECTRONVOLT

    @property
    def W_K(self) -> float:
        """W/k_B in kelvin."""
        return self.W / BOLTZMANN


def participation(nu_c: float, T_star: float, mass: float, ratio: float = W_OVER_KT_STAR) -> Participation:
    """Return N_s a^2, eps_0 and W (Eqs. 6-8) from nu_c [Hz], T* [K] and the mean atomic mass [kg].

    ratio is W/k_B T*, 1.6 in Eq. 8. Raises InputError unless all are finite and greater than zero.
    """
    if not all(0 < value < np.inf for value in (nu_c, T_star, mass, ratio)):
        raise InputError("nu_c, T*, the mass and W/kT* must be finite and greater than zero")
    omega = 2 * np.pi * nu_c
    W = ratio * BOLTZMANN * T_star
    eps0 = (HBAR * omega) ** 4 / (16 * W**3)
    return Participation(2 * eps0 / (mass * omega**2), eps0, W)
