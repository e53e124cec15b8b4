"""What reduced units mean for a substance: kelvin, angstrom, and the quantum of action."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.errors import InputError, near
from glasscli.model.system import System
from glasscli.theory.units import ANGSTROM, ATOMIC_MASS, BOLTZMANN, ELECTRONVOLT, HBAR


@dataclass(frozen=True)
class Substance:
    """One Lennard-Jones unit of energy [K] and length [A], and the mass [u] of the system's unit of mass."""

    kelvin: float
    angstrom: float
    mass: float
    source: str


SUBSTANCES = {
    "argon": Substance(119.8, 3.405, 39.948, "A. Rahman, Phys. Rev. 136, A405 (1964)"),
    # Atoms of type 1 are zirconium: its mass, its distance of 3.2 A as 2^(1/6) sigma, and an epsilon that makes
    # T_f = 0.55 epsilon/k the glass transition of Cu50Zr50, 670 K.
    "cuzr": Substance(1220.0, 2.85, 91.224, "by T_g = 670 K and the Zr-Zr distance of 3.2 A"),
}


@dataclass(frozen=True)
class Scale:
    """kelvin of one unit of energy, angstrom of one of length, hbar in the system's energy x time."""

    name: str
    kelvin: float
    angstrom: float
    hbar: float


def scale(system: System, name: str | None) -> Scale:
    """Return the scale of a system in a substance's units; metal units need none.

    Raises InputError for an unknown substance, or one given for a system that has units of its own.
    """
    if system.units == "metal":
        if name is not None and name != system.name:
            raise InputError(f"{system.name} is in electronvolts and angstroms already: leave --units out")
        # eV, A, ps: masses count in eV ps^2/A^2.
        return Scale(system.name, ELECTRONVOLT / BOLTZMANN, 1.0, HBAR / ELECTRONVOLT * 1e12)
    if (name := name or "argon") not in SUBSTANCES:
        raise InputError(f"--units: unknown substance {name!r}{near(name, SUBSTANCES)}")
    s = SUBSTANCES[name]
    action = s.angstrom * ANGSTROM * float(np.sqrt(s.mass * ATOMIC_MASS * s.kelvin * BOLTZMANN))
    return Scale(name, s.kelvin, s.angstrom, HBAR / action)
