"""Sound velocities and Debye frequency of a glass from its elastic response."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import bsr_array

from glasscli.configuration import Box, Configuration, Floats
from glasscli.engine.forces import Forces
from glasscli.modes.minimum import at, relax

STRAIN = 1e-5


@dataclass(frozen=True)
class Debye:
    """Isotropic averages.

    bulk, shear               moduli in energy per volume (slopes of the stress, so that they give wave speeds)
    longitudinal, transverse  sound velocities
    frequency                 Debye's w_D: D(w) = 3 w^2/w_D^3 of the modes per frequency
    """

    bulk: float
    shear: float
    longitudinal: float
    transverse: float
    frequency: float

    def first_phonon(self, box: Box) -> float:
        """Frequency of the longest transverse wave in the box."""
        return self.transverse * 2 * np.pi / box.wavelength


def debye(configuration: Configuration, matrix: bsr_array, masses: Floats, forces: Forces) -> Debye | None:
    """Return the elastic response of a minimum, or None when it is unstable against strain, or in free space.

    Each edge is stretched and shortened by 1e-5, the atoms go where the Hessian takes them (the non-affine part),
    and LAMMPS tells the change of stress B_ab = -dp_bb/de_aa. Its isotropic average gives rho c_L^2 = B_11 and
    rho c_T^2 = (B_11 - B_12)/2, at any pressure. In a plane there is one transverse wave, and D(w) = 2 w/w_D^2.
    """
    if configuration.box.free:
        return None
    d = configuration.box.dimension
    slopes = np.empty((d, d))
    for axis in range(d):
        stretch = STRAIN * np.eye(3)[axis]
        plus, minus = (
            at(configuration, configuration.positions * (1 + e), configuration.box.scaled(1 + e))
            for e in (stretch, -stretch)
        )
        # To first order the atoms go as far the other way.
        step = relax(matrix, forces.evaluate(plus).forces)
        stress = [
            forces.evaluate(at(strained, strained.positions + moved)).stress
            for strained, moved in ((plus, step), (minus, -step))
        ]
        slopes[axis] = -(stress[0] - stress[1]) / (2 * STRAIN)
    along = float(np.trace(slopes)) / d
    across = float(slopes.sum() - np.trace(slopes)) / (d * (d - 1))
    shear, bulk = (along - across) / 2, (along + (d - 1) * across) / d
    if not (shear > 0 and along > 0):
        return None
    density = masses.sum() / configuration.volume
    longitudinal, transverse = np.sqrt(along / density), np.sqrt(shear / density)
    # As many waves up to it as atoms have ways to move: d N = V w_D^d waves / (6 pi^2 or 4 pi).
    waves = 1 / longitudinal**d + (d - 1) / transverse**d
    counted = 18 * np.pi**2 if d == 3 else 8 * np.pi
    frequency = (counted * configuration.n_atoms / configuration.volume / waves) ** (1 / d)
    return Debye(bulk, shear, float(longitudinal), float(transverse), float(frequency))
