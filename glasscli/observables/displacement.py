"""How far atoms moved between two configurations, through the periodic boundaries."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Configuration, Floats
from glasscli.errors import InputError


def displacements(
    before: Configuration, after: Configuration, remove_drift: bool = False, masses: Floats | None = None
) -> Floats:
    """Return [n_atoms, 3] the vectors from `before` to `after`, atom by atom.

    With images in both, atoms are followed through the boundaries however far they went. Without, the
    shortest periodic copy is taken, right while no atom moved more than half an edge. When the box changed in
    between (constant pressure), the even swelling is left out: positions are compared as fractions of their
    box. remove_drift: subtract the motion of the centre of mass, of all atoms alike or with masses [n_atoms].
    Raises InputError when the two have different numbers of atoms.
    """
    if before.n_atoms != after.n_atoms:
        raise InputError(f"no displacements between {before.n_atoms} and {after.n_atoms} atoms")
    same_box = before.box.matches(after.box)
    box = before.box if same_box else before.box.halfway(after.box)
    if same_box:
        vectors = after.positions - before.positions
    else:
        vectors = box.cartesian(
            after.box.fractional(after.positions) - before.box.fractional(before.positions)
        )
    if before.images is None or after.images is None:
        vectors = box.minimum_image(vectors)
    else:
        vectors += box.cartesian(after.images - before.images)
    if remove_drift:
        vectors -= np.average(vectors, axis=0, weights=masses)
    return vectors


def magnitudes(vectors: Floats) -> Floats:
    """Return [n_atoms] the lengths of displacement vectors [n_atoms, 3]."""
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", vectors, vectors)))


def largest_movers(vectors: Floats, count: int) -> NDArray[np.intp]:
    """Return the indices of the `count` atoms that moved farthest, farthest first; ties in the order of
    atoms.

    All atoms when there are fewer. Raises InputError for a count below one.
    """
    if count < 1:
        raise InputError(f"the number of movers must be at least 1, not {count}")
    return np.argsort(-magnitudes(vectors), kind="stable")[:count]
