"""Voronoi grains of even size in a periodic box, and how deep a point lies inside its grain."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Box, Floats

SAMPLES_PER_GRAIN = 2000
MAX_ROUNDS = 100
CHUNK = 20000  # points whose distances to all seeds are held at once


@dataclass(frozen=True)
class Grains:
    """Centres of Voronoi grains in a periodic box: [n_grains, 3] `seeds`, and the `box`."""

    seeds: Floats
    box: Box

    @property
    def images(self) -> tuple[Floats, NDArray[np.intp]]:
        """[27 n, 3] seeds in the box and around it, the box's own first, and the grain of each."""
        shifts = np.array(sorted(product((0, -1, 1), repeat=3), key=lambda s: s != (0, 0, 0)), dtype=float)
        points = (self.seeds[None] + self.box.cartesian(shifts[:, None])).reshape(-1, 3)
        return points, np.tile(np.arange(len(self.seeds)), len(shifts))

    def depth_in(self, grain: int, points: Floats) -> Floats:
        """[n] distance of unwrapped points to the nearest boundary plane of a grain, negative outside it.

        A boundary plane is the bisector with any other seed or image, the grain's own images included.
        """
        others, _ = self.images
        seed = self.seeds[grain]
        others = np.delete(others, grain, axis=0) - seed
        lengths = np.linalg.norm(others, axis=1)
        normals = others / lengths[:, None]
        depth = np.empty(len(points))
        for start in range(0, len(points), CHUNK):
            part = points[start : start + CHUNK] - seed
            # Distance to the bisector of 0 and s: |s|/2 - x.s/|s|; without BLAS, whose round-off is the processor's.
            depth[start : start + CHUNK] = (lengths / 2 - np.einsum("nj,mj->nm", part, normals)).min(axis=1)
        return depth

    def owned_by(self, grain: int, points: Floats) -> NDArray[np.bool_]:
        """[n] whether unwrapped points have this grain's own seed, not an image of it, as the nearest of all seeds."""
        distance, owner = self.box.tree(self.seeds).nearest(points)
        own = np.linalg.norm(points - self.seeds[grain], axis=1)
        return np.asarray((owner == grain) & (own < distance + 1e-9))

    def locate(self, points: Floats) -> tuple[NDArray[np.intp], Floats]:
        """Grain and depth of points in the box."""
        _, grain = self.box.tree(self.seeds).nearest(points)
        depth = np.empty(len(points))
        for g in range(len(self.seeds)):
            mine = grain == g
            depth[mine] = self.depth_in(
                g, self.seeds[g] + self.box.minimum_image(points[mine] - self.seeds[g])
            )
        return grain, depth


def even_grains(count: int, box: Box, rng: np.random.Generator) -> Grains:
    """Return grains of nearly equal size: random seeds moved to the middle of their cells until they rest.

    Cells of random points differ by 40 % in volume; those of Lloyd's algorithm by less than 10 %.
    """
    seeds = box.cartesian(rng.random((count, 3)))
    points = box.cartesian(rng.random((SAMPLES_PER_GRAIN * count, 3)))
    for _ in range(MAX_ROUNDS if count > 1 else 0):
        _, owner = box.tree(seeds).nearest(points)
        offsets = box.minimum_image(points - seeds[owner])
        sums = np.column_stack([np.bincount(owner, offsets[:, k], minlength=count) for k in range(3)])
        moves = sums / np.maximum(np.bincount(owner, minlength=count), 1)[:, None]
        seeds = box.wrap(seeds + moves)
        if np.abs(moves).max() < 1e-3 * box.width:
            break
    return Grains(seeds, box)
