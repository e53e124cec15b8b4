"""A band of images between two minima: nudged along its tangent only by springs, across it only by forces.

Tangents of G. Henkelman and H. Jónsson, J. Chem. Phys. 113, 9978 (2000); the climbing image of Henkelman, Uberuaga and
Jónsson, ibid. 9901; moved by FIRE (E. Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006)). All images relax together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Floats
from glasscli.landscape.surface import Surface, largest_curvature

# Springs as a share of the stiffest curvature: stiff enough to keep images apart, soft enough not to set the pace.
SPRING = 0.03
# The largest force on a coordinate, in units of the stiffest curvature times the spacing.
HARD = 0.3
CEILING = 1e6


@dataclass
class Band:
    """Images [m, n, 3], their energies [m] and forces [m, n, 3]; the ends rest. residual: largest force across."""

    images: Floats
    energies: Floats
    forces: Floats
    residual: float
    evaluations: int

    @property
    def top(self) -> int:
        """The highest image between the ends."""
        return 1 + int(np.argmax(self.energies[1:-1]))

    def tangent(self, k: int) -> Floats:
        """[n, 3] unit vector along the band at image k."""
        return np.asarray(tangents(self.images, self.energies)[k])


def straight(start: Floats, end: Floats, images: int) -> Floats:
    """[images, n, 3] evenly between two configurations, which are its ends."""
    share = np.linspace(0, 1, images)[:, None, None]
    return np.asarray(start + share * (end - start))


def tangents(images: Floats, energies: Floats) -> Floats:
    """[m, n, 3] unit vectors along a band."""
    steps = np.diff(images, axis=0)
    out = np.empty_like(images)
    out[0], out[-1] = steps[0], steps[-1]
    for k in range(1, len(images) - 1):
        before, here, after = energies[k - 1 : k + 2]
        if after > here > before:
            out[k] = steps[k]
        elif after < here < before:
            out[k] = steps[k - 1]
        else:
            large, small = (
                max(abs(after - here), abs(before - here)),
                min(abs(after - here), abs(before - here)),
            )
            ahead, behind = (large, small) if after > before else (small, large)
            out[k] = ahead * steps[k] + behind * steps[k - 1]
            if not np.any(out[k]):
                out[k] = steps[k] + steps[k - 1]
    return np.asarray(out / np.linalg.norm(out.reshape(len(out), -1), axis=1)[:, None, None])


def relax(
    surface: Surface, images: Floats, stiffness: float, steps: int = 100, residual: float = 0.05, climb: bool = True,
    fixed: int | None = None,
) -> Band:  # fmt: skip
    """Relax a band [m, n, 3] until no force component across it passes `residual`, or for so many steps.

    stiffness  the largest curvature of the energy: it sets the time step and the springs
    climb      the highest image goes up along the band once it is roughly relaxed
    fixed      an image that stays, a saddle that is known
    """
    images = images.copy()
    m = len(images)
    surfaces = [surface.fresh() for _ in range(m)]
    energies, forces = np.empty(m), np.zeros_like(images)
    hard = HARD * stiffness * surface.spacing

    def evaluate(k: int) -> None:
        """Where atoms overlap on a straight way, energies and forces are cut: they only have to part."""
        energy, found = surfaces[k].evaluate(images[k])
        found = np.clip(np.nan_to_num(found, nan=hard), -hard, hard)
        energies[k] = energy if k == 0 else min(np.nan_to_num(energy, nan=np.inf), energies[0] + CEILING)
        forces[k] = found

    for k in range(m):
        evaluate(k)
    inner = [k for k in range(1, m - 1) if k != fixed]
    springs = SPRING * stiffness
    longest = 1.0 / np.sqrt(stiffness)
    dt, mixing, downhill = 0.5 * longest, 0.1, 0
    velocity = np.zeros_like(images)
    evaluations, worst = m, np.inf
    furthest = 0.05 * surface.spacing
    for step in range(steps):
        along = tangents(images, energies)
        lengths = np.linalg.norm(np.diff(images, axis=0).reshape(m - 1, -1), axis=1)
        climber = 1 + int(np.argmax(energies[1:-1])) if climb and step > 20 and worst < 20 * residual else -1
        push = np.zeros_like(images)
        worst = 0.0
        for k in inner:
            t = along[k]
            slope = float(np.sum(forces[k] * t))
            across = forces[k] - slope * t
            worst = max(worst, float(np.abs(across).max()), abs(slope) if k == climber else 0.0)
            push[k] = (
                across - slope * t if k == climber else across + springs * (lengths[k] - lengths[k - 1]) * t
            )
        if worst < residual and (not climb or climber > 0):
            break
        power = float(np.sum(push * velocity))
        if power > 0:
            downhill += 1
            velocity = (1 - mixing) * velocity + mixing * push * (
                np.linalg.norm(velocity) / np.linalg.norm(push)
            )
            if downhill > 5:
                dt, mixing = min(1.1 * dt, 1.5 * longest), 0.99 * mixing
        else:
            velocity[:] = 0
            dt, mixing, downhill = 0.5 * dt, 0.1, 0
        velocity += dt * push
        move = dt * velocity
        move *= min(1.0, furthest / max(float(np.abs(move).max()), 1e-300))
        images += move
        for k in inner:
            evaluate(k)
        evaluations += len(inner)
    return Band(images, energies, forces, worst, evaluations)


def stiffness(surface: Surface, x: Floats) -> float:
    """The largest curvature of the energy at x, by a few products."""
    return largest_curvature(surface.product(x), x.size, 12)
