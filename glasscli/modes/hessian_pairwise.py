"""The Hessian of a pairwise potential, from u' and u'' of every pair in reach."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import bsr_array
from scipy.spatial import cKDTree

from glasscli.configuration import Box, Configuration, Floats
from glasscli.engine.pair_derivatives import Derivatives


def directed_pairs(
    positions: Floats, box: Box, cutoff: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Return i [n], j [n] and d [n, 3] from atom i to an image of j closer than the cutoff, each pair both ways.

    The box may be smaller than the cutoff: an atom then sees several images of another, and of itself.
    """
    n = len(positions)
    everywhere, owner = box.copies(positions, cutoff)
    a, b = cKDTree(everywhere).query_pairs(cutoff, output_type="ndarray").T
    # Points below n are atoms, the others images, and a < b: of a pair of both only the atom's side counts, the other
    # is its mirror's.
    inside, both = a < n, b < n
    first = np.concatenate([a[inside], b[both]])
    second = np.concatenate([b[inside], a[both]])
    return first, owner[second], everywhere[second] - everywhere[first]


def block_matrix(i: NDArray[np.int64], j: NDArray[np.int64], blocks: Floats, n: int) -> bsr_array:
    """Return the [3 n, 3 n] matrix of 3 x 3 blocks at (i, j), those of one place added."""
    key = i * n + j
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    summed = np.add.reduceat(blocks[order], starts, axis=0)
    rows, columns = np.divmod(key[starts], n)
    pointers = np.searchsorted(rows, np.arange(n + 1)).astype(np.int32)
    return bsr_array((summed, columns.astype(np.int32), pointers), shape=(3 * n, 3 * n))


def pairwise(configuration: Configuration, derivatives: Derivatives) -> tuple[bsr_array, Floats]:
    """Return the Hessian [3 n, 3 n] and the forces [n, 3] of a configuration; energies and lengths of the system.

    Off the diagonal H_ij = -(4 e'' d d^T + 2 e' 1) summed over the images of j that i sees; on it minus the sum of
    the row, so that a rigid shift costs nothing.
    """
    n = configuration.n_atoms
    i, j, d = directed_pairs(configuration.positions, configuration.box, derivatives.cutoff)
    first, second = derivatives.between(configuration, i, j, np.einsum("nk,nk->n", d, d))
    forces = np.stack([np.bincount(i, 2 * first * d[:, k], minlength=n) for k in range(3)], axis=1).astype(
        float
    )
    other = i != j  # an atom takes its own images with it
    i, j, d, first, second = i[other], j[other], d[other], first[other], second[other]
    blocks = -4 * second[:, None, None] * d[:, :, None] * d[:, None, :]
    blocks[:, range(3), range(3)] -= 2 * first[:, None]
    rows = np.stack(
        [np.bincount(i, blocks[:, a, b], minlength=n) for a in range(3) for b in range(3)], axis=1
    )
    atoms = np.arange(n)
    return (
        block_matrix(
            np.concatenate([i, atoms]),
            np.concatenate([j, atoms]),
            np.concatenate([blocks, -rows.reshape(n, 3, 3)]),
            n,
        ),
        forces,
    )
