"""Where a mode lives: how many atoms take part, how much of it is a plane wave, which atoms the soft modes share."""

from __future__ import annotations

from itertools import product

import numpy as np

from glasscli.configuration import Configuration, Floats
from glasscli.modes.spectrum import Modes
from glasscli.theory.participation import participation_number

# Below this share of all atoms a mode is called localised; extended ones of a glass have about 0.6, a plane wave 2/3.
LOCALISED = 0.25
# From this share of plane waves on, a low mode is a phonon; above the lower one it is mixed with phonons.
PHONON, HYBRID = 0.5, 0.2
# Wave vectors up to this squared length in units of 2 pi/L: the phonons that a sample's lowest modes can be.
SHELLS = 3


def participation(modes: Modes) -> Floats:
    """[n_modes] N_k = 1/sum_i |e_i|^4 (Buchenau 1992, Eq. 2)."""
    return participation_number(modes.vectors)


def plane_wave_share(modes: Modes, configuration: Configuration, masses: Floats) -> Floats:
    """[n_modes] weight of each mode on the plane waves of the longest wavelengths, 0 to 1.

    The waves are displacements cos(k.r) and sin(k.r) along x, y, z, mass-weighted as the modes are, without the part
    that is a rigid shift. A mode of no wavelength has at random 78/3N. Into free space no wave fits: all zero.
    """
    if configuration.box.free:
        return np.zeros(len(modes.vectors))
    vectors = [n for n in product(range(-2, 3), repeat=3) if 0 < np.dot(n, n) <= SHELLS and n > (0, 0, 0)]
    if configuration.box.dimension == 2:
        vectors = [n for n in vectors if n[2] == 0]
    box, rotation = configuration.box.compact
    waves = box.reciprocal(2 * np.pi * np.array(vectors))
    phases = configuration.positions @ (waves if box is configuration.box else waves @ rotation.T).T
    root = np.sqrt(masses)[:, None]
    waves = np.linalg.qr(np.hstack([root, root * np.cos(phases), root * np.sin(phases)]))[0][:, 1:]
    overlaps = np.einsum("mna,nw->maw", modes.vectors, waves, optimize=True)
    return np.asarray((overlaps**2).sum(axis=(1, 2)))


def labels(participations: Floats, shares: Floats, zero: np.ndarray, n_atoms: int) -> list[str]:
    """[n_modes] what each mode is: zero, phonon, localised or extended."""
    found = []
    for n, share, still in zip(participations, shares, zero, strict=True):
        localised = "localised" if n < LOCALISED * n_atoms else "extended"
        found.append("zero" if still else "phonon" if share >= PHONON else localised)
    return found


def hybrid(shares: Floats) -> np.ndarray:
    """[n_modes] whether a mode is a mixture with phonons, neither a plane wave nor free of them."""
    return np.asarray((shares >= HYBRID) & (shares < PHONON))


def soft_spots(modes: Modes, lowest: int) -> Floats:
    """[n_atoms] sum of |e_i|^2 over the `lowest` modes that are no rigid shift; their mean is lowest/n_atoms."""
    chosen = np.flatnonzero(~modes.zero)[:lowest]
    return np.asarray((modes.vectors[chosen] ** 2).sum(axis=(0, 2)))
