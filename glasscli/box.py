"""The space that atoms are in: its shape, where it repeats, and what lies near what there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glasscli.errors import InputError
from glasscli.lattice import ROUNDED, reduced, standing

if TYPE_CHECKING:
    from glasscli.neighbours import Tree

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Box:
    """A parallelepiped with its lower corner at the origin, periodic along all of its vectors or some.

    vectors    [3, 3] float64, one a row, the system's length unit: a along x, b in the xy plane, c above it, as LAMMPS
               wants them (lower triangular); three numbers are the edges of a rectangular box
    periodic   along a, b and c; along the others space is free: the vector says no more than where the sample stands,
               and leans nowhere
    dimension  3, or 2: atoms lie at z = 0, and c is the thickness of a periodic slab, which means nothing

    Whatever depends on the shape of space is asked here. A rectangular box that is periodic everywhere has `edges`,
    for formats that write three lengths and for compiled kernels, and is computed with as these, bit for bit. Raises
    InputError for anything but three edges or three vectors of that form; `upright` turns others.
    """

    vectors: Floats
    periodic: tuple[bool, bool, bool] = (True, True, True)
    dimension: int = 3
    _lengths: Floats | None = field(init=False, repr=False, compare=False)  # of a rectangular box
    _plain: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        given = np.asarray(self.vectors, dtype=np.float64)
        if given.shape not in ((3,), (3, 3)):
            raise InputError(f"a box has three edges or three vectors, not an array of shape {given.shape}")
        if given.shape == (3, 3) and np.triu(given, 1).any():
            raise InputError("the vectors of a box are a along x, b in the xy plane, and c")
        if given.shape == (3, 3) and not all(self.periodic):
            # Where nothing repeats, no direction is told from another: what leans there is taken upright.
            given = np.where(np.reshape(self.periodic, (3, 1)), given, np.diag(np.diag(given)))
        straight = given.shape == (3,) or not np.tril(given, -1).any()
        lengths = (given if given.shape == (3,) else np.diag(given).copy()) if straight else None
        object.__setattr__(self, "vectors", np.diag(given) if given.shape == (3,) else given)
        object.__setattr__(self, "periodic", tuple(map(bool, self.periodic)))
        object.__setattr__(self, "_lengths", lengths)
        object.__setattr__(self, "_plain", straight and all(self.periodic) and self.dimension == 3)

    @classmethod
    def cube(cls, edge: float) -> Self:
        """A box of three equal edges."""
        return cls(np.full(3, float(edge)))

    @property
    def edges(self) -> Floats:
        """[3] lengths of the edges of a rectangular, periodic box. Raises InputError for any other."""
        if self._lengths is None or not self._plain:
            raise InputError(f"this needs a rectangular, periodic box; this one is {self.words}")
        return self._lengths

    @property
    def plain(self) -> bool:
        """Whether it is rectangular, of three dimensions and periodic in all: one with `edges`."""
        return self._plain

    @property
    def closed(self) -> bool:
        """Whether it is of three dimensions and periodic in all, tilted or not: one that our own forces take."""
        return self.dimension == 3 and not self.free

    @property
    def tilted(self) -> bool:
        """Whether not all angles are right."""
        return self._lengths is None

    @property
    def free(self) -> bool:
        """Whether it is not periodic somewhere."""
        return not all(self.periodic)

    @property
    def boundary(self) -> str:
        """In LAMMPS's words: p where it is periodic, s where it is free."""
        return " ".join("p" if along else "s" for along in self.periodic)

    @property
    def cell(self) -> Floats:
        """[3] edges where all angles are right, else [3, 3] vectors: as files keep it."""
        return self.vectors if self._lengths is None else self._lengths

    @property
    def packed(self) -> Floats:
        """All of it in one array: [3] edges, or [5, 3] vectors, what is periodic, and the dimension."""
        if self._plain:
            return self.edges
        return np.vstack([self.vectors, self.periodic, [self.dimension] * 3])

    @classmethod
    def unpacked(cls, packed: Floats) -> Self:
        """The box of `packed`. Raises InputError for an array that is none."""
        if packed.ndim == 1:
            return cls(packed)
        if packed.shape != (5, 3) or packed[4, 0] not in (2, 3):
            raise InputError(f"a box has three edges or three vectors, not an array of shape {packed.shape}")
        along = tuple(bool(value) for value in packed[3])
        return cls(packed[:3], (along[0], along[1], along[2]), int(packed[4, 0]))

    @property
    def words(self) -> str:
        """What is odd about its shape, for a line to a person."""
        open_ones = [axis for axis, along in zip("xyz", self.periodic, strict=True) if not along]
        found = ["two-dimensional"] * (self.dimension == 2) + ["tilted"] * self.tilted
        found += [f"free along {', '.join(open_ones)}"] if open_ones else []
        return " and ".join(found) or "rectangular"

    @property
    def data(self) -> dict[str, object]:
        """The contract object of --json."""
        return {"vectors": self.vectors.tolist(), "boundary": self.boundary, "dimension": self.dimension}

    @property
    def lengths(self) -> Floats:
        """[3] lengths of its vectors."""
        return np.asarray(np.linalg.norm(self.vectors, axis=1)) if self._lengths is None else self._lengths

    @property
    def angles(self) -> Floats:
        """[3] angles in degrees between its vectors: of b and c, c and a, a and b."""
        if not self.tilted:
            return np.full(3, 90.0)
        a, b, c = self.vectors / self.lengths[:, None]
        return np.degrees(np.arccos([b @ c, c @ a, a @ b]))

    @property
    def volume(self) -> float:
        """Its volume, in two dimensions its area. Raises InputError where it is free: atoms there fill no volume."""
        if self.free:
            raise InputError(f"a box that is {self.words} has no volume, and what is in it no density")
        return self.extent

    @property
    def extent(self) -> float:
        """Volume of the parallelepiped (area in two dimensions), whether it is all of space or not."""
        return float(np.prod(np.diag(self.vectors)[: self.dimension]))

    @property
    def heights(self) -> Floats:
        """[3] distances of opposite faces."""
        if self._lengths is not None:
            return self._lengths
        return np.asarray(1 / np.linalg.norm(self._inverse, axis=0))

    @property
    def width(self) -> float:
        """Distance of an atom from the nearest copy of itself: a minimum image is the only one up to half of it.

        The shortest edge of a rectangular box; infinite where nothing repeats. In two dimensions, in the plane.
        """
        if self._lengths is None or not self._along.all():
            return float(np.linalg.norm(self._lattice, axis=1).min(initial=np.inf))
        return float(self._lengths.min())

    @property
    def length(self) -> float:
        """Longest edge."""
        return float(self.lengths[: self.dimension].max())

    @property
    def wavelength(self) -> float:
        """Of the longest wave that fits into it: the longest edge of a rectangular box."""
        if self._lengths is not None:
            return self.length
        waves = self._inverse.T[: self.dimension]
        return float(1 / np.linalg.norm(reduced(waves), axis=1).min())

    @property
    def diagonal(self) -> float:
        """Distance of its two farthest corners."""
        if self._lengths is not None:
            return float(np.linalg.norm(self._lengths))
        across = np.array(list(product((1,), (-1, 1), (-1, 1))))
        return float(np.linalg.norm(across @ self.vectors, axis=1).max())

    @property
    def corners(self) -> Floats:
        """[8, 3] its corners, the origin first, those that differ along c one after the other."""
        return self.cartesian(np.array(list(product((0.0, 1.0), repeat=3))))

    def matches(self, other: Box) -> bool:
        """Whether it is the same space, to the last bit; a free direction has no length."""
        if self.periodic != other.periodic or self.dimension != other.dimension:
            return False
        if not self._plain:
            return np.array_equal(self.vectors[self._along], other.vectors[self._along])
        return np.array_equal(self.vectors, other.vectors)

    def of(self, vectors: Floats) -> Box:
        """A box of other vectors (or edges) with the same boundaries."""
        return replace(self, vectors=vectors)

    def scaled(self, factor: ArrayLike) -> Box:
        """The box stretched by a factor, or by one along each of x, y and z [3]."""
        return self.of(self.cell * np.asarray(factor))

    def repeated(self, repeats: ArrayLike) -> Box:
        """The box of `repeats` [3] of this one along its vectors."""
        return (
            self.scaled(repeats)
            if self._lengths is not None
            else self.of(self.vectors * np.reshape(repeats, (3, 1)))
        )

    def repeats_for(self, width: float) -> Counts:
        """[3] how often it is repeated along each vector at least for faces to be `width` apart; once where free."""
        needed = np.clip(np.ceil(width / self.heights), 1, 2**53).astype(np.int64)
        return np.where(self._along, needed, 1)

    def halfway(self, other: Box) -> Box:
        """The mean of this box and another."""
        return self.of((self.vectors + other.vectors) / 2)

    def fractional(self, positions: Floats) -> Floats:
        """Return `positions` [..., 3] in units of the vectors."""
        return positions / self._lengths if self._lengths is not None else positions @ self._inverse

    def cartesian(self, fractional: Floats | NDArray[np.integer]) -> Floats:
        """Return positions [..., 3] from those in units of the vectors; whole numbers give shifts of copies."""
        return fractional * self._lengths if self._lengths is not None else fractional @ self.vectors

    def reciprocal(self, indices: Floats | NDArray[np.integer]) -> Floats:
        """Return wave vectors [..., 3] over 2 pi from how many waves fit along each vector."""
        return indices / self._lengths if self._lengths is not None else indices @ self._inverse.T

    def indices(self, waves: Floats) -> Floats:
        """Return of wave vectors [..., 3] over 2 pi how many waves fit along each vector."""
        return waves * self._lengths if self._lengths is not None else waves @ self.vectors.T

    def periodic_for(self, what: str, planes: bool = False) -> None:
        """Raise InputError where space is free: `what` is no number there. Of a plane too, unless `planes` will do."""
        if self.dimension == 2 and not planes:
            raise InputError(f"{what} needs three dimensions; this box is {self.words}")
        if self.free:
            raise InputError(f"{what} needs a box that is periodic everywhere; this one is {self.words}")

    def layer(self, thickness: float) -> Box:
        """The same where atoms of a plane stand in three dimensions, periodic copies of it so far above each other.

        A box of three dimensions is left as it is.
        """
        if self.dimension == 3:
            return self
        if self.tilted:
            vectors = self.vectors.copy()
            vectors[2] = 0.0, 0.0, thickness
            return Box(vectors, self.periodic)
        return Box(np.array([*self.lengths[:2], thickness]), self.periodic)

    def leaning_as(self, other: Box | None = None) -> tuple[Box, NDArray[np.int64]]:
        """The same space by vectors that lean as another box's do, to half an edge; these [3, 3] in units of its own.

        None: that lean as little as they can.
        """
        turns, vectors = np.eye(3, dtype=np.int64), self.vectors.copy()
        wanted = np.zeros((3, 3)) if other is None else other.vectors
        for row, column in ((1, 0), (2, 1), (2, 0)):
            if self._along[row] and self._along[column]:
                whole = int(np.round((vectors[row, column] - wanted[row, column]) / vectors[column, column]))
                vectors[row] -= whole * vectors[column]
                turns[row] -= whole * turns[column]
        if np.array_equal(turns, np.eye(3)):
            return self, turns
        return self.of(np.where(np.abs(vectors) > ROUNDED * np.abs(self.vectors).max(), vectors, 0.0)), turns

    @cached_property
    def compact(self) -> tuple[Box, Floats]:
        """The same periodic space in the box of its shortest vectors, and the rotation [3, 3] of positions into it.

        Positions @ rotation have to be wrapped. A box with right angles, or with free directions, is left as it is.
        """
        if not self.tilted or self.free or self.dimension == 2:
            return self, np.eye(3)
        box, rotation, _ = upright(reduced(self.vectors))
        return box, rotation

    def wrap(self, positions: Floats) -> Floats:
        """Return `positions` [..., 3] shifted by whole vectors into the box, where it is periodic: 0 <= x < edge."""
        if not self._plain or self._lengths is None:
            return self.folded(positions)[0]
        inside = positions % self._lengths
        # What is a rounding below 0 comes out on the upper face, where the next box begins.
        return np.where(inside >= self._lengths, 0.0, inside)

    def folded(self, positions: Floats) -> tuple[Floats, Ints]:
        """Return `positions` [..., 3] in the box, and by how many vectors [..., 3] they lay outside."""
        crossed = np.floor(self.fractional(positions))
        if self._plain and self._lengths is not None:
            whole = crossed.astype(np.int64)
            inside = positions - self.cartesian(whole)
            on_face = inside >= self._lengths
            # What a rounding puts outside lies on a face.
            return np.where(on_face | (inside < 0), 0.0, inside), (whole + on_face).astype(np.int32)
        with np.errstate(invalid="ignore"):
            whole = np.where(self.periodic, crossed, 0).astype(np.int64)
        inside = positions - self.cartesian(whole)
        parts = self.fractional(inside)
        above = np.asarray(self.periodic) & (parts >= 1)
        outside = above | (np.asarray(self.periodic) & (parts < 0))
        put = np.where(
            outside.any(axis=-1, keepdims=True), self.cartesian(np.where(outside, 0.0, parts)), inside
        )
        return put, (whole + above).astype(np.int32)

    def contains(self, positions: Floats) -> NDArray[np.bool_]:
        """[...] whether `positions` [..., 3] lie in the box or on its faces; along free directions all do."""
        if self._lengths is not None:
            parts, most = positions, self._lengths
        else:
            parts, most = self.fractional(positions), np.ones(3)
        return np.asarray(((parts >= 0) & (parts <= most) | ~np.asarray(self.periodic)).all(axis=-1))

    def minimum_image(self, vectors: Floats) -> Floats:
        """Return `vectors` [..., 3] shifted by whole vectors of the box to their shortest periodic copies."""
        if self._lengths is not None:
            shift = self._lengths * np.round(vectors / self._lengths)
            return vectors - (shift if self._plain else np.where(self.periodic, shift, 0.0))
        basis = self._lattice
        if not len(basis):
            return vectors.copy()
        found = vectors - np.round(vectors @ np.linalg.pinv(basis)) @ basis
        # Beyond half of the shortest vector a neighbour of what rounding finds may be nearer; Minkowski-reduced vectors
        # have no other candidates.
        far = (found**2).sum(axis=-1) > (basis[0] ** 2).sum() / 4
        if far.any():
            around = np.array(list(product((0, -1, 1), repeat=len(basis)))) @ basis
            copies = found[far][:, None] + around
            nearest = (copies**2).sum(axis=-1).argmin(axis=1)
            found[far] = copies[np.arange(len(copies)), nearest]
        return found

    def copies(self, positions: Floats, reach: float) -> tuple[Floats, Counts]:
        """Return points [m, 3] and which atom [m] each is: `positions` [n, 3] in the box as they are, then their
        periodic copies within `reach` of its faces, which may be nearer to each other than that.
        """
        rectangular = self._lengths is not None
        most = np.where(self._along, np.ceil(reach / self.heights), 0).astype(int)
        shifts = sorted(product(*(range(-m, m + 1) for m in most)), key=lambda s: s != (0, 0, 0))
        free = ~self._along
        points, owners = [], []
        for shift in shifts:
            moved = positions + self.cartesian(np.array(shift))
            high = self.heights
            # How far behind the faces through the origin, as a length.
            depth = moved if rectangular else self.fractional(moved) * high
            near = ((depth > -reach) & (depth < high + reach) | free).all(axis=1) | (shift == (0, 0, 0))
            points.append(moved[near])
            owners.append(np.flatnonzero(near))
        return np.concatenate(points), np.concatenate(owners)

    def tree(self, positions: Floats) -> Tree:
        """Return a search among `positions` [n, 3] and their periodic copies; they need not lie in the box."""
        from glasscli.neighbours import tree  # a simulation starts without

        return tree(self, positions)

    @cached_property
    def _along(self) -> NDArray[np.bool_]:
        """[3] along which vectors there are copies: none above a plane."""
        return np.array(self.periodic) & (np.arange(3) < self.dimension)

    @cached_property
    def _inverse(self) -> Floats:
        """[3, 3] columns are the reciprocal vectors over 2 pi."""
        return np.asarray(np.linalg.inv(self.vectors))

    @cached_property
    def _lattice(self) -> Floats:
        """[k, 3] shortest vectors of the lattice of periodic copies."""
        return reduced(self.vectors[self._along])


def upright(
    cell: Floats, periodic: tuple[bool, bool, bool] = (True, True, True)
) -> tuple[Box, Floats, Floats]:
    """Return the box of any three vectors [3, 3], the rotation [3, 3] and the shift [3] into it: see `standing`."""
    vectors, rotation, shift = standing(cell)
    return Box(vectors, periodic), rotation, shift
