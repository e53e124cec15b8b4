"""To the bottom: conjugate gradients by LAMMPS, then Newton's steps where its line search ends."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import bsr_array
from scipy.sparse.linalg import minres

from glasscli.configuration import Box, Configuration, Floats
from glasscli.engine.forces import Evaluation, Forces
from glasscli.engine.minimiser import Minimiser
from glasscli.model.protocol import Minimisation
from glasscli.modes.hessian import Curvature, Hessian
from glasscli.progress import Advance, silent

FORCE = 1e-8
NEWTON_STEPS = 8
# A Newton step that moves an atom further than this share of the spacing has left the basin's quadratic part.
TRUST = 0.01


@dataclass(frozen=True)
class Settled:
    """A configuration at rest and its Hessian.

    energy per atom; pressure of the virial; max_force the largest force component; minimised whether it had to move
    """

    configuration: Configuration
    hessian: Hessian
    energy: float
    pressure: float
    max_force: float
    minimised: bool


def settle(
    configuration: Configuration, forces: Forces, curvature: Curvature, advance: Advance = silent,
    whose: str | None = None,
) -> Settled:  # fmt: skip
    """Return the inherent structure of a configuration: |f| < 1e-8, or as low as the potential lets it.

    A configuration that is at rest already stays as it is, be it a minimum or a saddle.
    whose: forces it is minimised by, see `engine.own.choice`; what is said of it is LAMMPS's.
    """
    found = forces.evaluate(configuration)
    minimised = largest(found) >= FORCE
    if minimised:
        settings = Minimisation(force_tolerance=FORCE, max_iterations=100000)
        with Minimiser(forces.system, settings, whose) as minimiser:
            configuration = minimiser.minimise(configuration).configuration
        found = forces.evaluate(configuration)
    hessian = curvature.hessian(configuration, advance)
    spacing = configuration.spacing
    for _ in range(NEWTON_STEPS):
        if largest(found) < FORCE:
            break
        step = relax(hessian.matrix, found.forces)
        if np.abs(step).max() > TRUST * spacing:
            break
        moved = at(configuration, configuration.positions + step)
        after = forces.evaluate(moved)
        if largest(after) >= largest(found):
            break  # rounding, or a force that jumps at the cutoff
        configuration, found = moved, after
        if hessian.method == "pairwise":
            hessian = curvature.hessian(configuration)
    return Settled(
        configuration, hessian, found.energy, float(found.stress.mean()), largest(found), minimised
    )


def largest(found: Evaluation) -> float:
    """The largest force component."""
    return float(np.abs(found.forces).max())


def relax(matrix: bsr_array, forces: Floats) -> Floats:
    """[n, 3] displacements that take forces [n, 3] to zero in the quadratic energy; no rigid shift."""
    right = (forces - forces.mean(axis=0)).ravel()
    size = float(np.linalg.norm(right))
    if size == 0:
        return np.zeros_like(forces)
    # In units of its size: a tiny right side is not a converged one.
    answer, _ = minres(matrix, right / size, rtol=1e-10, maxiter=20 * len(right))
    step = size * answer.reshape(-1, 3)
    return np.asarray(step - step.mean(axis=0))


def at(configuration: Configuration, positions: Floats, box: Box | None = None) -> Configuration:
    """The configuration with its atoms elsewhere, wrapped; perhaps in another box."""
    box = configuration.box if box is None else box
    return replace(configuration, positions=box.wrap(positions), box=box, images=None, velocities=None)
