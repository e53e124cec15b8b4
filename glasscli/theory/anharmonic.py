"""The one-dimensional Schrödinger equation for any potential and a mass that may depend on position.

    -d/dx [ D(x) d psi/dx ] + V(x) psi = E psi,     D(x) = hbar^2 / 2 m(x),     psi = 0 at both ends,

expanded in the sines of the interval. The matrix elements of V use the quadrature of the N interior grid points,
those of D the N + 1 midpoints, so that the matrix is symmetric for any D > 0 and the levels of a smooth potential
converge exponentially with N (Colbert & Miller, J. Chem. Phys. 96, 1982 (1992), for constant D).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from glasscli.errors import GlassError, InputError

Floats = NDArray[np.float64]
Function = Callable[[Floats], Floats]
Table = tuple[Floats, Floats]  # positions and values
Rest = TypeVar("Rest")

MAX_POINTS = 1536


@dataclass(frozen=True)
class States:
    """Lowest eigenstates of a one-dimensional potential.

    energies  [n] in ascending order, in the unit of the potential
    error     largest change of any level when the grid was last refined
    x         [n_points] grid, evenly spaced, without the two ends (where psi = 0)
    psi       [n_points, n] wave functions, normalised to sum psi^2 dx = 1, positive at the first large lobe
    """

    energies: Floats
    error: float
    x: Floats
    psi: Floats

    @property
    def spacing(self) -> float:
        """Distance between grid points."""
        return float(self.x[1] - self.x[0])

    @property
    def edge(self) -> float:
        """Largest |psi| on the outermost points over its maximum: above 1e-6 the walls are felt."""
        outer = np.abs(self.psi[[0, -1]]).max(axis=0)
        return float((outer / np.abs(self.psi).max(axis=0)).max())

    def moment(self, power: int) -> Floats:
        """Return the matrix [n, n] of <i| x^power |j>."""
        return self.spacing * (self.psi.T * self.x**power) @ self.psi


@lru_cache(maxsize=8)
def _sines(points: int) -> Floats:
    """Return the orthogonal matrix [points, points] of sin(pi j n / (N + 1))."""
    j = np.arange(1, points + 1)
    found: Floats = np.sqrt(2 / (points + 1)) * np.sin(np.pi / (points + 1) * np.outer(j, j))
    return found


@lru_cache(maxsize=8)
def kinetic_on_unit_interval(points: int) -> Floats:
    """Return the matrix [points, points] of -d^2/dx^2 on the interior points of (0, 1), psi = 0 at its ends."""
    sines = _sines(points)
    return (sines * (np.pi * np.arange(1, points + 1)) ** 2) @ sines


def as_function(
    potential: Function | Table, interval: tuple[float, float] | None
) -> tuple[Function, float, float]:
    """Return a callable and the interval it is used on; tables become cubic splines over their range.

    Raises InputError when a table is not ascending, holds other than finite numbers or fewer than four points,
    or when a callable comes without an interval.
    """
    if callable(potential):
        if interval is None:
            raise InputError("a potential given as a function needs the interval to solve it on")
        low, high = interval
        function: Function = potential
    else:
        x, values = (np.asarray(column, dtype=float) for column in potential)
        if x.ndim != 1 or x.shape != values.shape or len(x) < 4:
            raise InputError("a tabulated potential needs two columns of the same length, four rows or more")
        if not (np.isfinite(x).all() and np.isfinite(values).all() and (np.diff(x) > 0).all()):
            raise InputError("a tabulated potential needs finite numbers at ascending positions")
        low, high = interval or (float(x[0]), float(x[-1]))
        if low < x[0] or high > x[-1]:
            raise InputError(f"the interval {low:g} ... {high:g} leaves the table, {x[0]:g} ... {x[-1]:g}")
        from scipy.interpolate import CubicSpline  # slow to import, and few potentials are tables

        function = CubicSpline(x, values)
    if not (np.isfinite([low, high]).all() and low < high):
        raise InputError(f"the interval {low:g} ... {high:g} is empty or not finite")
    return function, float(low), float(high)


def solve(
    potential: Function | Table,
    levels: int,
    interval: tuple[float, float] | None = None,
    *,
    stiffness: float | Function | Table = 1.0,
    tolerance: float = 1e-11,
    points: int | None = None,
) -> States:
    """Return the lowest `levels` states of any potential.

    potential  callable on arrays, or a table (x, V)
    interval   (low, high); hard walls stand at both ends. A table's own range is the default
    stiffness  D = hbar^2 / 2m: a number, a callable of x, or a table (x, D); 1 gives -d^2/dx^2 + V.
               For a varying mass the operator is -d/dx D(x) d/dx (BenDaniel & Duke 1966)
    tolerance  the grid is refined until no level moves by more than this, relative to 1 + |E|
    points     first grid size

    Raises InputError for bad tables or D <= 0, GlassError when 1536 points do not reach the tolerance.
    """
    if levels < 1:
        raise InputError(f"levels must be 1 or more, not {levels}")
    function, low, high = as_function(potential, interval)
    constant = isinstance(stiffness, int | float)
    coefficient = None if constant else as_function(stiffness, (low, high))[0]  # type: ignore[arg-type]

    def at(size: int) -> tuple[Floats, Floats, tuple[Floats, Floats]]:
        x, matrix = _matrix(function, low, high, size, float(stiffness) if constant else coefficient)  # type: ignore[arg-type]
        energies, vectors = eigh(matrix, subset_by_index=(0, levels - 1))
        return energies, matrix, (x, vectors)

    energies, change, (x, vectors) = _refined(at, max(points or 0, 48, 4 * levels), tolerance)
    psi = vectors / np.sqrt(x[1] - x[0])
    return States(energies, change * float(1 + np.abs(energies).max()), x, psi * _signs(psi))


def symmetric_pair(potential: Function, reach: float, stiffness: float, tolerance: float) -> Floats:
    """Return the lowest even and the lowest odd level [2] of a potential with V(-x) = V(x) and walls at -reach, reach.

    As `solve`, in a quarter of its time: even and odd functions do not mix, so each has a matrix of half the size.
    """

    def at(size: int) -> tuple[Floats, Floats, None]:
        _, matrix = _matrix(potential, -reach, reach, size, stiffness)
        half = size // 2
        same, mirror = matrix[:half, :half], matrix[:half, half:][:, ::-1]
        blocks = (same + mirror, same - mirror)
        pair = [float(eigh(b, subset_by_index=(0, 0), eigvals_only=True)[0]) for b in blocks]
        return np.array(pair), matrix, None

    return _refined(at, 192, tolerance)[0]  # every size from there on is even


def _refined(
    at: Callable[[int], tuple[Floats, Floats, Rest]], size: int, tolerance: float
) -> tuple[Floats, float, Rest]:
    """Return (energies, their last change, rest) on the first grid where no level moves by more than the tolerance.

    at(points) -> (energies, matrix, rest)
    """
    before: Floats | None = None
    while True:
        energies, matrix, rest = at(size)
        change = (
            np.inf if before is None else float(np.max(np.abs(energies - before) / (1 + np.abs(energies))))
        )
        # Round-off grows with the norm of the matrix; asking for less than it would never end.
        if change <= max(tolerance, 16 * np.finfo(float).eps * float(np.abs(matrix).sum(axis=1).max())):
            return energies, change, rest
        if size >= MAX_POINTS:
            raise GlassError(
                f"the levels converge to {change:.1e} only with {size} points, not to {tolerance:.0e}; "
                "narrow the interval, smooth the potential or loosen the tolerance"
            )
        size, before = min(MAX_POINTS, size * 3 // 2), energies


def _on(function: Function, x: Floats) -> Floats:
    """Return function(x) [n], also for a function that returns one number."""
    values: Floats = np.empty(len(x), np.float64)
    values[:] = function(x)
    return values


def _matrix(
    function: Function, low: float, high: float, size: int, coefficient: float | Function
) -> tuple[Floats, Floats]:
    length = high - low
    step = length / (size + 1)
    x: Floats = np.linspace(low, high, size + 2)[1:-1]
    if isinstance(coefficient, float):
        if not coefficient > 0:
            raise InputError(f"hbar^2/2m must be greater than zero, not {coefficient:g}")
        matrix = kinetic_on_unit_interval(size) * (coefficient / length**2)
    else:
        middle: Floats = np.linspace(low + step / 2, high - step / 2, size + 1)
        values = _on(coefficient, middle)
        if not (np.isfinite(values).all() and (values > 0).all()):
            raise InputError("hbar^2/2m must be finite and greater than zero on the whole interval")
        n = np.arange(1, size + 1)
        slopes = np.sqrt(2 / (size + 1)) * np.cos(np.pi / (size + 1) * np.outer(np.arange(size + 1) + 0.5, n))
        slopes = (slopes * (np.pi * n / length)) @ _sines(size)
        matrix = slopes.T @ (values[:, None] * slopes)
    values = _on(function, x)
    if not np.isfinite(values).all():
        raise InputError("the potential is not finite on the whole interval")
    return x, matrix + np.diag(values)


def _signs(psi: Floats) -> Floats:
    """+-1 for each state so that its first lobe from the left is positive."""
    large = np.abs(psi) > 0.2 * np.abs(psi).max(axis=0)
    first = psi[np.argmax(large, axis=0), np.arange(psi.shape[1])]
    return np.where(first < 0, -1.0, 1.0)
