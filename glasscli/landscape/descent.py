"""Down to the minimum whose basin a configuration lies in: small steps of limited memory, then Newton's."""

from __future__ import annotations

import numpy as np

from glasscli.configuration import Floats
from glasscli.engine.descent import FORCE, Rest
from glasscli.engine.descent import descend as downhill
from glasscli.landscape.linear import minimal_residual
from glasscli.landscape.surface import Surface

STRIDE = 0.05
# Below this force the energy is quadratic enough for Newton's method.
QUADRATIC = 1e-2


def descend(surface: Surface, positions: Floats, force: float = FORCE, scale: float = 1.0) -> Rest:
    """Return the minimum below `positions`; max_force says how near it came. scale: the unit of force of the system."""
    stride = STRIDE * surface.spacing

    def shortcut(x: Floats, energy: float, f: Floats) -> tuple[Floats, float, Floats, bool]:
        if float(np.abs(f).max()) >= QUADRATIC * scale:
            return x, energy, f, False
        return newton(surface, x, energy, f, stride)

    return downhill(surface.evaluate, positions, stride, force, shortcut=shortcut)


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
