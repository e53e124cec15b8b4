"""Voronoi grains of even size in a periodic box, and how deep a point lies inside its grain."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Floats, minimum_image

SAMPLES_PER_GRAIN = 2000
MAX_ROUNDS = 100
CHUNK = 20000  # points whose distances to all seeds are held at once


@dataclass(frozen=True)
class Grains:
    """Centres of Voronoi grains in a periodic box: [n_grains, 3] `seeds`, [3] `box`."""

    seeds: Floats
    box: Floats

    @property
    def images(self) -> tuple[Floats, NDArray[np.intp]]:
        """[27 n, 3] seeds in the box and around it, the box's own first, and the grain of each."""
        shifts = np.array(sorted(product((0, -1, 1), repeat=3), key=lambda s: s != (0, 0, 0)), dtype=float)
        points = (self.seeds[None] + shifts[:, None] * self.box).reshape(-1, 3)
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
        from scipy.spatial import cKDTree

        distance, owner = cKDTree(np.mod(self.seeds, self.box), boxsize=self.box).query(
            np.mod(points, self.box)
        )
        own = np.linalg.norm(points - self.seeds[grain], axis=1)
        return np.asarray((owner == grain) & (own < distance + 1e-9))

    def locate(self, points: Floats) -> tuple[NDArray[np.intp], Floats]:
        """Grain and depth of points in the box."""
        from scipy.spatial import cKDTree

        _, grain = cKDTree(np.mod(self.seeds, self.box), boxsize=self.box).query(np.mod(points, self.box))
        depth = np.empty(len(points))
        for g in range(len(self.seeds)):
            mine = grain == g
            depth[mine] = self.depth_in(
                g, self.seeds[g] + minimum_image(points[mine] - self.seeds[g], self.box)
            )
        return grain, depth


def even_grains(count: int, box: Floats, rng: np.random.Generator) -> Grains:
    """Return grains of nearly equal size: random seeds moved to the middle of their cells until they rest.

    Cells of random points differ by 40 % in volume; those of Lloyd's algorithm by less than 10 %.
    """
    from scipy.spatial import cKDTree

    seeds = rng.random((count, 3)) * box
    points = rng.random((SAMPLES_PER_GRAIN * count, 3)) * box
    for _ in range(MAX_ROUNDS if count > 1 else 0):
        _, owner = cKDTree(seeds, boxsize=box).query(points)
        offsets = minimum_image(points - seeds[owner], box)
        sums = np.column_stack([np.bincount(owner, offsets[:, k], minlength=count) for k in range(3)])
        moves = sums / np.maximum(np.bincount(owner, minlength=count), 1)[:, None]
        seeds = np.mod(seeds + moves, box)
        if np.abs(moves).max() < 1e-3 * box.min():
            break
    return Grains(seeds, box)
