"""How large the regions are that chosen atoms fill: chords through them, and the correlation of who is chosen.

A point belongs to a region where, of the atoms around it weighted by a Gaussian of their distances, more than half are
chosen; a straight line goes in and out of it, and the pieces inside are its chords. Their mean is 4 V/S whatever the
shape (Cauchy; S. Torquato, Random Heterogeneous Materials (2002), Sec. 2.6): the thickness of a slab times two, 4/3 of
a sphere's radius. It needs no fit, no cluster that ends, no idea of the shape. Nearest atoms alone would give surfaces
of Voronoi cells, which have half as much area again as the surface that they follow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Configuration, Floats, Mask

# Straight lines through the box and points along each: chords of one configuration to some five per cent.
LINES, POINTS = 250, 240
STEP = 0.15  # of the mean spacing, between points
# Of the mean spacing, and the nearest atoms that have such weight: surfaces come out 4 to 8 % too large (chords too
# short) for atoms in disorder; what is thinner than an atom's neighbourhood is no region.
WIDTH, NEAREST = 0.6, 24
BIN = 0.25  # of the mean spacing, of distances
# Atoms of which all pairs are looked at, which are as many as their square; more are laid on a grid of at most so many
# cells along an edge, and correlated by Fourier transforms.
ALL_PAIRS, CELLS = 4000, 256
SEED = 1  # the same lines for the same box


@dataclass(frozen=True)
class Chords:
    """Mean chords of a region and of what lies between.

    share    of the volume
    inside   mean length inside; nan where no line leaves or enters the region
    outside  the same of the rest
    """

    share: float
    inside: float
    outside: float


class Lines:
    """Straight lines in random directions through a configuration, the same for the same box.

    Raises InputError where space is free.
    """

    def __init__(self, c: Configuration) -> None:
        c.box.periodic_for("a chord")
        rng = np.random.default_rng(SEED)
        starts = c.box.cartesian(rng.random((LINES, 3)))
        ways = rng.normal(size=(LINES, 3))
        ways /= np.linalg.norm(ways, axis=1)[:, None]
        along = np.arange(POINTS) * STEP * c.spacing
        points = (starts[:, None] + along[:, None] * ways[:, None]).reshape(-1, 3)
        count = min(NEAREST, c.n_atoms)
        found = c.box.tree(c.positions).nearest(points, count)
        distances, self._owners = (one.reshape(-1, count) for one in found)
        # Relative to the nearest atom's, which in a dilute sample is itself too small for a number.
        squares = (distances / (WIDTH * c.spacing)) ** 2
        weights = np.exp(-0.5 * (squares - squares[:, :1]))
        self._weights = weights / weights.sum(axis=1)[:, None]
        self._length = float(LINES * along[-1])

    def chords(self, chosen: Mask) -> Chords:
        """Mean chords of the region of these atoms [n_atoms] and of the rest.

        Length inside over the number of entries, which is the mean of all chords, those that end beyond a line's last
        point included.
        """
        inside = ((chosen[self._owners] * self._weights).sum(axis=1) > 0.5).reshape(LINES, POINTS)
        passages = int((inside[:, :-1] != inside[:, 1:]).sum()) / 2
        share = float(inside.mean())
        each = self._length / passages if passages else float("nan")
        return Chords(share, share * each, (1 - share) * each)


@dataclass(frozen=True)
class Correlation:
    """Of being chosen, of pairs of atoms at a distance: 1 for alike, 0 for independent of each other.

    r, value  [n_bins] middles of bins and correlation there
    """

    r: Floats
    value: Floats

    @property
    def length(self) -> float:
        """Where it falls below 1/e, from the first bin that has pairs; nan where it does not within the box."""
        below = np.flatnonzero(self.value < np.exp(-1))
        return float(self.r[below[0]]) if len(below) else float("nan")


def correlation(c: Configuration, region: Mask) -> Correlation:
    """Correlation of who is in the region [n_atoms], up to half of the box's width; empty where all or none are.

    Of many atoms distances are those of cells of a grid: a quarter of the mean spacing wide, 0.4 of it for 10^6.
    """
    share, width = float(region.mean()), BIN * c.spacing
    if not 0 < share < 1:
        return Correlation(np.empty(0), np.empty(0))
    deviation = region.astype(np.float64) - share
    of_pairs = _of_all_pairs if c.n_atoms <= ALL_PAIRS else _of_cells
    counts, sums = of_pairs(c, deviation, width)
    there = np.flatnonzero(counts)
    value = np.asarray(sums[there] / counts[there] / (share * (1 - share)), dtype=np.float64)
    return Correlation(np.asarray((there + 0.5) * width), value)


def _of_all_pairs(c: Configuration, deviation: Floats, width: float) -> tuple[Floats, Floats]:
    """Of pairs at distances in bins: their number, and the sum of the products of their deviations."""
    pairs = c.box.tree(c.positions).pairs(c.box.width / 2)
    apart = c.box.minimum_image(c.positions[pairs[:, 1]] - c.positions[pairs[:, 0]])
    bins: NDArray[np.int64] = (np.linalg.norm(apart, axis=1) / width).astype(np.int64)
    sums = np.bincount(bins, deviation[pairs].prod(axis=1)).astype(np.float64)
    return np.bincount(bins).astype(np.float64), sums


def _of_cells(c: Configuration, deviation: Floats, width: float) -> tuple[Floats, Floats]:
    """The same by the autocorrelation of what is in each cell of a grid; an atom and itself are no pair."""
    from scipy.fft import irfftn, next_fast_len, rfftn  # it takes its time to load

    many = [next_fast_len(min(CELLS, int(np.ceil(length / width))), real=True) for length in c.box.lengths]
    cell = np.minimum((c.box.fractional(c.box.wrap(c.positions)) * many).astype(np.int64), np.array(many) - 1)
    flat = np.ravel_multi_index(tuple(cell.T), many)
    alike = []
    for weights in (np.ones(c.n_atoms), deviation):
        field = np.bincount(flat, weights, minlength=int(np.prod(many))).reshape(many)
        found = irfftn(np.abs(rfftn(field)) ** 2, s=many)
        found[0, 0, 0] -= weights @ weights
        alike.append(found)
    reach, bins = c.box.width / 2, int(c.box.width / 2 / width) + 1
    counts, sums = np.zeros(bins), np.zeros(bins)
    for k in range(many[0]):  # a layer at a time
        layer = np.stack(np.meshgrid([k], *map(np.arange, many[1:]), indexing="ij"), axis=-1)[0]
        apart = np.linalg.norm(c.box.minimum_image(c.box.cartesian(layer / many)), axis=-1)
        near = apart < reach
        label = (apart[near] / width).astype(np.int64)
        counts += np.bincount(label, np.rint(alike[0][k][near]) / 2, minlength=bins)
        sums += np.bincount(label, alike[1][k][near] / 2, minlength=bins)
    return counts, sums
