"""Levels of h = -d^2/dX^2 + K1 X^2 + K2 X^3 + X^4 (Klinger 3.12), one potential precisely or thousands at once.

For the printed h the pure quartic has E = 1.060362, 3.799673, 7.455698, so E1 - E0 = 2.739 w. The text's
"1.5 w" and its WKB prefactor 3 2^(-4/3) = 1.19 come close to -d^2/2dX^2 + (2/3) X^4 (1.5075, 1.2025) instead;
here the printed h holds throughout.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glasscli.errors import GlassError, InputError
from glasscli.theory import soft_potential
from glasscli.theory.anharmonic import States, kinetic_on_unit_interval, solve

Floats = NDArray[np.float64]


def box(K1: ArrayLike, K2: ArrayLike, height: ArrayLike, steps: int = 30) -> tuple[Floats, Floats]:
    """Return the outermost X, left and right, where V rises `height` above its lowest minimum. Arrays broadcast.

    Found by halving the outer interval `steps` times; errors are outwards.
    """
    K1, K2, height = np.broadcast_arrays(*(np.asarray(a, float) for a in (K1, K2, height)))
    wells = soft_potential.wells(K1, K2)
    top = wells.depth + height
    # The other minimum counts only when it lies below the cut.
    other = np.where(wells.asymmetry < height, wells.shallow, wells.deep)
    sides = []
    for sign in (-1.0, 1.0):
        inner = sign * np.fmax(sign * wells.deep, sign * other)
        # Beyond this (Cauchy's bound on the roots of V - top) V is above the cut for certain.
        outer = sign * (1 + np.maximum(np.maximum(np.abs(K1), np.abs(K2)), np.abs(top)))
        for _ in range(steps):
            middle = (inner + outer) / 2
            below = soft_potential.value(middle, K1, K2) < top
            inner, outer = np.where(below, middle, inner), np.where(below, outer, middle)
        sides.append(outer)
    return sides[0], sides[1]


def _height(K1: ArrayLike, K2: ArrayLike, levels: int, reach: float) -> Floats:
    """Height of the walls above the lowest minimum so that psi of the last level has decayed to exp(-reach).

    The level's energy is the one below which phase space holds that many states, (1/pi) int (E - V)^(1/2) dX;
    the decay is that of a harmonic and of a quartic oscillator, whichever is slower.
    """
    K1, K2 = np.broadcast_arrays(np.asarray(K1, float), np.asarray(K2, float))
    wells = soft_potential.wells(K1, K2)
    stiff = 2 * np.sqrt(np.maximum(wells.k_deep, 1.0))
    low, high = np.zeros_like(stiff), stiff * levels + 2.2 * levels ** (4 / 3)
    fraction = (np.arange(48) + 0.5) / 48
    for _ in range(8):  # to one per cent, which is plenty
        middle = (low + high) / 2
        left, right = box(K1, K2, middle, steps=12)
        x = left + (right - left) * fraction.reshape(-1, *([1] * K1.ndim))
        kinetic = np.maximum(wells.depth + middle - soft_potential.value(x, K1, K2), 0)
        count = np.sqrt(kinetic).mean(axis=0) * (right - left) / np.pi
        low, high = np.where(count < levels, middle, low), np.where(count < levels, high, middle)
    found: Floats = high + stiff * reach + (3 * reach) ** (4 / 3)
    return found


def states(K1: float, K2: float, levels: int = 6, tolerance: float = 1e-11) -> States:
    """Return the lowest states of one potential with energies to 1e-10 (relative to 1 + |E|)."""
    if not (np.isfinite(K1) and np.isfinite(K2)):
        raise InputError("K1 and K2 must be finite numbers")
    low, high = box(K1, K2, _height(K1, K2, levels, 17.0))
    deep = soft_potential.wells(K1, K2).depth
    # Levels are found from the bottom of the well, so that a deep one costs no digits of the lowest.
    found = solve(
        lambda x: soft_potential.value(x, K1, K2) - deep,
        levels,
        (float(low), float(high)),
        tolerance=tolerance,
    )
    return States(found.energies + float(deep), found.error, found.x, found.psi)


def levels(K1: ArrayLike, K2: ArrayLike, count: int = 2, points: int = 64, reach: float = 12.0) -> Floats:
    """Return the lowest `count` levels [..., count] of many potentials at once (shape of K1 and K2 broadcast).

    points   grid points per potential; 64 gives the lowest 30 levels to 1e-6, 96 the lowest few to 1e-10
    reach    log of the decay of psi at the walls; levels of a pure quartic are then good to exp(-reach) or better
    """
    K1, K2 = np.broadcast_arrays(np.asarray(K1, float), np.asarray(K2, float))
    if count > points // 2:
        raise InputError(f"{points} points resolve {points // 2} levels, not {count}")
    out = [np.linalg.eigvalsh(block)[:, :count] for block, _ in _blocks(K1, K2, count, points, reach)]
    return np.concatenate(out).reshape(*K1.shape, count)


def _blocks(K1: Floats, K2: Floats, count: int, points: int, reach: float) -> Iterator[tuple[Floats, Floats]]:
    """Matrices [m, points, points] of h and their grids X [m, points], as many at a time as stay in the cache."""
    low, high = box(K1, K2, _height(K1, K2, count, reach))
    flat = [a.reshape(-1) for a in (K1, K2, low, high)]
    kinetic, grid = kinetic_on_unit_interval(points), np.arange(1, points + 1) / (points + 1)
    diagonal = np.arange(points)
    for start in range(0, K1.size, 512):
        k1, k2, left, right = (a[start : start + 512, None] for a in flat)
        length = right - left
        block, X = kinetic / length[:, :, None] ** 2, left + length * grid
        block[:, diagonal, diagonal] += soft_potential.value(X, k1, k2)
        yield block, X


def gap(K1: ArrayLike, K2: ArrayLike) -> Floats:
    """Return E1 - E0 to 1e-9 for arrays of K1 and K2."""
    pair = levels(K1, K2, 2, points=64, reach=17.0)
    return pair[..., 1] - pair[..., 0]


def localised(found: States) -> tuple[float, float]:
    """Return <X> [left, right] of the two states that X makes of the lowest two: where they lie when they part."""
    x = found.moment(1)
    middle, distance = (x[0, 0] + x[1, 1]) / 2, np.hypot(x[0, 1], (x[1, 1] - x[0, 0]) / 2)
    return float(middle - distance), float(middle + distance)


def kappa(found: States) -> float:
    """Return <X^2>_1 - <X^2>_0, the slope of E1 - E0 in K1 (Hellmann-Feynman).

    At K1 = K2 = 0 it is 0.5396, so that near it dE_1 = kappa (K1 - 3 K2^2/8) (Klinger 3.17, who prints 0.4).
    """
    square = found.moment(2)
    return float(square[1, 1] - square[0, 0])


def gap_slopes(K1: Floats, K2: Floats, points: int = 96) -> tuple[Floats, Floats]:
    """Return the slopes of E1 - E0 in K1 and in K2 [n], <X^2>_1 - <X^2>_0 and <X^3>_1 - <X^3>_0, of many potentials."""
    out = []
    for block, X in _blocks(K1, K2, 2, points, 17.0):
        squares = np.linalg.eigh(block)[1][:, :, :2] ** 2
        change = squares[..., 1] - squares[..., 0]
        out.append(np.stack([(change * X**n).sum(axis=1) for n in (2, 3)]))
    by_K1, by_K2 = np.concatenate(out, axis=1)
    return by_K1, by_K2


@dataclass(frozen=True)
class Saddle:
    """A critical point of E1 - E0 over the (K1, K2) plane (Klinger 3.16)."""

    K1: float
    K2: float
    gap: float
    kind: str


NEWTON_STEPS = 40


def _gradient(point: Floats) -> Floats:
    found = states(float(point[0]), float(point[1]), 2)
    square, cube = found.moment(2), found.moment(3)
    return np.array([square[1, 1] - square[0, 0], cube[1, 1] - cube[0, 0]])


def _curvature(point: Floats, step: float = 1e-4) -> Floats:
    rows = [(_gradient(point + d) - _gradient(point - d)) / (2 * step) for d in step * np.eye(2)]
    return (np.array(rows) + np.array(rows).T) / 2


def saddle(start: tuple[float, float] = (0.0, 1.9)) -> Saddle:
    """Return the critical point of E1 - E0 nearest to `start`: K1 = 0, K2 = +-1.894, 2.182 w, a saddle.

    The gradient is exact, (<X^2>_1 - <X^2>_0, <X^3>_1 - <X^3>_0); the kind follows from its derivatives.
    """
    point = np.array(start, dtype=np.float64)
    for _ in range(NEWTON_STEPS):
        curvature = _curvature(point)
        move = np.linalg.solve(curvature, -_gradient(point))
        point += move
        if np.abs(move).max() < 1e-10:
            break
    else:
        raise GlassError(f"no critical point of E1 - E0 found from K1 = {start[0]:g}, K2 = {start[1]:g}")
    signs = np.linalg.eigvalsh(curvature)
    kind = "saddle" if signs[0] < 0 < signs[1] else ("minimum" if signs[0] > 0 else "maximum")
    K1, K2 = map(float, point)
    return Saddle(K1, K2, float(gap(K1, K2)), kind)
