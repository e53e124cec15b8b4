"""Energy and elastic constants of the Wahnström mixture summed pair by pair: no LAMMPS, no other code of ours."""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.spatial import cKDTree

from glasscli.configuration import Configuration, Floats

CUTOFF = 2.5
SIGMA = np.array([[1.0, 11 / 12], [11 / 12, 5 / 6]])


def energy_per_atom(c: Configuration) -> float:
    """Shifted Lennard-Jones energy per atom of a periodic box of any size, images added where the cutoff reaches.

    species of `c`: 1 large, 2 small (Derlet & Maass 2019, Eq. 1).
    """
    _, _, vectors, sigma = _pairs(c)
    r = np.linalg.norm(vectors, axis=1)
    return float(0.5 * (_bare(sigma / r) - _bare(sigma / CUTOFF)).sum() / c.n_atoms)


def elastic_constants(c: Configuration) -> Floats:
    """[6, 6] slopes of the stress with a strain that does not rotate, of a crystal at rest, in Voigt's order.

    Sums over the pairs [ab, cd], less what the sublattices take back by moving against each other (M. Born, K. Huang,
    Dynamical Theory of Crystal Lattices, 1954), plus what the stress makes of it (T. Barron, M. Klein, Proc. Phys. Soc.
    85, 523 (1965)).
    """
    i, j, d, sigma = _pairs(c)
    r2 = (d**2).sum(axis=1)
    x6 = (sigma**2 / r2) ** 3
    first = (-48 * x6**2 + 24 * x6) / r2  # u'/r
    second = (672 * x6**2 - 192 * x6) / r2**2  # (u'' - u'/r)/r^2
    n, one, volume = c.n_atoms, np.eye(3), c.volume
    stress = np.einsum("p,pa,pb->ab", first, d, d) / (2 * volume)
    sums = np.einsum("p,pa,pb,pc,pd->abcd", second, d, d, d, d, optimize=True) / (2 * volume)
    sums -= np.einsum("ab,cd->abcd", stress, one)
    for turned in ("ac,bd->abcd", "ad,bc->abcd", "bc,ad->abcd", "bd,ac->abcd"):
        sums += 0.5 * np.einsum(turned, stress, one)
    pulls, springs = np.zeros((n, 3, 3, 3)), np.zeros((3 * n, 3 * n))
    np.add.at(pulls, i, np.einsum("p,pa,pb,pc->pabc", second, d, d, d))
    block = np.einsum("p,pa,pb->pab", second, d, d) + first[:, None, None] * one
    for a, b in product(range(3), repeat=2):
        np.add.at(springs, (3 * i + a, 3 * i + b), block[:, a, b])
        np.add.at(springs, (3 * i + a, 3 * j + b), -block[:, a, b])
    flat = pulls.reshape(3 * n, 9)
    given = flat.T @ np.linalg.pinv(springs, rcond=1e-10) @ flat / volume
    both = sums - given.reshape(3, 3, 3, 3)
    pairs = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))
    return np.array([[both[(*p, *q)] for q in pairs] for p in pairs])


def _pairs(c: Configuration) -> tuple[np.ndarray, np.ndarray, Floats, Floats]:
    """Each pair within the cutoff both ways: atoms i and j, vectors [m, 3] from i to an image of j, sigma."""
    images, owners = _images(c)
    pairs = cKDTree(c.positions).sparse_distance_matrix(cKDTree(images), CUTOFF, output_type="ndarray")
    pairs = pairs[pairs["v"] > 1e-9]
    i, j = pairs["i"], owners[pairs["j"]]
    return i, j, images[pairs["j"]] - c.positions[i], SIGMA[c.species[i] - 1, c.species[j] - 1]


def _bare(x: Floats) -> Floats:
    return np.asarray(4 * (x**12 - x**6))


def _images(c: Configuration) -> tuple[Floats, np.ndarray]:
    """Positions of the atoms and of all their images within the cutoff of the box, and whose images they are."""
    edges = c.box.edges
    reach = np.ceil(CUTOFF / edges).astype(int)
    found, owners = [], []
    for shift in product(*(range(-k, k + 1) for k in reach)):
        x = c.positions + np.array(shift) * edges
        near = ((x > -CUTOFF) & (x < edges + CUTOFF)).all(axis=1)
        found.append(x[near])
        owners.append(np.flatnonzero(near))
    return np.concatenate(found), np.concatenate(owners)
