"""To the saddle along the softest mode: uphill in it, downhill in all others.

A step climbs the lowest eigenvector by its Newton step and relaxes the rest by truncated conjugate gradients within a
trust radius (T. Steihaug, SIAM J. Numer. Anal. 20, 626 (1983)), the hybrid eigenvector following of L. J. Munro and
D. J. Wales, Phys. Rev. B 59, 3969 (1999); near the saddle Newton's steps finish.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

from glasscli.configuration import Floats
from glasscli.engine.descent import FORCE
from glasscli.landscape.descent import QUADRATIC, newton
from glasscli.landscape.surface import Surface, largest_curvature

STEPS = 120
STRIDE = 0.12  # of the spacing, how far an atom may go uphill at once
RADIUS = 0.3  # of the spacing, the length of a relaxing step of all atoms
FLAT = 1e-5  # of the larger curvatures: no curvature at all
LOST = 12  # steps in a row where no direction curves downward
SMALL = 150  # coordinates up to which eigenvectors come from the whole matrix


@dataclass(frozen=True)
class Saddle:
    """A stationary point: positions [n, 3], energy of the sample, largest force, the lowest mode [n, 3] of unit length
    and its curvature (energy/length^2), and how many steps it took.
    """

    positions: Floats
    energy: float
    max_force: float
    mode: Floats
    curvature: float
    steps: int


def lowest_mode(surface: Surface, x: Floats, guess: Floats, tolerance: float = 1e-2) -> tuple[float, Floats]:
    """Lowest curvature and its direction [n, 3], rigid shifts left out, in the sense of `guess`."""
    n = x.size
    product = surface.product(x)
    if n <= SMALL:
        values, vectors = np.linalg.eigh(_without_shifts(np.column_stack([product(e) for e in np.eye(n)])))
        value, vector = float(values[0]), vectors[:, 0]
    else:
        top = largest_curvature(product, n, 4)

        def shifted(v: Floats) -> Floats:
            v = np.asarray(v).reshape(-1, 3)
            return np.asarray((product(v).reshape(-1, 3) + top * v.mean(axis=0)).ravel())

        operator = LinearOperator((n, n), matvec=shifted, dtype=float)
        try:
            values, vectors = eigsh(
                operator, k=1, which="SA", v0=guess.ravel(), tol=tolerance, maxiter=40 * 20
            )
        except ArpackError:
            values, vectors = eigsh(operator, k=1, which="SA", tol=10 * tolerance)
        value, vector = float(values[0]), vectors[:, 0]
    mode = vector.reshape(-1, 3)
    return value, mode if np.sum(mode * guess) >= 0 else -mode


def _without_shifts(matrix: Floats) -> Floats:
    top, n = float(np.abs(matrix).max()), len(matrix)
    shifts = np.kron(np.ones((n // 3, n // 3)), np.eye(3)) / (n // 3)
    return (matrix + matrix.T) / 2 + top * shifts


def follow(
    surface: Surface,
    positions: Floats,
    mode: Floats,
    steps: int = STEPS,
    force: float = FORCE,
    scale: float = 1.0,
) -> Saddle | None:
    """Return the saddle up along `mode` from `positions`, or None when none is reached.

    scale: the unit of force of the system.
    """
    x = positions.copy()
    energy, f = surface.evaluate(x)
    guess = mode / np.linalg.norm(mode)
    radius = RADIUS * surface.spacing
    upward = 0
    for step in range(steps):
        curvature, guess = lowest_mode(surface, x, guess)
        upward = upward + 1 if curvature >= 0 else 0
        if upward > LOST:
            return None  # back in a basin
        if np.abs(f).max() < QUADRATIC * scale and curvature < 0:
            for _ in range(8):
                if np.abs(f).max() < force:
                    break
                x, energy, f, better = newton(surface, x, energy, f, STRIDE * surface.spacing)
                if not better:
                    break
            curvature, guess = lowest_mode(surface, x, guess, 1e-6)
            if np.abs(f).max() < 1e-6 * scale:
                if abs(curvature) < FLAT * largest_curvature(surface.product(x), x.size, 4):
                    return None  # a minimum of a cluster, which turns freely
                return (
                    Saddle(x, energy, float(np.abs(f).max()), guess, curvature, step)
                    if curvature < 0
                    else None
                )
        downhill = float(np.sum(f * guess))
        far = STRIDE * surface.spacing / float(np.abs(guess).max())
        # Where it still curves upward, on, away from the basin.
        newton_step = downhill / curvature if curvature < 0 else -np.copysign(0.5 * far, downhill)
        up = float(np.clip(newton_step, -far, far))
        aside = across(surface, x, f, guess, radius)
        before = float(np.linalg.norm(f - downhill * guess))
        x = x + up * guess + aside
        energy, f = surface.evaluate(x)
        if not np.isfinite(energy) or np.abs(f).max() > 1e6 * scale:
            return None
        after = float(np.linalg.norm(f - np.sum(f * guess) * guess))
        radius = (
            max(radius / 2, 1e-3 * surface.spacing)
            if after > 1.5 * before
            else min(1.5 * radius, surface.spacing)
        )
    return None


def across(surface: Surface, x: Floats, f: Floats, mode: Floats, radius: float) -> Floats:
    """[n, 3] step of at most `radius` that lowers the energy perpendicular to the mode."""
    product, v = surface.product(x), mode.ravel()

    def project(u: Floats) -> Floats:
        u = u - v * (v @ u)
        u = (u.reshape(-1, 3) - u.reshape(-1, 3).mean(axis=0)).ravel()
        return np.asarray(u)

    residual = project(f.ravel())
    s, p = np.zeros_like(residual), residual.copy()
    size = start = float(residual @ residual)
    target = min(0.1, start**0.25) ** 2 * start
    for _ in range(200):
        if size <= target or size < 1e-24:
            break
        image = project(product(p))
        bend = float(p @ image)
        if bend <= 0:
            s = s + _to_edge(s, p, radius) * p
            break
        rate = size / bend
        if np.linalg.norm(s + rate * p) > radius:
            s = s + _to_edge(s, p, radius) * p
            break
        s = s + rate * p
        residual = residual - rate * image
        new = float(residual @ residual)
        p, size = residual + new / size * p, new
    return s.reshape(-1, 3)


def _to_edge(s: Floats, p: Floats, radius: float) -> float:
    """How far along p from s the sphere lies."""
    a, b, c = float(p @ p), float(s @ p), float(s @ s) - radius**2
    return (-b + float(np.sqrt(max(b * b - a * c, 0.0)))) / a
