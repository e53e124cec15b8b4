"""Face-centred cubic crystals as stacks of layers: [111] along z, in an orthogonal cell.

Edges a/sqrt(2) along [1 -1 0], a sqrt(3/2) along [1 1 -2], a sqrt(3) along [1 1 1]: half as many atoms again as in the
cube. Close-packed layers of another crystal then fit on top, which they do not on the faces of the cube.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from glasscli.configuration import Box, Configuration
from glasscli.errors import InputError
from glasscli.structures.phases import Phase

# Space groups F of the cubic system (International Tables A).
FACE_CENTRED = frozenset({196, 202, 203, 209, 210, 216, 219, 225, 226, 227, 228})
_WAYS = np.array([[1.0, -1.0, 0.0], [1.0, 1.0, -2.0], [1.0, 1.0, 1.0]])
_EDGES = np.array([1 / np.sqrt(2), np.sqrt(3 / 2), np.sqrt(3)])


def stacked_atoms(phase: Phase) -> int:
    """Atoms in the cell with [111] along z. Raises InputError for a phase that is not face-centred cubic."""
    if phase.prototype.group not in FACE_CENTRED:
        raise InputError(
            f"{phase.name} is not face-centred cubic: it has no stack along [111]; fcc and c15 have"
        )
    return phase.prototype.atoms * 3 // 2


def along_diagonal(cube: Configuration) -> Configuration:
    """The same crystal in the orthogonal cell with [111] along z.

    cube: one cubic cell of a face-centred lattice.
    """
    a = float(cube.box.edges[0])
    box = Box(a * _EDGES)
    turn = _WAYS / np.linalg.norm(_WAYS, axis=1)[:, None]
    shifts = a * np.array(list(product(range(-2, 3), repeat=3)), dtype=np.float64)
    places = (cube.positions[:, None] + shifts).reshape(-1, 3) @ turn.T
    fractions = box.fractional(places)
    # An atom on a face counts at 0 and not at 1, whatever rounding made of it.
    inside = ((fractions > -1e-9) & (fractions < 1 - 1e-9)).all(axis=1)
    species = np.repeat(cube.species, len(shifts))[inside]
    return Configuration(box.cartesian(np.clip(fractions[inside], 0, None)), species, box)
