"""How many atoms a soft mode has: N_s a², eps_0 and W of a glass, and how they go with nu_c."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.errors import InputError
from glasscli.theory.answers.answer import Columns, Data, lines, plain
from glasscli.theory.participation import GLASSES, Participation, participation
from glasscli.theory.stability import formation_energy
from glasscli.units import ANGSTROM, ATOMIC_MASS, BOLTZMANN


@dataclass(frozen=True)
class SoftModes:
    """What nu_c [Hz], T* [K] and the mean mass [kg] say of the soft modes.

    Ns              atoms, where the length of the quartic term is given
    eps_m_over_kTg  formation energy by Eq. 23, where T_g is given
    curve           one at each of `nu`, 101 frequencies around nu_c
    """

    nu_c: float
    T_star: float
    mass: float
    found: Participation
    Ns: float | None
    eps_m_over_kTg: float | None
    nu: list[float]
    curve: list[Participation]

    @property
    def data(self) -> Data:
        """Inputs and results in the units that their names say."""
        known = {
            "nu_c_THz": self.nu_c / 1e12,
            "T_star_K": self.T_star,
            "mass_u": self.mass / ATOMIC_MASS,
            "Ns_a2_A2": self.found.Ns_a2_A2,
            "eps0_eV": self.found.eps0_eV,
            "W_K": self.found.W_K,
        }
        more = {"Ns": self.Ns, "eps_m_over_kTg": self.eps_m_over_kTg}
        return plain(known | {key: value for key, value in more.items() if value is not None})

    @property
    def columns(self) -> Columns:
        """How N_s a² and eps_0 go with nu_c at this T*."""
        return {
            "nu_c_THz": [nu / 1e12 for nu in self.nu],
            "Ns_a2_A2": [one.Ns_a2_A2 for one in self.curve],
            "eps0_eV": [one.eps0_eV for one in self.curve],
        }

    def text(self) -> str:
        """One line a number."""
        return lines(self.data)


def soft_modes(
    glass: str | None,
    nu_c: float | None,
    T_star: float | None,
    mass: float | None,
    T_g: float | None,
    a: float | None,
    ratio: float,
) -> SoftModes:
    """Return the soft modes of a glass; what is given in SI replaces its values.

    a: length of the quartic term; ratio: W/kT*. Raises InputError without a glass unless nu_c, T* and the mass are
    all given.
    """
    preset = GLASSES.get(glass) if glass else None
    if preset is not None:
        nu_c, T_star, mass, T_g = (
            nu_c or preset.nu_c,
            T_star or preset.T_star,
            mass or preset.mass,
            T_g or preset.T_g,
        )
    if nu_c is None or T_star is None or mass is None:
        raise InputError("give --glass, or --nu-c, --T-star and --mass together")
    found = participation(nu_c, T_star, mass, ratio)
    nu = [float(f) for f in nu_c * np.linspace(0.5, 1.5, 101)]
    return SoftModes(
        nu_c,
        T_star,
        mass,
        found,
        found.Ns_a2_A2 / (a / ANGSTROM) ** 2 if a else None,
        formation_energy(found.eps0 / (BOLTZMANN * T_g)) if T_g else None,
        nu,
        [participation(f, T_star, mass, ratio) for f in nu],
    )
