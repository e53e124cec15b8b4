"""Down to the minimum whose basin a configuration lies in: small steps of limited memory, then Newton's.

LAMMPS's conjugate gradients may leap out of a shallow basin; here no atom moves further than a share of the spacing in
a step, and a step that does not lower the energy is halved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Floats
from glasscli.landscape.linear import minimal_residual
from glasscli.landscape.surface import Surface

FORCE = 1e-9
MEMORY = 12
STRIDE = 0.05
# Below this force the energy is quadratic enough for Newton's method.
QUADRATIC = 1e-2
STEPS = 3000


@dataclass(frozen=True)
class Rest:
    """Where the forces vanish: positions [n, 3], energy of the whole sample, largest force component."""

    positions: Floats
    energy: float
    max_force: float


def descend(surface: Surface, positions: Floats, force: float = FORCE, scale: float = 1.0) -> Rest:
    """Return the minimum below `positions`; max_force says how near it came. scale: the unit of force of the system."""
    x = np.ascontiguousarray(positions, float).copy()
    energy, f = surface.evaluate(x)
    steps: list[Floats] = []
    changes: list[Floats] = []
    stride = STRIDE * surface.spacing
    tried = 0
    while tried < STEPS and (largest := float(np.abs(f).max())) > force:
        if largest < QUADRATIC * scale:
            x, energy, f, better = newton(surface, x, energy, f, stride)
            if better:
                steps, changes = [], []
                tried += 10
                continue
        direction = _two_loops(f, steps, changes)
        if np.sum(direction * f) <= 0:
            steps, changes = [], []
            direction = f.copy()
        if not steps:
            direction *= 0.2 * stride / largest
        furthest = float(np.abs(direction).max())
        direction *= min(1.0, stride / furthest)
        for _ in range(12):
            tried += 1
            moved = x + direction
            new_energy, new = surface.evaluate(moved)
            if new_energy <= energy + 1e-12 * max(1.0, abs(energy)):
                break
            direction = direction / 2
        else:
            if not steps:
                break  # nothing lower in any step: rounding, or a force that jumps
            steps, changes = [], []
            continue
        step, change = moved - x, f - new
        if np.sum(step * change) > 1e-14:
            steps, changes = [*steps[-MEMORY + 1 :], step], [*changes[-MEMORY + 1 :], change]
        x, energy, f = moved, new_energy, new
    return Rest(x, energy, float(np.abs(f).max()))


def newton(
    surface: Surface, x: Floats, energy: float, f: Floats, stride: float
) -> tuple[Floats, float, Floats, bool]:
    """One Newton step towards f = 0, a minimum or a saddle, taken when it makes the forces smaller."""
    step = solve(surface, x, f)
    if np.abs(step).max() > stride:
        return x, energy, f, False
    new_energy, new = surface.evaluate(x + step)
    if np.abs(new).max() >= 0.5 * np.abs(f).max():
        return x, energy, f, False
    return x + step, new_energy, new, True


def solve(surface: Surface, x: Floats, f: Floats) -> Floats:
    """[n, 3] displacement that takes the forces to zero in the quadratic energy; no rigid shift."""
    product, size = surface.product(x), float(np.linalg.norm(f))
    right = (f - f.mean(axis=0)).ravel() / size
    # Of |A||x|, which is far more than |b| where modes are soft.
    answer = minimal_residual(product, right, float(np.clip(1e-5 * size, 1e-12, 1e-7)), 4 * right.size)
    step = size * answer.reshape(-1, 3)
    return np.asarray(step - step.mean(axis=0))


def _two_loops(f: Floats, steps: list[Floats], changes: list[Floats]) -> Floats:
    """The quasi-Newton direction (J. Nocedal, Math. Comput. 35, 773 (1980))."""
    q = f.copy()
    weights = []
    for s, y in zip(reversed(steps), reversed(changes), strict=True):
        weight = np.sum(s * q) / np.sum(s * y)
        weights.append(weight)
        q -= weight * y
    if steps:
        q *= np.sum(steps[-1] * changes[-1]) / np.sum(changes[-1] ** 2)
    for s, y, weight in zip(steps, changes, reversed(weights), strict=True):
        q += s * (weight - np.sum(y * q) / np.sum(s * y))
    return q
