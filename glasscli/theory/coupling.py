"""How a strain or field moves the levels of a soft configuration (Klinger 3.27-3.30).

A strain e changes eta and xi, so b = dE/de = kappa_1 dE/d eta + kappa_2 dE/d xi with kappa_1 = d eta/d e and
kappa_2 = d xi/d e of order one. By Hellmann and Feynman, in units of w,

    dE/d eta = (<X^2>_1 - <X^2>_0)/eta_L,   dE/d xi = (<X^3>_1 - <X^3>_0)/eta_L^(1/2).

In the second line of 3.29, b = b_Delta dE/d Delta + b_J dE/dJ, the same b is split by what it moves, dE/d Delta =
4 Delta/E and dE/dJ = 4 J/E.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.theory import soft_potential
from glasscli.theory.density_of_states import ANHARMONIC, HARMONIC_FROM, TUNNELLING
from glasscli.theory.population import Population
from glasscli.theory.quartic_levels import gap_slopes, states
from glasscli.theory.soft_potential import Scales

Floats = NDArray[np.float64]

# Tunnelling states are those far below w (q_a of Klinger 3.18).
TUNNELLING_TO = 0.3
# Configurations of each class whose coupling is computed.
SAMPLES = 400


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


def couplings(
    population: Population, scale: Scales, kappa_1: float = 1.0, kappa_2: float = 0.0
) -> dict[str, Floats]:
    """Return |b| [m] of tunnelling states (E < 0.3 w) and of anharmonic vibrations, in the unit of w.

    Of the configurations of each class some hundred, equally likely, are looked at: evenly spaced in their cumulated
    weight. A class without weight has none.
    """
    gap = population.levels[:, 1] - population.levels[:, 0]
    wells = soft_potential.wells(population.K1, population.K2)
    below = population.levels[:, 1] - wells.depth < wells.asymmetry + wells.barrier
    chosen = {
        TUNNELLING: below & (gap < TUNNELLING_TO),
        ANHARMONIC: ~below & (gap < HARMONIC_FROM),
    }
    out = {}
    for kind, one in chosen.items():
        members = np.flatnonzero(one & (population.weight > 0))
        if not len(members):
            out[kind] = np.zeros(0)
            continue
        summed = np.cumsum(population.weight[members])
        middle = (np.arange(SAMPLES) + 0.5) / SAMPLES * summed[-1]
        at = members[np.searchsorted(summed, middle)]
        unique, back = np.unique(at, return_inverse=True)
        by_K1, by_K2 = gap_slopes(population.K1[unique], population.K2[unique])
        b = scale.w * (kappa_1 * by_K1 / scale.eta_L + kappa_2 * by_K2 / scale.eta_L**0.5)
        out[kind] = np.abs(b)[back]
    return out


def tunnelling_estimate(scale: Scales, zeta: float = 6.0) -> float:
    """Return hbar omega_D/(zeta eta_L), the largest coupling of tunnelling states (3.30): 0.3-1 eV for zeta = 3-10.

    The text's scaling hbar omega_D ~ w/eta_L^(1/2) is used.
    """
    return float(scale.w / scale.eta_L**0.5 / (zeta * scale.eta_L))


def anharmonic_estimate(scale: Scales) -> float:
    """Return w/eta_L, the largest coupling of the anharmonic vibrations (below 3.30): 0.1-0.3 eV in the text."""
    return scale.w / scale.eta_L
