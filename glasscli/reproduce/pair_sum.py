"""Energy of the Wahnström mixture summed pair by pair in NumPy: no LAMMPS, nothing of the rest of glasscli."""

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
    images, species = _images(c)
    pairs = cKDTree(c.positions).sparse_distance_matrix(cKDTree(images), CUTOFF, output_type="ndarray")
    pairs = pairs[pairs["v"] > 1e-9]
    sigma = SIGMA[c.species[pairs["i"]] - 1, species[pairs["j"]] - 1]
    return float(0.5 * (_bare(sigma / pairs["v"]) - _bare(sigma / CUTOFF)).sum() / c.n_atoms)


def _bare(x: Floats) -> Floats:
    return np.asarray(4 * (x**12 - x**6))


def _images(c: Configuration) -> tuple[Floats, np.ndarray]:
    """Positions and species of the atoms and of all their images within the cutoff of the box."""
    edges = c.box.edges
    reach = np.ceil(CUTOFF / edges).astype(int)
    found, kinds = [], []
    for shift in product(*(range(-k, k + 1) for k in reach)):
        x = c.positions + np.array(shift) * edges
        near = ((x > -CUTOFF) & (x < edges + CUTOFF)).all(axis=1)
        found.append(x[near])
        kinds.append(c.species[near])
    return np.concatenate(found), np.concatenate(kinds)
