"""One door to the Hessian of any system: from pair derivatives where they give LAMMPS's forces, else by differences."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from scipy.sparse import bsr_array

from glasscli.configuration import Configuration, Floats
from glasscli.engine.forces import Forces
from glasscli.engine.pair_derivatives import (
    PairDerivatives,
    SizedDerivatives,
    pair_derivatives,
    sized_derivatives,
)
from glasscli.engine.pairwise import force_constant_range
from glasscli.errors import InputError
from glasscli.modes.hessian_differences import by_differences
from glasscli.modes.hessian_pairwise import pairwise
from glasscli.progress import Advance, silent

PAIRWISE, DIFFERENCES = "pairwise", "differences"
# Pair tables serve when their forces are LAMMPS's to this share of the forces between two atoms.
AGREEMENT = 1e-9


@dataclass(frozen=True)
class Hessian:
    """Second derivatives of the energy, [3 n, 3 n] in 3 x 3 blocks (energy/length^2).

    largest_asymmetry  |H - H^T| as a share of the largest element, before differences are made symmetric
    """

    matrix: bsr_array
    method: str
    seconds: float
    force_evaluations: int
    largest_asymmetry: float


class Curvature:
    """Makes the Hessians of one system. Whether it is pairwise is decided by LAMMPS's forces, not by names."""

    def __init__(self, forces: Forces) -> None:
        self._forces = forces
        self.system = forces.system
        self.pairs: PairDerivatives | None
        self._sized: SizedDerivatives | None = None
        try:
            if self.system.sizes:
                self._sized, self.pairs = sized_derivatives(self.system), None
            else:
                self.pairs = pair_derivatives(self.system)
        except InputError:
            self.pairs = self._sized = None
        self._compared = False

    @property
    def _derivatives(self) -> PairDerivatives | SizedDerivatives | None:
        return self.pairs or self._sized

    @property
    def force_jump(self) -> float:
        """The force with which pairs come into reach; 0 where it is not known."""
        return self.pairs.force_jump if self.pairs else 0.0

    def method(self, configuration: Configuration) -> str:
        """How the Hessian of a configuration is made: by pairs where their forces are LAMMPS's, else by differences."""
        if self._derivatives:
            matrix, forces = pairwise(configuration, self._derivatives)
            self._compare(configuration, forces, matrix)
        return PAIRWISE if self._derivatives else DIFFERENCES

    def hessian(self, configuration: Configuration, advance: Advance = silent) -> Hessian:
        """Return the Hessian of a configuration."""
        evaluations = 0
        began = time.perf_counter()
        if self._derivatives:
            matrix, forces = pairwise(configuration, self._derivatives)
            seconds = time.perf_counter() - began
            if not self._compared:
                evaluations = 1
                self._compare(configuration, forces, matrix)
            if self._derivatives:
                return Hessian(matrix, PAIRWISE, seconds, evaluations, asymmetry(matrix))
        reach = force_constant_range(self.system)
        matrix, lopsided, more = by_differences(configuration, self._forces, reach, advance=advance)
        return Hessian(matrix, DIFFERENCES, time.perf_counter() - began, evaluations + more, lopsided)

    def _compare(self, configuration: Configuration, forces: Floats, matrix: bsr_array) -> None:
        """Give the tables up unless their forces are LAMMPS's."""
        scale = float(abs(matrix).max()) * configuration.spacing
        if np.abs(self._forces.evaluate(configuration).forces - forces).max() > AGREEMENT * scale:
            self.pairs = None
        self._compared = True


def asymmetry(matrix: bsr_array) -> float:
    """Largest |H - H^T| as a share of the largest element."""
    largest = float(abs(matrix).max())
    return float(abs(matrix - matrix.T).max()) / largest if largest else 0.0
