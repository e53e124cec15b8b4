"""The Hessian of any LAMMPS potential, by central differences of forces that move many far-apart atoms at once.

A force on atom j tells which atom moved when only one of them lies within the range of the force constants: atoms
that move together are more than twice that range apart. Their number of sets ("colours") depends on the density and
the range only, so the number of force evaluations, six a colour, does not grow with the number of atoms.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import bsr_array

from glasscli.configuration import Configuration
from glasscli.engine.forces import Forces
from glasscli.modes.hessian_pairwise import block_matrix
from glasscli.progress import Advance, silent

# Displacement as a share of the mean spacing. Rounding errs by 1e-8 of the largest element; smaller steps cost more
# of that, larger ones meet more of the kinks that tabulated embedded-atom forces have at their knots.
DISPLACEMENT = 5e-6


def colours(configuration: Configuration, apart: float) -> NDArray[np.int64]:
    """[n_atoms] a colour for each atom; two of one colour are further than `apart` from each other. First fit."""
    positions = configuration.box.wrap(configuration.positions)
    tree = configuration.box.tree(positions)
    found = np.full(configuration.n_atoms, -1, dtype=np.int64)
    # Along the longest edge: sets then fill the box plane by plane.
    for atom in np.argsort(positions[:, np.argmax(configuration.box.lengths)], kind="stable"):
        taken = found[tree.within(positions[[atom]], apart)[0]]
        free = np.ones(len(taken) + 1, dtype=bool)
        free[taken[(taken >= 0) & (taken < len(free))]] = False
        found[atom] = int(np.argmax(free))
    return found


def by_differences(
    configuration: Configuration, forces: Forces, reach: float, sets: NDArray[np.int64] | None = None,
    advance: Advance = silent,
) -> tuple[bsr_array, float, int]:  # fmt: skip
    """Return the symmetric Hessian [3 n, 3 n], its largest asymmetry before, and the force evaluations it took.

    reach: range of the force constants, may be infinite. sets: [n_atoms] which atoms move together, by default
    `colours`. The asymmetry is a share of the largest element. Rows add up to zero, as a rigid shift demands.
    """
    n, box = configuration.n_atoms, configuration.box
    step = DISPLACEMENT * configuration.spacing
    reach += 2 * step
    if sets is None:  # forces that reach everywhere: one atom at a time
        sets = colours(configuration, 2 * reach) if np.isfinite(reach) else np.arange(n)
    rows, columns, blocks = [], [], []
    evaluations = 0
    for colour in range(int(sets.max()) + 1):
        moving = np.flatnonzero(sets == colour)
        responses = np.zeros((3, n, 3))
        for axis in range(box.dimension):
            pushed = []
            for sign in (1.0, -1.0):
                moved = configuration.positions.copy()
                moved[moving, axis] += sign * step
                pushed.append(forces.evaluate(replace(configuration, positions=box.wrap(moved))).forces)
                evaluations += 1
            responses[axis] = (pushed[1] - pushed[0]) / (2 * step)
        for atom in moving:
            away = box.minimum_image(configuration.positions - configuration.positions[atom])
            near = np.flatnonzero(np.einsum("nk,nk->n", away, away) < reach**2)
            rows.append(near)
            columns.append(np.full(len(near), atom))
            blocks.append(responses[:, near].transpose(1, 2, 0))
        advance(colour + 1)
    i, j, values = np.concatenate(rows), np.concatenate(columns), np.concatenate(blocks)
    raw = block_matrix(i, j, values, n)
    difference = abs(raw - raw.T)
    asymmetry = float(difference.max() / abs(raw).max()) if n > 1 else 0.0
    off = i != j
    i, j, values = i[off], j[off], values[off]
    symmetric = (
        (np.concatenate([i, j])),
        np.concatenate([j, i]),
        np.concatenate([values, values.transpose(0, 2, 1)]) / 2,
    )
    totals = np.stack(
        [np.bincount(symmetric[0], symmetric[2][:, a, b], minlength=n) for a in range(3) for b in range(3)], axis=1
    ).reshape(n, 3, 3)  # fmt: skip
    atoms = np.arange(n)
    diagonal = -(totals + totals.transpose(0, 2, 1)) / 2
    matrix = block_matrix(
        np.concatenate([symmetric[0], atoms]), np.concatenate([symmetric[1], atoms]),
        np.concatenate([symmetric[2], diagonal]), n,
    )  # fmt: skip
    return matrix, asymmetry, evaluations
