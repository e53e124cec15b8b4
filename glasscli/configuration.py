"""One instant of a sample, and a sequence of them: what every room hands to the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glasscli.errors import InputError

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Box:
    """The space atoms are in: periodic along three edges at right angles, its lower corner at the origin.

    edges   [3] float64, lengths of the edges, the system's length unit

    Whatever depends on the shape of space is asked here, so that another shape is a matter of this class (and of what
    reads `edges`: formats that write three lengths, and compiled kernels). Raises InputError for anything but three
    edges.
    """

    edges: Floats

    def __post_init__(self) -> None:
        edges = np.asarray(self.edges, dtype=np.float64)
        if edges.shape != (3,):
            raise InputError(f"a box has three edges, not an array of shape {edges.shape}")
        object.__setattr__(self, "edges", edges)

    @classmethod
    def cube(cls, edge: float) -> Self:
        """A box of three equal edges."""
        return cls(np.full(3, float(edge)))

    @property
    def volume(self) -> float:
        """Its volume."""
        return float(np.prod(self.edges))

    @property
    def width(self) -> float:
        """Smallest distance of two opposite faces: a minimum image is right up to half of it."""
        return float(self.edges.min())

    @property
    def length(self) -> float:
        """Longest edge."""
        return float(self.edges.max())

    @property
    def diagonal(self) -> float:
        """Distance of its two farthest corners."""
        return float(np.linalg.norm(self.edges))

    @property
    def matrix(self) -> Floats:
        """[3, 3] its edges as vectors, one a row."""
        return np.diag(self.edges)

    @property
    def corners(self) -> Floats:
        """[8, 3] its corners, the origin first, those that differ along z one after the other."""
        return self.cartesian(np.array(list(product((0.0, 1.0), repeat=3))))

    def matches(self, other: Box) -> bool:
        """Whether it is the same space, to the last bit."""
        return np.array_equal(self.edges, other.edges)

    def scaled(self, factor: ArrayLike) -> Box:
        """The box stretched by a factor, or by one along each edge [3]."""
        return Box(self.edges * np.asarray(factor))

    def repeated(self, repeats: ArrayLike) -> Box:
        """The box of `repeats` [3] of this one along its edges."""
        return self.scaled(repeats)

    def repeats_for(self, width: float) -> NDArray[np.int64]:
        """[3] how often it is repeated along each edge at least to be `width` wide."""
        return np.clip(np.ceil(width / self.edges), 1, 2**53).astype(np.int64)

    def halfway(self, other: Box) -> Box:
        """The mean of this box and another."""
        return Box((self.edges + other.edges) / 2)

    def fractional(self, positions: Floats) -> Floats:
        """Return `positions` [..., 3] in units of the edges."""
        return positions / self.edges

    def cartesian(self, fractional: Floats | NDArray[np.integer]) -> Floats:
        """Return positions [..., 3] from those in units of the edges; whole numbers give shifts of periodic copies."""
        return fractional * self.edges

    def reciprocal(self, indices: Floats | NDArray[np.integer]) -> Floats:
        """Return wave vectors [..., 3] over 2 pi from how many waves fit along each edge."""
        return indices / self.edges

    def wrap(self, positions: Floats) -> Floats:
        """Return `positions` [..., 3] shifted by whole edges into the box: 0 <= x < edge."""
        inside = positions % self.edges
        # What is a rounding below 0 comes out on the upper face, where the next box begins.
        return np.where(inside >= self.edges, 0.0, inside)

    def folded(self, positions: Floats) -> tuple[Floats, Ints]:
        """Return `positions` [..., 3] in the box, and the whole numbers of edges [..., 3] by which they lay outside."""
        crossed = np.floor(self.fractional(positions)).astype(np.int64)
        inside = positions - self.cartesian(crossed)
        on_face = inside >= self.edges
        # What a rounding puts outside lies on a face.
        return np.where(on_face | (inside < 0), 0.0, inside), (crossed + on_face).astype(np.int32)

    def contains(self, positions: Floats) -> NDArray[np.bool_]:
        """[...] whether `positions` [..., 3] lie in the box or on its faces."""
        return np.asarray(((positions >= 0) & (positions <= self.edges)).all(axis=-1))

    def minimum_image(self, vectors: Floats) -> Floats:
        """Return `vectors` [..., 3] shifted by whole edges to their shortest periodic copies."""
        return vectors - self.edges * np.round(vectors / self.edges)

    def copies(self, positions: Floats, reach: float) -> tuple[Floats, NDArray[np.int64]]:
        """Return points [m, 3] and which atom [m] each is: `positions` [n, 3] in the box as they are, then their
        periodic copies within `reach` of the box, which may be narrower than that.
        """
        most = np.ceil(reach / self.edges).astype(int)
        shifts = sorted(product(*(range(-m, m + 1) for m in most)), key=lambda s: s != (0, 0, 0))
        points, owners = [], []
        for shift in shifts:
            moved = positions + self.cartesian(np.array(shift))
            near = ((moved > -reach) & (moved < self.edges + reach)).all(axis=1) | (shift == (0, 0, 0))
            points.append(moved[near])
            owners.append(np.flatnonzero(near))
        return np.concatenate(points), np.concatenate(owners)

    def tree(self, positions: Floats) -> Tree:
        """Return a search among `positions` [n, 3] and their periodic copies; they need not lie in the box."""
        from scipy.spatial import cKDTree  # a simulation starts without

        return Tree(cKDTree(self.wrap(positions), boxsize=self.edges), self)


@dataclass(frozen=True)
class Tree:
    """A search for neighbours in a box, up to half its width; made by `Box.tree`."""

    _found: cKDTree
    _box: Box

    def pairs(self, reach: float) -> NDArray[np.int64]:
        """[m, 2] pairs i < j of positions closer than `reach`, each once."""
        return np.asarray(self._found.query_pairs(reach, output_type="ndarray"), dtype=np.int64)

    def nearest(self, points: Floats, count: int = 1) -> tuple[Floats, NDArray[np.int64]]:
        """Distance and number of the nearest position of each of `points` [m, 3]: both [m], or [m, count] of several,
        nearest first.
        """
        distances, numbers = self._found.query(self._box.wrap(points), k=count)
        return np.asarray(distances), np.asarray(numbers, dtype=np.int64)

    def within(self, points: Floats, reach: float) -> list[NDArray[np.int64]]:
        """For each of `points` [m, 3] the numbers of the positions closer than `reach`, ascending."""
        found = self._found.query_ball_point(self._box.wrap(points), reach)
        return [np.asarray(numbers, dtype=np.int64) for numbers in found]


@dataclass(frozen=True)
class Configuration:
    """Atoms in a periodic box.

    positions   [n_atoms, 3] float64, wrapped into the box, the system's length unit
    species     [n_atoms] int32, 1 ... n_species, in the order of atom ids
    box         the space they are in; three edge lengths are taken as a box of these edges
    images      [n_atoms, 3] int32, periodic images; positions + box.cartesian(images) is continuous in time
    velocities  [n_atoms, 3] float64 or None
    step        MD step of this instant, 0 for a built or imported structure
    ids         [n_atoms] int64, ascending, where they are not 1 ... n_atoms; see `identifiers`
    """

    positions: Floats
    species: Ints
    box: Box
    images: Ints | None = None
    velocities: Floats | None = None
    step: int = 0
    ids: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.box, Box):
            object.__setattr__(self, "box", Box(self.box))

    @property
    def n_atoms(self) -> int:
        """Number of atoms."""
        return len(self.species)

    @property
    def identifiers(self) -> NDArray[np.int64]:
        """[n_atoms] ids of the atoms, as tables name them: the file's own, else 1 ... n_atoms."""
        return np.arange(1, self.n_atoms + 1, dtype=np.int64) if self.ids is None else self.ids

    @property
    def volume(self) -> float:
        """Volume of the box."""
        return self.box.volume

    @property
    def spacing(self) -> float:
        """Mean distance of neighbours, (V/N)^(1/3)."""
        return mean_spacing(self.volume, self.n_atoms)

    @property
    def unwrapped(self) -> Floats:
        """[n_atoms, 3] positions followed through the periodic boundaries."""
        return self.positions if self.images is None else self.positions + self.box.cartesian(self.images)

    @property
    def counts(self) -> dict[int, int]:
        """Number of atoms of each species."""
        species, counts = np.unique(self.species, return_counts=True)
        return {int(s): int(c) for s, c in zip(species, counts, strict=True)}


class Trajectory(Protocol):
    """A sequence of configurations that may be larger than memory; each is read when asked for."""

    def __len__(self) -> int:
        """Number of frames."""

    def __getitem__(self, index: int) -> Configuration:
        """Frame `index`; negative indices count from the end."""

    def __iter__(self) -> Iterator[Configuration]:
        """All frames in order."""


def mean_spacing(volume: float, n_atoms: int) -> float:
    """Return the mean distance of neighbours among atoms in a volume, (V/N)^(1/3)."""
    return float((volume / n_atoms) ** (1 / 3))
