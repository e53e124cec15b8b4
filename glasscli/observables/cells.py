"""Voronoi cells and crystalline surroundings by our own kernels (source/), where they have the same as OVITO, sooner.

Both ask for a box of three dimensions that is periodic everywhere. A tessellation in which four planes nearly meet, as
in a perfect crystal, is none that these kernels have: rounding would decide what its cells are.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Configuration, Floats, Ints
from glasscli.errors import GlassError
from glasscli.extension import Signatures, extension
from glasscli.formats.ovito import radii_by_atom

# As in source/voronoi.c: faces of up to so many edges.
COLUMNS = 32
# Faces a cell of which there is room at first; each is of two.
FACES = 9
UNDECIDED, NO_MEMORY = -1, -2

_P, _L, _D = ctypes.c_void_p, ctypes.c_long, ctypes.c_double
_SIGNATURES: Signatures = {
    "voronoi_cells": (_L, [_L, _P, _P, _P, _P, _P, _P, _P, _P, _L]),
    "surroundings": (ctypes.c_int, [_L, _P, _P, _P]),
    "clusters_walk": (ctypes.c_int, [_L, _P, _P, _P, _P, _P, _P]),
    "pairs_all": (ctypes.c_int, [_L, _P, _P, _P, _L, _D, _L, _P]),
    "pairs_copies": (ctypes.c_int, [_L, _P, _P, _L, _D, _L, _L, _P, _P, _P]),
    "pairs_near": (ctypes.c_int, [_L, _P, _P, _P, _L, _D, _L, _P, _P, _P]),
}


@cache
def library() -> ctypes.CDLL | None:
    """The compiled kernels; None where they were not built, or long ago."""
    try:
        return extension(Path(__file__).parent, "_cells", _SIGNATURES, "Voronoi cells", "use OVITO's")
    except (GlassError, OSError):
        return None


def voronoi(
    configuration: Configuration,
    radii: Mapping[int, float] | None,
    thresholds: tuple[float, float, float],
    bonds: bool,
) -> tuple[Ints, Floats, Ints, NDArray[np.int64] | None, Ints | None] | None:
    """What a `Tessellation` is made of, in its order; bonds where they are wanted, by their first, lower atom. None
    where these kernels have no answer.

    radii: {species: length} of radical cells, None for plain ones. thresholds: of edges, of faces, of faces as shares.
    Raises InputError for a species without a radius.
    """
    if (kernels := library()) is None or not configuration.box.closed:
        return None
    n = configuration.n_atoms
    weights = None if radii is None else radii_by_atom(configuration, radii) ** 2
    positions, vectors = _space(configuration)
    limits = np.array(thresholds, dtype=np.float64)
    count, room = 0, FACES * n if bonds else 0
    while True:
        indices, coordination = np.zeros((n, COLUMNS), np.int32), np.empty(n, np.int32)
        volumes, faces = np.empty(n), np.empty((room, 5), np.int32)
        count = kernels.voronoi_cells(
            n, positions.ctypes.data, vectors.ctypes.data, None if weights is None else weights.ctypes.data,
            limits.ctypes.data, indices.ctypes.data, volumes.ctypes.data, coordination.ctypes.data,
            faces.ctypes.data if bonds else None, room,
        )  # fmt: skip
        if not bonds or count <= room:
            break
        room = count
    if count == NO_MEMORY:
        raise MemoryError(f"no memory for the Voronoi cells of {n} atoms")
    if count == UNDECIDED:
        return None
    widest = int(np.flatnonzero(indices.any(axis=0)).max(initial=-1))  # thresholds may leave no face at all
    indices = np.ascontiguousarray(indices[:, : max(6, widest + 1)])
    if not bonds:
        return indices, volumes, coordination, None, None
    return indices, volumes, coordination, faces[:count, :2].astype(np.int64), faces[:count, 2:].copy()


def surroundings(configuration: Configuration) -> Ints | None:
    """[n] what the surroundings of each atom are: 1 fcc, 2 hcp, 3 bcc, 4 an icosahedron, 0 none of these. By adaptive
    common neighbours (Stukowski 2012). None where these kernels have no answer.
    """
    if (kernels := library()) is None or not configuration.box.closed:
        return None
    kinds = np.empty(configuration.n_atoms, np.int32)
    positions, vectors = _space(configuration)
    said = kernels.surroundings(len(kinds), positions.ctypes.data, vectors.ctypes.data, kinds.ctypes.data)
    if said == 0:
        raise MemoryError(f"no memory for the neighbours of {len(kinds)} atoms")
    return kinds if said > 0 else None


def _space(configuration: Configuration) -> tuple[Floats, Floats]:
    """Positions [n, 3] and vectors of the box [3, 3] as the kernels read them."""
    return np.ascontiguousarray(configuration.positions), np.ascontiguousarray(configuration.box.vectors)
