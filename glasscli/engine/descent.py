"""Down to the minimum whose basin a configuration lies in, by small steps of limited memory.

Conjugate gradients with a long line search may leap out of a shallow basin; here no atom moves further than a given
stride in a step, and a step that does not lower the energy is halved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glasscli.compiled import njit
from glasscli.configuration import Floats

FORCE = 1e-9
MEMORY = 12
STEPS = 3000
# Of the stride: the length of a step of which nothing is known.
FIRST = 0.2
# How often a step is halved, and the very first one: what is almost at rest already asks for far less than any length
# of which nothing is known.
HALVED, HALVED_FIRST = 12, 40

# Energy of the whole sample and forces [n, 3] at positions [n, 3].
Evaluate = Callable[[Floats], tuple[float, Floats]]
# From positions, energy and forces perhaps to better ones: (positions, energy, forces, whether they are).
Shortcut = Callable[[Floats, float, Floats], tuple[Floats, float, Floats, bool]]


@dataclass(frozen=True)
class Rest:
    """Where the forces vanish: positions [n, 3], energy of the whole sample, largest force component; the evaluations
    that it took."""

    positions: Floats
    energy: float
    max_force: float
    evaluations: int = 0


class _Memory:
    """The last steps and what they changed: a picture of the curvature."""

    def __init__(self, coordinates: int) -> None:
        self._steps, self._changes = np.empty((2, MEMORY, coordinates))
        self._weights = np.empty(MEMORY)
        self.count = 0

    def forget(self) -> None:
        """Know nothing."""
        self.count = 0

    def learn(self, step: Floats, change: Floats) -> None:
        """A step and by how much it lowered the forces."""
        product = float(np.vdot(step, change))
        if product > 1e-14:
            k = self.count % MEMORY
            self._steps[k], self._changes[k] = step.ravel(), change.ravel()
            self._weights[k] = 1 / product
            self.count += 1

    def direction(self, f: Floats) -> Floats:
        """The quasi-Newton direction (J. Nocedal, Math. Comput. 35, 773 (1980))."""
        if not self.count:
            return f.copy()
        found: Floats = _two_loops(f.ravel(), self._steps, self._changes, self._weights, self.count)
        return found.reshape(f.shape)


def descend(
    evaluate: Evaluate, positions: Floats, stride: float, force: float = FORCE, first: float | None = None,
    shortcut: Shortcut | None = None, most: int = STEPS,
) -> Rest:  # fmt: skip
    """Return the minimum below `positions`; max_force says how near it came.

    stride: the longest that a coordinate changes in a step; first: in the first one. most: evaluations, about.
    """
    x = np.ascontiguousarray(positions, float).copy()
    energy, f = evaluate(x)
    memory = _Memory(x.size)
    first = FIRST * stride if first is None else first
    tried, moves = 1, 0
    while tried < most and (largest := float(np.abs(f).max())) > force:
        if shortcut is not None:
            x, energy, f, better = shortcut(x, energy, f)
            if better:
                memory.forget()
                tried += 10
                continue
        direction = memory.direction(f)
        if np.vdot(direction, f) <= 0:
            memory.forget()
            direction = f.copy()
        if not memory.count:
            direction *= first / largest
        direction *= min(1.0, stride / float(np.abs(direction).max()))
        for _ in range(HALVED if moves else HALVED_FIRST):
            tried += 1
            moved = x + direction
            new_energy, new = evaluate(moved)
            if new_energy <= energy + 1e-12 * max(1.0, abs(energy)):
                break
            direction = direction / 2
        else:
            if not memory.count:
                break  # nothing lower in any step: rounding, or a force that jumps
            memory.forget()
            continue
        memory.learn(moved - x, f - new)
        x, energy, f, moves = moved, new_energy, new, moves + 1
    return Rest(x, energy, float(np.abs(f).max()), tried)


@njit()
def _two_loops(f, steps, changes, weights, count):  # type: ignore[no-untyped-def]
    q = f.copy()
    n, kept = len(q), min(count, len(steps))
    along = np.empty(kept)
    for back in range(kept):
        k = (count - 1 - back) % len(steps)
        total = 0.0
        for c in range(n):
            total += steps[k, c] * q[c]
        along[back] = weights[k] * total
        for c in range(n):
            q[c] -= along[back] * changes[k, c]
    newest = (count - 1) % len(steps)
    squares = 0.0
    for c in range(n):
        squares += changes[newest, c] * changes[newest, c]
    scale = 1 / (weights[newest] * squares)
    for c in range(n):
        q[c] *= scale
    for back in range(kept - 1, -1, -1):
        k = (count - 1 - back) % len(steps)
        total = 0.0
        for c in range(n):
            total += changes[k, c] * q[c]
        turn = along[back] - weights[k] * total
        for c in range(n):
            q[c] += turn * steps[k, c]
    return q
