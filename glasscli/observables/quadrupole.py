"""The elastic field of a rearrangement: the quadrupole of Eshelby that is fitted to its displacements.

A core that gives way by a strain eps of a volume V0 pulls at an elastic medium as a dipole of forces does:

    u(k) = -2i/k [1 - kappa k k] Q k exp(-k^2 s^2/2),   Q = V0 eps,   kappa = 1/(2 (1 - nu))

with unit vectors k, in two dimensions (plane strain) and in three (G. Picard, A. Ajdari, F. Lequeux, L. Bocquet, Eur.
Phys. J. E 15, 371 (2004), who have kappa = 1; R. Dasgupta, H. Hentschel, I. Procaccia, Phys. Rev. Lett. 109, 255502
(2012)). Summed over the waves of a periodic box it is the field at a constant strain of all of it, which is how a
sample is sheared: no wall, no image is left out. The core is a Gaussian of width s along each axis; a sphere (disc) of
the same second moment has the radius (d + 2)^1/2 s, and outside the same field but for the Gaussian's tail: what comes
after k^2 in their shapes is a power of k times a polynomial, whose field is nowhere but at the centre.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from glasscli.box import Box
from glasscli.configuration import Floats
from glasscli.errors import InputError

# Widths of the core that are tried, over the mean spacing; the best is refined between its neighbours.
WIDTHS = (2.0, 1.4, 1.0, 0.7, 0.5, 0.35)
# Points of the grid along a width: below it a Gaussian has no waves left.
FINE = 2.0
# From what is no medium (nu = -1) to what keeps its volume (nu = 1/2).
KAPPA = (0.25, 1.0)


@dataclass(frozen=True)
class Quadrupole:
    """An Eshelby field in a box of d dimensions.

    centre  [3] where; core: radius of its sphere, None where the widths that are tried do not bracket it
    moment  [d, d] Q, strain times volume, length^d, symmetric; its trace is how much volume was gained
    poisson nu of the medium, as the field has it
    share   of the squares of the displacements that the field accounts for, less what as many numbers fit of noise:
            1 of a field, 0 of none
    wide    whether the widest core that was tried is the best: then it is none
    """

    centre: Floats
    moment: Floats
    core: float | None
    poisson: float
    share: float
    wide: bool

    @property
    def shear(self) -> Floats:
        """[d, d] Q without its trace."""
        d = len(self.moment)
        return np.asarray(self.moment - np.trace(self.moment) / d * np.eye(d))

    @property
    def strength(self) -> float:
        """Shear strain times volume, length^d: gamma V0 of a core that is sheared by gamma in a plane."""
        return float(np.sqrt(2 * np.sum(self.shear**2)))

    @property
    def axes(self) -> tuple[Floats, Floats]:
        """([d], [d]) unit vectors along which the core was stretched most, and shortened most."""
        _, vectors = np.linalg.eigh(self.shear)
        found = [v * np.sign(v[np.argmax(np.abs(v))]) for v in (vectors[:, -1], vectors[:, 0])]
        return found[0], found[1]


class Field:
    """Fields of cores of one width in a box: made once on a grid, asked for anywhere."""

    def __init__(self, box: Box, width: float) -> None:
        from scipy.ndimage import spline_filter  # it takes its time to load

        self.dimension = d = box.dimension
        self._box = box
        points = [int(2 * np.ceil(0.5 * FINE * edge / width)) for edge in box.lengths[:d]]
        indices = np.zeros((*points, 3))
        for axis, along in enumerate(np.meshgrid(*(np.fft.fftfreq(n, 1 / n) for n in points), indexing="ij")):
            indices[..., axis] = along
        waves = 2 * np.pi * box.reciprocal(indices)[..., :d]
        squares = (waves**2).sum(axis=-1)
        squares[(0,) * d] = np.inf
        smooth = -2j * np.exp(-squares * width**2 / 2) * np.prod(points) / box.extent
        self._pairs = list(combinations_with_replacement(range(d), 2))
        self._triples = list(combinations_with_replacement(range(d), 3))

        def grid(values: np.ndarray) -> Floats:
            real = np.fft.ifftn(values).real
            return np.asarray(spline_filter(real, order=3, mode="grid-wrap"))

        # A wave and its opposite at the edge of the grid are one point: an odd function has none there.
        edge = np.any([2 * np.abs(indices[..., a]) == n for a, n in enumerate(points)], axis=0)
        smooth[edge] = 0
        self._single = [grid(smooth * waves[..., a] / squares) for a in range(d)]
        self._triple = [
            grid(smooth * waves[..., a] * waves[..., b] * waves[..., c] / squares**2)
            for a, b, c in self._triples
        ]
        self._points = np.array(points)

    def columns(self, away: Floats) -> tuple[Floats, Floats]:
        """([n, d, m], [n, d, m]) displacements `away` [n, 3] from a core for each of the d (d + 1)/2 components of Q.

        The second times kappa is to be taken from the first.
        """
        d = self.dimension
        places = (self._box.fractional(away)[:, :d] * self._points).T
        single = [self._at(grid, places) for grid in self._single]
        triple = dict(zip(self._triples, (self._at(grid, places) for grid in self._triple), strict=True))
        first = np.zeros((len(away), d, len(self._pairs)))
        second = np.zeros_like(first)
        for m, (j, k) in enumerate(self._pairs):
            twice = 1 if j == k else 2
            first[:, j, m] += single[k]
            if j != k:
                first[:, k, m] += single[j]
            for i in range(d):
                a, b, c = sorted((i, j, k))
                second[:, i, m] = twice * triple[a, b, c]
        return first, second

    def moment(self, components: Floats) -> Floats:
        """[d, d] Q of its components."""
        q = np.zeros((self.dimension, self.dimension))
        for value, (j, k) in zip(components, self._pairs, strict=True):
            q[j, k] = q[k, j] = value
        return q

    def displacements(self, away: Floats, moment: Floats, kappa: float) -> Floats:
        """[n, d] of a core with a Q [d, d]."""
        first, second = self.columns(away)
        return np.asarray((first - kappa * second) @ np.array([moment[j, k] for j, k in self._pairs]))

    @staticmethod
    def _at(grid: Floats, places: Floats) -> Floats:
        from scipy.ndimage import map_coordinates

        return np.asarray(map_coordinates(grid, places, order=3, mode="grid-wrap", prefilter=False))


@dataclass(frozen=True)
class _Best:
    """The best field of one width: cost is the sum of squares that it leaves."""

    cost: float
    shift: Floats
    kappa: float
    moment: Floats


def fit(box: Box, positions: Floats, displacements: Floats, spacing: float) -> Quadrupole:
    """The quadrupole whose field is nearest to displacements [n, 3] of atoms at positions [n, 3].

    By least squares: Q follows linearly; centre, nu and width are searched from where atoms go furthest. Raises
    InputError where nothing moved.
    """
    from scipy.optimize import least_squares, minimize_scalar  # it takes its time to load

    d = box.dimension
    u = displacements[:, :d]
    squares = (u**2).sum(axis=1)
    if not squares.any():
        raise InputError("nothing moved")
    begin = positions[int(np.argmax(squares))]
    near = box.minimum_image(positions - begin)
    begin = begin + np.average(near, axis=0, weights=squares**2)
    target = u.ravel()
    total = float(target @ target)
    constant = np.tile(np.eye(d), (len(u), 1))

    def best(width: float, start: tuple[Floats, float]) -> _Best:
        field = Field(box, width)

        def solved(x: Floats) -> tuple[Floats, Floats]:
            away = positions - begin
            away[:, :d] -= x[:d] * spacing
            first, second = field.columns(away)
            columns = (first - x[d] * second).reshape(len(target), -1)
            matrix = np.hstack([columns, constant])
            q = np.linalg.lstsq(matrix, target, rcond=None)[0]
            return q, matrix @ q - target

        x0 = np.array([*start[0], np.clip(start[1], KAPPA[0] + 0.01, KAPPA[1] - 0.01)])
        bounds = ([-np.inf] * d + [KAPPA[0]], [np.inf] * d + [KAPPA[1]])
        found = least_squares(lambda x: solved(x)[1], x0, bounds=bounds, diff_step=1e-4, xtol=1e-5, ftol=1e-7)
        q = solved(found.x)[0]
        return _Best(2 * float(found.cost), found.x[:d], float(found.x[d]), field.moment(q[:-d]))

    start = (np.zeros(d), 0.7)
    tried: dict[float, _Best] = {}
    for share in WIDTHS:
        tried[share] = one = best(share * spacing, start)
        if one.cost > min(other.cost for other in tried.values()):
            break  # narrower ones only take longer
        start = (one.shift, one.kappa)
    k = min(range(len(tried)), key=lambda n: tried[WIDTHS[n]].cost)
    width = WIDTHS[k]
    if inside := 0 < k < len(WIDTHS) - 1:
        start = (tried[width].shift, tried[width].kappa)
        ends = np.log(WIDTHS[k + 1]), np.log(WIDTHS[k - 1])

        def cost(log: float) -> float:
            tried[float(np.exp(log))] = one = best(float(np.exp(log)) * spacing, start)
            return one.cost

        minimize_scalar(cost, bounds=ends, method="bounded", options={"xatol": 0.02, "maxiter": 8})
        width = min(tried, key=lambda share: tried[share].cost)
    chosen = tried[width]
    centre = np.array(begin)
    centre[:d] += chosen.shift * spacing
    free = len(target) - len(chosen.shift) - 2 - d * (d + 1) // 2 - d
    share = 1 - chosen.cost / free / (total / len(target))
    return Quadrupole(
        box.wrap(centre[None])[0], chosen.moment, float(np.sqrt(d + 2)) * width * spacing if inside else None,
        1 - 1 / (2 * chosen.kappa), share, width == WIDTHS[0],
    )  # fmt: skip
