"""Icosahedra and what they build: clusters, percolation, Frank-Kasper polyhedra, fragments of Laves phases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glasscli.compiled import njit
from glasscli.configuration import Configuration, Ints, Mask
from glasscli.errors import InputError
from glasscli.formats.ovito import data_collection
from glasscli.observables.cells import library, surroundings
from glasscli.observables.voronoi import Tessellation, icosahedral_fraction, tessellate

# Frank & Kasper 1958: twelve five-edged faces and none, two, three or four six-edged ones.
FRANK_KASPER = {"Z12": 0, "Z14": 2, "Z15": 3, "Z16": 4}
_ANTIPODAL = -0.9  # cosine below which two neighbours stand opposite each other


@dataclass(frozen=True)
class Clusters:
    """Groups of chosen atoms that are connected by bonds.

    sizes       [n_clusters] atoms in each, largest first
    percolates  (x, y, z): whether any cluster is connected to its own periodic copy along that axis
    """

    sizes: NDArray[np.int64]
    percolates: tuple[bool, bool, bool]

    @property
    def largest(self) -> int:
        """Atoms of the largest cluster, 0 when there is none."""
        return int(self.sizes[0]) if len(self.sizes) else 0


def clusters(tessellation: Tessellation, members: Mask) -> Clusters:
    """Return the clusters of the atoms in `members` [n_atoms], joined where two of them share a Voronoi face.

    Percolation is exact: a cluster percolates along an axis when walking along its bonds leads from an atom to another
    periodic copy of it, however small the box. Raises InputError when the tessellation has no bonds.
    """
    if tessellation.bonds is None or tessellation.bond_images is None:
        raise InputError("clusters need neighbours: tessellate with bonds=True")
    inside = members[tessellation.bonds].all(axis=1)
    pairs, images = tessellation.bonds[inside], tessellation.bond_images[inside].astype(np.int64)
    ends = np.concatenate([pairs, pairs[:, ::-1]])
    steps = np.concatenate([images, -images])
    order = np.argsort(ends[:, 0], kind="stable")
    start = np.searchsorted(ends[order, 0], np.arange(len(members) + 1))
    label, around = _walked(members, start, ends[order, 1], steps[order])
    sizes = np.sort(np.bincount(label[label >= 0]))[::-1]
    return Clusters(sizes, (bool(around[0]), bool(around[1]), bool(around[2])))


def frank_kasper(tessellation: Tessellation) -> dict[str, float]:
    """Return the share of atoms in each Frank-Kasper polyhedron, {"Z12": ..., "Z14", "Z15", "Z16"}."""
    indices = tessellation.indices
    faces = indices.sum(axis=1)
    return {
        name: float(((indices[:, 4] == 12) & (indices[:, 5] == six) & (faces == 12 + six)).mean())
        for name, six in FRANK_KASPER.items()
    }


def stacking(configuration: Configuration, tessellation: Tessellation, z12: Mask) -> tuple[Mask, Mask]:
    """Return ([n_atoms], [n_atoms]): locally Laves small atoms stacked as in C15, and those that are not.

    z12: small atoms in the surroundings of a Laves phase (`laves_test`). In C15 the six small neighbours of each lie
    in three opposite pairs; in C14 only those of one small atom in four do (site 2a; the others are on 6h).
    """
    assert tessellation.bonds is not None and tessellation.bond_images is not None
    if not z12.any():
        return z12.copy(), z12.copy()
    first, second = tessellation.bonds.T
    vectors = (
        configuration.positions[second]
        + configuration.box.cartesian(tessellation.bond_images)
        - configuration.positions[first]
    )
    centre, other = np.concatenate([first, second]), np.concatenate([second, first])
    vectors = np.concatenate([vectors, -vectors])
    small = configuration.species[other] == configuration.species[centre]
    used = z12[centre] & small
    order = np.argsort(centre[used], kind="stable")
    directions = vectors[used][order]
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    # Each atom in z12 has six small neighbours by definition.
    six = directions.reshape(-1, 6, 3)
    opposite = (np.einsum("nik,njk->nij", six, six).min(axis=2) < _ANTIPODAL).all(axis=1)
    cubic = np.zeros(len(z12), dtype=bool)
    cubic[np.flatnonzero(z12)] = opposite
    return cubic, z12 & ~cubic


def close_packed(configuration: Configuration) -> Mask:
    """[n_atoms] whether the surroundings are fcc or hcp, whatever the species."""
    fcc, hcp = close_packed_layers(configuration)
    return np.asarray(fcc | hcp)


def close_packed_layers(configuration: Configuration) -> tuple[Mask, Mask]:
    """([n_atoms], [n_atoms]) atoms in fcc and in hcp surroundings (adaptive common neighbours, Stukowski 2012).

    In a stack of close-packed layers an atom is hcp when the layers above and below its own lie alike.
    """
    return crystal_surroundings(configuration)[:2]


def crystal_surroundings(configuration: Configuration) -> tuple[Mask, Mask, Mask]:
    """([n_atoms], [n_atoms], [n_atoms]) atoms in fcc, in hcp and in bcc surroundings, as `close_packed_layers`."""
    kinds = surroundings(configuration.compact)
    if kinds is None:
        kinds = _by_ovito(configuration.compact)
    fcc, hcp, bcc = (np.asarray(kinds == k) for k in (1, 2, 3))
    return fcc, hcp, bcc


def _by_ovito(configuration: Configuration) -> Ints:
    """[n_atoms] as `cells.surroundings`, by OVITO's CommonNeighborAnalysisModifier."""
    data = data_collection(configuration)
    from ovito.modifiers import CommonNeighborAnalysisModifier as Analysis

    data.apply(Analysis(mode=Analysis.Mode.AdaptiveCutoff))
    return np.array(data.particles["Structure Type"], dtype=np.int32)


def crystalline_share(configuration: Configuration) -> float:
    """Share of atoms in fcc, hcp or bcc surroundings: what a melt of one species crystallises into."""
    return float(np.any(crystal_surroundings(configuration), axis=0).mean())


def systematic_variants(configuration: Configuration, plain: Tessellation) -> dict[str, float]:
    """Return the icosahedral fraction by several definitions in use: their spread is its systematic error.

    plain: the tessellation without radii and thresholds. Edge thresholds are in units of the mean spacing of atoms,
    face thresholds shares of the cell's surface.
    """
    spacing = configuration.spacing
    variants: dict[str, dict[str, Any]] = {
        "edges > 0.05": {"edge_threshold": 0.05 * spacing},
        "edges > 0.1": {"edge_threshold": 0.1 * spacing},
        "faces > 0.5 %": {"relative_face_threshold": 0.005},
        "faces > 1 %": {"relative_face_threshold": 0.01},
    }
    found = {"plain": icosahedral_fraction(plain, configuration.species).all}
    for name, options in variants.items():
        cells = tessellate(configuration, **options)
        found[name] = icosahedral_fraction(cells, configuration.species).all
    return found


def _walked(
    members: Mask, start: NDArray[np.int64], other: NDArray[np.int64], steps: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """`_walk` by our own kernel where there is one: Numba takes a second to load."""
    if (kernels := library()) is None:
        found: tuple[NDArray[np.int64], NDArray[np.int64]] = _walk(members, start, other, steps)
        return found
    label, around = np.empty(len(members), np.int64), np.zeros(3, np.int64)
    lists = [np.ascontiguousarray(values, np.int64) for values in (start, other, steps)]
    inside = np.ascontiguousarray(members, np.uint8)
    if not kernels.clusters_walk(
        len(members), inside.ctypes.data, *(values.ctypes.data for values in lists),
        label.ctypes.data, around.ctypes.data,
    ):  # fmt: skip
        raise MemoryError(f"no memory for the clusters of {len(members)} atoms")
    return label, around


@njit()
def _walk(members, start, other, steps):  # type: ignore[no-untyped-def]
    """Label clusters; remember on the way how many boxes each atom lies from its cluster's first."""
    n = len(members)
    label = np.full(n, -1, np.int64)
    place = np.zeros((n, 3), np.int64)
    around = np.zeros(3, np.bool_)
    stack = np.empty(n, np.int64)
    count = 0
    for seed in range(n):
        if not members[seed] or label[seed] >= 0:
            continue
        label[seed] = count
        stack[0] = seed
        top = 1
        while top:
            top -= 1
            i = stack[top]
            for k in range(start[i], start[i + 1]):
                j = other[k]
                if label[j] < 0:
                    label[j] = count
                    for d in range(3):
                        place[j, d] = place[i, d] + steps[k, d]
                    stack[top] = j
                    top += 1
                else:
                    for d in range(3):
                        if place[j, d] != place[i, d] + steps[k, d]:
                            around[d] = True
        count += 1
    return label, around


def neighbours(tessellation: Tessellation, centres: Mask) -> Mask:
    """[n_atoms] atoms that share a face with one of `centres` and are none themselves."""
    if tessellation.bonds is None:
        raise InputError("neighbours are needed: tessellate with bonds=True")
    near = np.zeros(len(centres), dtype=bool)
    for a, b in (tessellation.bonds.T, tessellation.bonds.T[::-1]):
        near[b[centres[a]]] = True
    return near & ~centres
