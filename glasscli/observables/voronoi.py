"""Voronoi cells of a configuration: indices, volumes, coordination, neighbours; how many are icosahedra."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Configuration, Floats, Ints
from glasscli.errors import GlassError, InputError
from glasscli.formats.ovito import data_collection
from glasscli.observables.cells import voronoi
from glasscli.observables.distinct import distinct

WALLS = (5.0, 8.0)  # distances of walls from a free surface, in spacings
ICOSAHEDRON = (0, 0, 12, 0)
_FIRST = 2  # column of n3: OVITO counts faces from one edge on
_UNFILLED = "the Voronoi cells of this frame do not fill its box: are two atoms on the same place?"


@dataclass(frozen=True)
class Tessellation:
    """The Voronoi (or radical) cells of one configuration, computed once and read by every measure.

    indices       [n_atoms, m] int32, column k is the number of faces with k + 1 edges
    volumes       [n_atoms] float64, length^3; their sum is the volume of the box; NaN of open cells in free space
    coordination  [n_atoms] int32, number of faces counted
    bonds         [n_bonds, 2] int64, the two atoms of every face, each face once; None unless asked for
    bond_images   [n_bonds, 3] int32, box edges to add to the second atom of a bond to reach it from the first
    """

    indices: Ints
    volumes: Floats
    coordination: Ints
    bonds: NDArray[np.int64] | None = None
    bond_images: Ints | None = None

    @property
    def icosahedra(self) -> NDArray[np.bool_]:
        """[n_atoms] whether a cell is <0,0,12,0>: twelve faces, each with five edges."""
        return np.asarray((self.indices[:, 4] == 12) & (self.indices.sum(axis=1) == 12))


@dataclass(frozen=True)
class IcosahedralFraction:
    """Shares of atoms whose cell is <0,0,12,0>.

    all         of all atoms
    by_species  {species: share of that species' own atoms}
    """

    all: float
    by_species: dict[int, float]


@dataclass(frozen=True)
class IndexShare:
    """One row of a census: `index` is (n3, n4, n5, n6, ...), shares as in IcosahedralFraction."""

    index: tuple[int, ...]
    fraction: float
    by_species: dict[int, float]

    @property
    def name(self) -> str:
        """The usual notation, <0,0,12,0>."""
        return f"<{','.join(map(str, self.index))}>"


def tessellate(
    configuration: Configuration,
    radii: Mapping[int, float] | None = None,
    edge_threshold: float = 0.0,
    face_threshold: float = 0.0,
    relative_face_threshold: float = 0.0,
    bonds: bool = False,
) -> Tessellation:
    """Return the Voronoi tessellation of a configuration: by our own kernel, or OVITO's VoronoiAnalysisModifier.

    Ours makes the same cells (`cells.voronoi`); free space, and where four planes nearly meet, are OVITO's.
    In free space atoms at the surface have no closed cell: their indices are zero, and so is their coordination.
    radii: {species: length} for the radical (power) tessellation, None for the plain one.
    edge_threshold (length) drops shorter edges; face_threshold (area) and relative_face_threshold (share of a
    cell's surface) drop smaller faces. All change the icosahedral fraction: the default drops nothing.
    bonds: also return the pairs of atoms that share a face.
    Raises InputError for thresholds below zero or no atoms, GlassError when the cells do not fill the box, as
    with atoms on top of each other.
    """
    thresholds = (edge_threshold, face_threshold, relative_face_threshold)
    if not all(np.isfinite(t) and t >= 0 for t in thresholds):
        raise InputError(f"Voronoi thresholds must not be negative: {min(thresholds):g}")
    if configuration.box.dimension == 2:
        raise InputError("Voronoi polyhedra need three dimensions: atoms in a plane have polygons")
    if configuration.n_atoms == 0:
        raise InputError("a Voronoi tessellation needs at least one atom")

    def cells(c: Configuration) -> Tessellation:
        return _cells(c, radii, thresholds, bonds)

    if not configuration.box.free:
        # Of strongly tilted boxes OVITO's tessellation fails.
        compact = configuration.compact
        return _renamed(cells(compact), compact, configuration)
    # A closed cell does not know how far away the walls are.
    near, far = (cells(_walled(configuration, margin)) for margin in WALLS)
    closed = np.isclose(near.volumes, far.volumes, rtol=1e-9, atol=0.0)
    return Tessellation(
        np.where(closed[:, None], near.indices, 0), np.where(closed, near.volumes, np.nan),
        np.where(closed, near.coordination, 0), near.bonds, near.bond_images,
    )  # fmt: skip


def _renamed(cells: Tessellation, compact: Configuration, configuration: Configuration) -> Tessellation:
    """The cells of `configuration.compact` with the bonds' images as the configuration's own vectors count them."""
    if compact is configuration or cells.bonds is None or cells.bond_images is None:
        return cells
    i, j = cells.bonds.T
    bonds = compact.positions[j] - compact.positions[i] + compact.box.cartesian(cells.bond_images)
    apart = configuration.positions[j] - configuration.positions[i]
    box, (_, rotation) = configuration.box, configuration.box.compact
    return replace(cells, bond_images=np.round(box.fractional(bonds @ rotation.T - apart)).astype(np.int32))


def _walled(configuration: Configuration, margin: float) -> Configuration:
    """The atoms with walls along free directions, so many spacings away from the outermost."""
    c, box = configuration, configuration.box
    parts = box.fractional(c.positions)
    free = ~np.asarray(box.periodic)
    room = margin * c.spacing / box.heights
    low = np.where(free, parts.min(axis=0) - room, 0.0)
    stretch = np.where(free, np.ptp(parts, axis=0) + 2 * room, 1.0)
    walled = box.of(box.vectors * stretch[:, None])
    return replace(c, positions=walled.cartesian((parts - low) / stretch), box=walled)


def _cells(
    configuration: Configuration,
    radii: Mapping[int, float] | None,
    thresholds: tuple[float, float, float],
    bonds: bool,
) -> Tessellation:
    """Of cells that fill the box, see `tessellate`."""
    ours = voronoi(configuration, radii, thresholds, bonds)
    cells = Tessellation(*ours) if ours else _by_ovito(configuration, radii, thresholds, bonds)
    # Cells are disjoint and cover space: a sum that is not the box's volume means a failed tessellation.
    if not abs(cells.volumes.sum() / configuration.box.extent - 1) < 1e-6:
        raise GlassError(_UNFILLED)
    return cells


def _by_ovito(
    configuration: Configuration,
    radii: Mapping[int, float] | None,
    thresholds: tuple[float, float, float],
    bonds: bool,
) -> Tessellation:
    """By the VoronoiAnalysisModifier."""
    edge_threshold, face_threshold, relative_face_threshold = thresholds
    data = data_collection(configuration, radii)
    from ovito.modifiers import VoronoiAnalysisModifier

    modifier = VoronoiAnalysisModifier(
        compute_indices=True,
        generate_bonds=bonds,
        use_radii=radii is not None,
        edge_threshold=edge_threshold,
        face_threshold=face_threshold,
        relative_face_threshold=relative_face_threshold,
    )
    try:
        data.apply(modifier)
    except RuntimeError as error:
        raise GlassError(_UNFILLED) from error
    particles = data.particles
    # Thresholds may leave no face at all, and OVITO then a column of nothing.
    indices = np.array(particles["Voronoi Index"], dtype=np.int32).reshape(configuration.n_atoms, -1)
    if indices.shape[1] < 6:
        indices = np.pad(indices, ((0, 0), (0, 6 - indices.shape[1])))
    found = particles.bonds if bonds else None
    return Tessellation(
        indices=indices,
        volumes=np.array(particles["Atomic Volume"], dtype=np.float64),
        coordination=np.array(particles["Coordination"], dtype=np.int32),
        bonds=None if found is None else np.array(found.topology, dtype=np.int64),
        bond_images=None if found is None else np.array(found["Periodic Image"], dtype=np.int32),
    )


def icosahedral_fraction(tessellation: Tessellation, species: Ints) -> IcosahedralFraction:
    """Return the share of atoms whose cell is <0,0,12,0>, of all and of each species (Derlet & Maass 2019).

    species: [n_atoms] int32.
    """
    icosahedra = tessellation.icosahedra
    return IcosahedralFraction(
        all=float(icosahedra.mean()),
        by_species={int(s): float(icosahedra[species == s].mean()) for s in np.unique(species)},
    )


def index_counts(tessellation: Tessellation, species: Ints) -> Counter[tuple[int, ...]]:
    """Return how often each (species, n3, n4, n5, n6, ...) occurs; counters of several frames add up."""
    rows, _, counts = distinct(np.column_stack([species, tessellation.indices[:, _FIRST:]]))
    return Counter({_trim(row): int(n) for row, n in zip(rows.tolist(), counts, strict=True)})


def census(counts: Iterable[Counter[tuple[int, ...]]], top: int | None = None) -> list[IndexShare]:
    """Return the census of Voronoi indices over one or more frames, most frequent first.

    counts: one `index_counts` per frame. top: how many rows, None for all. Ties go in index order.
    """
    total: Counter[tuple[int, ...]] = Counter()
    for one in counts:
        total.update(one)
    atoms: Counter[int] = Counter()
    by_index: dict[tuple[int, ...], Counter[int]] = {}
    for (species, *index), n in total.items():
        atoms[species] += n
        by_index.setdefault(tuple(index), Counter())[species] += n
    everything = max(1, atoms.total())
    rows = [
        IndexShare(index, found.total() / everything, {s: found[s] / atoms[s] for s in sorted(atoms)})
        for index, found in by_index.items()
    ]
    return sorted(rows, key=lambda row: (-row.fraction, row.index))[:top]


def _trim(row: list[int]) -> tuple[int, ...]:
    """Keep species, n3 to n6, and beyond that only up to the last face type present."""
    end = len(row)
    while end > 5 and row[end - 1] == 0:
        end -= 1
    return tuple(row[:end])
