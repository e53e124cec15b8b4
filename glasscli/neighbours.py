"""A search for neighbours in a box of any shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

    from glasscli.box import Box, Counts, Floats


class Tree(Protocol):
    """A search among positions and their periodic copies, up to half the box's width; made by `Box.tree`."""

    def pairs(self, reach: float) -> Counts:
        """[m, 2] pairs i < j of positions closer than `reach`, each once."""

    def nearest(self, points: Floats, count: int = 1) -> tuple[Floats, Counts]:
        """Distance and number of the nearest position of each of `points` [m, 3]: both [m], or [m, count] of several,
        nearest first.
        """

    def within(self, points: Floats, reach: float) -> list[Counts]:
        """For each of `points` [m, 3] the numbers of the positions closer than `reach`, ascending."""

    def around(self, points: Floats, reach: float) -> tuple[Counts, Counts, Floats]:
        """Of all pairs closer than `reach`, a point and a position: numbers of both and the distance, each [pairs]."""


def tree(box: Box, positions: Floats) -> Tree:
    """The search that fits a box; see `Box.tree`."""
    return CopiedTree(box, positions) if box.tilted else RectangularTree(box, positions)


class RectangularTree:
    """In a rectangular box: a k-d tree whose axes end or begin again."""

    def __init__(self, box: Box, positions: Floats) -> None:
        self._box = box
        ends = np.where(box.periodic, box.lengths, 0.0)  # 0: no end
        self._found = _tree(box.wrap(positions), boxsize=ends)

    def pairs(self, reach: float) -> Counts:
        """As `Tree`."""
        return np.asarray(self._found.query_pairs(reach, output_type="ndarray"), dtype=np.int64)

    def nearest(self, points: Floats, count: int = 1) -> tuple[Floats, Counts]:
        """As `Tree`."""
        distances, numbers = self._found.query(self._box.wrap(points), k=count)
        return np.asarray(distances), np.asarray(numbers, dtype=np.int64)

    def within(self, points: Floats, reach: float) -> list[Counts]:
        """As `Tree`."""
        found = self._found.query_ball_point(self._box.wrap(points), reach)
        return [np.asarray(numbers, dtype=np.int64) for numbers in found]

    def around(self, points: Floats, reach: float) -> tuple[Counts, Counts, Floats]:
        """As `Tree`."""
        asked = _tree(self._box.wrap(points), boxsize=self._found.boxsize)
        return _apart(asked, self._found, reach)


class CopiedTree:
    """In a tilted box: a k-d tree of the atoms and of their copies as far as is looked."""

    def __init__(self, box: Box, positions: Floats) -> None:
        self._box, self._places = box, box.wrap(positions)
        self._reach, self._made = -1.0, (_tree(self._places), np.arange(len(self._places)))

    def pairs(self, reach: float) -> Counts:
        """As `Tree`."""
        found, owners = self._copies(reach)
        i, near, _ = _apart(_tree(self._places), found, reach)
        j = owners[near]
        return np.unique(np.column_stack([i, j])[i < j], axis=0)

    def nearest(self, points: Floats, count: int = 1) -> tuple[Floats, Counts]:
        """As `Tree`."""
        if count > len(self._places):
            raise ValueError(f"{count} neighbours among {len(self._places)} positions")
        inside = self._box.wrap(points)
        reach = 2 * float((self._box.extent / len(self._places)) ** (1 / 3))
        while True:
            found, owners = self._copies(reach)
            distances, numbers = _first(found, owners, inside, count)
            if not len(inside) or distances[:, -1].max() <= reach:
                break
            reach = min(2 * reach, float(distances[:, -1].max()))
        return (distances[:, 0], numbers[:, 0]) if count == 1 else (distances, numbers)

    def within(self, points: Floats, reach: float) -> list[Counts]:
        """As `Tree`."""
        found, owners = self._copies(reach)
        return [np.unique(owners[near]) for near in found.query_ball_point(self._box.wrap(points), reach)]

    def around(self, points: Floats, reach: float) -> tuple[Counts, Counts, Floats]:
        """As `Tree`."""
        found, owners = self._copies(reach)
        i, j, r = _apart(_tree(self._box.wrap(points)), found, reach)
        return i, owners[j], r

    def _copies(self, reach: float) -> tuple[cKDTree, Counts]:
        if reach > self._reach:
            points, owners = self._box.copies(self._places, reach)
            self._reach, self._made = reach, (_tree(points), owners)
        return self._made


def _tree(places: Floats, boxsize: Floats | None = None) -> cKDTree:
    from scipy.spatial import cKDTree  # it takes its time to load

    return cKDTree(places, boxsize=boxsize)


def _apart(asked: cKDTree, found: cKDTree, reach: float) -> tuple[Counts, Counts, Floats]:
    """Numbers in both trees and distances of all pairs within the reach."""
    near = asked.sparse_distance_matrix(found, reach, output_type="ndarray")
    return near["i"].astype(np.int64), near["j"].astype(np.int64), np.asarray(near["v"])


def _first(found: cKDTree, owners: Counts, points: Floats, count: int) -> tuple[Floats, Counts]:
    """[m, count] distances and owners of the nearest, an owner counted once though several of its copies are near."""
    asked = count
    while True:
        distances, places = found.query(points, k=range(1, asked + 1))
        numbers = owners[places]
        order = np.argsort(numbers, axis=1, kind="stable")
        sorted_ = np.take_along_axis(numbers, order, axis=1)
        repeat = np.zeros_like(numbers, dtype=bool)
        np.put_along_axis(repeat, order[:, 1:], sorted_[:, 1:] == sorted_[:, :-1], axis=1)
        fresh = np.cumsum(~repeat & np.isfinite(distances), axis=1)
        if not len(points) or (fresh[:, -1] >= count).all() or asked >= len(owners):
            keys = np.where(repeat | ~np.isfinite(distances), np.inf, distances)
            best = np.argsort(keys, axis=1, kind="stable")[:, :count]
            return np.take_along_axis(keys, best, axis=1), np.take_along_axis(numbers, best, axis=1)
        asked = min(2 * asked, len(owners))
