"""How a strain or field moves the levels of a soft configuration (Klinger 3.27-3.30).

A strain e changes eta and xi, so b = dE/de = kappa_1 dE/d eta + kappa_2 dE/d xi with kappa_1 = d eta/d e and
kappa_2 = d xi/d e of order one. By Hellmann and Feynman, in units of w,

    dE/d eta = (<X^2>_1 - <X^2>_0)/eta_L,   dE/d xi = (<X^3>_1 - <X^3>_0)/eta_L^(1/2).
"""

from __future__ import annotations

from dataclasses import dataclass

from glasscli.theory.quartic_levels import states
from glasscli.theory.soft_potential import Scales


@dataclass(frozen=True)
class Coupling:
    """dE/d eta and dE/d xi of one configuration and b at the given kappa, in the unit of w."""

    by_eta: float
    by_xi: float
    b: float


def coupling(K1: float, K2: float, scale: Scales, kappa_1: float = 1.0, kappa_2: float = 0.0) -> Coupling:
    """Return the coupling of E1 - E0 of one soft configuration (Klinger 3.29)."""
    found = states(K1, K2, 2)
    square, cube = found.moment(2), found.moment(3)
    by_eta = scale.w * float(square[1, 1] - square[0, 0]) / scale.eta_L
    by_xi = scale.w * float(cube[1, 1] - cube[0, 0]) / scale.eta_L**0.5
    return Coupling(by_eta, by_xi, kappa_1 * by_eta + kappa_2 * by_xi)


def tunnelling_estimate(scale: Scales, zeta: float = 6.0) -> float:
    """Return hbar omega_D/(zeta eta_L), the largest coupling of tunnelling states (3.30): 0.3-1 eV for zeta = 3-10.

    The text's scaling hbar omega_D ~ w/eta_L^(1/2) is used.
    """
    return float(scale.w / scale.eta_L**0.5 / (zeta * scale.eta_L))


def anharmonic_estimate(scale: Scales) -> float:
    """Return w/eta_L, the largest coupling of the anharmonic vibrations (below 3.30): 0.1-0.3 eV in the text."""
    return scale.w / scale.eta_L
