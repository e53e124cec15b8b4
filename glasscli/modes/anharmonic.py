"""The potential along a mode, V(q) = w^2 q^2/2 + c3 q^3 + c4 q^4, and its soft-potential parameters.

q is the mass-weighted amplitude A_k of Buchenau (1992). By his convention the length a is where the quartic term
is as high as the harmonic one of an unsoftened mode of frequency w_c, so that (Eqs. 4-6)

    x = q/(N_k M a^2)^(1/2),   N_k M a^2 = w_c^2/2 c4,   V = eps (eta x^2 + xi x^3 + x^4),
    eps = w_c^4/4 c4,   eta = w^2/w_c^2,   xi = c3 (w_c^2/2 c4)^(3/2)/eps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Configuration, Floats
from glasscli.engine.forces import Forces
from glasscli.modes.minimum import at

# The largest displacement of an atom, as a share of the mean spacing; twice that is looked at too.
AMPLITUDE = 0.01


@dataclass(frozen=True)
class Anharmonicity:
    """square is w^2; cubic c3 and quartic c4 in energy per amplitude to the third and fourth."""

    square: float
    cubic: float
    quartic: float

    @property
    def third_order_softness(self) -> float:
        """1/barrier if the cubic term alone made one, 54 c3^2/w^6; nan for an unstable mode.

        The barrier of w^2 q^2/2 + c3 q^3 is w^6/54 c3^2 (L. Gartner and E. Lerner, SciPost Phys. 1, 016 (2016)).
        """
        return 54 * self.cubic**2 / self.square**3 if self.square > 0 else float("nan")


def along(
    vector: Floats, square: float, configuration: Configuration, masses: Floats, forces: Forces
) -> Anharmonicity:
    """Return c3 and c4 along a mode from LAMMPS's forces at amplitudes -2h, -h, h, 2h.

    The slope dV/dq is projected from the forces; its odd part is w^2 q + 4 c4 q^3 + 6 c6 q^5, its even part
    3 c3 q^2 + 5 c5 q^4, so two amplitudes are free of the next order.
    """
    motion = vector / np.sqrt(masses)[:, None]
    h = AMPLITUDE * configuration.spacing / float(np.sqrt((motion**2).sum(axis=1)).max())
    rest = forces.evaluate(configuration).forces

    def slope(q: float) -> float:
        moved = at(configuration, configuration.positions + q * motion)
        return -float(np.sum((forces.evaluate(moved).forces - rest) * motion))

    up, down, up2, down2 = (slope(q) for q in (h, -h, 2 * h, -2 * h))
    odd, odd2 = (up - down) / 2 - square * h, (up2 - down2) / 2 - 2 * square * h
    even, even2 = (up + down) / 2, (up2 + down2) / 2
    quartic = (32 * odd - odd2) / (96 * h**3)
    cubic = (16 * even - even2) / (36 * h**2)
    return Anharmonicity(square, cubic, quartic)


@dataclass(frozen=True)
class SoftPotential:
    """eta, xi, the energy eps, and the length a of one mode."""

    eta: float
    xi: float
    energy: float
    length: float


def soft_potential(
    found: Anharmonicity, participation: float, mass: float, w_c: float
) -> SoftPotential | None:
    """Return the parameters of a mode of N_k atoms of mean mass `mass`; None when its quartic term is not positive."""
    if not found.quartic > 0:
        return None
    scale = w_c**2 / (2 * found.quartic)  # N_k M a^2
    energy = w_c**4 / (4 * found.quartic)
    return SoftPotential(
        found.square / w_c**2,
        found.cubic * scale**1.5 / energy,
        energy,
        float(np.sqrt(scale / (participation * mass))),
    )
