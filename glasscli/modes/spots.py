"""How a structure makes a soft mode: distorted bonds about its central atom (Buchenau 1992, Fig. 7 and Eqs. 13-14).

The local soft mode s is what a mode does to its central atom, the one that moves most, and to that atom's first shell.
Buchenau expects bonds that are extended along the motion of the central atom and compressed across it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import bsr_array

from glasscli.configuration import Configuration, Floats, Ints
from glasscli.modes.spectrum import Modes

# Outer radius of the first shell over the mean spacing of atoms.
SHELL = 1.5
# Neighbours with which a direction means something.
FEWEST = 6


@dataclass(frozen=True)
class Spots:
    """About the central atom of each mode.

    centres    [n_modes] the atom that moves most
    softening  [n_modes] slope of the strain of its bonds against P2 = (3 cos^2 - 1)/2 of their angle with its motion:
               above zero for bonds that are longer along it and shorter across it; nan with less than six
    """

    centres: Ints
    softening: Floats


def spots(configuration: Configuration, vectors: Floats) -> Spots:
    """Return the central atoms of modes [n_modes, n_atoms, 3] and how their surroundings are distorted.

    A bond's strain is its length over the mean length of all bonds between atoms of those species, less one.
    """
    centres = np.argmax((vectors**2).sum(axis=2), axis=1).astype(np.int32)
    none = np.full(len(centres), np.nan)
    box, reach = configuration.box, SHELL * configuration.spacing
    if box.free or reach > box.width / 2:
        return Spots(centres, none)
    wrapped = box.wrap(configuration.positions)
    found = box.tree(wrapped).pairs(reach)
    i, j = np.concatenate([found, found[:, ::-1]]).T
    bonds = box.minimum_image(wrapped[j] - wrapped[i])
    length = np.linalg.norm(bonds, axis=1)
    kinds = np.sort(configuration.species[np.stack([i, j])], axis=0)
    _, kind = np.unique(kinds, axis=1, return_inverse=True)
    strain = length / (np.bincount(kind, length) / np.bincount(kind))[kind] - 1
    of = np.argsort(i, kind="stable")
    ends = np.searchsorted(i[of], np.arange(len(wrapped) + 1))
    d = box.dimension
    for k, centre in enumerate(centres):
        mine = of[ends[centre] : ends[centre + 1]]
        way = vectors[k, centre]
        if len(mine) < FEWEST:
            continue
        cosine = bonds[mine] @ way / (length[mine] * np.linalg.norm(way))
        legendre = (d * cosine**2 - 1) / (d - 1)
        none[k] = np.cov(legendre, strain[mine])[0, 1] / legendre.var(ddof=1)
    return Spots(centres, none)


@dataclass(frozen=True)
class LocalMode:
    """The local soft mode of one mode, from all modes (Eqs. 13-14) and from the Hessian itself.

    weight  sum_k (s.e_k)^2, which is 1 (Eq. 13); eta: sum_k (s.e_k)^2 eta_k (Eq. 14); direct: s.D s/w_c^2
    """

    weight: float
    eta: float
    direct: float


def local_mode(
    configuration: Configuration, modes: Modes, matrix: bsr_array, root_mass: Floats, number: int, w_c: float
) -> LocalMode | None:
    """Return the local soft mode of mode `number`; None unless all modes are known.

    matrix: Hessian [3n, 3n]; root_mass [n_atoms]; w_c: frequency of an unsoftened mode, in whose square eta is counted.
    """
    if not modes.complete or modes.dimension != 3 or configuration.box.free:
        return None
    vector = modes.vectors[number]
    centre = int(np.argmax((vector**2).sum(axis=1)))
    d = configuration.box.minimum_image(configuration.positions - configuration.positions[centre])
    s = np.where((np.linalg.norm(d, axis=1) < SHELL * configuration.spacing)[:, None], vector, 0.0)
    s /= np.linalg.norm(s)
    shares = np.tensordot(modes.vectors, s, axes=2) ** 2
    flat = (s / root_mass[:, None]).ravel()
    return LocalMode(
        float(shares.sum()),
        float(shares @ modes.squares) / w_c**2,
        float(flat @ (matrix @ flat)) / w_c**2,
    )
